"""What flows tell beyond counts: by hand, by a plain reading of the rules, and however asked."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from flow_frames import ACK, SYN, captures, ipv4, ipv6, tcp
from frames import chunk_of, segment
from hypothesis import given
from hypothesis import strategies as st
from tcp_talk import chunk as talk

from netshell.flow.completeness import kinds
from netshell.flow.details import EACH_SIDE, NAMES, SIDES, WHOLE, Details
from netshell.flow.flows import Flow, flows_of
from netshell.flow.segments import segments_of
from netshell.flow.source import Held, Stretch
from netshell.packet.chunk import Chunk
from netshell.packet.table import decode
from tests.flow.findings.conversations import captured, faulty, noise

OPENED = """
0     > S   0 mss=1460 ws=7 sack
10    < S.  0 1 mss=1400 ws=9
30    > .   1 1
"""


def flow(lines: str) -> Flow:
    source = held(talk(lines))
    (only,) = flows_of(source.flows, source)
    return only


def held(chunk: Chunk, cuts: Sequence[int] = ()) -> Held:
    edges = [0, *sorted(min(cut, len(chunk)) for cut in cuts), len(chunk)]
    parts: list[Stretch] = [(a, decode(chunk[a:b]), chunk[a:b]) for a, b in pairwise(edges)]
    return Held(parts)


def conversations(seed: int, count: int = 12) -> Chunk:
    rng = random.Random(seed)
    make = (faulty, noise)
    return captured([make[i % 2](rng, 5000 + i) for i in range(count)])


def plain(details: Details, row: int) -> dict[str, object]:
    found = {}
    for name in NAMES:
        data = details[name]
        found[name] = None if data.missing[row] else data.values[row].item()
    return found


# --- however asked ------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_one_flow_or_some_or_all_is_the_same(seed: int) -> None:
    source = held(conversations(seed))
    flows = source.flows
    every = Details(segments_of(source, flows))
    some = Details(segments_of(source, flows, np.arange(0, len(flows), 3)))
    for number in range(len(flows)):
        alone = Details(segments_of(source, flows, number))
        assert plain(alone, 0) == plain(every, number)
        if number % 3 == 0:
            assert plain(some, number // 3) == plain(every, number)


@given(captures(), st.lists(st.integers(0, 60), max_size=4))
def test_it_does_not_depend_on_the_parts(chunk: Chunk, cuts: list[int]) -> None:
    whole, parts = held(chunk), held(chunk, cuts)
    one, other = (Details(segments_of(source, source.flows)) for source in (whole, parts))
    assert len(one) == len(other) == len(whole.flows)
    for row in range(len(one)):
        assert plain(one, row) == plain(other, row)


def test_every_field_is_documented_and_an_attribute_of_flows() -> None:
    assert len(NAMES) == len(WHOLE) + 2 * len(EACH_SIDE) == len(set(NAMES))
    for name in NAMES:
        assert isinstance(getattr(Flow, name), property) and getattr(Flow, name).__doc__
    for detail in (*WHOLE, *EACH_SIDE):
        assert detail.meaning


def test_the_manual_has_every_field() -> None:
    manual = (Path(__file__).parents[2] / "docs/flows.rst").read_text()
    for detail in WHOLE:
        assert f"``{detail.name}``" in manual
    for detail in EACH_SIDE:
        assert f"``..._{detail.name}``" in manual


def test_without_tcp_nothing_is_told() -> None:
    source = held(chunk_of([b"\0" * 60]))
    assert len(Details(segments_of(source, source.flows))["client_mss"].values) == 0


# --- by a plain reading of the rules ------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5, 11))
def test_unique_bytes_are_the_places_covered(seed: int) -> None:
    source = held(conversations(seed))
    segments = segments_of(source, source.flows)
    details = Details(segments)
    for row, number in enumerate(segments.numbers.tolist()):
        one = segments.of(number)
        for by_client, side in zip((True, False), SIDES, strict=True):
            covered: set[int] = set()
            for i in np.flatnonzero((one.from_client == by_client) & (one.length > 0)).tolist():
                start = int(one.seq[i]) + (int(one.flags[i]) & 2 > 0)
                covered.update(range(start, start + int(one.length[i])))
            assert details[f"{side}_unique_bytes"].values[row] == len(covered)


@pytest.mark.parametrize("seed", range(11, 17))
def test_waits_are_the_turns(seed: int) -> None:
    source = held(conversations(seed))
    segments = segments_of(source, source.flows)
    details = Details(segments)
    raises = details._run.raises
    for row in range(len(segments.numbers)):
        waits, asked = [], None
        for i in range(int(segments.begin[row]), int(segments.begin[row + 1])):
            if segments.length[i] and raises[i]:
                if segments.from_client[i]:
                    asked = int(segments.time_ns[i])
                elif asked is not None:
                    waits.append(max(int(segments.time_ns[i]) - asked, 0) / 1e6)
                    asked = None
        for name, wait in (("first_byte_ms", waits[:1]), ("longest_wait_ms", sorted(waits)[-1:])):
            assert ([] if details[name].missing[row] else [details[name].values[row]]) == wait


# --- by hand ------------------------------------------------------------------------------------


def test_a_whole_conversation() -> None:
    told = flow(
        OPENED
        + """
    40    > P.  1 1 100
    60    < .   1 101
    90    < P.  1 101 500
    91    < P.  501 101 300
    100   > .   101 801
    110   > F.  101 801
    120   < F.  801 102
    130   > .   102 802
    """
    )
    assert (told.completeness, kinds(31)) == (31, "SYN, SYN,ACK, ACK, data, FIN")
    assert told.ended == "FIN by client"
    assert (told.client_mss, told.server_mss) == (1460, 1400)
    assert (told.client_window_scale, told.server_window_scale) == (7, 9)
    assert (told.client_sack, told.server_sack) == (True, False)
    assert (told.client_payload_bytes, told.server_payload_bytes) == (100, 800)
    assert (told.client_unique_bytes, told.server_unique_bytes) == (100, 800)
    assert told.server_bytes_per_s == pytest.approx(800 / 0.13)
    assert (told.retransmitted_packets, told.retransmitted_bytes, told.finding_count) == (0, 0, 0)
    assert told.server_data_rtt_ms == 20  # 40 to 60
    assert told.client_data_rtt_ms == 9  # since the newer one of the two
    assert (told.first_byte_ms, told.longest_wait_ms) == (50, 50)
    assert told.rtt_ms == told.handshake_rtt_ms == 30
    assert (told.client_ttl, told.client_ttl_changes) == (64, 0)


def test_karn_leaves_out_what_was_sent_again() -> None:
    told = flow(
        OPENED
        + """
    40    > P.  1 1 100
    50    < .   1 101
    60    > P.  101 1 100
    260   > P.  101 1 100
    270   < .   1 201
    300   > P.  201 1 100
    314   < .   1 301
    """
    )
    assert told.client_retransmitted_packets == 1 and told.client_retransmitted_bytes == 100
    assert (told.client_payload_bytes, told.client_unique_bytes) == (400, 300)
    found = told.server_data_rtt_min_ms, told.server_data_rtt_ms, told.server_data_rtt_max_ms
    assert found == (10, 12, 14)


def test_what_is_sent_again_within_a_round_trip_is_sent_again() -> None:
    """tshark, and so the finding, takes it for being out of order."""
    told = flow(
        OPENED
        + """
    40    > P.  1 1 100
    41    > P.  101 1 100
    42    > P.  201 1 100
    45    > P.  101 1 100
    """
    )
    assert [each.kind for each in told.findings] == ["out_of_order"]
    assert (told.client_retransmitted_packets, told.client_retransmitted_bytes) == (1, 100)
    overtaken = flow(
        OPENED
        + """
    40    > P.  1 1 100
    42    > P.  201 1 100
    45    > P.  101 1 100
    """
    )
    assert "out_of_order" in [each.kind for each in overtaken.findings]
    assert overtaken.client_retransmitted_packets == 0


def test_what_waits_for_a_repetition_is_no_round_trip_either() -> None:
    """The second segment arrived at once; its acknowledgment had to wait for the first's."""
    told = flow(
        OPENED
        + """
    40    > P.  1 1 100
    41    > P.  101 1 100
    240   > P.  1 1 100
    250   < .   1 201
    """
    )
    assert told.server_data_rtt_ms is None


def test_an_acknowledgment_that_was_overtaken_gives_no_sample() -> None:
    told = flow(
        OPENED
        + """
    40    > P.  1 1 100
    41    > P.  101 1 100
    50    < .   1 201
    55    < .   1 101
    """
    )
    assert (told.server_data_rtt_min_ms, told.server_data_rtt_max_ms) == (9, 9)


def test_a_side_that_was_not_captured() -> None:
    told = flow("""
    0     > P.  1 1 100
    20    > P.  101 1 50
    """)
    assert told.known_by == "port" and told.server_packets == 0
    assert (told.client_unique_bytes, told.server_unique_bytes) == (150, 0)
    assert told.client_mss is told.client_sack is told.server_ttl is told.rtt_ms is None
    assert told.longest_wait_ms is told.server_data_rtt_ms is None
    assert told.completeness == 8


def test_a_start_in_the_middle() -> None:
    told = flow("""
    0     < P.  5000 7000 100
    8     > .   7000 5100
    20    > P.  7000 5100 30
    50    < P.  5100 7030 10
    """)
    assert told.known_by == "port" and told.handshake_rtt_ms is None
    assert told.client_data_rtt_ms == 8 and told.server_data_rtt_ms == 30
    assert told.rtt_ms == 38  # both ways from where the capture was made
    assert (told.longest_wait_ms, told.completeness) == (30, 12)


def test_ports_used_again_are_flows_of_their_own() -> None:
    frames = []
    for start in (100, 900_000):
        frames += [
            segment(flags=2, seq=start, options=bytes([2, 4, 5, 180 if start == 100 else 100])),
            segment("10.0.0.2", 80, "10.0.0.1", 40000, flags=18, seq=5, ack=start + 1),
            segment(flags=16, seq=start + 1, ack=6, payload=b"x" * (start % 1000 or 7)),
        ]
    source = held(chunk_of(frames))
    first, second = flows_of(source.flows, source)
    assert (first.client_mss, second.client_mss) == (1460, 1380)
    assert (first.client_unique_bytes, second.client_unique_bytes) == (100, 7)
    assert first.completeness == second.completeness == 11


def test_both_ip_versions() -> None:
    frames = [
        make(6, *way, tcp(*ports, flags, *numbers, size))
        for make in (ipv4, ipv6)
        for way, ports, flags, numbers, size in (
            ((0, 1), (40000, 80), SYN, (7, 0), 0),
            ((1, 0), (80, 40000), SYN | ACK, (9, 8), 0),
            ((0, 1), (40000, 80), ACK, (8, 10), 5 if make is ipv4 else 6),
        )
    ]
    source = held(chunk_of(frames))
    four, six = flows_of(source.flows, source)
    assert (four.client_unique_bytes, six.client_unique_bytes) == (5, 6)
    assert (four.completeness, six.completeness) == (11, 11)


def test_options_that_lie_or_are_cut() -> None:
    cases = {
        bytes([1, 1, 2, 4, 1, 0]): (256, None, False),
        bytes([2, 3, 1, 0]): (None, None, False),  # no MSS has this length
        bytes([2, 0, 4, 2]): (None, None, False),  # it would never end
        bytes([0, 2, 4, 1, 0]): (None, None, False),  # behind the end
        bytes([4, 2, 3, 3, 200]): (None, 200, True),
        bytes([2, 4, 1, 0, 2, 4, 2, 0]): (256, None, False),
        bytes([99, 60, 2, 4]): (None, None, False),
        bytes([99, 1, 4, 2]): (None, None, False),  # shorter than its own head
        bytes([2, 4, 5]) + bytes([3, 3, 1]): (5 * 256 + 3, None, False),
    }
    frames = [segment(sport=2000 + i, flags=2, options=options) for i, options in enumerate(cases)]
    cut = [frames[0][:-3]]  # the MSS is not there whole
    source = held(chunk_of(frames + cut, wire_lens=[len(each) for each in frames + frames[:1]]))
    found = flows_of(source.flows, source)
    told = [(each.client_mss, each.client_window_scale, each.client_sack) for each in found]
    assert told[: len(cases)] == list(cases.values())


def test_a_ttl_that_changes() -> None:
    frames = [segment(flags=16, seq=i, ttl=ttl) for i, ttl in enumerate((60, 60, 61, 61, 60))]
    source = held(chunk_of(frames))
    (told,) = flows_of(source.flows, source)
    assert (told.client_ttl, told.client_ttl_changes, told.server_ttl_changes) == (60, 2, None)
    assert "the client's changes 2 times" in repr(told)

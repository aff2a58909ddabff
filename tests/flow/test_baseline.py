"""Baselines against a plain, sequential reading of the same rules, and against tshark's numbers."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from frames import chunk_of, segment
from hypothesis import given, settings
from hypothesis import strategies as st

from netshell.flow.baseline import Baseline, Baselines
from netshell.packet import pcap
from netshell.packet.table import Columns, decode

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
WSCALE_7 = b"\3\3\7"


def plain(columns: Columns) -> list[tuple[int, int, int]]:
    """The rules of netshell.flow.baseline, one segment after the other."""
    flows: dict[tuple[tuple[bytes, int], ...], dict[str, list[int]]] = {}
    rows = []
    for i in range(len(columns)):
        if columns.proto[i] != 6 or columns.tcp_flags[i] < 0 or columns.sport[i] < 0:
            rows.append((-1, -1, -1))
            continue
        source = (columns.src[i].tobytes(), int(columns.sport[i]))
        target = (columns.dst[i].tobytes(), int(columns.dport[i]))
        ends = tuple(sorted((source, target)))
        me = 0 if source == ends[0] else 1
        peer = 1 - me
        unknown = {name: [-1, -1] for name in ("base", "guess", "syn", "shift")}
        flow = flows.setdefault(ends, unknown)
        flags, seq, ack = (int(getattr(columns, n)[i]) for n in ("tcp_flags", "seq", "ack"))
        if flags & SYN:
            known = flow["syn"][me] if flow["syn"][me] >= 0 else flow["guess"][me]
            if not flags & ACK and known not in (-1, seq):
                flow["base"][peer] = flow["shift"][peer] = -1
            flow["base"][me] = flow["syn"][me] = seq
            flow["shift"][me] = int(columns.window_scale[i])
        else:
            for name in ("base", "guess"):
                if flow[name][me] < 0:
                    flow[name][me] = (seq - 1) % 2**32
        if flags & ACK:
            for name in ("base", "guess"):
                if flow[name][peer] < 0:
                    flow[name][peer] = (ack - 1) % 2**32
        mine, other = flow["shift"][me], flow["shift"][peer]
        shift = -1
        if flags & SYN or -2 in (mine, other):
            shift = 0
        elif mine >= 0 and other >= 0:
            shift = min(mine, 14)
        rows.append((flow["base"][me], flow["base"][peer] if flags & ACK else -1, shift))
    return rows


def rows_of(*baselines: Baseline) -> list[tuple[int, int, int]]:
    return [baseline.row(i) for baseline in baselines for i in range(len(baseline))]


def columns_of(*frames: bytes) -> Columns:
    return decode(chunk_of(frames))


BACK = ("10.0.0.2", 80, "10.0.0.1", 40000)
HANDSHAKE = (
    segment(flags=SYN, seq=1000, options=WSCALE_7),
    segment(
        "10.0.0.2", 80, "10.0.0.1", 40000, flags=SYN | ACK, seq=9000, ack=1001, options=b"\3\3\2"
    ),
    segment(flags=ACK, seq=1001, ack=9001),
    segment(flags=PSH | ACK, seq=1001, ack=9001, payload=b"GET"),
)


def test_a_seen_handshake_gives_both_bases_and_each_side_its_shift() -> None:
    reply = segment(*BACK, flags=ACK, seq=9001, ack=1004)
    assert rows_of(Baselines().extend(columns_of(*HANDSHAKE, reply))) == [
        (1000, -1, 0),
        (9000, 1000, 0),
        (1000, 9000, 7),
        (1000, 9000, 7),
        (9000, 1000, 2),
    ]


def test_a_connection_under_way_starts_at_relative_one_and_its_shift_is_unknown() -> None:
    assert rows_of(Baselines().extend(columns_of(*HANDSHAKE[3:]))) == [(1000, 9000, -1)]


def test_numbers_wrap() -> None:
    under_way = segment(flags=ACK, seq=0, ack=0)
    assert rows_of(Baselines().extend(columns_of(under_way))) == [(2**32 - 1, 2**32 - 1, -1)]


def test_a_syn_without_the_option_turns_scaling_off() -> None:
    frames = [segment(flags=SYN, seq=1), *HANDSHAKE[1:3]]
    assert [row[2] for row in rows_of(Baselines().extend(columns_of(*frames)))] == [0, 0, 0]


def test_shift_is_unknown_when_only_one_syn_was_seen() -> None:
    assert rows_of(Baselines().extend(columns_of(*HANDSHAKE[1:3]))) == [
        (9000, 1000, 0),
        (1000, 9000, -1),
    ]


def test_a_shift_over_14_means_14() -> None:
    huge = b"\3\3\xff"
    frames = [
        segment(flags=SYN, seq=1000, options=huge),
        segment(*BACK, flags=SYN | ACK, seq=9000, ack=1001, options=b"\3\3\x0f"),
        segment(flags=ACK, seq=1001, ack=9001),
        segment(*BACK, flags=ACK, seq=9001, ack=1001),
    ]
    assert [row[2] for row in rows_of(Baselines().extend(columns_of(*frames)))] == [0, 0, 14, 14]


def test_a_new_syn_starts_anew_and_the_same_one_again_does_not() -> None:
    again = segment(flags=SYN, seq=5000)
    refused = segment(*BACK, flags=RST | ACK, seq=0, ack=5001)
    columns = columns_of(*HANDSHAKE, HANDSHAKE[0], HANDSHAKE[2], again, refused)
    rows = rows_of(Baselines().extend(columns))
    assert rows[5] == (1000, 9000, 7)
    assert rows[6] == (5000, -1, 0)
    assert rows[7] == (2**32 - 1, 5000, 0)


def test_other_protocols_and_cut_segments_have_none() -> None:
    columns = columns_of(HANDSHAKE[0][:40], b"\0" * 60)
    assert rows_of(Baselines().extend(columns)) == [(-1, -1, -1)] * 2
    assert len(Baselines().extend(columns[:0])) == 0


segments = st.builds(
    lambda swap, client, flags, seq, ack, options, cut: segment(
        f"10.0.0.{client}" if not swap else "10.0.0.9",
        1 if not swap else 2,
        "10.0.0.9" if not swap else f"10.0.0.{client}",
        2 if not swap else 1,
        flags=flags,
        seq=seq,
        ack=ack,
        options=options,
    )[: 54 if cut else None],
    st.booleans(),
    st.integers(1, 3),
    st.sampled_from([SYN, SYN, SYN | ACK, ACK, ACK, PSH | ACK, FIN | ACK, RST, RST | ACK, 0]),
    st.sampled_from([0, 1, 100, 2**32 - 1]),
    st.sampled_from([0, 1, 2, 101]),
    st.sampled_from([b"", b"\3\3\7", b"\1\3\3\x0f", b"\3\1"]),
    st.integers(0, 9).map(lambda n: n == 0),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(segments, max_size=30), st.lists(st.integers(0, 30), max_size=4))
def test_equals_the_plain_reading_however_the_chunks_are_cut(
    frames: list[bytes], cuts: list[int]
) -> None:
    columns = columns_of(*frames)
    expected = plain(columns)
    assert rows_of(Baselines().extend(columns)) == expected
    baselines = Baselines()
    edges = sorted({0, len(frames), *(cut for cut in cuts if cut < len(frames))})
    parts = [baselines.extend(columns[a:b]) for a, b in pairwise(edges)]
    assert rows_of(*parts) == expected


def test_conversations_whose_hashes_collide_are_kept_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netshell.flow.baseline._MIX", (0, 0, 0))
    other = segment("10.0.0.7", 40000, flags=ACK, seq=51, ack=61)
    columns = columns_of(*HANDSHAKE, other)
    assert rows_of(Baselines().extend(columns))[-1] == (50, 60, -1)
    assert rows_of(Baselines().extend(columns))[:4] == plain(columns)[:4]


def test_more_flows_than_the_first_tables_hold() -> None:
    frames = [segment(sport=1000 + i, flags=SYN, seq=i) for i in range(500)]
    baselines = Baselines()
    first = baselines.extend(columns_of(*frames[:300]))
    second = baselines.extend(columns_of(*frames[200:]))
    assert np.array_equal(first.seq_base, np.arange(300))
    assert np.array_equal(second.seq_base, np.arange(200, 500))
    assert len(baselines) == 500


def test_relative_numbers_are_tsharks(peer: Callable[[str], Path], tmp_path: Path) -> None:
    frames = [
        *HANDSHAKE,
        segment(*BACK, flags=ACK, seq=9001, ack=1004, payload=b"x" * 100),
        segment(flags=FIN | ACK, seq=1004, ack=9101),
        segment(*BACK, flags=FIN | ACK, seq=9101, ack=1005),
        segment(flags=ACK, seq=1005, ack=9102),
        segment(flags=SYN, seq=77_000, options=WSCALE_7),  # the port again
        segment(*BACK, flags=SYN | ACK, seq=4_000_000_000, ack=77_001),
        segment(flags=ACK, seq=77_001, ack=4_000_000_001),
        segment(sport=7, flags=ACK, seq=500, ack=600, payload=b"mid"),  # under way
        segment("10.0.0.2", 80, "10.0.0.1", 7, flags=ACK, seq=600, ack=503),
    ]
    path = tmp_path / "flow.pcap"
    path.write_bytes(pcap.header() + b"".join(pcap.records(chunk_of(frames))))
    asked = [
        argument
        for name in ("tcp.seq", "tcp.ack", "tcp.window_size", "tcp.flags.ack")
        for argument in ("-e", name)
    ]
    told = subprocess.run(
        [peer("tshark"), "-n", "-r", path, "-T", "fields", *asked],
        capture_output=True,
        text=True,
        check=True,
    )
    columns = decode(chunk_of(frames))
    baseline = Baselines().extend(columns)
    seq = (columns.seq - baseline.seq_base) % 2**32
    ack = (columns.ack - baseline.ack_base) % 2**32
    window = columns.window.astype(np.int64) << np.maximum(baseline.window_shift, 0)
    for i, line in enumerate(told.stdout.splitlines()):
        their_seq, their_ack, their_window, has_ack = line.split("\t")
        assert seq[i] == int(their_seq), i
        if has_ack in ("1", "True"):
            assert ack[i] == int(their_ack), i
        assert window[i] == int(their_window), i

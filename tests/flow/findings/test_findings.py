"""Findings against a plain reading of their rules, however a capture was cut; and what they say."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import netshell.render  # noqa: F401  (json)
from netshell.capture.capture import Capture
from netshell.capture.file import read
from netshell.capture.scan import Scan
from netshell.capture.store import Store
from netshell.errors import BadArgument, Unavailable
from netshell.flow.findings import ANALYSIS, FINDINGS, SEVERITIES, Findings, find
from netshell.flow.findings.finding import SHOWN
from netshell.flow.segments import Segments, segments_of
from netshell.flow.source import Held, Stretch
from netshell.packet.chunk import Chunk
from netshell.packet.table import decode
from netshell.view import Table, draw
from tests.flow.findings.conversations import Ends, Sent, captured, faulty, noise, written
from tests.flow.findings.plain import plain

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
MS = 1_000_000


def held(chunk: Chunk, cuts: Sequence[int] = ()) -> Held:
    edges = [0, *sorted(min(cut, len(chunk)) for cut in cuts), len(chunk)]
    parts: list[Stretch] = [(a, decode(chunk[a:b]), chunk[a:b]) for a, b in pairwise(edges)]
    return Held(parts)


def segments_in(chunk: Chunk, cuts: Sequence[int] = ()) -> Segments:
    source = held(chunk, cuts)
    return segments_of(source, source.flows)


def kinds(findings: Findings) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for finding in findings:
        found.setdefault(finding.packet, set()).add(finding.kind)
    return found


def capture(seed: int, flows: int = 4) -> Chunk:
    rng = random.Random(seed)
    made = [rng.choice((noise, faulty))(rng, 5000 + i // 2) for i in range(flows)]
    later = 0
    moved = []
    for who, sents in made:  # ports are used again, later
        moved.append((who, [replace(sent, at_ns=sent.at_ns + later) for sent in sents]))
        later += rng.choice((0, 0, 3_000_000_000))
    return captured(moved)


@settings(max_examples=60)
@given(st.integers(0, 1 << 30))
def test_they_are_those_of_a_plain_reading(seed: int) -> None:
    read_plainly(capture(seed))


@pytest.mark.parametrize("seed", range(6))
def test_they_are_those_of_a_plain_reading_of_many(seed: int) -> None:
    read_plainly(capture(seed, flows=250))


def read_plainly(chunk: Chunk) -> None:
    segments = segments_in(chunk)
    offers = {
        row: int(segments._place(row)[0].window_scale[segments._place(row)[2]])
        for row in np.flatnonzero((segments.flags & SYN) > 0).tolist()
    }
    assert kinds(find(segments, ANALYSIS)) == plain(segments, offers)


@settings(max_examples=30)
@given(st.integers(0, 1 << 30), st.lists(st.integers(0, 150), max_size=5))
def test_they_do_not_depend_on_how_the_capture_was_cut(seed: int, cuts: list[int]) -> None:
    chunk = capture(seed)
    assert list(find(segments_in(chunk))) == list(find(segments_in(chunk, cuts)))


@settings(max_examples=30)
@given(st.integers(0, 1 << 30))
def test_they_are_the_same_flow_by_flow(seed: int) -> None:
    source = held(capture(seed))
    every = find(segments_of(source, source.flows))
    alone = [
        finding
        for number in range(len(source.flows))
        for finding in find(segments_of(source, source.flows, number))
    ]
    assert sorted(every, key=str) == sorted(alone, key=str)
    assert [each.packet for each in every] == sorted(each.packet for each in every)


# --- one by one: what fires, and what only nearly does ------------------------------------------

WHO = Ends(40000, 1000, 5000)
OPENING = [
    Sent(0, True, SYN, 0, 0, options=bytes([3, 3, 2, 0])),
    Sent(10 * MS, False, SYN | ACK, 0, 1, options=bytes([3, 3, 0, 0])),
    Sent(20 * MS, True, ACK, 1, 1, 250),
]


def after(*sents: Sent, opening: Sequence[Sent] = OPENING) -> set[str]:
    """The kinds found at the last of some segments, a while behind a handshake."""
    moved = [replace(sent, at_ns=sent.at_ns * MS + 30 * MS) for sent in sents]
    chunk = captured([(WHO, [*opening, *moved])])
    return kinds(find(segments_in(chunk), ANALYSIS)).get(len(chunk) - 1, set())


def c(at: int, seq: int, ack: int = 1, size: int = 0, flags: int = ACK, window: int = 250) -> Sent:
    return Sent(at, True, flags, seq, ack, window, size)


def s(at: int, seq: int, ack: int = 1, size: int = 0, flags: int = ACK, window: int = 1000) -> Sent:
    return Sent(at, False, flags, seq, ack, window, size)


CASES: list[tuple[str, set[str], list[Sent]]] = [
    ("data", set(), [c(0, 1, size=100)]),
    ("data again", {"retransmission"}, [c(0, 1, size=100), c(300, 1, size=100)]),
    ("FIN again", {"retransmission"}, [c(0, 1, flags=FIN | ACK), c(300, 1, flags=FIN | ACK)]),
    ("SYN again", {"retransmission"}, [Sent(30, True, SYN, 0, 0)]),
    ("a pure ACK with an old number", set(), [c(0, 1, size=100), c(9, 50)]),
    (
        "asked for twice more",
        {"retransmission", "fast_retransmission"},
        [c(0, 101, size=100), *[s(i, 1) for i in (1, 2, 3)], c(5, 1, size=100)],
    ),
    (
        "asked for once more, soon after",
        {"out_of_order"},
        [c(0, 101, size=100), s(1, 1), c(5, 1, size=100)],
    ),
    (
        "asked for twice more, a while ago",
        {"retransmission"},
        [c(0, 101, size=100), *[s(i, 1) for i in (1, 2, 3)], c(28, 1, size=100)],
    ),
    (
        "acknowledged before",
        {"retransmission", "spurious_retransmission"},
        [c(0, 1, size=100), s(1, 1, 101), c(300, 1, size=100)],
    ),
    ("half acknowledged", {"retransmission"}, [c(0, 1, size=99), s(1, 1, 50), c(300, 1, size=99)]),
    ("overtaken", {"out_of_order"}, [c(0, 101, size=100), c(1, 1, size=100)]),
    ("later than a round trip", {"retransmission"}, [c(0, 101, size=100), c(21, 1, size=100)]),
    ("with the same end", {"retransmission"}, [c(0, 1, size=100), c(1, 1, size=100)]),
    ("a gap", {"lost_segment"}, [c(0, 101, size=100)]),
    ("a gap before a RST", set(), [c(0, 101, flags=RST)]),
    ("an unseen acknowledgment", {"ack_lost_segment"}, [s(0, 1, 101)]),
    ("the same again", {"duplicate_ack"}, [s(0, 1, 101), s(1, 1, 101)]),
    ("an acknowledgment of all seen", set(), [c(0, 1, size=100), s(0, 1, 101)]),
    ("an ACK over a gap", {"ack_lost_segment"}, [c(0, 101, size=100), s(1, 1, 201)]),
    ("an ACK up to a gap", {"duplicate_ack"}, [c(0, 101, size=100), s(1, 1), s(2, 1)]),
    ("the same ACK again", {"duplicate_ack"}, [s(0, 1), s(1, 1)]),
    ("with data", set(), [s(0, 1), s(1, 1, size=1)]),
    ("with another window", {"window_update"}, [s(0, 1), s(1, 1, window=999)]),
    ("with another acknowledgment", set(), [s(0, 1), c(1, 1, size=9), s(2, 1, 10, window=999)]),
    ("window 0", {"zero_window"}, [s(0, 1, window=0)]),
    ("window 0 in a RST", set(), [s(0, 1, flags=RST | ACK, window=0)]),
    ("a probe", {"zero_window_probe"}, [s(0, 1, window=0), c(9, 1, size=1)]),
    ("two bytes", set(), [s(0, 1, window=0), c(9, 1, size=2)]),
    ("one byte into an open window", set(), [s(0, 1), c(9, 1, size=1)]),
    (
        "the probe's answer",
        {"zero_window", "zero_window_probe_ack"},
        [s(0, 1, window=0), c(9, 1, size=1), s(10, 1, window=0)],
    ),
    (
        "the answer opens the window",
        {"window_update"},
        [s(0, 1, window=0), c(9, 1, size=1), s(10, 1, window=9)],
    ),
    (
        "the probed byte again, with more",
        set(),
        [s(0, 1, window=0), c(9, 1, size=1), s(10, 1, window=99), c(11, 1, size=9)],
    ),
    ("to the edge", {"window_full"}, [s(0, 1, window=100), c(1, 1, size=100)]),
    ("to the scaled edge", {"window_full"}, [c(0, 1, window=25), s(1, 1, size=100)]),
    ("one short of the edge", set(), [s(0, 1, window=100), c(1, 1, size=99)]),
    ("a keep-alive", {"keep_alive"}, [s(1, 1), c(9, 0)]),
    ("a keep-alive with a byte", {"keep_alive"}, [s(1, 1), c(9, 0, size=1)]),
    ("two bytes before", set(), [c(0, 1, size=9), c(9, 8, size=0)]),
    ("the keep-alive's answer", {"keep_alive_ack"}, [s(1, 1), c(9, 0), s(10, 1)]),
    (
        "a SYN again behind a stray RST puts the numbers back",
        set(),
        [c(0, 5000, flags=RST), Sent(9, True, SYN, 0, 0), c(12, 1, size=9)],
    ),
    ("without the SYN, it does not", {"retransmission"}, [c(0, 5000, flags=RST), c(30, 1, size=9)]),
    ("not right behind it", {"duplicate_ack"}, [s(1, 1), c(9, 0), s(10, 1), c(11, 1), s(12, 1)]),
]


@pytest.mark.parametrize(("expected", "sents"), [case[1:] for case in CASES],
                         ids=[case[0] for case in CASES])  # fmt: skip
def test_what_fires_and_what_only_nearly_does(expected: set[str], sents: list[Sent]) -> None:
    assert after(*sents) == expected


def test_every_kind_fires_somewhere() -> None:
    fired = set().union(*(case[1] for case in CASES))
    assert fired == {rule.kind for rule in ANALYSIS} - {"reused_ports"}


def test_a_window_whose_scale_is_unknown_is_never_full() -> None:
    known = [s(0, 1, window=100), c(1, 1, size=100)]
    assert "window_full" in after(*known)
    assert after(*known, opening=OPENING[2:]) == set()


def test_ports_used_again_are_named_once() -> None:
    again = Ends(40000, 77777, 88888)
    moved = [replace(sent, at_ns=sent.at_ns + 1000 * MS) for sent in OPENING]
    findings = find(segments_in(captured([(WHO, OPENING), (again, moved)])))
    assert [(each.kind, each.packet, each.flow) for each in findings] == [("reused_ports", 3, 1)]


def test_numbers_may_wrap_anywhere() -> None:
    sents = [*OPENING, c(40 * MS, 1, size=100), c(90 * MS, 1, size=100), s(91 * MS, 1, 101),
             s(92 * MS, 1, 101), c(93 * MS, 101, size=100), c(94 * MS, 301, size=100)]  # fmt: skip
    expected = kinds(find(segments_in(captured([(WHO, sents)]))))
    assert expected == {4: {"retransmission"}, 6: {"duplicate_ack"}, 8: {"lost_segment"}}
    for start in range(2**32 - 500, 2**32 + 1, 7):
        chunk = captured([(Ends(40000, start % 2**32, (start + 3) % 2**32), sents)])
        assert kinds(find(segments_in(chunk))) == expected


# --- as users hold them -------------------------------------------------------------------------


def as_capture(chunk: Chunk) -> Capture:
    cap = Capture(Store())
    cap.add(chunk)
    cap._store.end()
    return cap


@pytest.fixture(scope="module")
def cap() -> Capture:
    rng = random.Random(3)
    return as_capture(captured([faulty(rng, 5000 + i) for i in range(40)]))


def test_each_says_one_sentence(cap: Capture) -> None:
    seen = set()
    rng = random.Random(4)
    wild = as_capture(captured([noise(rng, 5000 + i) for i in range(60)]))
    bare = [replace(each, flags=0) for each in (s(40 * MS, 1), s(41 * MS, 1))]
    flagless = as_capture(captured([(WHO, [*OPENING, *bare, bare[-1]])]))
    assert any(each.kind == "duplicate_ack" for each in flagless.findings)
    for finding in (*cap.findings, *wild.findings, *flagless.findings):
        seen.add(finding.kind)
        text = finding.text
        assert text[0].isupper(), text
        assert text.endswith("."), text
        assert text.count(". ") == 0, text
        assert str(cap[0]) not in text
        assert len(text) < 240, text
        assert "-4,611" not in text, text  # the number that stands for an unknown one
    assert seen >= {rule.kind for rule in ANALYSIS}


def test_a_capture_has_those_of_its_flows(cap: Capture) -> None:
    findings = cap.findings
    assert findings is cap.findings  # worked out once while in use
    assert {each.flow for each in findings} <= set(range(40))
    for flow in cap.flows[:5]:
        assert list(flow.findings) == list(findings.where(flow=flow.number))


def test_more_packets_bring_more_findings() -> None:
    chunk = captured([(WHO, [*OPENING, c(40 * MS, 1, size=9), c(900 * MS, 1, size=9)])])
    cap = Capture(Store())
    cap.add(chunk[:4])
    before = cap.findings
    assert len(before) == 0
    cap.add(chunk[4:])
    assert [(each.kind, each.packet) for each in cap.findings] == [("retransmission", 4)]


def test_a_filtered_capture_judges_what_it_has() -> None:
    chunk = captured([(WHO, [*OPENING, c(40 * MS, 1, size=9), s(50 * MS, 1, 10)])])
    cap = as_capture(chunk)
    assert len(cap.findings) == 0
    part = cap.filter(cap.columns.payload_len == 0)
    assert [(each.kind, each.packet) for each in part.findings] == [("ack_lost_segment", 3)]


def test_they_are_chosen_and_counted(cap: Capture) -> None:
    findings = cap.findings
    assert sum(findings.counts.values()) == len(findings)
    assert list(findings.counts.values()) == sorted(findings.counts.values(), reverse=True)
    for kind, count in findings.counts.items():
        chosen = findings.where(kind=kind)
        assert len(chosen) == count
        assert {each.kind for each in chosen} == {kind}
    some = findings.where(severity="warn", flow=findings[0].flow)
    assert {(each.severity, each.flow) for each in some} <= {("warn", findings[0].flow)}
    assert findings.where(packet=findings[3].packet)[0].packet == findings[3].packet
    assert {rule.severity for rule in FINDINGS} <= set(SEVERITIES)
    assert findings[-1] == list(findings)[-1]
    assert list(findings[2:5]) == [findings[i] for i in (2, 3, 4)]


@pytest.mark.parametrize("wrong", [{"kind": "lost"}, {"severity": "bad"}])
def test_a_name_that_does_not_exist_is_refused(cap: Capture, wrong: Any) -> None:
    with pytest.raises(BadArgument, match="one of"):
        cap.findings.where(**wrong)
    with pytest.raises(BadArgument, match="no table"):
        Findings([cap.findings[0]]).where()


def test_many_are_shown_with_their_counts(cap: Capture) -> None:
    text = str(cap.findings[:])
    left = len(cap.findings) - SHOWN
    assert f"{left:,} findings left out" in text
    kind, count = next(iter(cap.findings.counts.items()))
    assert f"{count:,}" in text
    assert kind in text
    assert "left out" not in str(cap.findings[:3])
    assert str(cap.findings[:0]) == "no findings"
    assert "retransmission" in repr(cap.findings.where(kind="retransmission")[0])


def test_those_of_a_kind_in_a_flow_are_one_line_and_the_worst_come_first(cap: Capture) -> None:
    findings = cap.findings
    table = next(each for each in findings.view() if isinstance(each, Table) and each.columns[4:])
    pairs = {(each.flow, each.kind) for each in findings}
    assert len(table.rows) == min(len(pairs), SHOWN) < len(findings)
    ranks = [SEVERITIES.index(str(row[2])) for row in table.rows]
    assert ranks == sorted(ranks, reverse=True)
    for packets, flow, _, kind, text in table.rows:
        name, _, count = str(kind).partition(" x")
        alike = findings.where(kind=name, flow=int(str(flow)))
        assert len(alike) == int(count.replace(",", "") or 1)
        assert text == alike[0].text
        numbers = [each.packet for each in alike]
        assert str(packets).split("..") == [str(n) for n in sorted({min(numbers), max(numbers)})]


def test_they_are_data(cap: Capture) -> None:
    few = cap.findings[:7]
    parsed = json.loads(few.json())
    assert [each["packet"] for each in parsed] == [each.packet for each in few]
    assert set(parsed[0]) == {"kind", "packet", "severity", "text", "flow"}
    (arrays,) = few.data() or ()
    rows = [
        {
            name: (data.texts[data.values[i]] if data.texts else int(data.values[i]))
            for name, data in arrays.items()
        }
        for i in range(len(few))
    ]
    assert rows == parsed


def test_an_empty_capture_has_none() -> None:
    assert len(as_capture(captured([])).findings) == 0


def test_a_flow_of_a_walked_file_has_its_findings(tmp_path: Path) -> None:
    path = written(capture(7, flows=3), tmp_path / "x.pcapng")
    flows = read(path).flows
    assert sum(len(flow.findings) for flow in flows) > 5
    for walked, flow in zip(Scan([str(path)]).flows, flows, strict=True):
        assert list(walked.findings) == list(flow.findings)


def test_a_scan_says_why_it_has_none() -> None:
    with pytest.raises(Unavailable, match="scan"):
        _ = Scan(["nothing.pcap"]).findings


@pytest.mark.parametrize("width", [80, 140])
def test_no_sentence_is_cut(cap: Capture, width: int) -> None:
    found = cap.findings[:5]
    for result in (found, found[0]):
        shown = draw(result.view(), width)
        assert "…" not in shown and all(len(line) <= width for line in shown.splitlines())
        assert found[0].text in " ".join(shown.split())

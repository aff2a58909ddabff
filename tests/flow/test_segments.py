"""Segments against the packets themselves, however they were cut, and against tshark."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flow_frames import captures
from frames import chunk_of, segment
from hypothesis import assume, given
from hypothesis import strategies as st

from netshell.capture.capture import Capture
from netshell.capture.save import save
from netshell.capture.scan import Scan
from netshell.capture.store import Store
from netshell.errors import BadIndex
from netshell.flow import segments
from netshell.flow.segments import UNKNOWN, Segments, segments_of
from netshell.flow.source import Held, Stretch
from netshell.packet.chunk import Chunk
from netshell.packet.seq import MODULUS
from netshell.packet.table import decode

SYN, ACK, FIN, PSH = 2, 16, 1, 8
ARRAYS = (
    "packet", "flow", "from_client", "time_ns", "flags", "seq", "ack", "window", "scaled",
    "scale_known", "shift", "length", "ttl", "end", "numbers", "begin", "base",
)  # fmt: skip


def held(chunk: Chunk, cuts: list[int] | None = None) -> Held:
    edges = [0, *sorted(min(cut, len(chunk)) for cut in cuts or ()), len(chunk)]
    parts: list[Stretch] = [(a, decode(chunk[a:b]), chunk[a:b]) for a, b in pairwise(edges)]
    return Held(parts)


def found(source: Held, only: int | None = None) -> Segments:
    return segments_of(source, source.flows, only)


def same(mine: Segments, other: Segments, names: tuple[str, ...] = ARRAYS) -> None:
    for name in names:
        assert getattr(mine, name).tolist() == getattr(other, name).tolist(), name


def captured(chunk: Chunk) -> Capture:
    cap = Capture(Store())
    cap.add(chunk)
    cap._store.end()
    return cap


@given(captures(), st.lists(st.integers(0, 60), max_size=4))
def test_segments_do_not_depend_on_the_parts(chunk: Chunk, cuts: list[int]) -> None:
    same(found(held(chunk)), found(held(chunk, cuts)))


@given(captures())
def test_those_of_one_flow_are_those_of_all(chunk: Chunk) -> None:
    source = held(chunk)
    every = found(source)
    for number in range(len(source.flows)):
        alone = found(source, number)
        same(every.of(number), alone)
        # Looked for by addresses, where nothing is kept of each packet.
        walked = Walked(source)
        same(alone, segments_of(walked, source.flows, number))
    same(every, segments_of(Walked(source), source.flows))


class Walked(Held):
    """The same packets, not kept."""

    lasting = False

    def __init__(self, source: Held) -> None:
        super().__init__(source.parts(), source.flows)

    def members(self) -> None:
        return None


@given(captures())
def test_every_segment_is_what_its_packet_says(chunk: Chunk) -> None:
    cap = captured(chunk)
    segments = segments_of(cap.source, cap.source.flows)
    flow_of = {int(n): flow for flow in cap.flows for n in flow.numbers}
    for row, number in enumerate(segments.packet.tolist()):
        packet, flow = cap[number], flow_of[number]
        if flow.client == flow.server:
            continue  # a host that talks to its own port: who is who means nothing
        assert flow.number == segments.flow[row]
        by_client = (packet.src, packet.sport) == tuple(flow.client)
        assert segments.from_client[row] == by_client
        assert segments.time_ns[row] == packet.time_ns
        assert segments.flags[row] == packet.flags
        assert segments.window[row] == packet.window_raw
        assert bytes(segments.payload(row)) == packet.payload
        assert segments.length[row] == packet.payload_len
        assert segments.ttl[row] == packet.ttl
        assert str(segments.options(row)) == str(packet.options)
        base = segments.base[segments.flow[row]]
        own, peer = (base[0], base[1]) if by_client else (base[1], base[0])
        assert (segments.seq[row] + own) % MODULUS == packet.seq
        if packet.flags & ACK:
            assert (segments.ack[row] + peer) % MODULUS == packet.ack
        else:
            assert segments.ack[row] == UNKNOWN


def wrapping(count: int = 12, size: int = 1 << 30) -> Chunk:
    """A transfer of several times 2^32 bytes, in giant steps."""
    start, frames = 2**32 - 1000, []
    frames.append(segment(flags=SYN, seq=start - 1, options=bytes([3, 3, 7])))
    frames.append(
        segment("10.0.0.2", 80, "10.0.0.1", 40000, flags=SYN | ACK, seq=7, ack=start,
                options=bytes([3, 3, 2]))
    )  # fmt: skip
    for i in range(count):
        at = start + i * size
        frames.append(segment(flags=PSH | ACK, seq=at % MODULUS, ack=8, payload=b"x" * 10))
        told = (at + 10) % MODULUS
        frames.append(segment("10.0.0.2", 80, "10.0.0.1", 40000, seq=8, ack=told, window=5))
    return chunk_of(frames)


def test_numbers_go_on_where_the_sequence_number_wraps() -> None:
    segments = found(held(wrapping()))
    sent = [0] + [1 + i * (1 << 30) for i in range(12)]
    assert segments.seq[segments.from_client].tolist() == sent
    assert segments.ack[~segments.from_client].tolist() == [1] + [s + 10 for s in sent[1:]]
    assert segments.seq[~segments.from_client].tolist() == [0] + [1] * 12
    assert segments.end.tolist()[:3] == [1, 1, 11]


def test_windows_are_scaled_once_both_sides_offered_it() -> None:
    segments = found(held(wrapping(1)))
    assert segments.window.tolist() == [1000, 1000, 1000, 5]
    assert segments.scaled.tolist() == [1000, 1000, 128000, 20]
    assert segments.scale_known.tolist() == [True, True, True, True]
    late = found(held(wrapping(1)[2:]))
    assert late.scaled.tolist() == [1000, 5]
    assert late.shift.tolist() == [-1, -1]


def test_a_start_that_was_not_seen_counts_from_the_first_segment() -> None:
    frames = [segment(seq=500, ack=90, payload=b"abc"), segment(seq=400, ack=90, payload=b"z")]
    segments = found(held(chunk_of(frames)))
    assert segments.seq.tolist() == [1, -99]
    assert segments.ack.tolist() == [1, 1]
    assert bytes(segments.payload(0)) == b"abc"


def test_a_cut_payload_is_what_was_captured() -> None:
    chunk = chunk_of([segment(payload=b"abcdef")])
    cut = replace(chunk, captured_len=chunk.captured_len - 4)
    segments = found(held(cut))
    assert (bytes(segments.payload(0)), segments.length[0]) == (b"ab", 6)


def test_slices_keep_rows_and_flows_together() -> None:
    frames = [segment(sport=port, seq=i) for i, port in enumerate((1, 2, 1, 3, 2, 1))]
    segments = found(held(chunk_of(frames)))
    assert segments.packet.tolist() == [0, 2, 5, 1, 4, 3]
    few = segments[2:5]
    assert few.packet.tolist() == [5, 1, 4]
    assert few.begin.tolist() == [0, 1, 3, 3]
    assert len(few) == 3
    assert few.of(1).packet.tolist() == [1, 4]
    assert len(segments.of(77)) == 0
    with pytest.raises(BadIndex, match="step"):
        segments[::2]


def test_a_flow_finds_its_segments_again_when_the_capture_has_grown() -> None:
    frames = [segment(seq=i, payload=b"x") for i in range(4)]
    cap = Capture(Store())
    cap.add(chunk_of(frames[:2]))
    flow = cap.flows[0]
    assert flow.segments.seq.tolist() == [1, 2]
    assert flow.segments is flow.segments
    cap.add(chunk_of(frames[2:]))
    assert flow.segments.seq.tolist() == [1, 2, 3, 4]
    assert flow.numbers.tolist() == [0, 1, 2, 3]


def test_what_is_let_go_takes_its_flow_and_side_with_it() -> None:
    from netshell.capture.amount import Keep

    cap = Capture(Store(keep=Keep(packets=8)))
    for start in range(0, 40, 4):
        frames = [segment(sport=5000 + i, seq=start + i) for i in range(4)]
        cap.add(chunk_of(frames))
        flows = cap.flows
    kept = len(cap.source.members().flow)
    assert kept <= 12
    for flow in flows:
        assert flow.numbers.tolist() == flow.segments.packet.tolist()
        assert flow.segments.packet.tolist()[-1] == 36 + flow.number


def test_the_flow_of_a_walked_file_has_its_own_bytes(tmp_path: Path) -> None:
    frames = [segment(sport=5000 + i % 3, seq=i, payload=b"%d" % i) for i in range(9)]
    path = save([chunk_of(frames)], tmp_path / "x.pcap", (), None)
    flow = Scan([str(path)]).flows[1]
    segments = flow.segments
    assert segments.packet.tolist() == [1, 4, 7]
    assert [bytes(segments.payload(row)) for row in range(3)] == [b"1", b"4", b"7"]
    assert flow.origin.packet(4).payload == b"4"
    with pytest.raises(IndexError):
        flow.origin.packet(9)


def test_an_empty_capture_has_no_segments() -> None:
    segments = found(held(chunk_of([])))
    assert len(segments) == 0
    assert segments.seq.tolist() == segments.end.tolist() == []


@given(chunk=captures(most=40))
def test_relative_numbers_are_those_of_packets(chunk: Chunk) -> None:
    """Where a side answers with several SYN,ACKs of different numbers, the last one counts here."""
    cap = captured(chunk)
    # Packets count IPv4 and the same addresses mapped into IPv6 as one connection; flows do not.
    assume(len(np.unique(cap.columns.ip_version[cap.columns.proto == 6])) < 2)
    segments = segments_of(cap.source, cap.source.flows)
    # Left out: sides that begin twice, or after they had shown a number. Headers that are cut
    # behind their numbers count for that, though they are no segments.
    begun: dict[object, int | None] = {}
    shown: set[object] = set()
    unclear: set[object] = set()
    for packet in cap:
        if packet.flags is None:
            continue
        way = (packet.src, packet.sport, packet.dst, packet.dport)
        back = (packet.dst, packet.dport, packet.src, packet.sport)
        if packet.flags & SYN:
            is_late = way in shown and packet.flags & ACK
            again = begun.setdefault(way, packet.seq) != packet.seq
            unclear |= {way, back} if is_late or again else set()
        shown.add(way)
        if packet.flags & ACK:
            shown.add(back)
    for row, number in enumerate(segments.packet.tolist()):
        packet = cap[number]
        if (packet.src, packet.sport, packet.dst, packet.dport) not in unclear:
            assert segments.seq[row] % MODULUS == packet.relative_seq


def test_relative_numbers_are_those_of_tshark(peer: Callable[[str], Path], tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    frames = []
    for port in range(5000, 5040):
        start, back = (int(n) for n in rng.integers(0, 2**32, 2))
        if port % 2:
            start = 2**32 - 50
        if port % 3:
            frames.append(segment(sport=port, flags=SYN, seq=start))
            frames.append(segment("10.0.0.2", 80, "10.0.0.1", port, flags=SYN | ACK, seq=back,
                                  ack=(start + 1) % MODULUS))  # fmt: skip
        for i in range(10):
            at, told = start + 1 + 40 * i, back + 1 + 3 * i
            frames.append(
                segment(sport=port, seq=at % MODULUS, ack=told % MODULUS, payload=b"x" * 40)
            )
            frames.append(segment("10.0.0.2", 80, "10.0.0.1", port, seq=told % MODULUS,
                                  ack=(at + 40) % MODULUS, payload=b"abc"))  # fmt: skip
    chunk = chunk_of(frames)
    path = save([chunk], tmp_path / "x.pcap", (), None)
    out = subprocess.run(
        [peer("tshark"), "-r", path, "-T", "fields", "-e", "tcp.seq", "-e", "tcp.ack"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    theirs = [tuple(map(int, line.split("\t"))) for line in out.splitlines()]
    segments = found(held(chunk))
    mine = dict(
        zip(
            segments.packet.tolist(),
            zip(segments.seq.tolist(), np.maximum(segments.ack, 0).tolist(), strict=True),
            strict=True,
        )
    )
    assert [mine[i] for i in range(len(frames))] == theirs


def test_one_flow_is_looked_for_no_further_than_its_last_packet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ports = [5000 + i // 2 for i in range(40)]
    frames = [segment("10.0.0.1", port, "10.0.0.2", 80, seq=i) for i, port in enumerate(ports)]
    whole = held(chunk_of(frames), list(range(4, 40, 4)))
    looked: list[int] = []

    class Walk(Held):
        def parts(self) -> Iterator[Stretch]:  # type: ignore[override]
            for part in whole.parts():
                looked.append(part[0])
                yield part

    source = Walk(whole.parts(), whole.flows, whole.members())
    taken: list[int] = []
    before = segments._own

    def counted(start: int, *given: Any) -> Any:
        taken.append(start)
        return before(start, *given)

    monkeypatch.setattr(segments, "_own", counted)
    for number in (0, 3, 19):
        looked.clear()
        taken.clear()
        assert found(source, number).packet.tolist() == [2 * number, 2 * number + 1]
        assert taken == [number // 2 * 4]
        assert looked[-1] == number // 2 * 4

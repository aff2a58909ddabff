"""Any cutting, doubling, losing and reordering of a stream's segments gives the same bytes, or
the gap."""

from __future__ import annotations

import tracemalloc

import numpy as np
from frames import chunk_of, segment
from hypothesis import given, settings
from hypothesis import strategies as st
from segmented import ACK, CLIENT, FIN, HANDSHAKE, RST, SERVER, SYN, Cut, segments_from

from netshell.flow import coverage
from netshell.flow.reassembly import _sorted_out, assemble
from netshell.flow.segments import segments_of
from netshell.flow.sides import way
from netshell.flow.source import Held
from netshell.flow.stream import Stream
from netshell.packet.table import decode

ISNS = st.one_of(st.sampled_from([0, 2**31 - 5, 2**32 - 1, 2**32 - 20]), st.integers(0, 2**32 - 1))


@st.composite
def cuttings(draw: st.DrawFn) -> tuple[bytes, list[Cut]]:
    """A stream, and segments of it in any order: overlapping, repeated, some missing."""
    data = draw(st.binary(min_size=1, max_size=200))
    pieces = draw(
        st.lists(
            st.tuples(st.integers(0, len(data) - 1), st.integers(2, 60)), min_size=1, max_size=30
        )
    )
    cuts = [Cut(1 + at, data[at : at + size]) for at, size in pieces]
    if draw(st.booleans()):  # everything at least once
        step = draw(st.integers(2, 50))
        cuts += [Cut(1 + at, data[at : at + step]) for at in range(0, len(data), step)]
    if draw(st.booleans()):
        cuts.append(Cut(1 + len(data), flags=FIN | ACK))
    return data, draw(st.permutations(cuts))


def seen(data: bytes, cuts: list[Cut]) -> list[int | None]:
    """What a reader of the capture could know: each byte that some segment has."""
    known: list[int | None] = [None] * len(data)
    for cut in cuts:
        kept = cut.data if cut.captured is None else cut.data[: cut.captured]
        for offset, value in enumerate(kept, cut.seq - 1):
            known[offset] = value
    return known


def laid_out(stream: Stream) -> list[int | None]:
    """The stream with its gaps, from its first byte on."""
    out: list[int | None] = []
    at = 0
    for gap in stream.gaps:
        out += [*stream.data[at : gap.offset], *[None] * gap.length]
        at = gap.offset
    return [*out, *stream.data[at:]]


@given(cuttings(), ISNS)
def test_same_bytes_or_the_gap(made: tuple[bytes, list[Cut]], isn: int) -> None:
    data, cuts = made
    cuts = [cut for cut in cuts if len(cut.data) != 1]  # may be keep-alives: tested by themselves
    stream = Stream("client", segments_from([*HANDSHAKE, *cuts], isn))
    known = seen(data, cuts)
    shown = laid_out(stream)
    assert shown == known[: len(shown)]
    assert all(value is None for value in known[len(shown) :])
    assert len(shown) == stream.size == len(stream) + sum(gap.length for gap in stream.gaps)
    assert stream.conflicts == () and stream.left_out == ()


@given(cuttings(), ISNS)
def test_each_byte_is_in_its_packet(made: tuple[bytes, list[Cut]], isn: int) -> None:
    cuts = [*HANDSHAKE, *made[1]]
    stream = Stream("client", segments_from(cuts, isn))
    for piece in stream.pieces:
        cut = cuts[piece.packet]
        within = cut.data[piece.seq - cut.seq :][: piece.length]
        assert stream[piece.offset : piece.offset + piece.length] == within
        assert stream.packet_at(piece.offset) == piece.packet
    assert sum(piece.length for piece in stream.pieces) == len(stream) == len(stream.data)


@given(cuttings(), ISNS, st.data())
def test_cut_frames_show_what_was_cut(
    made: tuple[bytes, list[Cut]], isn: int, chosen: st.DataObject
) -> None:
    data, cuts = made
    cuts = [
        cut._replace(captured=chosen.draw(st.integers(0, len(cut.data)))) if cut.data else cut
        for cut in cuts
        if len(cut.data) != 1
    ]
    stream = Stream("client", segments_from([*HANDSHAKE, *cuts], isn))
    known = seen(data, cuts)
    shown = laid_out(stream)
    assert shown == known[: len(shown)]
    assert len(shown) == stream.size


@given(cuttings())
def test_without_a_syn_it_starts_at_the_lowest_byte(made: tuple[bytes, list[Cut]]) -> None:
    data, cuts = made
    cuts = [cut for cut in cuts if len(cut.data) > 1]
    if not cuts:
        return
    stream = Stream("client", segments_from(cuts))
    known = seen(data, cuts)
    first = next(at for at, value in enumerate(known) if value is not None)
    shown = laid_out(stream)
    assert shown == known[first : first + len(shown)]
    assert all(value is None for value in known[first + len(shown) :])


@given(cuttings(), st.integers(0, 2**32 - 1))
def test_numbering_does_not_matter(made: tuple[bytes, list[Cut]], isn: int) -> None:
    cuts = [*HANDSHAKE, *made[1]]
    one, other = (Stream("client", segments_from(cuts, number)) for number in (1000, isn))
    assert one.data == other.data and one.gaps == other.gaps and list(one) == list(other)


HOSTILE = st.lists(
    st.builds(
        Cut,
        seq=st.one_of(st.integers(0, 2**32 - 1), st.integers(0, 50)),
        data=st.binary(max_size=30),
        flags=st.sampled_from([0, SYN, SYN | ACK, ACK, FIN, FIN | ACK, RST, SYN | FIN | RST, 255]),
        ack=st.one_of(st.integers(0, 2**32 - 1), st.integers(0, 50)),
        by_client=st.booleans(),
        captured=st.none(),
        window=st.integers(0, 65535),
        options=st.sampled_from([b"", b"\x03\x03\x0e", b"\x03\x03\xff"]),
    ),
    max_size=40,
)


@settings(max_examples=300)
@given(HOSTILE, ISNS, st.booleans(), st.data())
def test_hostile_segments_are_sorted_out(
    cuts: list[Cut], isn: int, with_handshake: bool, chosen: st.DataObject
) -> None:
    cuts = [
        cut._replace(captured=chosen.draw(st.integers(0, len(cut.data)))) if cut.data else cut
        for cut in cuts
    ]
    segments = segments_from([*HANDSHAKE, *cuts] if with_handshake else [*cuts, Cut(1)], isn)
    for side in ("client", "server"):
        stream = Stream(side, segments)
        assert len(stream.data) == len(stream)
        assert stream.size == len(stream) + sum(gap.length for gap in stream.gaps)
        places = [gap.offset for gap in stream.gaps]
        assert places == sorted(places) and all(gap.length > 0 for gap in stream.gaps)
        len(stream.conflicts), len(stream.left_out), str(stream), stream.json()


def random_segments(count: int, seed: int) -> Stream:
    """So many segments of one kilobyte and less at random numbers, most of them overlapping."""
    rng = np.random.default_rng(seed)
    near = rng.integers(0, 4 * count, count)
    far = rng.integers(0, 2**32, count)
    seq = np.where(rng.random(count) < 0.9, near, far).tolist()
    frames = [segment(*CLIENT, flags=SYN, seq=0), segment(*SERVER, flags=SYN | ACK, seq=0, ack=1)]
    frames += [
        segment(*CLIENT, seq=number, ack=1, payload=bytes(size))
        for number, size in zip(seq, rng.integers(0, 1000, count).tolist(), strict=True)
    ]
    chunk = chunk_of(frames)
    source = Held([(0, decode(chunk), chunk)])
    segments = segments_of(source, source.flows, 0)
    len(segments.seq), len(segments.ack), len(segments.scaled), len(segments.from_client)
    return Stream("client", segments)


def test_hostile_input_costs_memory_and_steps_in_proportion() -> None:
    """Twice the segments: at most twice the pieces and some twice the memory."""
    peaks, pieces = [], []
    for count in (2000, 4000, 8000):
        segments = random_segments(count, 7)._segments
        tracemalloc.start()
        try:
            stream = Stream("client", segments)
            len(stream.gaps), len(stream.left_out)
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
        pieces.append(len(stream.pieces))
        assert pieces[-1] <= 2 * (count + 2) - 1
    assert peaks[2] < 8 * peaks[0]
    assert peaks[2] < 600 * 8000


def test_the_heap_is_asked_a_bounded_number_of_times_a_segment(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Steps, not seconds: each segment goes into the heap once and out of it once at most."""
    steps = 0

    class Counting:
        @staticmethod
        def heappush(heap: list[tuple[int, int]], item: tuple[int, int]) -> None:
            nonlocal steps
            steps += 1
            heap_push(heap, item)

        @staticmethod
        def heappop(heap: list[tuple[int, int]]) -> tuple[int, int]:
            nonlocal steps
            steps += 1
            return heap_pop(heap)

    heap_push, heap_pop = coverage.heapq.heappush, coverage.heapq.heappop
    segments = random_segments(5000, 3)._segments
    monkeypatch.setattr(coverage, "heapq", Counting)
    Stream("client", segments)
    assert 0 < steps <= 2 * 5002


@given(st.lists(st.integers(0, 30), max_size=20), st.booleans(), st.integers(0, 20), ISNS)
def test_the_short_way_is_the_long_way(
    sizes: list[int], closed: bool, lacking: int, isn: int
) -> None:
    """What comes in order takes a way of its own through the code, to the same result."""
    cuts, at = [*HANDSHAKE], 1
    for size in sizes:
        cuts.append(Cut(at, bytes(size)))
        at += size
    if closed:
        cuts += [Cut(at, flags=FIN | ACK), Cut(at + 1)]
    cuts.append(Cut(1, ack=at + lacking, by_client=False))
    segments = segments_from(cuts, isn)
    sides = way(segments, segments.length, "client")
    short, long = assemble(sides.sent, sides.known), _sorted_out(sides.sent, sides.known)
    assert short.known == long.known and short.end == long.end
    for one, other in ((short.pieces, long.pieces), (short.gaps, long.gaps)):
        assert [array.tolist() for array in one] == [array.tolist() for array in other]
    assert short.fate.tolist() == long.fate.tolist()


@given(cuttings(), st.lists(st.integers(-(2**31), 2**31), max_size=8), ISNS, st.data())
def test_forged_segments_anywhere_take_nothing_away(
    made: tuple[bytes, list[Cut]], forged: list[int], isn: int, chosen: st.DataObject
) -> None:
    """Numbers far from the stream, between its segments: all of its bytes stay where they are."""
    _, cuts = made
    cuts = [cut for cut in cuts if len(cut.data) != 1 and not cut.flags & FIN]
    clean = Stream("client", segments_from([*HANDSHAKE, *cuts], isn))
    mixed = list(cuts)
    for number in forged:
        if 1 << 25 < number % 2**32 < 2**32 - (1 << 25):
            place = chosen.draw(st.integers(0, len(mixed)))
            mixed.insert(place, Cut(number, b"forged"))
    stream = Stream("client", segments_from([*HANDSHAKE, *mixed], isn))
    assert stream.data == clean.data and stream.gaps == clean.gaps
    assert len(stream.left_out) == len(mixed) - len(cuts)

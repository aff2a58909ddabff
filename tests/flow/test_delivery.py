"""Bytes handed out as they come: the same as all at once, however the capture was cut."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from segmented import ACK, FIN, HANDSHAKE, Cut, chunk_from, segments_from

from netshell.flow import delivery as module
from netshell.flow.delivery import Delivery, Heard
from netshell.flow.segments import Segments, segments_of
from netshell.flow.source import Held
from netshell.flow.stream import Stream
from netshell.packet.table import decode


def server(seq: int, data: bytes = b"", ack: int = 1) -> Cut:
    return Cut(seq, data, ACK, ack, by_client=False)


def upto(segments: Segments, packets: int, first: int = 0) -> Segments:
    """The segments as they were when the capture held so many packets."""
    numbers = segments.packet
    return segments[slice(*np.searchsorted(numbers, [first, packets]).tolist())]


def fed(segments: Segments, stops: Iterable[int], whole: bool = True) -> list[Heard]:
    """Everything heard when the segments come in stretches, in the end all of them."""
    delivery, heard = Delivery(), []
    for stop in stops:
        first = 0 if whole else delivery.wants
        heard += delivery.feed(upto(segments, stop, first))
    return [*heard, *delivery.feed(segments, final=True)]


def of(heard: Iterable[Heard], side: str) -> list[tuple[bytes, int]]:
    """What one side said, stretches end to end between gaps, and the sizes of these."""
    out: list[tuple[bytes, int]] = [(b"", 0)]
    for each in heard:
        if each.side == side:
            data, lacking = out[-1]
            if each.lacking:
                out += [] if data or not lacking else [out.pop()]
                out.append((b"", each.lacking))
            else:
                out[-1] = data + each.data, lacking
    return out


def test_bytes_come_once_they_can_be_read() -> None:
    segments = segments_from(
        [*HANDSHAKE, Cut(1, b"abc"), Cut(7, b"ghi"), server(1, b"yes"), Cut(4, b"def")]
    )
    delivery = Delivery()
    assert list(delivery.feed(upto(segments, 3))) == []
    assert [each.data for each in delivery.feed(upto(segments, 4))] == [b"abc"]
    assert list(delivery.feed(upto(segments, 5))) == [] and delivery.wants == 4
    assert [each.data for each in delivery.feed(upto(segments, 6))] == [b"yes"]
    last = list(delivery.feed(segments))
    assert [(each.data, each.packet) for each in last] == [(b"def", 6), (b"ghi", 4)]
    assert {each.time_ns for each in last} == {int(segments.time_ns[6])}
    assert delivery.wants == 7 and list(delivery.feed(segments, final=True)) == []


def test_all_at_once_is_the_dialogue() -> None:
    segments = segments_from([*HANDSHAKE, Cut(1, b"ask"), server(1, b"answer"), Cut(4, b"thanks")])
    assert [(each.side, each.data) for each in Delivery().feed(segments, final=True)] == [
        ("client", b"ask"), ("server", b"answer"), ("client", b"thanks"),
    ]  # fmt: skip


def test_what_lacks_is_told_at_the_end() -> None:
    segments = segments_from([*HANDSHAKE, Cut(1, b"abc"), Cut(14, b"xyz")])
    heard = fed(segments, range(6))
    assert [(each.data, each.lacking, each.reason) for each in heard] == [
        (b"abc", 0, ""), (b"", 10, "not acknowledged"), (b"xyz", 0, ""),
    ]  # fmt: skip


def test_what_was_acknowledged_is_waited_for_a_little() -> None:
    acked = [*HANDSHAKE, Cut(1, b"abc"), Cut(14, b"xyz"), server(1, ack=17)]
    later = [server(1, b"."), server(2, b".")]
    segments = segments_from([*acked, *later])
    delivery = Delivery(patience_ns=1500)  # packets are 1000 ns apart
    assert [each.data for each in delivery.feed(upto(segments, 6))] == [b"abc"]
    assert [each.data for each in delivery.feed(upto(segments, 7))] == [b"."]
    told = list(delivery.feed(segments))
    assert [(each.side, each.lacking, each.reason) for each in told] == [
        ("client", 10, "not captured"), ("client", 0, ""), ("server", 0, ""),
    ]  # fmt: skip


def test_captured_in_the_wrong_order_it_is_not_lost() -> None:
    """The ACK before the data it is for, as with several queues of a card."""
    segments = segments_from([*HANDSHAKE, server(1, ack=7), Cut(4, b"def"), Cut(1, b"abc")])
    assert b"".join(each.data for each in fed(segments, range(7))) == b"abcdef"


def test_what_was_cut_is_told_at_once() -> None:
    segments = segments_from([*HANDSHAKE, Cut(1, b"abcdef", captured=2), Cut(7, b"ghi")])
    heard = list(Delivery().feed(segments))
    assert [(each.data, each.lacking) for each in heard] == [(b"ab", 0), (b"", 4), (b"ghi", 0)]


def test_without_the_other_side_waiting_ends_too() -> None:
    segments = segments_from(
        [Cut(1, b"abc"), Cut(14, b"xyz"), *(Cut(17 + n, b"x") for n in range(9))]
    )
    delivery = Delivery(patience_ns=100)
    heard = [each for stop in range(1, 12) for each in delivery.feed(upto(segments, stop))]
    assert [(each.data, each.lacking) for each in heard[:3]] == [
        (b"abc", 0),
        (b"", 10),
        (b"xyz", 0),
    ]


def test_no_more_wait_than_a_fixed_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 50)
    segments = segments_from([*HANDSHAKE, *(Cut(5 + 3 * n, b"xyz") for n in range(60))])
    delivery = Delivery()
    waiting = 0
    heard = []
    for stop in range(64):
        heard += list(delivery.feed(upto(segments, stop)))
        waiting = max(waiting, stop - delivery.wants)
    assert waiting <= 50 and sum(len(each.data) for each in heard) == 180


def test_packets_let_go_are_not_missed() -> None:
    """Each feed has only what is wanted still; numbers wrap on the way."""
    size, count = 1 << 15, 40
    cuts = [*HANDSHAKE, *(Cut(1 + size * n, bytes([n]) * size) for n in range(count))]
    segments = segments_from(cuts, isn=2**32 - 5 * size)
    heard = fed(segments, range(0, 44, 3), whole=False)
    assert b"".join(each.data for each in heard) == b"".join(
        bytes([n]) * size for n in range(count)
    )


@st.composite
def talks(draw: st.DrawFn) -> list[Cut]:
    """Two streams cut anyhow, and only the handshake acknowledged."""
    cuts = []
    for _ in range(draw(st.integers(1, 25))):
        at, size = draw(st.integers(0, 100)), draw(st.integers(2, 40))
        data = bytes(range(128))[at : at + size]
        by_client = draw(st.booleans())
        kept = draw(st.none() | st.integers(0, len(data)))
        flags = ACK | (FIN if draw(st.integers(0, 9)) == 0 else 0)
        cuts.append(Cut(1 + at, data, flags, by_client=by_client, captured=kept))
    return cuts


@given(talks(), st.lists(st.integers(0, 30)), st.integers(0, 2**32 - 1), st.booleans())
def test_in_stretches_as_in_one(cuts: list[Cut], stops: list[int], isn: int, whole: bool) -> None:
    cuts = [cut._replace(captured=None) for cut in cuts]
    segments = segments_from([*HANDSHAKE, *cuts], isn, isn ^ 0xFFFFFFFF)
    in_one = list(Delivery().feed(segments, final=True))
    heard = fed(segments, sorted(stops), whole)
    for side in ("client", "server"):
        stream = Stream(side, segments)
        assert of(heard, side) == of(in_one, side)
        assert b"".join(each.data for each in in_one if each.side == side) == stream.data
        lacking = [each.lacking for each in in_one if each.side == side and each.lacking]
        assert lacking == [gap.length for gap in stream.gaps]


@given(talks(), st.lists(st.integers(0, 30)), st.integers(0, 2**32 - 1))
def test_with_cut_frames_nothing_is_given_twice_or_out_of_order(
    cuts: list[Cut], stops: list[int], isn: int
) -> None:
    segments = segments_from([*HANDSHAKE, *cuts], isn)
    heard = fed(segments, sorted(stops))
    for side in ("client", "server"):
        at, place = 0, bytes(range(128))
        for each in heard:
            if each.side == side:
                assert each.data == place[at : at + len(each.data)]
                at += len(each.data) + each.lacking


def test_a_byte_that_waits_alone_is_no_keep_alive() -> None:
    segments = segments_from([*HANDSHAKE, Cut(1, b"ab"), Cut(6, b"f")])
    heard = fed(segments, [4, 5, 5])
    assert [(each.data, each.lacking) for each in heard] == [(b"ab", 0), (b"", 3), (b"f", 0)]


def test_numbers_go_on_where_the_packets_before_were_let_go() -> None:
    """Unwrapped from the first packet held, numbers three quarters round are a quarter back."""
    far = 3 << 30
    steps = range(0, far + 1, 1 << 29)
    idle = [each for at in steps for each in (Cut(1 + at), server(1, ack=1 + at))]
    last = [Cut(1 + far, b"abc"), Cut(7 + far, b"ghi"), server(1, ack=10 + far)]
    chunk = chunk_from([*HANDSHAKE, *idle, *last])
    whole = Held([(0, decode(chunk), chunk)])
    held = len(chunk) - 3
    rest = Held([(held, decode(chunk[held:]), chunk[held:])], whole.flows, whole.members())
    delivery = Delivery(patience_ns=0)
    first = segments_of(whole, whole.flows, 0)[:held]
    assert [each.lacking for each in delivery.feed(first)] == [far]
    assert delivery.wants == held
    later = segments_of(rest, whole.flows, 0)
    assert later.seq.tolist() == [1 - (1 << 30), 7 - (1 << 30), 1]
    told = [(each.data, each.lacking) for each in delivery.feed(later)]
    assert told == [(b"abc", 0), (b"", 3), (b"ghi", 0)]

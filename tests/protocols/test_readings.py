"""A capture read as it grows: in order at once, else as a Delivery puts it in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from frames import chunk_of, segment
from hypothesis import assume, example, given
from hypothesis import strategies as st
from recorder import DatagramRecorder, Lines, Recorder, Told
from segmented import ACK, FIN, HANDSHAKE, PSH, RST, SYN, Cut, chunk_from

from netshell.flow.delivery import Delivery
from netshell.flow.segments import segments_of
from netshell.flow.source import Held
from netshell.packet.chunk import Chunk
from netshell.packet.table import decode
from netshell.protocols.api import Message
from netshell.protocols.reading_alone import messages_of
from netshell.protocols.readings import Readings
from netshell.protocols.talk import Talk


class Growing:
    """A capture that has come so far, of which the oldest packets were let go."""

    def __init__(self, chunk: Chunk) -> None:
        self._chunk = chunk
        self._columns = decode(chunk)
        self.first, self.count = 0, 0

    def upto(self, count: int, first: int = 0) -> Held:
        """The first packets only, numbered as in the whole."""
        held = slice(first, count)
        whole = Held([(0, self._columns[:count], self._chunk[:count])])
        parts = [(first, self._columns[held], self._chunk[held])]
        return Held(parts, whole.flows, whole.members())


class Hearing(Talk):
    """A conversation that is read from the first byte on, whatever lacks."""

    def __init__(self, flow: int) -> None:
        super().__init__("tcp", decoders=(Recorder,), flow=flow)
        self.decoder = Recorder()


class Heard(Readings):
    """Conversations as their decoders hear them."""

    def _talk(self, number: int) -> Talk:
        return Hearing(number)


def told(chunk: Chunk, stops: Iterable[int] = ()) -> list[Told]:
    """All that a decoder is told when the capture grows in stretches."""
    growing, readings = Growing(chunk), Heard([Recorder])
    for stop in stops:
        readings.reach(growing.upto(min(stop, len(chunk))))
    readings.reach(growing.upto(len(chunk)), is_final=True)
    return [message for message in readings.since(0)[0] if isinstance(message, Told)]


def said(messages: Iterable[Told], side: str) -> list[tuple[bytes, int]]:
    """What one side said, stretches end to end between gaps, and the sizes of these."""
    out: list[tuple[bytes, int]] = [(b"", 0)]
    for each in messages:
        if each.side != side or each.kind == "close":
            continue
        if each.gap:
            out.append((b"", (0 if out[-1][0] or len(out) == 1 else out.pop()[1]) + each.gap))
        else:
            out[-1] = out[-1][0] + each.data, out[-1][1]
    return out


def delivered(chunk: Chunk, side: str) -> list[tuple[bytes, int]]:
    """The same by a Delivery of the whole flow."""
    source = Held([(0, decode(chunk), chunk)])
    segments = segments_of(source, source.flows, 0)
    heard = Delivery().feed(segments, final=True)
    pieces = [
        Told(kind="gap" if each.lacking else "data", parts=(), data=each.data, gap=each.lacking)
        for each in heard
        if each.side == side
    ]
    out: list[tuple[bytes, int]] = [(b"", 0)]
    for piece in pieces:
        if piece.gap:
            out.append((b"", (0 if out[-1][0] or len(out) == 1 else out.pop()[1]) + piece.gap))
        else:
            out[-1] = out[-1][0] + piece.data, out[-1][1]
    return out


def server(seq: int, data: bytes = b"", ack: int = 1, flags: int = ACK) -> Cut:
    return Cut(seq, data, flags, ack, by_client=False)


@st.composite
def talks(draw: st.DrawFn) -> list[Cut]:
    """Two streams cut anyhow, acknowledged anyhow, in a lossy capture."""
    cuts = []
    place = {True: 0, False: 0}
    text = bytes(range(200))
    for _ in range(draw(st.integers(1, 30))):
        by_client = draw(st.booleans())
        kind = draw(st.integers(0, 9))
        at = place[by_client]
        size = draw(st.integers(0, 12))
        if kind == 0:
            at = draw(st.integers(0, 100))  # anywhere: lost, repeated, out of order
        elif kind == 1:
            at += draw(st.integers(1, 20))  # what is before lacks
        elif kind == 2:
            at = max(at - draw(st.integers(1, 20)), 0)
        data = text[at : at + size]
        place[by_client] = max(at + len(data), place[by_client])
        flags = ACK | (FIN if draw(st.integers(0, 15)) == 0 else 0)
        acked = place[not by_client] + (draw(st.integers(-5, 20)) if draw(st.booleans()) else 0)
        kept = draw(st.integers(0, len(data))) if draw(st.integers(0, 15)) == 0 else None
        cuts.append(Cut(1 + at, data, flags, 1 + max(acked, 0), by_client, kept))
        if draw(st.integers(0, 7)) == 0:
            cuts.append(cuts[-1])
    return cuts


@given(
    talks(), st.lists(st.integers(0, 35), max_size=6), st.integers(0, 2**32 - 1),
    st.integers(0, 3),
)  # fmt: skip
def test_in_order_at_once_as_by_delivery(
    cuts: list[Cut], stops: list[int], isn: int, opened: int
) -> None:
    """Read in one go: the bytes and gaps of each side are those of Delivery.

    Not where a side's beginning was not captured and what came first was not the first: Delivery,
    which has all of it then, begins with what came later.
    """
    for by_client in (True, False):
        if opened < 2 - by_client:
            told_of = [cut.seq if cut.by_client == by_client else cut.ack for cut in cuts]
            assume(told_of[0] == min(told_of))
    chunk = chunk_from([*HANDSHAKE[:opened], *cuts], isn, isn ^ 0xFFFFFFFF)
    at_once = told(chunk)
    for side in ("client", "server"):
        assert said(at_once, side) == delivered(chunk, side)

"""Conversations in HTTP written down: who says what, what lacks, and who closes."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from netshell.flow.sides import SIDES, Side
from netshell.protocols.api import Message
from netshell.protocols.http1.decoder import Http1Decoder


class Turn(NamedTuple):
    """Something that happens: bytes, a gap of a size, or an end."""

    side: Side
    data: bytes = b""
    gap: int = 0
    closes: bool = False


def c(data: bytes) -> Turn:
    """What the client says."""
    return Turn("client", data)


def s(data: bytes) -> Turn:
    """What the server says."""
    return Turn("server", data)


def lost(side: Side, size: int) -> Turn:
    """Bytes of a side that lack."""
    return Turn(side, gap=size)


def closed(side: Side) -> Turn:
    """A side says no more."""
    return Turn(side, closes=True)


class Outcome(NamedTuple):
    """What a decoder made of it."""

    messages: list[Message]
    why_stopped: str
    follows: str | None
    rest: tuple[bytes, bytes]


def told(turns: Iterable[tuple[int, Turn]], begun: bool) -> Outcome:
    """What the decoder says to turns with their times; what it still waits for comes last."""
    decoder = Http1Decoder(begun, 1000, 2000)
    made: list[Message] = []
    unread = dict.fromkeys(SIDES, b"")
    for time_ns, turn in turns:
        if decoder.why_stopped or decoder.follows is not None:
            unread[turn.side] += turn.data
        elif turn.closes:
            made += decoder.close(turn.side, time_ns)
        elif turn.gap:
            made += decoder.gap(turn.side, turn.gap, time_ns)
        else:
            made += decoder.feed(turn.side, turn.data, time_ns)
    made += decoder.waiting()
    assert list(decoder.waiting()) == list(decoder.waiting())
    client, server = (decoder.rest(side) + unread[side] for side in SIDES)
    return Outcome(made, decoder.why_stopped, decoder.follows, (client, server))


def cuts(turns: Sequence[Turn]) -> Iterator[list[tuple[int, Turn]]]:
    """The same turns with their times, in other pieces: byte by byte, and at random places."""
    for seed in range(7):
        chance = random.Random(seed)
        made = []
        for number, turn in enumerate(turns):
            size = len(turn.data)
            places = set(range(size)) if not seed else {chance.randrange(size + 1) for _ in "abc"}
            ends = sorted({0, *places, size})
            pieces = [turn.data[a:b] for a, b in pairwise(ends)] or [b""]
            made += [(number * 10 + 10, turn._replace(data=piece)) for piece in pieces]
        yield made


def heard(*turns: Turn, begun: bool = True) -> Outcome:
    """What the decoder makes of a conversation, which is the same in whatever pieces it comes."""
    outcome = told([(number * 10 + 10, turn) for number, turn in enumerate(turns)], begun)
    for pieces in cuts(turns):
        assert told(pieces, begun) == outcome
    return outcome

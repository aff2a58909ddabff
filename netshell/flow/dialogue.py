"""A conversation as a dialogue: who said what, when, turn by turn.

Over TCP a turn is what one side sent until the other one had something readable to say. Bytes are
readable once everything before them is there: those that waited for a retransmission belong to the
moment it came. Over UDP every datagram is a turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from netshell.errors import BadArgument, brief
from netshell.flow.coverage import distinct
from netshell.flow.covered import Bytes, Covered, secrets_of
from netshell.flow.datagrams import Datagrams, datagrams_of
from netshell.flow.excerpt import INDENT, excerpt, left_out, part
from netshell.flow.given import yes_or_no
from netshell.flow.held import let_go
from netshell.flow.sides import SIDES, Side, checked
from netshell.flow.stream import Stream, payloads_of
from netshell.flow.stretches import Gap, counted
from netshell.packet.peeking import TOLD, revealing
from netshell.results import Result, place, stretch
from netshell.view import Block, Cell, Line, Lines, Note, Span, Style

if TYPE_CHECKING:
    from netshell.flow.flow import Flow

FIRST, LAST = 30, 10
"""Turns a dialogue shows of itself when it has more."""

LINES = 20
"""Lines it shows of a turn unless told otherwise."""

_RUNS = 4  # runs of packet numbers that a turn's head names
STYLES: dict[Side, Style] = {"client": "sent", "server": "received"}


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said at a stretch."""

    side: Side
    time_ns: int  # when its first byte could be read
    end_ns: int  # when its last one could
    packets: tuple[int, ...]  # that the bytes came in
    gaps: tuple[Gap, ...]  # offsets are places in data
    data: bytes = field(repr=False)

    def __len__(self) -> int:
        return len(self.data)


class _Places(NamedTuple):
    """T turns: pieces ``first`` to ``last`` (exclusive) of a side."""

    side: NDArray[np.intp]  # a place in SIDES
    first: NDArray[np.intp]
    last: NDArray[np.intp]


T = TypeVar("T", covariant=True)


class Followed(Result, Sequence[T]):
    """What both sides of a flow said, piece by piece: turns of bytes, or messages."""


class Dialogue(Followed[Turn]):
    """The turns of a conversation, in the order of time.

    >>> flow.follow(raw=True)                                          # doctest: +SKIP
    >>> [len(turn) for turn in flow.follow("server", raw=True)]        # doctest: +SKIP

    Iterates and indexes as :class:`Turn`, each with all of its bytes, whatever is shown; those of
    secrets are ``*`` unless ``reveal``.
    """

    def __init__(
        self,
        flow: Flow,
        side: Side | None = None,
        raw: bool = False,
        lines: int | None = LINES,
        reveal: bool = False,
    ) -> None:
        self._flow = flow
        self._raw, self._lines, self._reveal = raw, lines, reveal
        self.sides: tuple[Stream | Datagrams, Stream | Datagrams]
        """What the client and what the server sent, put together."""
        each = False
        if flow.proto == "tcp":
            segments = flow.segments
            payloads = payloads_of(segments)
            self.sides = Stream("client", segments, payloads), Stream("server", segments, payloads)
            self._time_ns: NDArray[np.int64] = segments.time_ns
        else:
            client, server, self._time_ns = datagrams_of(flow.origin, flow.number)
            self.sides = client, server
            each = True
        self._places = _turns(self.sides, each)
        if side is not None:
            chosen = self._places.side == SIDES.index(side)
            self._places = _Places(*(array[chosen] for array in self._places))
        self._only = side

    def __len__(self) -> int:
        return len(self._places.side)

    @overload
    def __getitem__(self, index: int) -> Turn: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Turn]: ...
    def __getitem__(self, index: int | slice) -> Turn | Sequence[Turn]:
        if isinstance(index, slice):
            return [self._turn(at) for at in range(len(self))[stretch(index, "turns")]]
        return self._turn(place(index, len(self), "turns"))

    def records(self) -> Sequence[Turn]:
        return list(self)

    def _turn(self, at: int, with_data: bool = True) -> Turn:
        """One turn; without data it costs the same however long it is."""
        side, first, last = (int(array[at]) for array in self._places)
        source = self.sides[side]
        begin, end = self._range(at)
        found = slice(*np.searchsorted(source.before, [first, last]).tolist())
        if last == len(source.ends):  # what lacks at the very end
            found = slice(found.start, len(source.gaps))
        gaps = [gap._replace(offset=gap.offset - begin) for gap in source.gaps[found]]
        start, stop = (int(self._time_ns[source.arrivals[row]]) for row in (first, last - 1))
        packets = distinct(source.carriers[first:last])
        data = self._shown_bytes[side].octets(begin, end) if with_data else b""
        return Turn(SIDES[side], start, stop, tuple(packets.tolist()), tuple(gaps), data)

    @cached_property
    def _shown_bytes(self) -> tuple[Bytes, Bytes]:
        """Where the bytes of each side that may be shown are taken from."""
        if self._reveal:
            return self.sides
        (client, server), secrets = self.sides, secrets_of(self._flow)
        return Covered(client, secrets[0]), Covered(server, secrets[1])

    def _range(self, at: int) -> tuple[int, int]:
        """Where a turn's bytes begin and end in what its side sent."""
        side, first, last = (int(array[at]) for array in self._places)
        ends = self.sides[side].ends
        return int(ends[first - 1]) if first else 0, int(ends[last - 1])

    # --- shown ---

    def view(self) -> Sequence[Block]:
        blocks: list[Block] = [Lines([self._head()])]
        count = len(self)
        if count <= FIRST + LAST:
            blocks += [Lines(self._shown(at)) for at in range(count)]
        else:
            blocks += [Lines(self._shown(at)) for at in range(FIRST)]
            left = counted(count - FIRST - LAST, "turn")
            blocks.append(Note(f"… {left} left out; [a:b] has them"))
            blocks += [Lines(self._shown(at)) for at in range(count - LAST, count)]
        if not count:
            blocks.append(Note("no data"))
        if gone := let_go(self._flow):
            blocks.append(Note(gone, "warn"))
        for source in self.sides:
            if self._only in (None, source.side):
                blocks += [Note(text, "warn") for text in source.remarks()]
        return blocks

    def _head(self) -> Line:
        flow, (client, server) = self._flow, self.sides
        return [
            Span(f"{flow.proto} ", "key"),
            Span(str(flow.client), "sent"), " > ", *named(flow),
            f", {counted(len(self), 'turn')}, {counted(len(client))} sent, ",
            f"{len(server):,} received",
        ]  # fmt: skip

    def _shown(self, at: int) -> list[Line]:
        """A turn: who, when, how much, in which packets; and below it what was said."""
        turn = self._turn(at, with_data=False)
        begin, end = self._range(at)
        source, style = self._shown_bytes[SIDES.index(turn.side)], STYLES[turn.side]
        since = (turn.time_ns - self._flow.start_ns) / 1e9
        took = (turn.end_ns - turn.time_ns) / 1e9
        said = f" {counted(end - begin)}"
        lacking = sum(gap.length for gap in turn.gaps)
        if lacking:
            said += f" and {lacking:,} that lack"
        if took > 0:
            said += f" in {took:.6f} s"
        head: Line = [
            Span(f"{since:.6f} ", "quiet"), Span(turn.side, style), said,
            Span(f", {packets_in_words(turn.packets)}", "quiet"),
        ]  # fmt: skip
        lines, at_byte, room = [head], begin, self._lines
        for number, gap in enumerate(turn.gaps):
            until = begin + gap.offset
            said_now, shown = part(source, at_byte, until, room, style=style, raw=self._raw)
            lines += said_now
            at_byte += shown
            if self._lines is not None:
                room = max(self._lines + 1 - len(lines), 0)
            if at_byte < until or room == 0:
                gaps = turn.gaps[number:]
                lack = sum(gap.length for gap in gaps)
                more = f", and {counted(len(gaps), 'gap')} of {lack:,} bytes"
                return [*lines, left_out(end - at_byte, more)]
            lines.append(Span(f"{INDENT}[{gap}]", "warn"))
        return lines + excerpt(source, at_byte, end, room, style=style, raw=self._raw)


def _turns(sides: Sequence[Stream | Datagrams], each: bool) -> _Places:
    """Where the sides take turns: pieces in the order they became readable, cut where the side
    changes, or ``each`` by itself."""
    arrived = np.concatenate([source.arrivals for source in sides])
    counts = [len(source.arrivals) for source in sides]
    side = np.repeat(np.arange(2), counts)
    piece = np.concatenate([np.arange(count) for count in counts])
    order = np.argsort(arrived, kind="stable")
    side, piece = side[order], piece[order]
    new = np.ones(len(side), np.bool_)
    if not each:
        new[1:] = side[1:] != side[:-1]
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(side)) - 1 if len(first) else first
    return _Places(side[first], piece[first], piece[last] + 1)


def packets_in_words(packets: Sequence[int]) -> str:
    """Packet numbers in words, runs as runs."""
    if len(packets) == 1:
        return f"packet {packets[0]}"
    numbers = np.array(packets)
    cuts = np.flatnonzero(np.diff(numbers) > 1) + 1
    runs = [
        f"{run[0]}" if len(run) == 1 else f"{run[0]}-{run[-1]}"
        for run in np.split(numbers, cuts[:_RUNS])[:_RUNS]
    ]
    more = ", …" if len(cuts) >= _RUNS else ""
    return f"{len(packets):,} packets {', '.join(runs)}{more}"


def named(flow: Flow) -> Sequence[Cell]:
    """A flow's server, with what the client knew it by."""
    name = flow.name
    return [Span(str(flow.server), "received"), f" ({name})" if name else ""]


def follow(
    flow: Flow,
    side: object = None,
    raw: object = False,
    lines: int | None = LINES,
    reveal: object = False,
) -> Followed[Any]:
    """What a flow's sides said: its messages where a decoder reads them, else its dialogue.

    Raises BadArgument for a flow without payloads to follow, a side there is not, a number of
    lines that cannot be meant, or a ``reveal`` that is neither True nor False."""
    if flow.proto not in ("tcp", "udp"):
        raise BadArgument(
            f"cannot follow {flow.proto or 'this flow'}",
            why="it has neither a stream nor datagrams between two ports",
            next_step='choose one of .flows.where(proto="tcp") or (proto="udp")',
        )
    if lines is not None and (isinstance(lines, bool) or not isinstance(lines, int) or lines < 1):
        raise BadArgument(f"lines {brief(lines)}", next_step="use 1 or more, or None for all")
    only = None if side is None else checked(side)
    is_raw, is_revealed = yes_or_no(raw, "raw"), revealing(reveal)
    if not is_raw and "spoken" in TOLD:
        said: Followed[Any] | None = TOLD["spoken"](flow, only, lines, is_revealed)
        if said is not None:
            return said
    return Dialogue(flow, only, is_raw, lines, is_revealed)

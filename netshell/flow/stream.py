"""The bytes one side sent over TCP, put together again, each with the packet it came in.

:class:`Stream` is a picture of one moment: of a flow that goes on, ask again. What is not there
is shown as a gap and takes no room in ``data``: an offset is always a place in ``data``.
The rules of putting together are those of :mod:`netshell.flow.reassembly`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from netshell.errors import BadArgument, brief
from netshell.flow import reassembly
from netshell.flow.coverage import Places, distinct
from netshell.flow.covered import Covered, NoSecrets, Secrets, secrets_of
from netshell.flow.given import whole_number
from netshell.flow.payloads import Payloads
from netshell.flow.reassembly import Assembly, Gaps
from netshell.flow.segments import Segments
from netshell.flow.sides import SIDES, Side, Way, checked, put_together
from netshell.flow.stretches import FATES, REASONS, WORDS, Conflict, Gap, LeftOut, Piece, counted
from netshell.packet.payload import Places as Spots
from netshell.packet.payload import hide
from netshell.results import Result, place, rendered, stretch
from netshell.view import Block, Line, Lines, Note, Span

if TYPE_CHECKING:
    from netshell.flow.flow import Flow

_APART = 1 << 14  # bytes of the stream for one repeat that is looked at by itself

SHOWN = 20  # lines of data a stream shows of itself


class StreamFields(NamedTuple):
    """A stream as plain data."""

    side: Side
    is_begun: bool
    is_ended: bool
    size: int
    gaps: tuple[Gap, ...]
    conflicts: tuple[Conflict, ...]
    left_out: tuple[LeftOut, ...]
    data: bytes


class Stream(Result):
    """The bytes one side sent.

    >>> stream = flow.stream("server")                                 # doctest: +SKIP
    >>> len(stream), stream[:15], stream.find(b"\\r\\n\\r\\n"), stream.packet_at(1000)
    >>> stream.gaps, stream.save("answer.bin")                         # doctest: +SKIP

    Indexes and slices as bytes; iterates as :class:`Piece`, one for each stretch of one packet.
    """

    def __init__(
        self,
        side: Side,
        segments: Segments,
        payloads: Payloads | None = None,
        secrets: Callable[[], Secrets] = NoSecrets,
    ) -> None:
        """``secrets`` gives their places in ``data``: what is shown, or text, covers them."""
        if payloads is None:
            payloads = payloads_of(segments)
        self.side = side
        self._secrets = secrets
        self._segments = segments
        self._payloads = payloads
        self._way: Way
        self._made: Assembly
        self._way, self._made = put_together(segments, payloads.captured, side)
        pieces = self._made.pieces
        self.ends: Places = np.cumsum(pieces.end - pieces.start)
        """Where each piece ends in ``data``."""

    # --- what it is ---

    @property
    def is_begun(self) -> bool:
        """Whether the first byte is known to be the first: the SYN was seen."""
        return self._made.known.begins

    @property
    def is_ended(self) -> bool:
        """Whether the last byte is known to be the last: the FIN was seen."""
        return self._made.known.fin is not None

    @property
    def size(self) -> int:
        """Bytes from the first to the last that is known of, gaps included."""
        return self._made.end - (self._made.known.begin or 0)

    @property
    def is_whole(self) -> bool:
        """Whether it is all here, from SYN to FIN."""
        return self.is_begun and self.is_ended and not self._made.gaps.start.size

    def __len__(self) -> int:
        return int(self.ends[-1]) if len(self.ends) else 0

    # --- the bytes ---

    @cached_property
    def data(self) -> bytes:
        """All bytes that were captured, in order; what lacks (``gaps``) is left out.

        As they came: secrets are in them, too. What shows them, and JSON, covers those.
        """
        return self.octets(0, len(self))

    def octets(self, begin: int, end: int) -> bytes:
        """Bytes ``begin`` to ``end`` (exclusive) of ``data``, without making the rest of it.

        Raises BadArgument for what is no offset.
        """
        begin, end = _offset(begin), min(_offset(end), len(self))
        if end <= begin:
            return b""
        first = int(np.searchsorted(self.ends, begin, side="right"))
        last = int(np.searchsorted(self.ends, end, side="left")) + 1
        taken = slice(first, last)
        pieces = self._made.pieces.taken(taken)
        offsets = self.ends[taken] - (pieces.end - pieces.start)
        rows = self._way.rows[pieces.who]
        skips = pieces.start - self._made.start[pieces.who]
        lengths = pieces.end - pieces.start
        ahead, behind = np.maximum(begin - offsets, 0), np.maximum(self.ends[taken] - end, 0)
        return self._payloads.joined(rows, skips + ahead, lengths - ahead - behind)

    def blocks(self, size: int = 1 << 20) -> Iterator[bytes]:
        """``data`` in blocks of ``size`` bytes, one at a time: in little memory, and faster.

        Raises BadArgument, at once, for a size that is none.
        """
        size = whole_number(size, "size", "a number of bytes from 1 on", 1)
        return (self.octets(begin, begin + size) for begin in range(0, len(self), size))

    def __bytes__(self) -> bytes:
        return self.data

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> bytes: ...
    def __getitem__(self, index: int | slice) -> int | bytes:
        if not isinstance(index, slice):
            at = place(index, len(self), "bytes")
            return self.octets(at, at + 1)[0]
        begin, end, step = stretch(index, "bytes").indices(len(self))
        return self.octets(begin, end) if step == 1 else self.data[index]

    def __contains__(self, wanted: object) -> bool:
        return isinstance(wanted, bytes | bytearray) and wanted in self.data

    def find(self, wanted: bytes, start: int = 0) -> int:
        """The offset of the first such bytes from ``start`` on, -1 if there are none.

        Raises BadArgument for what are no bytes, or no offset.
        """
        if not isinstance(wanted, bytes | bytearray | memoryview):
            raise BadArgument(
                f"find {brief(wanted)}", why="a stream is bytes", next_step='stream.find(b"GET")'
            )
        start = _offset(start)
        return self.data.find(wanted, start)

    def save(self, path: str | Path) -> Path:
        """Write ``data`` to a file and return its path. Raises NotPermitted, NotFound, BadFile."""
        made: Path = rendered("octets", self, path)
        return made

    # --- where they came from ---

    def packet_at(self, offset: int) -> int:
        """The number of the packet that byte ``offset`` of ``data`` came in.

        Raises IndexError for an offset that is not there.
        """
        at = place(offset, len(self), "bytes")
        return self.pieces[int(np.searchsorted(self.ends, at, side="right"))].packet

    def packets(self, begin: int = 0, end: int | None = None) -> NDArray[np.int64]:
        """The numbers of the packets that bytes ``begin`` to ``end`` of ``data`` came in.

        Raises BadArgument for what is no offset.
        """
        begin, end = _offset(begin), len(self) if end is None else min(_offset(end), len(self))
        if end <= begin:
            return np.zeros(0, np.int64)
        first = int(np.searchsorted(self.ends, begin, side="right"))
        last = int(np.searchsorted(self.ends, end, side="left")) + 1
        return distinct(self.carriers[first:last])

    def carried(self, places: Spots) -> Iterator[tuple[int, int, int]]:
        """Where in packets' payloads these places of ``data`` were, each time they were sent: the
        packet's number, and begin and end in its payload."""
        starts, pieces = self._made.start, self._made.pieces
        order, sorted_starts, captured, numbers = self._by_number
        longest = int(captured.max(initial=0))
        for begin, end in places:
            first = int(np.searchsorted(self.ends, begin, side="right"))
            last = int(np.searchsorted(self.ends, end, side="left")) + 1
            for at in range(first, min(last, len(self.ends))):
                offset = int(self.ends[at] - pieces.end[at])  # from a number to its place
                low = max(int(pieces.start[at]), begin - offset)
                high = min(int(pieces.end[at]), end - offset)
                near = slice(*np.searchsorted(sorted_starts, [low - longest, high]).tolist())
                for row in order[near].tolist():
                    start = int(starts[row])
                    until = min(high - start, int(captured[row]))
                    if until > max(low - start, 0):
                        yield int(numbers[row]), max(low - start, 0), until

    @cached_property
    def _by_number(self) -> tuple[NDArray[np.intp], NDArray[np.int64], Places, NDArray[np.int64]]:
        """The order of segments by sequence number, these numbers, and of each segment as it came
        the captured bytes and the packet."""
        order = np.argsort(self._made.start, kind="stable")
        sent = self._way.sent
        captured = np.minimum(sent.captured, sent.length)
        return order, self._made.start[order], captured, self._segments.packet[self._way.rows]

    @cached_property
    def carriers(self) -> NDArray[np.int64]:
        """The packet of each piece."""
        numbers: NDArray[np.int64] = self._segments.packet[self._way.rows[self._made.pieces.who]]
        return numbers

    @cached_property
    def arrivals(self) -> NDArray[np.intp]:
        """Of each piece, the row of the segment that made it readable: its own, or the last one
        that filled what lacked before it."""
        return np.maximum.accumulate(self._way.rows[self._made.pieces.who])

    @property
    def pieces(self) -> Sequence[Piece]:
        """Where the bytes came from, in the order of ``data``."""
        return _Pieces(self)

    def __iter__(self) -> Iterator[Piece]:
        return iter(self.pieces)

    @cached_property
    def before(self) -> NDArray[np.intp]:
        """Of each gap, the piece behind it; the number of pieces at the very end."""
        return np.searchsorted(self._made.pieces.start, self._made.gaps.start)

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """What lacks, in order: ``sum(g.length for g in gaps) + len(stream) == stream.size``."""
        found: Gaps = self._made.gaps
        offsets = np.append(0, self.ends)[self.before]
        lengths = found.end - found.start
        columns = (offsets, lengths, found.start, found.reason)
        return tuple(
            Gap(offset, length, seq, REASONS[reason])
            for offset, length, seq, reason in zip(*(c.tolist() for c in columns), strict=True)
        )

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Data that is not taken for a part of the stream, in the order it was captured."""
        fate, way_ = self._made.fate, self._way
        rows = np.flatnonzero(fate != reassembly.USED)
        numbers = self._segments.packet[way_.rows[rows]].tolist()
        lengths, fates = way_.sent.length[rows].tolist(), fate[rows].tolist()
        return tuple(
            LeftOut(number, length, FATES[why])
            for number, length, why in zip(numbers, lengths, fates, strict=True)
        )

    @cached_property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Where bytes that came twice differ; looked for when asked, byte by byte."""
        return tuple(self._conflicts())

    def _conflicts(self) -> Iterator[Conflict]:
        pieces, sent, known = self._made.pieces, self._way.sent, self._made.known
        starts = self._made.start
        first = np.maximum(starts, known.begin or 0)
        last = starts + np.minimum(sent.captured, sent.length)
        if known.fin is not None:
            last = np.minimum(last, known.fin)
        won = np.zeros(len(first), np.int64)
        np.add.at(won, pieces.who, pieces.end - pieces.start)
        losers = np.flatnonzero((won < last - first) & (self._made.fate == reassembly.USED))
        # Of few, each by itself: all bytes in one are made only where they are as good as needed.
        few = len(losers) < len(self) // _APART
        for row in losers.tolist():
            begin, end = int(first[row]), int(last[row])
            at = int(np.searchsorted(pieces.start, begin, side="right")) - 1
            offset = int(self.ends[at] - pieces.end[at]) + begin
            source, skip = int(self._way.rows[row]), begin - int(starts[row])
            lost = self._payloads.octets(source, skip, end - begin).tobytes()
            until = offset + len(lost)
            kept = self.octets(offset, until) if few else self.data[offset:until]
            if kept == lost:
                continue
            differ = np.flatnonzero(np.frombuffer(kept, np.uint8) != np.frombuffer(lost, np.uint8))
            a, b = int(differ[0]), int(differ[-1]) + 1
            packet, other = self.packet_at(offset + a), int(self._segments.packet[source])
            yield Conflict(offset + a, packet, other, kept[a:b], lost[a:b])

    # --- shown ---

    def records(self) -> StreamFields:
        secrets = self._secrets()
        conflicts = tuple(
            each._replace(
                kept=hide(
                    each.kept,
                    secrets.within(each.offset, each.offset + len(each.kept)),
                    each.offset,
                ),
                lost=hide(
                    each.lost,
                    secrets.within(each.offset, each.offset + len(each.kept)),
                    each.offset,
                ),
            )
            for each in self.conflicts
        )
        data = Covered(self, secrets).octets(0, len(self))
        return StreamFields(
            self.side, self.is_begun, self.is_ended, self.size,
            self.gaps, conflicts, self.left_out, data,
        )  # fmt: skip

    def view(self) -> Sequence[Block]:
        from netshell.flow.excerpt import excerpt

        lines: list[Line] = [[Span(f"{self.side}: ", "key"), self._summary()]]
        style: Any = "sent" if self.side == "client" else "received"
        covered = Covered(self, self._secrets())
        lines += excerpt(covered, 0, len(self), SHOWN, style=style)
        return [Lines(lines), *(Note(text, "warn") for text in self.remarks())]

    def _summary(self) -> str:
        said = f"{counted(len(self))} in {counted(len(distinct(self.carriers)), 'packet')}"
        if len(self) < self.size:
            said += f" of {self.size:,} sent"
        begin = "from the SYN" if self.is_begun else "from the middle (no SYN was captured)"
        return f"{said}, {begin}{' to the FIN' if self.is_ended else ''}"

    def remarks(self) -> Iterator[str]:
        """What is wrong with the stream, in words."""
        gaps = self._made.gaps
        for reason, text in REASONS.items():
            which = gaps.reason == reason
            if which.any():
                missing = int((gaps.end - gaps.start)[which].sum())
                count = counted(int(which.sum()), "gap")
                yield f"{self.side}: {counted(missing)} {WORDS[text]}, {count}"
        if self.conflicts:
            one = self.conflicts[0]
            yield (
                f"{self.side}: {counted(len(self.conflicts), 'packet')} sent again with other "
                f"bytes (the first: packet {one.other}, unlike packet {one.packet} at offset "
                f"{one.offset:,}); those captured first are shown"
            )
        for fate, packets in enumerate(np.bincount(self._made.fate).tolist()):
            if packets and fate != reassembly.USED:
                count = counted(packets, "packet")
                yield f"{self.side}: data of {count} left out: {FATES[fate]}"


class _Pieces(Sequence[Piece]):
    """A stream's pieces, each made when it is looked at."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def __len__(self) -> int:
        return len(self._stream.ends)

    @overload
    def __getitem__(self, index: int) -> Piece: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Piece]: ...
    def __getitem__(self, index: int | slice) -> Piece | Sequence[Piece]:
        if isinstance(index, slice):
            return [self[at] for at in range(len(self))[stretch(index, "pieces")]]
        stream, at = self._stream, place(index, len(self), "pieces")
        pieces, segments = stream._made.pieces, stream._segments
        length = int(pieces.end[at] - pieces.start[at])
        row = int(stream._way.rows[pieces.who[at]])
        return Piece(
            int(stream.ends[at]) - length, length, int(segments.packet[row]),
            int(segments.time_ns[row]), int(pieces.start[at]),
        )  # fmt: skip


def _offset(value: object) -> int:
    return whole_number(value, "offset", "a number of bytes from 0 on")


def payloads_of(segments: Segments) -> Payloads:
    """Where the payloads of one flow's segments stand."""
    return Payloads(segments.source.parts(), segments.packet, segments.length)


def stream(flow: Flow, side: object) -> Stream:
    """One side's stream of a flow. Raises BadArgument for a side there is not, or no TCP."""
    wanted = checked(side)
    if flow.proto != "tcp":
        raise BadArgument(
            f"{flow.proto or 'this flow'} has no stream",
            why="only TCP puts bytes in order",
            next_step="use .follow() for UDP's datagrams",
        )
    return Stream(wanted, flow.segments, secrets=lambda: secrets_of(flow)[SIDES.index(wanted)])

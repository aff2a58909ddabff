"""The packets of one capture, append only: raw as they came, indexed when somebody looks.

A source's thread adds; any thread reads, counts and waits. Nothing is decoded here before
:meth:`Store.parts` is called, so adding costs the same whatever is in the packets.

With ``keep``, the oldest are let go again, in the stretches they came or were indexed in, and
everything that was worked out from them with them.

Invariant: a packet's number never changes. Parts may be merged with their neighbours, never
reordered; what is let go is counted, and its number is not given to another.
"""

from __future__ import annotations

import bisect
import math
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from netshell.capture.amount import Keep
from netshell.capture.block import Block, Piece, index
from netshell.capture.merge import concatenated
from netshell.capture.postponed import postponed
from netshell.capture.records import Records
from netshell.packet.chunk import Chunk
from netshell.packet.table import Columns, decode

PART_PACKETS = 1 << 16
PART_BYTES = 32 << 20
"""A part is closed at one of these: what is decoded in one go, and copied when parts are merged."""


@dataclass(slots=True)
class Part:
    """A stretch of indexed packets, and their columns once somebody asked."""

    chunk: Chunk
    start: int  # number of its first packet
    _columns: Columns | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.chunk)

    @property
    def end(self) -> int:
        """The number behind its last packet's."""
        return self.start + len(self.chunk)

    @property
    def columns(self) -> Columns:
        if self._columns is None:
            self._columns = decode(self.chunk)
        return self._columns

    @property
    def size(self) -> int:
        """Bytes of memory it takes, its columns included."""
        return self.chunk.size + (0 if self._columns is None else self._columns.nbytes)

    def selected(self, rows: Any, start: int) -> Part:
        """Some of its packets as a part of another capture; the bytes are shared."""
        columns = None if self._columns is None else self._columns[rows]
        return Part(self.chunk[rows], start, columns)

    def joined(self, other: Part) -> Part:
        """This part and the one behind it as one."""
        both = (self._columns, other._columns)
        known = [columns for columns in both if columns is not None]
        chunk = concatenated(self.chunk, other.chunk)
        return Part(chunk, self.start, decode(chunk, known) if len(known) == 2 else None)


class Store:
    """What a capture holds; ``limit`` packets at most (``count=``), the newest ``keep`` of them."""

    def __init__(self, limit: int | None = None, keep: Keep | None = None) -> None:
        self.limit = limit
        self.keep = keep
        self.total = 0
        self.ended = False
        self.ended_ns = 0  # when, by the clock
        self._changed = threading.Condition()
        # Held by whoever makes parts of what is pending, or lets some of either go.
        self._reading = threading.Lock()
        self._pending: deque[Piece] = deque()
        self._pending_bytes = 0
        self._parts: list[Part] = []
        self._first = 0  # number of the oldest packet held
        self._counted = 0  # packets up to here are in the totals
        self._bytes = self._truncated = 0
        # What is let go goes in whole parts: few packets kept make for small parts.
        self._part_packets, self._part_bytes = PART_PACKETS, PART_BYTES
        if keep is not None and keep.packets is not None:
            self._part_packets = min(PART_PACKETS, max(1, keep.packets // 8))
        if keep is not None and keep.bytes is not None:
            self._part_bytes = min(PART_BYTES, max(1, keep.bytes // 16))

    @classmethod
    def of(cls, parts: Sequence[Part]) -> Store:
        """A store that is complete, with parts of other captures."""
        store = cls()
        store._parts = list(parts)
        store._first = store._counted = parts[0].start if parts else 0
        store.total = parts[-1].end if parts else 0
        store.ended = True
        return store

    @property
    def is_full(self) -> bool:
        return self.limit is not None and self.total >= self.limit

    @property
    def first(self) -> int:
        """The number of the oldest packet that is still held."""
        return self._first

    def add(self, pieces: Sequence[Piece]) -> Sequence[Piece]:
        """Append packets, and return them; what goes beyond the limit is left out."""
        added: list[Piece] = []
        with self._changed:
            for piece in pieces:
                room = len(piece) if self.limit is None else self.limit - self.total
                if room <= 0:
                    break
                added.append(piece if room >= len(piece) else _first(piece, room))
                self.total += len(added[-1])
            self._pending += added
            self._pending_bytes += sum(piece.size for piece in added)
            self._changed.notify_all()
        if self.keep is not None:
            self._let_go(self.keep)
        return added

    def _let_go(self, keep: Keep) -> None:
        """Drop the oldest packets beyond what is to be kept.

        While somebody makes parts of them, it is left to the next time: capturing never waits.
        """
        if not self._reading.acquire(blocking=False):
            return
        try:
            held = self.total - self._first
            if keep.bytes is not None:
                spare = sum(part.size for part in self._parts) + self._pending_bytes - keep.bytes
            else:
                spare = held - (keep.packets or 0)
            while spare > 0 and held:
                oldest = self._parts[0] if self._parts else self._pending[0]
                costs = oldest.size if keep.bytes is not None else len(oldest)
                if keep.bytes is None and costs > spare:
                    break
                if keep.bytes and held == len(oldest):
                    break  # the newest is larger than all that is kept: it stays till the next
                self._count(oldest, self._first)
                if self._parts:
                    del self._parts[0]
                else:
                    self._unpend(1)
                self._first += len(oldest)
                held -= len(oldest)
                spare -= costs
        finally:
            self._reading.release()

    def totals(self) -> tuple[int, int]:
        """Bytes all packets had on the wire, and how many were cut; looks at new ones only."""
        with self._reading:
            with self._changed:
                pieces = (*self._parts, *self._pending)
            start = self._first
            for piece in pieces:
                self._count(piece, start)
                start += len(piece)
            return self._bytes, self._truncated

    def _count(self, piece: Part | Piece, start: int) -> None:
        """Add to the totals what a stretch of packets has that they have not."""
        new = start + len(piece) - self._counted
        if new <= 0:
            return
        stretch = piece.chunk if isinstance(piece, Part) else piece
        if new < len(stretch) and isinstance(stretch, Chunk):
            stretch = stretch[-new:]
        size, cut = stretch.totals()
        self._bytes += size
        self._truncated += cut
        self._counted += new

    def end(self) -> None:
        """No more will come: wakes everybody who waits for more."""
        with self._changed:
            self.ended = True
            self.ended_ns = time.time_ns()
            self._changed.notify_all()

    def forked(self) -> None:
        """In a forked child: nobody holds these locks, and nobody adds."""
        self._changed, self._reading = threading.Condition(), threading.Lock()
        held = sum(map(len, self._parts)) + sum(map(len, self._pending))
        self.total = self._first + held
        self._pending_bytes = sum(piece.size for piece in self._pending)
        self.ended = True

    def wait(self, count: int | None, deadline: float | None = None) -> bool:
        """Until ``count`` packets are here, the capture ended, or the (monotonic) time came.

        True if there are that many packets.
        """
        wanted = math.inf if count is None else count
        with self._changed:
            while self.total < wanted and not self.ended:
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    break
                self._changed.wait(left)
            return self.total >= wanted

    def parts(self) -> Sequence[Part]:
        """All packets up to now, indexed."""
        with self._reading:
            while self._pending:
                with postponed():  # else some were there twice
                    self._settle()
            return tuple(self._parts)

    def _settle(self) -> None:
        """Index some of what is pending and append it as parts."""
        with self._changed:
            taken = _group(self._pending, self._part_packets, self._part_bytes)
        first = taken[0]
        if isinstance(first, Chunk):
            chunk = first
        elif isinstance(first, Records):
            chunk = first.chunk()
        else:
            chunk = index([piece for piece in taken if isinstance(piece, Block)])
        for at in range(0, len(chunk), PART_PACKETS):
            start = self._parts[-1].end if self._parts else self._first
            self._parts.append(Part(chunk[at : at + PART_PACKETS], start))
            self._merge()
        self._unpend(len(taken))

    def _unpend(self, count: int) -> None:
        with self._changed:
            for _ in range(count):
                self._pending_bytes -= self._pending.popleft().size

    def _merge(self) -> None:
        """Join small neighbours of about one size: each packet is copied a few times at most."""
        while len(self._parts) > 1:
            before, last = self._parts[-2:]
            if (
                len(before) > 2 * len(last)
                or len(before) + len(last) > self._part_packets
                or before.chunk.data.nbytes + last.chunk.data.nbytes > self._part_bytes
            ):
                break
            self._parts[-2:] = [before.joined(last)]


def _first(piece: Piece, count: int) -> Piece:
    return piece[:count] if isinstance(piece, Chunk) else piece.first(count)


def _group(pending: Iterable[Piece], most_packets: int, most_bytes: int) -> list[Piece]:
    """What is indexed together: one chunk, or blocks up to a part's size."""
    taken: list[Piece] = []
    packets = size = 0
    for piece in pending:
        if not isinstance(piece, Block):
            return taken or [piece]
        packets += len(piece)
        size += len(piece.data)
        if taken and (packets > most_packets or size > most_bytes):
            break
        taken.append(piece)
    return taken


def start_of(parts: Sequence[Part]) -> int:
    """The number of the oldest packet in them."""
    return parts[0].start if parts else 0


def holding(parts: Sequence[Part], number: int) -> int:
    """Which part a packet is in."""
    return bisect.bisect_right([part.start for part in parts], number) - 1

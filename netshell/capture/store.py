"""The packets of one capture, append only: raw as they came, indexed when somebody looks.

A source's thread adds; any thread reads, counts and waits. Nothing is decoded here before
:meth:`Store.parts` is called, so adding costs the same whatever is in the packets.

Invariant: a packet's number never changes. Parts may be merged with their neighbours, never
reordered.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from netshell.capture.block import Block, Piece, index
from netshell.capture.merge import concatenated
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

    def selected(self, rows: Any, start: int) -> Part:
        """Some of its packets as a part of another capture; the bytes are shared."""
        columns = None if self._columns is None else self._columns[rows]
        return Part(self.chunk[rows], start, columns)

    def joined(self, other: Part) -> Part:
        """This part and the one behind it as one."""
        both = (self._columns, other._columns)
        known = [columns for columns in both if columns is not None]
        chunk = concatenated(self.chunk, other.chunk)
        return Part(chunk, self.start, Columns.concat(known) if len(known) == 2 else None)


class Store:
    """What a capture holds; ``limit`` packets at most (``count=``)."""

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        self.total = 0
        self.ended = False
        self._changed = threading.Condition()
        self._reading = threading.Lock()
        self._pending: list[Piece] = []
        self._parts: list[Part] = []

    @classmethod
    def of(cls, parts: Sequence[Part]) -> Store:
        """A store that is complete, with parts of other captures."""
        store = cls()
        store._parts = list(parts)
        store.total = sum(map(len, parts))
        store.ended = True
        return store

    @property
    def is_full(self) -> bool:
        return self.limit is not None and self.total >= self.limit

    def add(self, pieces: Sequence[Piece]) -> None:
        """Append packets; what goes beyond the limit is left out."""
        with self._changed:
            for piece in pieces:
                room = len(piece) if self.limit is None else self.limit - self.total
                if room <= 0:
                    break
                self._pending.append(piece if room >= len(piece) else _first(piece, room))
                self.total += min(room, len(piece))
            self._changed.notify_all()

    def end(self) -> None:
        """No more will come: wakes everybody who waits for more."""
        with self._changed:
            self.ended = True
            self._changed.notify_all()

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
                self._settle()
            return tuple(self._parts)

    def _settle(self) -> None:
        """Index some of what is pending and append it as parts."""
        with self._changed:
            taken = _group(self._pending)
        first = taken[0]
        if isinstance(first, Chunk):
            chunk = first
        else:
            chunk = index([piece for piece in taken if isinstance(piece, Block)])
        for at in range(0, len(chunk), PART_PACKETS):
            start = self._parts[-1].end if self._parts else 0
            self._parts.append(Part(chunk[at : at + PART_PACKETS], start))
            self._merge()
        with self._changed:
            del self._pending[: len(taken)]

    def _merge(self) -> None:
        """Join small neighbours of about one size: each packet is copied a few times at most."""
        while len(self._parts) > 1:
            before, last = self._parts[-2:]
            if (
                len(before) > 2 * len(last)
                or len(before) + len(last) > PART_PACKETS
                or before.chunk.data.nbytes + last.chunk.data.nbytes > PART_BYTES
            ):
                break
            self._parts[-2:] = [before.joined(last)]


def _first(piece: Piece, count: int) -> Piece:
    return piece.first(count) if isinstance(piece, Block) else piece[:count]


def _group(pending: list[Piece]) -> list[Piece]:
    """What is indexed together: one chunk, or blocks up to a part's size."""
    if isinstance(pending[0], Chunk):
        return pending[:1]
    taken: list[Piece] = []
    packets = size = 0
    for piece in pending:
        if isinstance(piece, Chunk):
            break
        packets += len(piece)
        size += len(piece.data)
        if taken and (packets > PART_PACKETS or size > PART_BYTES):
            break
        taken.append(piece)
    return taken

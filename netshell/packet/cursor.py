"""Where decoding stands in many frames at once, and how headers are read there.

Every layer reads a whole column of headers with one gather: the bytes are viewed as overlapping
items of the header's size (stride 1), indexed by the frames' positions, and the result is viewed
as a structured array whose fields are the header's.

Invariant: a byte at or beyond a frame's ``end`` is never read, so a short frame yields missing
values and never its neighbour's bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Rows = slice | NDArray[np.intp]
"""Which frames a layer concerns: ``slice(None)`` for all (then nothing is copied), or indexes."""

EVERY = slice(None)

LOST = 1 << 62
"""Position of a frame in which a header was cut or broken: no place is known from there on."""


def rows_where(mask: NDArray[np.bool_]) -> Rows | None:
    """The rows a mask selects: EVERY where it is all true, None where it is all false."""
    count = np.count_nonzero(mask)
    if count == len(mask):
        return EVERY if count else None
    return np.flatnonzero(mask) if count else None


WINDOW = 96
"""Bytes of each frame that are copied together first: nearly all headers end within."""


class Cursor:
    """Absolute positions into ``data``, one of each per frame; layers move them along.

    Touching the capture's memory is what costs most, so the first bytes of all frames are
    gathered once, and headers that lie within are read from there.
    """

    __slots__ = (
        "_fresh",
        "_shift",
        "_window",
        "begin",
        "data",
        "end",
        "position",
        "transport",
        "wire_end",
    )

    def __init__(
        self,
        data: NDArray[np.uint8],
        begin: NDArray[np.int64],
        captured_len: NDArray[np.uint32],
        wire_len: NDArray[np.uint32],
    ) -> None:
        self.data = data
        self.begin = begin  # of the frames
        self.position = begin.copy()  # the next byte to decode, or LOST
        # First byte that was not captured, or belongs to padding; and where that would be had
        # nothing been cut off.
        self.end = np.minimum(begin + captured_len, len(data))
        self.wire_end = begin + np.maximum(wire_len, captured_len)
        # The IP protocol to decode at position; -1: none.
        self.transport = np.full(len(begin), -1, np.int16)
        self._window = first_bytes(data, begin, WINDOW)
        self._shift = begin - WINDOW * np.arange(len(begin))
        self._fresh = True  # nothing was moved yet

    def read(self, rows: Rows, layout: np.dtype[np.void]) -> Headers:
        """The headers of ``rows`` at their positions."""
        size = layout.itemsize
        position = self.position[rows]
        room = self.end[rows] - position
        if not len(room):
            return Headers(np.empty(0, layout), None)
        if room.min() < size:
            return _read_short(self.data, position, room, layout)
        if rows is EVERY and self._fresh and size <= WINDOW:
            # All at their frames' first byte: the window itself has the headers, row by row.
            return Headers(np.ndarray(len(position), layout, self._window, 0, (WINDOW,)), None)
        if (position - self.begin[rows]).max() + size <= WINDOW:
            found = _items(self._window, size)[position - self._shift[rows]]
        else:
            found = _items(self.data, size)[position]
        return Headers(found.view(layout), None)

    def inside(self, rows: NDArray[np.intp]) -> Cursor:
        """A cursor of its own for some frames, standing where this one stands in them."""
        made = object.__new__(Cursor)
        made.data, made._window, made._shift = self.data, self._window, self._shift[rows]
        made.begin, made.position = self.begin[rows], self.position[rows]
        made.end, made.wire_end = self.end[rows], self.wire_end[rows]
        made.transport = np.full(len(rows), -1, np.int16)
        made._fresh = False
        return made

    def replace(self, rows: NDArray[np.intp], other: Cursor, chosen: NDArray[np.intp]) -> None:
        """Moves some frames to where another cursor stands in its ``chosen`` ones."""
        for name in ("position", "end", "wire_end", "transport"):
            getattr(self, name)[rows] = getattr(other, name)[chosen]

    def skip(self, rows: NDArray[np.intp], sizes: Array | int) -> None:
        """Moves on by ``sizes`` bytes, which are known to be there."""
        self._fresh = False
        self.position[rows] += sizes

    def advance(self, rows: Rows, header: Headers, sizes: Array | None = None) -> None:
        """Moves behind headers, where they came whole; ``sizes`` if they are not the layout's."""
        self._fresh = False
        size = header.raw.dtype.itemsize if sizes is None else sizes
        if header.have is None:
            self.position[rows] += size
        else:
            self.position[rows] = np.where(header.whole(), self.position[rows] + size, LOST)


@dataclass(slots=True)
class Headers:
    """M headers as a structured array; bytes that were not captured are zero in it.

    ``have`` is None where all came whole, else the bytes there are of each.
    """

    raw: NDArray[np.void]
    have: NDArray[np.int64] | None

    def __getitem__(self, name: str) -> Array:
        """A field as it stands; where it was cut in the middle its last bytes are zero."""
        values: Array = self.raw[name]
        return values

    def field(self, name: str, missing: int) -> Array:
        """A field, ``missing`` where it was not captured whole; wide enough to hold that."""
        values: Array = self.raw[name]
        if self.have is None:
            return values
        gone = ~self.whole(name)
        values = values.astype(np.int64) if missing < 0 else values.copy()
        values[gone] = missing
        return values

    def whole(self, name: str | None = None) -> NDArray[np.bool_]:
        """Where the field (None: the whole header) was captured to its last byte."""
        if self.have is None:
            return np.ones(len(self.raw), np.bool_)
        mask: NDArray[np.bool_] = self.have >= end_of(self.raw.dtype, name)
        return mask


def end_of(layout: np.dtype[Any], name: str | None) -> int:
    """The byte behind a field of a header layout (None: behind the header)."""
    if name is None or layout.fields is None:
        return layout.itemsize
    kind, start = layout.fields[name][:2]
    return start + kind.itemsize


def _read_short(
    data: NDArray[np.uint8],
    position: NDArray[np.int64],
    room: NDArray[np.int64],
    layout: np.dtype[np.void],
) -> Headers:
    """Headers of which some have only ``room`` bytes, or none at all (zero or less)."""
    size = layout.itemsize
    raw = np.zeros(len(position), f"V{size}")
    fits = room >= size
    if fits.any():
        raw[fits] = _items(data, size)[position[fits]]
    short = np.flatnonzero(~fits & (room > 0))
    octets = raw.view(np.uint8).reshape(-1, size)
    for k in range(size - 1):
        short = short[room[short] > k]
        octets[short, k] = data[position[short] + k]
    return Headers(raw.view(layout), np.clip(room, 0, size))


def first_bytes(data: NDArray[np.uint8], begin: NDArray[np.int64], size: int) -> NDArray[np.uint8]:
    """The first bytes from each place on, end to end; zeros beyond the end of ``data``."""
    last = len(data) - size
    if len(begin) and last >= 0 and begin.max() <= last:
        return _items(data, size)[begin].view(np.uint8)
    window = np.zeros(len(begin), f"V{size}")
    inside = begin <= last
    if inside.any():
        window[inside] = _items(data, size)[begin[inside]]
    tail_begin = max(last, 0)
    tail = np.concatenate([data[tail_begin:], np.zeros(size, np.uint8)])
    window[~inside] = _items(tail, size)[np.minimum(begin[~inside], len(data)) - tail_begin]
    return window.view(np.uint8)


def _items(data: NDArray[np.uint8], size: int) -> Array:
    """The bytes as overlapping items of ``size`` bytes, one starting at each byte."""
    count = max(len(data) - size + 1, 0)
    return np.ndarray(count, f"V{size}", data, 0, (1,))

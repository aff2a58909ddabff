"""Where decoding stands in many frames at once, and how headers are read there.

Every layer reads a whole column of headers with one gather: the bytes are viewed as overlapping
items of the header's size (stride 1), indexed by the frames' positions, and the result is viewed
as a structured array whose fields are the header's. No copy of the capture is made.

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


@dataclass(slots=True)
class Cursor:
    """Absolute positions into ``data``, one of each per frame; layers move them along."""

    data: NDArray[np.uint8]
    position: NDArray[np.int64]  # the next byte to decode, or LOST
    end: NDArray[np.int64]  # first byte that was not captured, or belongs to padding
    wire_end: NDArray[np.int64]  # where end would be had nothing been cut off
    transport: NDArray[np.int16]  # the IP protocol to decode at position; -1: none

    def read(self, rows: Rows, layout: np.dtype[np.void]) -> Headers:
        """The headers of ``rows`` at their positions."""
        return read(self.data, self.position[rows], self.end[rows], layout)

    def advance(self, rows: Rows, header: Headers, sizes: Array | None = None) -> None:
        """Moves behind headers, where they came whole; ``sizes`` if they are not the layout's."""
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


def read(
    data: NDArray[np.uint8],
    position: NDArray[np.int64],
    end: NDArray[np.int64],
    layout: np.dtype[np.void],
) -> Headers:
    """Headers of one layout at M positions, none of them read beyond its ``end``."""
    size = layout.itemsize
    room = end - position
    if not len(room) or room.min() >= size:
        return Headers(_items(data, size)[position].view(layout), None)
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


def _items(data: NDArray[np.uint8], size: int) -> Array:
    """The bytes as overlapping items of ``size`` bytes, one starting at each byte."""
    count = max(len(data) - size + 1, 0)
    return np.ndarray(count, f"V{size}", data, 0, (1,))

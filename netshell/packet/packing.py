"""Frames and what belongs before and behind them, laid out as records in one stretch of bytes.

Frames are copied together, by numpy: those of a size that many have in one go, others in two
overlapping pieces whose size is a power of two. That takes some ten nanoseconds a packet and what
the bytes take, however many sizes there are; a loop would take some hundred.

Behind the frames stands what was lost of them: interface statistics, section 4.6 of
https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/ .
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.packet.chunk import Chunk

STATISTICS = 5
"""The block type of interface statistics."""

ISB_STARTTIME, ISB_ENDTIME, ISB_IFRECV, ISB_IFDROP = 2, 3, 4, 5
"""Their options."""

COMMON = 64
"""A size that one of so many frames has is common; of such sizes there are no more, then."""

COUNTED = 64
"""Sizes are counted if the largest is no more than so many times the frames: it is a table."""

Room = Callable[[int], NDArray[np.uint8]]
"""Where so many bytes are to go: memory of that size, whatever is in it."""


def fresh(size: int) -> NDArray[np.uint8]:
    """Memory of its own."""
    return np.empty(size, np.uint8)


Places = NDArray[np.int64] | range
"""Where items begin; a range where they are evenly spaced, and nothing need be looked up."""


def in_a_row(lengths: NDArray[np.int64]) -> Places:
    """Where stretches of these lengths, none of them empty, begin one behind the other."""
    if len(lengths) and (lengths == lengths[0]).all():
        step = int(lengths[0])
        return range(0, len(lengths) * step, step)
    places: NDArray[np.int64] = np.cumsum(lengths) - lengths
    return places


def evenly(at: NDArray[np.int64]) -> Places:
    """The places as a range, if they are one and ascend."""
    if not len(at):
        return at
    count, first = len(at), int(at[0])
    step = int(at[1]) - first if count > 1 else 1
    if step > 0 and int(at[-1]) - first == step * (count - 1) and (at[1:] - at[:-1] == step).all():
        return range(first, first + step * count, step)
    return at


def behind(at: Places, distance: int) -> Places:
    """The places so many bytes further on."""
    if isinstance(at, range):
        return range(at.start + distance, at.stop + distance, at.step)
    return at + distance


def listed(at: Places) -> NDArray[np.int64]:
    """The places one by one."""
    return np.arange(at.start, at.stop, at.step) if isinstance(at, range) else at


def put(out: NDArray[np.uint8], at: Places, items: NDArray[Any]) -> None:
    """Copy items of one size (any dtype, one each place or one for all) to ``out[at]``."""
    if len(at):
        places, which = _items(out, at, items.dtype.itemsize)
        places[which] = items.view(f"V{items.dtype.itemsize}")


def put_frames(out: NDArray[np.uint8], at: Places, chunk: Chunk) -> None:
    """Copy the chunk's frames to ``out[at]``."""
    if not len(chunk):
        return
    sizes = chunk.captured_len
    if (sizes == sizes[0]).all():
        put_even(out, at, chunk.data, evenly(chunk.offset), int(sizes[0]))
    else:
        put_uneven(out, listed(at), chunk.data, chunk.offset, sizes)


def put_uneven(
    out: NDArray[np.uint8],
    target: NDArray[np.int64],
    data: NDArray[np.uint8],
    source: NDArray[np.int64],
    sizes: NDArray[np.uint32],
) -> None:
    """Copy stretches of ``data`` of these sizes to ``out[target]``."""
    left = np.ones(len(sizes), np.bool_)
    for size in _common(sizes):
        alike = sizes == size
        rows = np.flatnonzero(alike)
        put_even(out, target[rows], data, source[rows], size)
        left ^= alike
    rows = np.flatnonzero(left)
    if len(rows):
        _put_others(out, target[rows], data, source[rows], sizes[rows])


def _common(sizes: NDArray[np.uint32]) -> list[int]:
    """Sizes that many have, if any; what traffic is made of as a rule."""
    if not len(sizes) or int(sizes.max()) > COUNTED * len(sizes):
        return []
    return np.flatnonzero(np.bincount(sizes) > max(len(sizes) // COMMON, 8)).tolist()


def _put_others(
    out: NDArray[np.uint8],
    target: NDArray[np.int64],
    data: NDArray[np.uint8],
    source: NDArray[np.int64],
    sizes: NDArray[np.uint32],
) -> None:
    """The same in two overlapping pieces, however many sizes there are."""
    power = np.frexp(sizes.astype(np.float32))[1]  # 2 ** (power - 1) <= size < 2 ** power
    for each in np.flatnonzero(np.bincount(power)).tolist():
        rows = np.flatnonzero(power == each)
        size = 1 << each >> 1
        to, start = target[rows], source[rows]
        rest = sizes[rows].astype(np.int64) - size  # what the first piece leaves; none: once more
        put_even(out, to, data, start, size)
        put_even(out, to + rest, data, start + rest, size)


def put_even(
    out: NDArray[np.uint8], to: Places, data: NDArray[np.uint8], source: Places, size: int
) -> None:
    """Copy stretches of ``data`` of one size to ``out[to]``."""
    if size:
        places, which = _items(out, to, size)
        items, chosen = _items(data, source, size)
        places[which] = items[chosen]


def _items(data: NDArray[np.uint8], at: Places, size: int) -> tuple[NDArray[np.void], Any]:
    """Stretches of ``size`` bytes as items, and which of them are those at the places."""
    if isinstance(at, range):
        return np.ndarray(len(at), f"V{size}", data, at.start, (at.step,)), slice(None)
    # Every stretch, whatever place it starts at.
    return np.ndarray(max(len(data) - size + 1, 0), f"V{size}", data, 0, (1,)), at


@dataclass(frozen=True, slots=True)
class Statistics:
    """What an interface counted over a whole capture; None for what is not known."""

    received: int | None = None
    """Packets that passed the filter, the dropped ones included."""
    dropped: int | None = None
    """Packets of these that are not in the file, whoever lost them: that is what dumpcap writes
    and what Wireshark shows as dropped."""
    began_ns: int | None = None
    ended_ns: int | None = None


def statistics_block(interface: int, counted: Statistics) -> bytes:
    """An interface statistics block (little endian) for an interface that counts nanoseconds.

    ``interface`` is its number in the section: the place of its description. The block belongs
    behind the last packet.

    >>> len(statistics_block(0, Statistics(received=12, dropped=2)))
    52
    """
    options = b""
    for code, time_ns in ((ISB_STARTTIME, counted.began_ns), (ISB_ENDTIME, counted.ended_ns)):
        if time_ns is not None and time_ns >= 0:  # the format has no others
            options += struct.pack("<HHII", code, 8, *_halves(time_ns))
    for code, count in ((ISB_IFRECV, counted.received), (ISB_IFDROP, counted.dropped)):
        if count is not None:
            options += struct.pack("<HHQ", code, 8, count)
    at = _halves(counted.ended_ns or counted.began_ns or 0)
    body = struct.pack("<III", interface, *at) + options + bytes(4)
    length = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", STATISTICS) + length + body + length


def _halves(time_ns: int) -> tuple[int, int]:
    """A time as the format has it: its upper 32 bits, then the lower ones."""
    ticks = max(time_ns, 0)
    return ticks >> 32, ticks & 0xFFFFFFFF

"""Frames and what belongs before and behind them, laid out as records in one stretch of bytes.

Records of a size are copied together, by numpy: a few nanoseconds a packet where a loop takes
some hundred. What is left over (sizes that only few frames have) is copied one by one.

Behind the frames stands what was lost of them: interface statistics, section 4.6 of
https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/ .
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.packet.chunk import Chunk

STATISTICS = 5
"""The block type of interface statistics."""

ISB_STARTTIME, ISB_ENDTIME, ISB_IFRECV, ISB_IFDROP = 2, 3, 4, 5
"""Their options."""

FEW = 6  # frames of one size from which on copying them together is faster


def put(out: NDArray[np.uint8], at: NDArray[np.int64], items: NDArray[Any]) -> None:
    """Copy items of one size (any dtype, one each place) to ``out[at]``."""
    if len(at):
        _overlapping(out, items.dtype.itemsize)[at] = items.view(f"V{items.dtype.itemsize}")


def put_frames(out: NDArray[np.uint8], at: NDArray[np.int64], chunk: Chunk) -> None:
    """Copy the chunk's frames to ``out[at]``."""
    if not len(chunk):
        return
    sizes = chunk.captured_len.astype(np.int64)
    if (sizes == sizes[0]).all():
        _copy(out, at, chunk.data, chunk.offset, int(sizes[0]))
        return
    order = np.argsort(sizes, kind="stable")
    ends = np.flatnonzero(np.diff(sizes[order], append=-1)) + 1
    start = 0
    for end in ends.tolist():
        rows = order[start:end]
        size = int(sizes[rows[0]])
        if end - start >= FEW:
            _copy(out, at[rows], chunk.data, chunk.offset[rows], size)
        else:
            for target, source in zip(at[rows].tolist(), chunk.offset[rows].tolist(), strict=True):
                out[target : target + size] = chunk.data[source : source + size]
        start = end


def _copy(
    out: NDArray[np.uint8],
    to: NDArray[np.int64],
    data: NDArray[np.uint8],
    source: NDArray[np.int64],
    size: int,
) -> None:
    if size:
        _overlapping(out, size)[to] = _overlapping(data, size)[source]


def _overlapping(data: NDArray[np.uint8], size: int) -> NDArray[np.void]:
    """Every stretch of ``size`` bytes as one item, whatever place it starts at."""
    return np.ndarray(max(len(data) - size + 1, 0), f"V{size}", data, 0, (1,))


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
        if time_ns is not None:
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

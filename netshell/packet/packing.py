"""Frames and what belongs before and behind them, laid out as records in one stretch of bytes.

Records of a size are copied together, by numpy: a few nanoseconds a packet where a loop takes
some hundred. What is left over (sizes that only few frames have) is copied one by one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.packet.chunk import Chunk

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

"""Columns of text as arrays of bytes: rows side by side, of which the zero bytes are left out.

Numbers become digits by table, four at a time; so a column costs the same however many rows of
Python it would have taken. Each function gives an array of (rows, width) bytes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.uint8]

_ZERO, _BLANK = 0x30, 0x20


@functools.cache
def _fours() -> NDArray[np.uint32]:
    """The digits of 0 to 9999, four each."""
    made = b"".join(b"%04d" % number for number in range(10_000))
    return np.frombuffer(made, np.uint32)


def _groups(values: NDArray[Any], groups: int) -> Cells:
    """The last four times ``groups`` digits of each value, zeros before them."""
    fours = _fours()
    out = np.empty((len(values), groups), np.uint32)
    left = values.astype(np.uint64)
    for group in range(groups - 1, 0, -1):
        rest = left // np.uint64(10_000)
        out[:, group] = fours.take((left - rest * np.uint64(10_000)).astype(np.intp))
        left = rest
    out[:, 0] = fours.take(left.astype(np.intp))
    return out.view(np.uint8)


def digits(values: NDArray[Any], most: int, least: int = 1) -> Cells:
    """Numbers below ``most`` as decimals; with less than ``least`` digits, behind blanks.

    >>> text(join([digits(np.array([7, 120]), 1000)]))
    '7120'
    """
    count = len(str(most - 1))
    groups = -(-max(count, least) // 4)
    out = _groups(values, groups)
    width = 4 * groups
    for place in range(width - 1):
        small = values < 10 ** (width - 1 - place)
        out[small, place] = _BLANK if place >= width - least else 0
    return out[:, width - max(count, least) :]


def padded(values: NDArray[Any], count: int) -> Cells:
    """Numbers as so many digits, zeros before them."""
    groups = -(-count // 4)
    return _groups(values, groups)[:, 4 * groups - count :]


def words(texts: Sequence[bytes], which: NDArray[np.intp]) -> Cells:
    """One of some texts in each row."""
    made = np.array(texts, np.bytes_) if len(texts) else np.zeros(1, "S1")
    width = max(made.dtype.itemsize, 1)
    return made.view(np.uint8).reshape(-1, width).take(which, axis=0)


def mapped(values: NDArray[Any], name: Callable[[int], str]) -> Cells:
    """What a function says of each value; it is asked once for each that differs."""
    found, which = np.unique(values, return_inverse=True)
    return words([name(value).encode("ascii", "replace") for value in found.tolist()], which)


def same(text: bytes, count: int) -> Cells:
    """The same text in each row."""
    return np.broadcast_to(np.frombuffer(text, np.uint8), (count, len(text)))


def only(cells: Cells, rows: NDArray[np.bool_]) -> Cells:
    """The cells of these rows; nothing in the others."""
    return cells * rows[:, None].astype(np.uint8)


def join(columns: Sequence[Cells]) -> Cells:
    """Columns side by side."""
    return np.concatenate(columns, axis=1)


def text(cells: Cells) -> str:
    """All rows, one behind the other, without the zero bytes."""
    return cells.tobytes().translate(None, b"\0").decode("latin-1")

"""Sequence numbers: arithmetic modulo 2^32 (RFC 9293 section 3.4, comparison as in RFC 1982).

:class:`Seq` is one number; the functions take numpy arrays (or numbers) and work on whole columns.
Two numbers exactly 2^31 apart have no order: neither is less (RFC 1982 section 3.2).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

MODULUS = 1 << 32
HALF = 1 << 31


class Seq(int):
    """A sequence number that wraps and compares as TCP does.

    >>> Seq(0xFFFFFFFF) + 2
    Seq(1)
    >>> Seq(0xFFFFFFFF) < Seq(1), Seq(1) - Seq(0xFFFFFFFF)
    (True, 2)
    """

    __slots__ = ()

    def __new__(cls, value: int) -> Seq:
        return super().__new__(cls, value % MODULUS)

    def __add__(self, count: int) -> Seq:
        return Seq(int(self) + count)

    def __sub__(self, other: int) -> int:
        """Signed distance to another Seq, -2^31 to 2^31 - 1; of a plain int: the Seq before."""
        if isinstance(other, Seq):
            return distance(int(self), int(other))
        return Seq(int(self) - other)

    def __lt__(self, other: int) -> bool:
        return 0 < (int(other) - int(self)) % MODULUS < HALF

    def __gt__(self, other: int) -> bool:
        return 0 < (int(self) - int(other)) % MODULUS < HALF

    def __le__(self, other: int) -> bool:
        return int(self) == int(other) or self < other

    def __ge__(self, other: int) -> bool:
        return int(self) == int(other) or self > other

    def __repr__(self) -> str:
        return f"Seq({int(self)})"

    __str__ = int.__repr__


def distance(later: int, earlier: int) -> int:
    """How far ``later`` is ahead of ``earlier``, -2^31 to 2^31 - 1.

    >>> distance(5, 0xFFFFFFFB)
    10
    """
    return (later - earlier + HALF) % MODULUS - HALF


def distances(later: NDArray[Any], earlier: NDArray[Any] | int) -> NDArray[np.int64]:
    """:func:`distance` for whole columns."""
    ahead = np.asarray(later, np.int64) - np.asarray(earlier, np.int64)
    wrapped: NDArray[np.int64] = ((ahead + HALF) & (MODULUS - 1)) - HALF
    return wrapped


def relative(number: NDArray[Any], base: NDArray[Any] | int) -> NDArray[np.int64]:
    """Numbers counted from a base, 0 to 2^32 - 1."""
    counted: NDArray[np.int64] = (np.asarray(number, np.int64) - np.asarray(base, np.int64)) & (
        MODULUS - 1
    )
    return counted

"""What may be told in one line: bulk, and what repeats itself; a dialogue never is.

Two ends talk by turns where each begins only once all that was said before has been acknowledged,
both ways. Turns of a few packets are what a reader wants to see; what goes on for long without the
other end having its say is bulk. Data that crosses is bulk too: there nobody waits for anybody.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

LONG_NS = 200_000_000  # a silence that may be long, if it is beside the others
_USUAL = 90  # percent of the silences, which a long one is twice as long as
PERIODS = (1, 2, 3, 4)  # packets of a pattern
TIMES = 5  # how often a pattern comes at least, to be told as one


def turns(
    from_client: Mask,
    length: NDArray[np.int64],
    seq: NDArray[np.int64],
    ack: NDArray[np.int64],
    is_tcp: Mask,
) -> NDArray[np.int64]:
    """The number of the turn that each of N packets belongs to.

    ``ack`` is far below any number where there is none; without TCP every answer begins a turn.
    """
    count = len(length)
    data = np.flatnonzero(length > 0)
    begins = np.zeros(count, np.int64)
    if len(data) > 1:
        quiet = np.ones(count, np.bool_)
        for own in (from_client, ~from_client):
            sent = _before(np.where(own, seq + length, _NONE))
            acked = np.maximum.accumulate(np.where(own, _NONE, ack))
            quiet &= acked >= sent
        changed = data[1:][from_client[data[1:]] != from_client[data[:-1]]]
        begins[changed[quiet[changed] | ~is_tcp[changed]]] = 1
    return np.cumsum(begins)


_NONE = -(1 << 62)


def _before(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """The highest of the values before each."""
    highest = np.maximum.accumulate(values)
    return np.concatenate([np.full(min(len(values), 1), _NONE, np.int64), highest[:-1]])


def bulk(plain: Mask, turn: NDArray[np.int64], least: int) -> Mask:
    """Which of the plain packets are of turns with so many of them."""
    if not len(plain):
        return plain
    many = np.bincount(turn[plain], minlength=int(turn[-1]) + 1) >= least
    found: Mask = plain & many[turn]
    return found


def long_gaps(gap_ns: NDArray[np.int64]) -> Mask:
    """Which silences are long, by themselves and beside the others."""
    if not len(gap_ns):
        return np.zeros(0, np.bool_)
    found: Mask = gap_ns >= max(LONG_NS, 2 * float(np.percentile(gap_ns, _USUAL)))
    return found


def repeated(key: NDArray[Any], allowed: Mask, edge: int) -> Mask:
    """Which packets repeat what came before: the same ``key`` after so many packets, often enough.

    The first time that a pattern comes is not among them, as far as it is longer than ``edge``.
    """
    found = np.zeros(len(key), np.bool_)
    for period in PERIODS:
        if len(key) < TIMES * period:
            break
        same = (key[period:] == key[:-period]) & allowed[period:] & allowed[:-period]
        sides = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
        for first, behind in zip(sides[::2].tolist(), sides[1::2].tolist(), strict=True):
            if behind - first >= (TIMES - 1) * period:
                found[first + max(period - edge, 0) : behind + period] = True
    return found

"""Which of many overlapping stretches has each place: the one that came first.

A stretch is ``start`` to ``end`` (exclusive), int64; of those that have a place, the one that
stands first in the arrays wins it. Nothing here is as large as the places are apart: N stretches
give 2 N - 1 pieces at most, in O(N log N).
"""

from __future__ import annotations

import heapq
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]


class Pieces(NamedTuple):
    """P stretches that do not overlap, ascending; ``who`` is the number of each one's winner."""

    start: Places
    end: Places
    who: NDArray[np.intp]

    def taken(self, which: Any) -> Pieces:
        """The pieces that a mask, slice or index array selects."""
        return Pieces(self.start[which], self.end[which], self.who[which])


def cover(start: Places, end: Places) -> Pieces:
    """What N stretches cover, each place once; empty ones cover nothing.

    >>> pieces = cover(np.array([4, 0]), np.array([6, 5]))
    >>> pieces.start.tolist(), pieces.end.tolist(), pieces.who.tolist()
    ([0, 4], [4, 6], [1, 0])
    """
    index = np.arange(len(start))
    if not (end > start).all():
        index = np.flatnonzero(end > start)
        start, end = start[index], end[index]
    if (start[1:] >= end[:-1]).all():  # as they were sent
        return Pieces(start, end, index)
    by_start = np.argsort(start, kind="stable")  # of one start, the first comes first
    pieces = Pieces(start, end, index).taken(by_start)
    pieces = pieces.taken(~_shadowed(pieces))
    top = np.maximum.accumulate(pieces.end)
    joins = pieces.start[1:] < top[:-1]  # the one before, or one before that
    if not joins.any():
        return pieces
    alone = ~(np.append(False, joins) | np.append(joins, False))
    clean, mixed = pieces.taken(alone), _swept(pieces.taken(~alone))
    both = Pieces(*(np.concatenate(parts) for parts in zip(clean, mixed, strict=True)))
    return both.taken(np.argsort(both.start, kind="stable"))


def holes(pieces: Pieces, begin: int, end: int) -> tuple[Places, Places]:
    """Where the stretches between ``begin`` and ``end`` start and end that no piece covers.

    The pieces lie between the two.
    """
    starts = np.append(np.int64(begin), pieces.end)
    ends = np.append(pieces.start, np.int64(end))
    open_ = ends > starts
    return starts[open_], ends[open_]


def apart(lane: NDArray[np.intp], start: Places, end: Places) -> tuple[Places, Places]:
    """Stretches, sorted by lane, moved so that each lane's lie above those of the one before."""
    begin = np.flatnonzero(np.diff(lane, prepend=-1))
    size = np.diff(np.append(begin, len(lane)))
    low = np.minimum.reduceat(start, begin)
    lift = np.cumsum(np.maximum.reduceat(end, begin) - low)
    lift = np.repeat(np.append(0, lift[:-1]) - low, size)
    return start + lift, end + lift


def union(start: Places, end: Places) -> tuple[Places, Places]:
    """What the stretches cover together, as the fewest there can be, ascending."""
    full = end > start
    start, end = start[full], end[full]
    order = np.argsort(start, kind="stable")
    start, top = start[order], np.maximum.accumulate(end[order])
    if not len(start):
        return start, top
    begins = np.append(True, start[1:] > top[:-1])
    return start[begins], top[np.append(begins[1:], True)]


def within(place: Places, start: Places, end: Places) -> NDArray[np.bool_]:
    """Which places lie in one of the stretches, which are ascending and apart."""
    found = np.searchsorted(start, place, side="right") - 1
    return (found >= 0) & (place < np.append(end, np.int64(0))[found])


def distinct(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """The values, ascending, each once; numpy's own loads its masked arrays at first use."""
    values = np.sort(values)
    return values[np.append(True, values[1:] != values[:-1])] if len(values) else values


def _shadowed(pieces: Pieces) -> NDArray[np.bool_]:
    """Which stretches, sorted by start, an earlier one covers whole: most retransmissions.

    Only the stretch that reaches furthest is asked; what escapes it is left to the sweep.
    """
    end, rows = pieces.end, np.arange(len(pieces.end))
    top = np.maximum.accumulate(end)
    reaches = np.append(True, end[1:] > top[:-1])
    furthest = np.maximum.accumulate(np.where(reaches, rows, 0))
    before = np.append(0, furthest[:-1])
    found: NDArray[np.bool_] = (pieces.who[before] < pieces.who) & (end[before] >= end)
    found[:1] = False
    return found


def _swept(pieces: Pieces) -> Pieces:
    """The same by going through the places with the stretches open there in a heap."""
    start, end, rank = (array.tolist() for array in pieces)
    heap: list[tuple[int, int]] = []  # rank and end
    out: list[tuple[int, int, int]] = []
    at, next_, count = start[0], 0, len(start)
    while next_ < count or heap:
        if not heap:
            at = max(at, start[next_])
        while next_ < count and start[next_] <= at:
            heapq.heappush(heap, (rank[next_], end[next_]))
            next_ += 1
        while heap and heap[0][1] <= at:
            heapq.heappop(heap)
        if not heap:
            continue
        best, until = heap[0]
        # The winner keeps everything up to its end, or to the start of one that came before it.
        while next_ < count and start[next_] < until:
            if rank[next_] < best:
                until = start[next_]
                break
            heapq.heappush(heap, (rank[next_], end[next_]))
            next_ += 1
        if out and out[-1][2] == best and out[-1][1] == at:
            out[-1] = (out[-1][0], until, best)
        else:
            out.append((at, until, best))
        at = until
    table = np.array(out, np.int64).reshape(-1, 3)
    return Pieces(table[:, 0], table[:, 1], table[:, 2].astype(np.intp))

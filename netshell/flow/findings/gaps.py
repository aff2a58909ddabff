"""Which segments acknowledge what the capture has not seen.

Wireshark follows, for each side, the number up to which what it sent can be acknowledged without
surprise: it goes on with every segment that starts there, and then jumps to the highest number
seen (a SYN that comes again takes that one back instead). While it is below that, something is
missing. That is looked at row by row; elsewhere the two are the same, and an acknowledgment is too
high if it is beyond the highest number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running

Rows = NDArray[np.intp]


def over_acknowledged(run: Running) -> tuple[Rows, Rows]:
    """Rows that acknowledge more than was ever seen; and those to be reported."""
    segments = run.segments
    peer = run.peer
    # Where nothing is missing: beyond the highest number that the other side has sent.
    rows = np.flatnonzero(run.acknowledges & (peer >= 0))
    rows = rows[segments.ack[rows] > run.reached[peer[rows]]]
    # A segment that goes beyond the highest number without starting there: something is missing.
    holes = np.flatnonzero(run.raises & (run.expected != segments.seq) & (run.previous >= 0))
    beyond, inside = _follow(run, holes, rows)
    if not len(beyond):
        return beyond, inside
    # Reported once: not again before the other side acknowledges something new itself, nor if
    # it has sent duplicate acknowledgments meanwhile.
    last = peer[beyond]
    change = run.ack_change[last]
    quiet = run.duplicates_up_to(last, change) == 0
    before = np.full(len(beyond), -1, np.intp)
    own = segments.from_client[beyond]
    for side in (True, False):
        mine = np.flatnonzero(own == side)
        before[mine[1:]] = beyond[mine[:-1]]
    before[before < run.start[beyond]] = -1
    first = beyond[quiet & (before < change)]
    return beyond, np.union1d(first, inside)


def _follow(run: Running, holes: Rows, high: Rows) -> tuple[Rows, Rows]:
    """The rows beyond everything seen (of ``high``, those outside of gaps), and those that
    acknowledge over a gap."""
    if not len(holes):
        return high, holes
    segments = run.segments
    begin = segments.begin
    flows = np.searchsorted(begin, holes, "right") - 1
    put_back = set(run.put_back.tolist())
    within: list[int] = []
    closed: list[tuple[int, int, bool]] = []  # from row, up to row, of which side the gap is
    until = {True: -1, False: -1}
    flow, seq, ack, client, first = -1, [0], [0], [True], 0
    sides = segments.from_client[holes].tolist()
    limits = run.expected[holes].tolist()
    for at, of, side, limit in zip(holes.tolist(), flows.tolist(), sides, limits, strict=True):
        if of != flow:
            flow, first = of, int(begin[of])
            rows = slice(first, int(begin[of + 1]))
            seq, ack = segments.seq[rows].tolist(), segments.ack[rows].tolist()
            client = segments.from_client[rows].tolist()
            until = {True: -1, False: -1}
        if at <= until[side]:
            continue
        end = len(seq)
        for row in range(at - first + 1, end):
            if client[row] == side:
                if row + first in put_back:  # what it brings itself may leave a gap again
                    end = row - 1
                    break
                if seq[row] == limit:  # no probe: that is at the highest number
                    end = row
                    break
            elif ack[row] > limit:
                within.append(row + first)
                end = row
                break
        until[side] = end + first
        closed.append((at, end + first, side))
    return _outside(run, high, closed), np.array(within, np.intp)


def _outside(run: Running, high: Rows, closed: list[tuple[int, int, bool]]) -> Rows:
    """Those of some rows that are in no gap of the other side."""
    own = run.segments.from_client[high]
    keep = np.ones(len(high), np.bool_)
    for side in (True, False):
        gaps = [(a, b) for a, b, of in closed if of == side]
        if not gaps:
            continue
        starts = np.array([a for a, _ in gaps])
        ends = np.array([b for _, b in gaps])
        at = np.searchsorted(starts, high, "right") - 1
        inside = (at >= 0) & (high <= ends[at]) & (own != side)
        keep &= ~inside
    return high[keep]

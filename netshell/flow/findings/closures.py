"""How long windows stayed closed: the time in which the other side had to stand still."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.once import once
from netshell.flow.reuse import ACK, RST, SYN

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


class Closures(NamedTuple):
    """C stretches in which one side's window was 0: rows of the first and of what ended it."""

    first: NDArray[np.intp]
    opened: NDArray[np.intp]  # the side's next segment with a window; -1: none was captured
    until: NDArray[np.intp]  # that, or the flow's last segment
    from_client: NDArray[np.bool_]  # whose window it is


@once
def closures(run: Running) -> Closures:
    """All of them, of all flows, in the order of their lanes (flow, side)."""
    segments = run.segments
    lane, begins = run.lanes
    # A RST has no window, and that of a SYN is none that data was waiting for.
    tells = (segments.flags[lane] & (SYN | RST | ACK)) == ACK
    number = np.zeros(len(lane), np.intp)
    number[begins] = 1
    number = np.cumsum(number)[tells]
    rows = lane[tells]
    closed = segments.window[rows] == 0
    same = number[1:] == number[:-1]
    starts = closed.copy()
    starts[1:] &= ~(closed[:-1] & same)
    begin = np.flatnonzero(starts)
    ends = np.append(np.flatnonzero(~closed), len(rows))
    at = ends[np.searchsorted(ends, begin)]  # the next one with a window, of this side or later
    inside = at < len(rows)
    inside[inside] = number[at[inside]] == number[begin[inside]]
    first = rows[begin]
    opened = np.full(len(first), -1, np.intp)
    opened[inside] = rows[at[inside]]
    last = segments.begin[np.searchsorted(segments.begin, first, "right")] - 1
    until = np.where(opened >= 0, opened, last)
    return Closures(first, opened, until, segments.from_client[first])


def reopened(run: Running, row: int) -> int | None:
    """The segment that opens the window which one row says is closed; None without."""
    found = closures(run)
    mine = np.flatnonzero(
        (found.first <= row) & (found.until >= row)
        & (found.from_client == run.segments.from_client[row])
        & (run.start[found.first] == run.start[row])
    )  # fmt: skip
    opened = int(found.opened[mine[-1]]) if len(mine) else -1
    return opened if opened >= 0 else None

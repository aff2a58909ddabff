"""The sequence number that each segment's side was expected to go on with.

It is the highest number sent before, plus one. Two things go back and forth with it: a zero window
probe, which it takes to know one, does not raise it; and a SYN that comes again while something is
missing puts it back to the end of what was seen without a gap (a RST with the number of a stray
acknowledgment may have put it anywhere, RFC 9293 section 3.5.1). Both are rare, and looked at one
by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.reuse import ACK, SYN
from netshell.flow.segments import UNKNOWN

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running

Rows = NDArray[np.intp]
Ints = NDArray[np.int64]


def expectation(run: Running) -> tuple[Ints, Rows, Rows]:
    """The expected numbers, UNKNOWN at a side's first segment; the zero window probes; the SYNs
    that put it back."""
    segments = run.segments
    lane, begins = run.lanes
    place = np.empty(len(lane), np.intp)
    place[lane] = np.arange(len(lane))
    again = put_back(run)
    rows = np.array(sorted(again), np.intp)
    places = np.concatenate([begins, place[rows]])
    seeds = np.concatenate(
        [np.full(len(begins), UNKNOWN), np.array([again[row] for row in rows.tolist()], np.int64)]
    )
    order = np.argsort(places, kind="stable")
    begins, seeds = places[order], seeds[order]
    end = segments.end[lane]
    suspects = np.flatnonzero(segments.length == 1)
    peer = run.peer[suspects]
    suspects = suspects[(peer >= 0) & (segments.window[peer] == 0)]
    if not len(suspects):
        return _running_max(end, begins, seeds)[place], suspects, rows
    low = end.min()
    masked = end.copy()
    masked[place[suspects]] = low
    before = _running_max(masked, begins, seeds)
    probes = _probes(run, np.sort(place[suspects]), before, begins)
    end[probes] = low
    return _running_max(end, begins, seeds)[place], np.sort(lane[probes]), rows


def _probes(run: Running, places: Rows, before: Ints, begins: Rows) -> list[int]:
    """Which suspects, by their places in the lanes, are zero window probes; ``before`` has the
    numbers expected without any suspect."""
    segments, rows = run.segments, run.lanes[0][places]
    owner = (np.searchsorted(begins, places, "right") - 1).tolist()
    seq, end = segments.seq[rows].tolist(), segments.end[rows].tolist()
    probes, carried, of = [], UNKNOWN, -1
    for i, (at, known) in enumerate(zip(places.tolist(), before[places].tolist(), strict=True)):
        if owner[i] != of:
            of, carried = owner[i], UNKNOWN
        if known != UNKNOWN and seq[i] == max(known, carried):
            probes.append(at)
        else:
            carried = max(carried, end[i])
    return probes


def _running_max(values: Ints, begins: Rows, seeds: Ints) -> Ints:
    """The greatest value of those before each, since the last of ``begins``, and its seed."""
    if not len(values):
        return values
    low, high = np.minimum.reduceat(values, begins), np.maximum.reduceat(values, begins)
    # Each stretch is lifted above the one before it, so that one pass does for all.
    lift = np.cumsum(high - low + 1) - high
    sizes = np.diff(np.append(begins, len(values)))
    lifted = np.repeat(lift, sizes)
    running = np.maximum.accumulate(values + lifted)
    running -= lifted
    running[1:] = running[:-1]
    running[begins] = UNKNOWN
    if (seeds != UNKNOWN).any():
        running = np.maximum(running, np.repeat(seeds, sizes))
    return running


# --- SYNs that come again ---------------------------------------------------------------------


def put_back(run: Running) -> dict[int, int]:
    """The rows of SYNs that come again while something of their side is missing, and up to where
    nothing is: found by following their flows from the start."""
    segments = run.segments
    bare = (segments.flags & (SYN | ACK)) == SYN
    repeated = np.flatnonzero(bare & (run.previous >= 0))
    found: dict[int, int] = {}
    if not len(repeated):
        return found
    flow = np.searchsorted(segments.begin, repeated, "right") - 1
    last = np.append(np.flatnonzero(np.diff(flow)), len(flow) - 1)
    for of, until in zip(flow[last].tolist(), repeated[last].tolist(), strict=True):
        begin = int(segments.begin[of])
        # A first look: mostly, nothing but SYNs came before.
        if not bare[begin:until].all():
            found |= _followed(run, begin, until + 1)
    return found


def _followed(run: Running, begin: int, end: int) -> dict[int, int]:
    """Those among the first rows of one flow."""
    segments, rows = run.segments, slice(begin, end)
    columns = (segments.from_client, segments.flags, segments.seq, segments.end)
    more = (segments.ack, segments.length, segments.window)
    expected = {True: UNKNOWN, False: UNKNOWN}
    covered = {True: UNKNOWN, False: UNKNOWN}
    window = {True: -1, False: -1}
    found = {}
    every = zip(*(array[rows].tolist() for array in (*columns, *more)), strict=True)
    for row, (side, flags, seq, after, ack, length, shown) in enumerate(every, begin):
        if flags & (SYN | ACK) == SYN and covered[side] < expected[side]:
            found[row] = expected[side] = covered[side]
        probe = length == 1 and seq == expected[side] and window[not side] == 0
        if flags & ACK and UNKNOWN < covered[not side] < min(ack, expected[not side]):
            covered[not side] = expected[not side]
        if not probe:
            expected[side] = max(expected[side], after)
            if covered[side] in (UNKNOWN, seq):
                covered[side] = expected[side]
        window[side] = shown
    return found

"""What stands behind a segment that counts as sent again: its first try, a copy, or another one's
SYN,ACK."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.arrival import COPY_NS
from netshell.flow.findings.evidence import asks, same_packet
from netshell.flow.findings.handshakes import flow_of
from netshell.flow.findings.once import once
from netshell.flow.reuse import ACK, FIN, RST, SYN

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running

_REACH = 1 << 37  # relative numbers are nearer to 0 than that
_WITHIN = 10_000  # segments that are looked back at: a sentence costs no more in a long flow


def strays(run: Running) -> NDArray[np.intp]:
    """SYN,ACKs with another number than the one that their side counts from."""
    segments = run.segments
    rows = np.flatnonzero((segments.flags & (SYN | ACK | RST)) == (SYN | ACK))
    found: NDArray[np.intp] = rows[segments.seq[rows] != 0]
    return found


def is_stray(run: Running, row: int) -> bool:
    """Whether one row is such a SYN,ACK."""
    segments = run.segments
    answer = int(segments.flags[row]) & (SYN | ACK | RST) == SYN | ACK
    return answer and int(segments.seq[row]) != 0


def new_after_all(run: Running, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which of some rows are below nothing but the number of such a SYN,ACK: not sent again."""
    found: NDArray[np.bool_] = _new(run)[rows]
    return found


@once
def _new(run: Running) -> NDArray[np.bool_]:
    """Of every row: its side sent such a SYN,ACK, and apart from those nothing above it before."""
    segments, odd = run.segments, strays(run)
    new = np.zeros(len(segments), np.bool_)
    if not len(odd):
        return new
    lane = 2 * flow_of(run, np.arange(len(segments))) + ~segments.from_client
    touched = np.zeros(2 * len(segments.numbers), np.bool_)
    touched[lane[odd]] = True
    touched_rows = touched[lane]
    touched_rows[odd] = False
    rows = np.flatnonzero(touched_rows)
    rows = rows[np.argsort(lane[rows], kind="stable")]
    first = np.diff(lane[rows], prepend=-1) > 0
    # The highest number so far of each side: those of the next one are lifted above it.
    lift = np.cumsum(first) * (4 * _REACH)
    reached = np.maximum.accumulate(np.clip(segments.end[rows], -_REACH, _REACH) + lift)
    new[rows[1:]] = ~first[1:] & (segments.seq[rows[1:]] + lift[1:] >= reached[:-1])
    return new


@once
def crossings(run: Running) -> NDArray[np.intp]:
    """The first SYN,ACK of a side that opened, too (RFC 9293, figure 7): it has the number of that
    side's SYN, and is the answer to the other one's."""
    segments = run.segments
    kinds = segments.flags & (SYN | ACK | RST)
    lanes = 2 * len(segments.numbers)
    rows = np.flatnonzero(kinds == (SYN | ACK))
    lane = 2 * flow_of(run, rows) + ~segments.from_client[rows]
    _, first = np.unique(lane, return_index=True)
    rows, lane = rows[first], lane[first]
    bare = np.flatnonzero(kinds == SYN)
    seen = np.full(lanes, len(segments))
    np.minimum.at(seen, 2 * flow_of(run, bare) + ~segments.from_client[bare], bare)
    found: NDArray[np.intp] = np.sort(rows[(seen[lane] < rows) & (seen[lane ^ 1] < rows)])
    return found


def first_try(run: Running, row: int) -> int | None:
    """The side's last segment before that had some of what this one carries; None without one."""
    segments = run.segments
    rows = np.arange(max(int(run.start[row]), row - _WITHIN), row)
    rows = rows[segments.from_client[rows] == segments.from_client[row]]
    flags, length = int(segments.flags[row]), int(segments.length[row])
    seq, end = int(segments.seq[row]), int(segments.end[row])
    same = (segments.length[rows] > 0) & (length > 0)
    same &= (segments.seq[rows] < end) & (segments.end[rows] > seq)
    for flag, edge in ((SYN, segments.seq[rows] == seq), (FIN, segments.end[rows] == end)):
        if flags & flag:
            same |= ((segments.flags[rows] & flag) > 0) & edge
    found = rows[same]
    return int(found[-1]) if len(found) else None


def copied(run: Running, row: int) -> int | None:
    """The segment of the same side, numbers and flags less than 2 ms before, if it may be the same
    packet and nothing had asked for another: the network or the capture made one of them."""
    segments = run.segments
    before = int(run.previous[row])
    while before >= 0 and 0 <= segments.time_ns[row] - segments.time_ns[before] < COPY_NS:
        names = ("seq", "ack", "length", "flags")
        if all(getattr(segments, each)[row] == getattr(segments, each)[before] for each in names):
            same = same_packet(run, row, before) and not asks(run, row)
            return before if same else None
        before = int(run.previous[before])
    return None


def twice(run: Running, row: int, first: int) -> str:
    """The words for such a copy."""
    segments = run.segments
    ttl, before = int(segments.ttl[row]), int(segments.ttl[first])
    way = f" with TTL {ttl} for {before}" if ttl != before and min(ttl, before) >= 0 else ""
    names = {segments.field("ip_id", each) for each in (row, first)}
    if len(names) == 1 and min(names) > 0:
        return f"{way}: captured twice, or copied on the way, as it is the same packet (IP id)"
    return f"{way}: probably captured twice, or copied on the way, as nobody repeats so soon"

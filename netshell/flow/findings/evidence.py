"""What a capture proves about a segment beyond its kind: sent again, asked for, thrown away.

The kinds are Wireshark's and go by numbers and times alone. The sentences ask for more: whether
the same bytes were captured before, whether the other side had said that they lack, whether its
buffer was full, whether it had them already, and where the capture was made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.coverage import apart, cover
from netshell.flow.findings.handshakes import flow_at, round_trips
from netshell.flow.findings.once import once
from netshell.flow.findings.words import amount, packet, receiver
from netshell.flow.reuse import SYN
from netshell.flow.sacks import Blocks, sacked
from netshell.packet.chunk import OUTGOING

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running

_ANSWERS = 20  # segments of the other side that are looked at for an answer


@once
def sent_before(run: Running) -> NDArray[np.bool_]:
    """Which segments that came too late in their order carry bytes that were captured before:
    sent again, whatever the time."""
    from netshell.flow.findings import out_of_order

    segments, rows = run.segments, run.rows(out_of_order.find)
    found = np.zeros(len(segments), np.bool_)
    if not len(rows):
        return found
    lane = 2 * (np.searchsorted(segments.begin, np.arange(len(segments)), "right") - 1)
    lane += ~segments.from_client
    touched = np.zeros(2 * len(segments.numbers), np.bool_)
    touched[lane[rows]] = True
    data = np.flatnonzero((segments.length > 0) & touched[lane])
    if not len(data):
        return found
    data = data[np.argsort(lane[data], kind="stable")]
    start = segments.seq[data] + ((segments.flags[data] & SYN) > 0)
    pieces = cover(*apart(lane[data], start, start + segments.length[data]))
    new = np.bincount(data[pieces.who], pieces.end - pieces.start, len(segments))
    found[rows] = new[rows] < segments.length[rows]
    return found


def into_closed(run: Running, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which segments with data went to a side that had said that it takes nothing: window 0, and
    not beyond the segment. It throws them away, and nothing was lost on the way."""
    segments, peer = run.segments, run.peer[rows]
    found: NDArray[np.bool_] = (segments.length[rows] > 0) & (peer >= 0)
    found &= (segments.window[peer] == 0) & run.plain[peer]
    return found & (segments.ack[peer] <= segments.seq[rows])


def is_outgoing(run: Running, row: int) -> bool:
    """Whether it was captured on the very machine that sends it, on its way out."""
    return run.segments.field("direction", row) == OUTGOING


def same_packet(run: Running, one: int, other: int) -> bool:
    """Whether two segments with equal numbers may be the same packet: the IP identification, where
    both have one, and the TCP options are equal (RFC 6864: a copy keeps it)."""
    segments = run.segments
    names = [segments.field("ip_id", row) for row in (one, other)]
    if min(names) > 0 and names[0] != names[1]:
        return False
    return segments.options(one) == segments.options(other)


@once
def _known(run: Running) -> dict[int, Blocks]:
    """By the places of flows, the blocks that were asked for so far."""
    return {}


def _blocks(run: Running, rows: NDArray[np.intp]) -> Blocks:
    """The blocks of selective acknowledgments of some segments (ascending) of one flow, in their
    order; all of the flow are read at once, and kept."""
    if not len(rows):
        return sacked(run.segments, rows)
    known, flow = _known(run), flow_at(run, int(rows[0]))
    if flow not in known:
        begin, end = run.segments.begin[flow : flow + 2].tolist()
        told = sacked(run.segments, np.arange(begin, end))
        order = np.argsort(told.row, kind="stable")
        known[flow] = Blocks(*(each[order] for each in told))
    of = known[flow]
    first = np.searchsorted(of.row, rows[0])
    stop = np.searchsorted(of.row, rows[-1], "right")
    near = Blocks(*(each[first:stop] for each in of))
    mine = np.isin(near.row, rows)
    return Blocks(*(each[mine] for each in near))


def blocks(run: Running, row: int) -> Blocks:
    """The blocks of selective acknowledgments of one segment."""
    return _blocks(run, np.array([row]))


def asks(run: Running, row: int) -> str:
    """How the other side had asked for a segment's bytes before it came, in words; "" if it
    had not.

    By SACK (what lies behind has arrived, this not), or by a duplicate acknowledgment of exactly
    what comes before. Where the capture is not beside the sender, the asking must be older than the
    way to the sender and back: what was under way already came too soon for an answer.
    """
    segments, peer = run.segments, int(run.peer[row])
    if peer < 0 or not segments.length[row] or segments.ack[peer] > segments.seq[row]:
        return ""
    seq, end = int(segments.seq[row]), int(segments.end[row])
    told = blocks(run, peer)
    above = bool((told.start >= end).any())
    has = bool(((told.start < end) & (told.end > seq)).any())
    repeated = bool(run.duplicates[peer]) and int(segments.ack[peer]) == seq
    if has or not (above or repeated) or not _had_time(run, row, peer):
        return ""
    other, which = receiver(run, row), packet(run, peer)
    if above:
        return f"{other} has what lies behind and lacks this (SACK in {which})"
    return f"{other} asks for it again ({which})"


def _had_time(run: Running, row: int, peer: int) -> bool:
    """Whether a segment can be the answer to the other side's first word that it lacks."""
    if is_outgoing(run, row):
        return True
    segments = run.segments
    to_server, to_client = round_trips(run)
    ways = to_client if segments.from_client[row] else to_server
    way = int(ways[flow_at(run, row)])
    since = int(run.ack_change[peer])
    behind = since + 1 + np.flatnonzero(run.duplicates[since + 1 : peer + 1])
    mine = behind[segments.from_client[behind] == segments.from_client[peer]]
    first = int(mine[0]) if len(mine) else peer
    return 0 <= way <= int(segments.time_ns[row] - segments.time_ns[first])


def needless(run: Running, row: int) -> int | None:
    """The other side's segment that says it had a segment's bytes twice (D-SACK, RFC 2883): its
    first block lies below its acknowledgment, or inside of the second one."""
    segments = run.segments
    if not segments.length[row]:
        return None
    stop = int(segments.begin[flow_at(run, row) + 1])
    rows = np.arange(row + 1, min(stop, row + 10 * _ANSWERS))
    rows = rows[segments.from_client[rows] != segments.from_client[row]][:_ANSWERS]
    told = _blocks(run, rows)
    _, first = np.unique(told.row, return_index=True)
    for at in first.tolist():
        answer, start, end = int(told.row[at]), int(told.start[at]), int(told.end[at])
        more = at + 1 < len(told.row) and told.row[at + 1] == answer
        inside = more and told.start[at + 1] <= start and end <= told.end[at + 1]
        if not (end <= segments.ack[answer] or inside):
            continue
        if start < segments.end[row] and end > segments.seq[row]:
            return answer
    return None


def shown(run: Running, row: int) -> str:
    """What an acknowledgment says that has arrived beyond it, in words; "" without SACK."""
    told = blocks(run, row)
    beyond = told.start > run.segments.ack[row]
    if not beyond.any():
        return ""
    count = int((told.end - told.start)[beyond].sum())
    return f"{amount(count)} behind it have arrived (SACK)"

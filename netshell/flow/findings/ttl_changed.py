"""Segments of one side with another TTL than its others: another route, or another sender."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.arrival import COPY_NS
from netshell.flow.findings.handshakes import flow_at, flow_of
from netshell.flow.findings.rule import NOTE, Rule
from netshell.flow.findings.words import amount, packet, sender, sentence
from netshell.flow.reuse import ACK, FIN, RST, SYN, first_in
from netshell.packet.tcp import Flags

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """The first segment with each TTL that differs from the one of the side's first segment.

    Not where it is the segment before it, seen once more: a router forwards it with a TTL less.
    """
    segments, previous = run.segments, run.previous
    ttl = segments.ttl
    rows = np.flatnonzero((ttl != ttl[previous]) & (previous >= 0) & (ttl >= 0))
    if not len(rows):
        return rows
    flow, own = flow_of(run, rows), segments.from_client
    begin, end = segments.begin[flow], segments.begin[flow + 1]
    firsts = [first_in(own == side, begin, end) for side in (True, False)]
    first = np.where(own[rows], firsts[0], firsts[1])
    key = (flow * 2 + own[rows]) << 16 | ttl[rows]
    _, at = np.unique(key, return_index=True)
    at = np.sort(at)
    rows, first = rows[at], first[at]
    before = previous[rows]
    same = segments.time_ns[rows] - segments.time_ns[before] < COPY_NS
    for name in ("seq", "ack", "length", "flags"):
        values = getattr(segments, name)
        same &= values[rows] == values[before]
    found: NDArray[np.intp] = rows[(ttl[rows] != ttl[first]) & (ttl[first] >= 0) & ~same]
    return found


def text(run: Running, row: int) -> str:
    segments, flow = run.segments, flow_at(run, row)
    of_flow = slice(int(segments.begin[flow]), int(segments.begin[flow + 1]))
    mine = segments.from_client[of_flow] == segments.from_client[row]
    ttl = segments.ttl[of_flow]
    first = of_flow.start + int(np.flatnonzero(mine)[0])
    usual, now = int(segments.ttl[first]), int(segments.ttl[row])
    with_usual, with_this = (int(np.count_nonzero(mine & (ttl == each))) for each in (usual, now))
    flags = int(segments.flags[row])
    who = sender(run, row)
    if flags & (RST | FIN | SYN) and with_this <= with_usual:
        return sentence(
            f"{who}'s {Flags(flags)} has TTL {now}, but {amount(with_usual, 'segment')} of its "
            f"others {usual}: it may come from something on the way that speaks for it"
        )
    if segments.flags[first] & (SYN | ACK) == SYN | ACK and with_usual == 1:
        return sentence(
            f"{who}'s SYN,ACK ({packet(run, first)}) had TTL {usual}, but "
            f"{amount(with_this, 'segment')} behind it {now}: something on the way may have "
            "accepted the connection for it"
        )
    return sentence(
        f"from here {amount(with_this, 'segment')} of {who} "
        f"{'comes' if with_this == 1 else 'come'} with TTL {now}, "
        f"{amount(with_usual, 'segment')} with {usual}: the route has changed, or another "
        "machine speaks for it"
    )


RULE = Rule("ttl_changed", NOTE, find, text)

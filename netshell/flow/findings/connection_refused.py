"""A RST as the answer to a SYN (RFC 9293 section 3.10.7.1): nothing listens there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.catalogue.said import Said
from netshell.flow.findings.handshakes import flow_at, port_of
from netshell.flow.findings.rule import WARN, Rule
from netshell.flow.findings.words import apart, who
from netshell.flow.reuse import ACK, RST, SYN

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """The first RST,ACK of a side that sent nothing before, where the other one sent SYNs only.

    It acknowledges a SYN: without that, the other side must not believe it.
    """
    segments = run.segments
    rows = np.flatnonzero((segments.flags & (RST | SYN | ACK)) == (RST | ACK))
    rows = rows[(run.previous[rows] < 0) & (run.peer[rows] >= 0)]
    if not len(rows):
        return rows
    syn = (segments.flags & (SYN | ACK | RST)) == SYN
    syns = np.cumsum(syn)
    start = run.start[rows]
    only = syns[rows] - syns[start] + syn[start] == rows - start
    reached = segments.seq[start] + 1
    ack = segments.ack[rows]
    found: NDArray[np.intp] = rows[
        only & (ack >= reached) & (ack <= reached + segments.length[start])
    ]
    return found


def text(run: Running, row: int) -> str:
    segments, flow = run.segments, flow_at(run, row)
    later = slice(row, int(segments.begin[flow + 1]))
    more = int(np.count_nonzero((segments.flags[later] & (SYN | ACK)) == SYN))
    values: dict[str, object] = {
        "who": who(run, row),
        "port": port_of(run, row),
        "span": apart(run, int(run.peer[row]), row),
    }
    if more > 1:
        return Said("sentence.connection_refused.more", count=more, **values)
    return Said(f"sentence.connection_refused.{'once' if more else 'plain'}", **values)


RULE = Rule("connection_refused", WARN, find, text)

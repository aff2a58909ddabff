"""A RST as the answer to a SYN (RFC 9293 section 3.10.7.1): nothing listens there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.handshakes import flow_at, port_of
from netshell.flow.findings.rule import WARN, Rule
from netshell.flow.findings.words import apart, sender, sentence
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
    again = f"; it was tried {more} times more" if more > 1 else "; it was tried once more"
    return sentence(
        f"{sender(run, row)} refuses the connection to port {port_of(run, row)} with a RST "
        f"{apart(run, int(run.peer[row]), row)} after the SYN: nothing listens there, or a "
        f"firewall refuses in its name{again if more else ''}"
    )


RULE = Rule("connection_refused", WARN, find, text)

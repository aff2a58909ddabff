"""A new connection between the same addresses and ports as one before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.rule import NOTE, Rule
from netshell.flow.findings.words import sender, sentence
from netshell.flow.reuse import ACK, SYN, first_in, last_in
from netshell.flow.segments import UNKNOWN

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """The first segment of a flow that follows another one on its ports: a SYN with a sequence
    number that is not the one of the flow before (netshell.flow.reuse). And a SYN,ACK with another
    number than the one its side counted from."""
    segments = run.segments
    flows = np.flatnonzero(segments.reused & (segments.begin[:-1] < segments.begin[1:]))
    return np.union1d(segments.begin[:-1][flows], _answers(run))


def _answers(run: Running) -> NDArray[np.intp]:
    segments = run.segments
    answer = (segments.flags & (SYN | ACK)) == (SYN | ACK)
    rows: NDArray[np.intp] = np.flatnonzero(answer)
    peer = run.peer[rows]  # nothing was heard of a side that only a SYN was sent to
    heard = (peer >= 0) & (
        (run.previous[peer] >= 0) | ((segments.flags[peer] & (SYN | ACK)) != SYN)
    )
    rows = rows[(run.previous[rows] >= 0) | heard]
    if not len(rows):
        return rows
    # Counted from was the side's SYN,ACK before, else what was seen first: a segment of its own
    # or an acknowledgment of it. Either is relative to the number it counts from in the end.
    own = segments.from_client
    counted = np.where(answer, segments.seq, UNKNOWN)
    before = np.full(len(rows), UNKNOWN, np.int64)
    for side in (True, False):
        mine = np.flatnonzero(own[rows] == side)
        starts = run.start[rows[mine]]
        shown = (own == side) | run.acknowledges
        first = first_in(shown, starts, rows[mine])
        number = np.where(
            own == side, segments.seq - ((segments.flags & SYN) == 0), segments.ack - 1
        )
        last = last_in(answer & (own == side), starts, rows[mine])
        shown_first = np.where(first >= 0, number[first], UNKNOWN)
        before[mine] = np.where(last >= 0, counted[last], shown_first)
    found: NDArray[np.intp] = rows[(before != UNKNOWN) & (before != segments.seq[rows])]
    return found


def text(run: Running, row: int) -> str:
    if run.segments.flags[row] & ACK:
        return sentence(
            f"{sender(run, row)} accepts the connection with another sequence number than before: "
            "one of the answers is to another connection on the same ports"
        )
    return sentence(
        f"{sender(run, row)} starts a new connection from a port that it used for one to the same "
        "address and port before, with another sequence number"
    )


RULE = Rule("reused_ports", NOTE, find, text)

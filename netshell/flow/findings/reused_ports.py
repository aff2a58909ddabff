"""A new connection between the same addresses and ports as one before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.catalogue.said import Said
from netshell.flow.findings.rule import NOTE, Rule
from netshell.flow.findings.words import who
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
    chosen = np.zeros(len(segments.numbers), np.bool_)
    chosen[np.searchsorted(segments.begin, rows, "right") - 1] = True
    few = np.flatnonzero(np.repeat(chosen, np.diff(segments.begin)))  # of their flows alone
    places, starts = np.searchsorted(few, rows), np.searchsorted(few, run.start[rows])
    own, flags, seq = segments.from_client[few], segments.flags[few], segments.seq[few]
    answer, acknowledges = answer[few], run.acknowledges[few]
    before = np.full(len(rows), UNKNOWN, np.int64)
    for side in (True, False):
        mine = np.flatnonzero(own[places] == side)
        since, until = starts[mine], places[mine]
        first = first_in((own == side) | acknowledges, since, until)
        number = np.where(own == side, seq - ((flags & SYN) == 0), segments.ack[few] - 1)
        last = last_in(answer & (own == side), since, until)
        shown_first = np.where(first >= 0, number[first], UNKNOWN)
        before[mine] = np.where(last >= 0, seq[last], shown_first)
    found: NDArray[np.intp] = rows[(before != UNKNOWN) & (before != segments.seq[rows])]
    return found


def text(run: Running, row: int) -> str:
    key = "answer" if run.segments.flags[row] & ACK else "start"
    return Said(f"sentence.reused_ports.{key}", who=who(run, row))


RULE = Rule("reused_ports", NOTE, find, text)

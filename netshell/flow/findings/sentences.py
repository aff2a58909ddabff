"""What is said of bytes that were sent again, by what the capture shows of the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from netshell.flow.findings.evidence import asks, into_closed, needless
from netshell.flow.findings.handshakes import flow_at
from netshell.flow.findings.tries import first_try
from netshell.flow.findings.words import (
    apart,
    content,
    duration,
    packet,
    receiver,
    sender,
)
from netshell.flow.segments import UNKNOWN

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def again(run: Running, row: int) -> str:
    """That a side sends again what it had sent, and why, without the full stop."""
    top, who, what = int(run.top[row]), sender(run, row), content(run, row)
    first, other = first_try(run, row), receiver(run, row)
    if bool(into_closed(run, np.array([row]))[0]):
        peer = int(run.peer[row])
        return (
            f"{who} sends {what} again, into a window of 0 bytes ({packet(run, peer)}): {other}'s "
            "buffer is full and it throws this away, so it does not show a loss on the way"
        )
    proof = needless(run, row)
    if proof is not None:
        return (
            f"{who} sends {what} again{after(run, first, row)}, needlessly: {packet(run, proof)} "
            f"says that {other} got it twice (D-SACK, RFC 2883)"
        )
    asked = asks(run, row)
    if first is None:
        return (
            f"{who}'s {what} starts below what it had sent before, and the capture has no first "
            f"try of it{f'; {asked}' if asked else ''}"
        )
    if asked:
        return (
            f"{who} sends {what} again{after(run, first, row)}, because {asked}: the first try was "
            "lost, or held up, behind the capture's place"
        )
    if is_soon(run, first, row):
        newer = run.segments.ack[row] > run.segments.ack[first] > UNKNOWN
        how = ", with a newer acknowledgment" if newer else ""
        return (
            f"{who} sends {what} again{how}{after(run, first, row)}: "
            f"sooner than a round trip ({duration(round_trip(run, row))}), so it does not show "
            "that anything was lost"
        )
    since = f", {apart(run, top, row)} after its latest new segment" if top >= 0 else ""
    return f"{who} sends {what} again{since}: the first try, or its acknowledgment, seems lost"


def after(run: Running, first: int | None, row: int) -> str:
    """How long after its first try, with a comma before; "" without one."""
    return "" if first is None else f", {apart(run, first, row)} after {packet(run, first)}"


def round_trip(run: Running, row: int) -> int:
    """The flow's round trip as its handshake shows it, ns; 0 if that is unknown."""
    return int(run.initial_rtt[0, flow_at(run, row)])


def is_soon(run: Running, first: int, row: int) -> bool:
    """Whether a segment follows its first try before an answer could have come."""
    wait = int(run.segments.time_ns[row] - run.segments.time_ns[first])
    return 0 <= wait < round_trip(run, row)

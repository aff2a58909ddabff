"""Data, SYN or FIN sent again (RFC 6298): what was sent before, or its acknowledgment, was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings import fast_retransmission, out_of_order, spurious_retransmission
from netshell.flow.findings.handshakes import flow_at
from netshell.flow.findings.rule import NOTE, Rule
from netshell.flow.findings.tries import (
    copied,
    crossings,
    first_try,
    is_stray,
    new_after_all,
    twice,
)
from netshell.flow.findings.words import apart, content, duration, packet, sender, sentence
from netshell.flow.segments import UNKNOWN

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """It starts below the expected number, and is neither out of order nor a keep-alive. Fast and
    spurious retransmissions are among them."""
    again = run.marked(fast_retransmission.find, spurious_retransmission.find)
    again[run.behind] = True
    again[run.rows(out_of_order.find)] = False
    return np.flatnonzero(again)


def is_harmless(run: Running, row: int) -> bool:
    """Whether it shows no loss: a copy, new after all, an answer, or soon."""
    if row in crossings(run):
        return True
    if copied(run, row) is not None or bool(new_after_all(run, np.array([row]))[0]):
        return True
    first = first_try(run, row)
    return first is not None and _is_soon(run, first, row)


def _round_trip(run: Running, row: int) -> int:
    """The flow's round trip as its handshake shows it, ns; 0 if that is unknown."""
    return int(run.initial_rtt[0, flow_at(run, row)])


def _is_soon(run: Running, first: int, row: int) -> bool:
    """Whether a segment follows its first try before an answer could have come."""
    wait = int(run.segments.time_ns[row] - run.segments.time_ns[first])
    return 0 <= wait < _round_trip(run, row)


def text(run: Running, row: int) -> str:
    top, who, what = int(run.top[row]), sender(run, row), content(run, row)
    first = copied(run, row)
    if first is not None:
        when = f"{apart(run, first, row)} after {packet(run, first)}"
        return sentence(f"{who}'s {what} a second time, {when}{twice(run, row, first)}")
    if row in crossings(run):
        return sentence(
            f"{who} answers the other side's SYN with a SYN,ACK, which has the number of its own "
            "SYN: both opened at once (RFC 9293, figure 7), so nothing was lost"
        )
    if top >= 0 and is_stray(run, top) and new_after_all(run, np.array([row]))[0]:
        return sentence(
            f"{what} of {who} below the number of the SYN,ACK in {packet(run, top)}: that one is "
            "of another connection, and this not sent before"
        )
    first = first_try(run, row)
    if first is None:
        return sentence(
            f"{who}'s {what} starts below what it had sent before, and the capture has no first "
            "try of it"
        )
    if _is_soon(run, first, row):
        newer = run.segments.ack[row] > run.segments.ack[first] > UNKNOWN
        how = ", with a newer acknowledgment" if newer else ""
        return sentence(
            f"{who} sends {what} again{how}, {apart(run, first, row)} after {packet(run, first)}: "
            f"sooner than a round trip ({duration(_round_trip(run, row))}), so it does not show "
            "that anything was lost"
        )
    since = f", {apart(run, top, row)} after its latest new segment" if top >= 0 else ""
    return sentence(
        f"{who} sends {what} again{since}: the first try, or its acknowledgment, seems lost"
    )


RULE = Rule("retransmission", NOTE, find, text)

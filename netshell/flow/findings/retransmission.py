"""Data, SYN or FIN sent again (RFC 6298): what was sent before, or its acknowledgment, was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings import fast_retransmission, out_of_order, spurious_retransmission
from netshell.flow.findings.evidence import asks, into_closed, needless
from netshell.flow.findings.rule import NOTE, Rule
from netshell.flow.findings.sentences import after, again, is_soon
from netshell.flow.findings.tries import (
    copied,
    crossings,
    first_try,
    is_stray,
    new_after_all,
    twice,
)
from netshell.flow.findings.words import content, packet, sender, sentence

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
    """Whether it shows no loss: a copy, new, an answer, thrown away, needless, or soon."""
    if row in crossings(run):
        return True
    if copied(run, row) is not None or bool(new_after_all(run, np.array([row]))[0]):
        return True
    if bool(into_closed(run, np.array([row]))[0]) or needless(run, row) is not None:
        return True
    first = first_try(run, row)
    return first is not None and is_soon(run, first, row) and not asks(run, row)


def text(run: Running, row: int) -> str:
    top, who, what = int(run.top[row]), sender(run, row), content(run, row)
    first = copied(run, row)
    if first is not None:
        return sentence(
            f"{who}'s {what} a second time{after(run, first, row)}{twice(run, row, first)}"
        )
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
    return sentence(again(run, row))


RULE = Rule("retransmission", NOTE, find, text)

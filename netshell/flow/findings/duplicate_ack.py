"""The same acknowledgment again: the receiver got something that it cannot use yet (RFC 5681)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.evidence import shown
from netshell.flow.findings.rule import NOTE, Rule
from netshell.flow.findings.tries import copied, twice
from netshell.flow.findings.words import apart, packet, receiver, sender, sentence
from netshell.flow.segments import UNKNOWN

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """No data, SYN, FIN or RST; number, acknowledgment and window as in the segment before, and
    the window not 0; no answer to a keep-alive."""
    return np.flatnonzero(run.duplicates)


def is_harmless(run: Running, row: int) -> bool:
    """Whether it asks for nothing: a copy, or all that there is was acknowledged."""
    peer = int(run.peer[row])
    if shown(run, row):
        return False
    whole = peer >= 0 and bool(run.segments.ack[row] >= run.reached[peer])
    return whole or copied(run, row) is not None


def text(run: Running, row: int) -> str:
    rows = np.array([row])
    times = int(run.duplicates_up_to(rows, run.ack_change[rows])[0])
    ack = int(run.segments.ack[row])
    if ack == UNKNOWN:
        return sentence(
            f"{sender(run, row)} sends a segment without data or ACK flag again (repetition "
            f"{times:,}), which no TCP does: damage, or a scan"
        )
    again = f"{sender(run, row)} acknowledges {ack:,} again"
    has = shown(run, row)
    first = copied(run, row)
    if first is not None:
        when = f"{apart(run, first, row)} after {packet(run, first)}"
        return sentence(f"{again}, {when}{twice(run, row, first)}")
    if has:
        return sentence(f"{again} (repetition {times:,}): {has}, but not {ack:,} itself")
    peer = int(run.peer[row])
    segments = run.segments
    if peer > run.previous[row] and segments.seq[peer] < segments.end[peer] <= ack:
        return sentence(
            f"{again} (repetition {times:,}): it answers {packet(run, peer)}, which brought "
            "nothing that it had not"
        )
    if peer >= 0 and ack >= run.reached[peer]:
        return sentence(
            f"{again} (repetition {times:,}): that is all that the capture has of "
            f"{receiver(run, row)} by then, so it does not show a loss"
        )
    return sentence(
        f"{again} (repetition "
        f"{times:,}): a segment reached it that does not start there, so one before may be lost"
    )


RULE = Rule("duplicate_ack", NOTE, find, text)

"""A RST that ends a connection in place of FINs (RFC 9293 3.5.2): what was under way is lost.

Which RST ends one, and whether its sender aborted or answered, says :mod:`netshell.flow.ending`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.ending import ABORTED, AFTER_CLOSE, NONE, STRAY, Endings, endings
from netshell.flow.findings.handshakes import flow_at
from netshell.flow.findings.once import once
from netshell.flow.findings.rule import WARN, Rule
from netshell.flow.findings.words import amount, apart, packet, receiver, sender, sentence
from netshell.flow.reuse import ACK, FIN, RST, SYN

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """The RST that ended each open connection, or one whose beginning was not captured."""
    if not (run.segments.flags & RST).any():
        return np.zeros(0, np.intp)
    ended = _endings(run)
    reset = (ended.kind == ABORTED) | (ended.kind == AFTER_CLOSE) | (ended.kind == STRAY)
    return np.sort(ended.reset[reset & (ended.reset != NONE)])


@once
def _endings(run: Running) -> Endings:
    return endings(run.segments)


def text(run: Running, row: int) -> str:
    ended, flow, who = _endings(run), flow_at(run, row), sender(run, row)
    peer, kind = int(run.peer[row]), int(ended.kind[flow])
    drawn = "answers with a RST"
    if peer >= 0:
        drawn = f"answers {packet(run, peer)} with a RST {apart(run, peer, row)} later"
    if kind == STRAY:
        if peer < 0:
            drawn = "sends a RST, and what it answers was not captured"
        return sentence(
            f"{who} {drawn}: it knows no such connection (it restarted, or gave up in silence), or "
            "something on the way speaks for it"
        )
    if kind == AFTER_CLOSE:
        fin = int(ended.fin[flow, int(ended.by[flow])])
        return sentence(
            f"{who} {drawn}: it had closed ({packet(run, fin)}), and nobody is left there to read "
            f"what {receiver(run, row)} sends"
        )
    if peer < 0 and run.previous[row] < 0:
        return sentence(
            f"{who}'s RST is all that the capture has of this connection by its end: its program "
            "closed with data unread or with SO_LINGER 0, or a firewall or NAT on the way let an "
            "idle connection go; this alone does not show which"
        )
    how = f", {apart(run, peer, row)} after {packet(run, peer)}" if peer >= 0 else ""
    text = f"{who} aborts the connection with a RST{how}: its program closed with"
    came = _came(run, row)
    if came == 0:
        return sentence(
            f"{text} SO_LINGER 0 or the like, as no data had come for it to leave unread"
        )
    known = f" ({amount(came)} had come for it)" if came > 0 else ""
    return sentence(f"{text} data unread, or with SO_LINGER 0{known}")


def _came(run: Running, row: int) -> int:
    """How many bytes the sender of a RST had been sent, by its acknowledgment; -1: its beginning
    was not captured."""
    segments, before = run.segments, slice(int(run.start[row]), row)
    theirs = segments.from_client[before] != segments.from_client[row]
    flags = segments.flags[before]
    if not ((flags & SYN > 0) & (theirs | (flags & ACK > 0))).any():
        return -1
    told = int(segments.ack[row])
    closed = (flags & FIN > 0) & theirs & (segments.end[before] <= told)
    return max(told - 1 - int(closed.any()), 0)


RULE = Rule("connection_reset", WARN, find, text)

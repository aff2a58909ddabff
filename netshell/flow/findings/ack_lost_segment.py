"""An acknowledgment of what the capture has not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.rule import WARN, Rule
from netshell.flow.findings.words import packet, receiver, sender, sentence
from netshell.flow.reuse import ACK, RST, SYN

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """It is above what was seen of the other side without a gap; once for each such loss."""
    return run.unseen


def is_of_keep_alive(run: Running, row: int) -> bool:
    """Whether it answers a keep-alive of a connection whose beginning was not captured: nothing
    but empty segments came before, and it acknowledges one number more."""
    segments, peer, start = run.segments, int(run.peer[row]), int(run.start[row])
    if peer < 0 or int(segments.ack[row]) != int(segments.seq[peer]) + 1:
        return False
    before = slice(start, row)
    other = segments.from_client[before] == segments.from_client[peer]
    empty = segments.end[before] == segments.seq[before]
    return bool((empty & (segments.seq[before] == segments.seq[peer]))[other].all())


def is_of_another(run: Running, row: int) -> bool:
    """Whether it is the SYN,ACK behind a SYN of the other side, and nothing else of that one."""
    segments = run.segments
    before = slice(int(run.start[row]), row)
    other = segments.from_client[before] != segments.from_client[row]
    flags = segments.flags[before][other]
    answer = int(segments.flags[row]) & (SYN | ACK) == SYN | ACK
    return answer and len(flags) > 0 and bool(((flags & (SYN | ACK | RST)) == SYN).all())


def is_harmless(run: Running, row: int) -> bool:
    """Whether the capture missed nothing: it answers a keep-alive, or is of another connection."""
    return is_of_keep_alive(run, row) or is_of_another(run, row)


def text(run: Running, row: int) -> str:
    told = int(run.segments.ack[row])
    if is_of_keep_alive(run, row):
        return sentence(
            f"{sender(run, row)} acknowledges up to {told:,}, one number more than "
            f"{packet(run, int(run.peer[row]))} has, the only kind seen of {receiver(run, row)}: "
            "a keep-alive of a connection that began before the capture, nothing is missing"
        )
    if is_of_another(run, row):
        return sentence(
            f"{sender(run, row)}'s SYN,ACK acknowledges {told:,}, which {receiver(run, row)}'s SYN "
            "did not send: it answers an earlier connection on these ports, or that one is "
            "half-open there (RFC 9293 3.5.1)"
        )
    return sentence(
        f"{sender(run, row)} acknowledges up to {told:,}, and the capture does not have all of "
        f"that from {receiver(run, row)}: it missed a segment, or has it later than its answer"
    )


RULE = Rule("ack_lost_segment", WARN, find, text)

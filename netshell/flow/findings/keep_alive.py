"""A segment that only asks whether the other side is still there (RFC 9293 section 3.8.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.rule import NOTE, Rule
from netshell.flow.findings.words import apart, packet, receiver, sender, sentence

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """No byte or one, at the number before the expected one, without SYN, FIN or RST."""
    segments = run.segments
    rows = np.flatnonzero(segments.seq == run.expected - 1)
    return rows[(segments.length[rows] <= 1) & run.plain[rows]]


def text(run: Running, row: int) -> str:
    idle = ""
    if run.previous[row] >= 0:
        idle = f", {apart(run, int(run.previous[row]), row)} after its last segment"
    peer = int(run.peer[row])
    if peer >= 0 and run.segments.window[peer] == 0 and run.plain[peer]:
        return sentence(
            f"{sender(run, row)} asks whether {receiver(run, row)}'s window, closed in "
            f"{packet(run, peer)}, is open again{idle}"
        )
    return sentence(f"{sender(run, row)} asks whether {receiver(run, row)} is still there{idle}")


RULE = Rule("keep_alive", NOTE, find, text)

"""Data sent again though it was acknowledged before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings import keep_alive
from netshell.flow.findings.rule import NOTE, Rule
from netshell.flow.findings.words import content, packet, receiver, sender, sentence

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """Data that ends at or below the other side's last acknowledgment; no keep-alive."""
    segments = run.segments
    rows = np.flatnonzero((segments.length > 0) & (run.peer >= 0))
    end = segments.seq[rows] + segments.length[rows]
    rows = rows[end <= segments.ack[run.peer[rows]]]
    return rows[~run.marked(keep_alive.find)[rows]]


def text(run: Running, row: int) -> str:
    told = int(run.peer[row])
    return sentence(
        f"{sender(run, row)} sends {content(run, row)} again, though {receiver(run, row)} had "
        f"acknowledged up to {int(run.segments.ack[told]):,} in {packet(run, told)}: that "
        "acknowledgment was lost or late"
    )


RULE = Rule("spurious_retransmission", NOTE, find, text)

"""Data sent again at once: duplicate acknowledgments asked for it (RFC 5681 section 3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings import spurious_retransmission
from netshell.flow.findings.rule import NOTE, Rule
from netshell.flow.findings.words import apart, content, receiver, sender, sentence

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


SOON_NS = 20_000_000


def find(run: Running) -> NDArray[np.intp]:
    """Sent again where the other side waits, which said so twice more at least, under 20 ms ago."""
    segments = run.segments
    rows = run.behind
    peer = run.peer[rows]
    wait = segments.time_ns[rows] - segments.time_ns[peer]
    asked = (
        (peer >= 0) & (segments.ack[peer] == segments.seq[rows]) & (wait >= 0) & (wait < SOON_NS)
    )
    found: NDArray[np.intp] = rows[asked]
    if not len(found):
        return found
    count, unknown = run.asked(found)
    known = run.marked(spurious_retransmission.find)[found]
    return found[((count >= 2) | unknown) & ~known]


def text(run: Running, row: int) -> str:
    count, unknown = run.asked(np.array([row]))
    how = f"asked for it with {int(count[0]):,} duplicate acknowledgments"
    if unknown[0]:
        how = "acknowledged up to it (the capture may have missed duplicate acknowledgments)"
    return sentence(
        f"{sender(run, row)} sends {content(run, row)} again {apart(run, int(run.peer[row]), row)} "
        f"after {receiver(run, row)} {how}"
    )


RULE = Rule("fast_retransmission", NOTE, find, text)

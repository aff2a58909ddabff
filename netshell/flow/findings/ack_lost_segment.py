"""An acknowledgment of what the capture has not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.rule import WARN, Rule
from netshell.flow.findings.words import receiver, sender, sentence

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """It is above what was seen of the other side without a gap; once for each such loss."""
    return run.unseen


def text(run: Running, row: int) -> str:
    told = int(run.segments.ack[row])
    return sentence(
        f"{sender(run, row)} acknowledges up to {told:,}, and the capture does not have all of "
        f"that from {receiver(run, row)}: it missed a segment, or has it later than its answer"
    )


RULE = Rule("ack_lost_segment", WARN, find, text)

"""A segment that starts beyond all seen before: something is missing from the capture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.rule import WARN, Rule
from netshell.flow.findings.tries import is_stray
from netshell.flow.findings.words import amount, sender, sentence
from netshell.flow.reuse import RST

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """The number is above the expected one, and the segment no RST."""
    rows = np.flatnonzero((run.segments.seq > run.expected) & (run.previous >= 0))
    found: NDArray[np.intp] = rows[(run.segments.flags[rows] & RST) == 0]
    return found


def text(run: Running, row: int) -> str:
    if is_stray(run, row):
        return sentence(
            f"{sender(run, row)}'s SYN,ACK has another number than the one it counts from: it is "
            "of another connection, and nothing is missing before it (only the number looks so)"
        )
    expected, at = int(run.expected[row]), int(run.segments.seq[row])
    return sentence(
        f"{sender(run, row)}'s {amount(at - expected)} before this segment ({expected:,} to "
        f"{at - 1:,}) did not come yet: lost on the way, late, or missed by the capture"
    )


RULE = Rule("lost_segment", WARN, find, text)

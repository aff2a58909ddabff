"""A receiver that takes nothing more: its buffer is full (RFC 9293 section 3.8.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.rule import WARN, Rule
from netshell.flow.findings.words import receiver, sender, sentence

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """Window 0 in a segment without SYN, FIN or RST; not in a zero window probe."""
    rows = np.flatnonzero((run.segments.window == 0) & run.plain)
    return rows[~np.isin(rows, run.probes)] if len(run.probes) else rows


def text(run: Running, row: int) -> str:
    return sentence(
        f"{sender(run, row)} announces a window of 0 bytes: its application does not read fast "
        f"enough, and {receiver(run, row)} has to wait"
    )


RULE = Rule("zero_window", WARN, find, text)

"""A receiver that takes nothing more: its buffer is full (RFC 9293 section 3.8.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.closures import reopened
from netshell.flow.findings.rule import WARN, Rule
from netshell.flow.findings.words import apart, packet, receiver, sender, sentence

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """Window 0 in a segment without SYN, FIN or RST; not in a zero window probe."""
    rows = np.flatnonzero((run.segments.window == 0) & run.plain)
    return rows[~np.isin(rows, run.probes)] if len(run.probes) else rows


def text(run: Running, row: int) -> str:
    opened = reopened(run, row)
    until = ", and nothing in the capture opens it again"
    if opened is not None:
        until = f", until {packet(run, opened)} opens it {apart(run, row, opened)} later"
    return sentence(
        f"{sender(run, row)} announces a window of 0 bytes: its application does not read fast "
        f"enough, and {receiver(run, row)} has to wait{until}"
    )


RULE = Rule("zero_window", WARN, find, text)

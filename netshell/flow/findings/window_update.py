"""A segment only to announce another window (RFC 9293 section 3.8.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.rule import CHAT, Rule
from netshell.flow.findings.words import amount, sender, sentence

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """No data, SYN, FIN or RST; number and acknowledgment as in the segment before, the window
    another one and not 0."""
    return np.flatnonzero(run.repeats & ~run.same_window & (run.segments.window != 0))


def text(run: Running, row: int) -> str:
    segments = run.segments
    new, old = (int(segments.scaled[i]) for i in (row, run.previous[row]))
    if not old:
        return sentence(f"{sender(run, row)} opens its window again: it takes {amount(new)}")
    verb = "raises" if new > old else "lowers"
    return sentence(f"{sender(run, row)} {verb} its window from {old:,} to {amount(new)}")


RULE = Rule("window_update", CHAT, find, text)

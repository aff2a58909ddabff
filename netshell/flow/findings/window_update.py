"""A segment only to announce another window (RFC 9293 section 3.8.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.catalogue.said import Said
from netshell.flow.findings.rule import CHAT, Rule
from netshell.flow.findings.words import of_bytes, who

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """No data, SYN, FIN or RST; number and acknowledgment as in the segment before, the window
    another one and not 0."""
    return np.flatnonzero(run.repeats & ~run.same_window & (run.segments.window != 0))


def text(run: Running, row: int) -> str:
    segments = run.segments
    new, old = (int(segments.scaled[i]) for i in (row, run.previous[row]))
    side, takes = who(run, row), of_bytes(new)
    if not old:
        return Said("sentence.window_update.opens", who=side, amount=takes)
    verb = "raises" if new > old else "lowers"
    return Said(f"sentence.window_update.{verb}", who=side, old=old, amount=takes)


RULE = Rule("window_update", CHAT, find, text)

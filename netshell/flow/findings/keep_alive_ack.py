"""The answer to a keep-alive: the side is still there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.catalogue.said import Said
from netshell.flow.findings import keep_alive
from netshell.flow.findings.rule import NOTE, Rule
from netshell.flow.findings.words import apart, number, who

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """A pure acknowledgment as the one before, window too, right after a keep-alive."""
    asked = run.rows(keep_alive.find)
    if not len(asked):
        return asked
    mask = run.marked(keep_alive.find)
    rows = np.flatnonzero(mask[run.peer] & (run.peer >= 0) & run.repeats & run.same_window)
    found: NDArray[np.intp] = rows[run.segments.window[rows] != 0]
    return found


def text(run: Running, row: int) -> str:
    asked = int(run.peer[row])
    span = apart(run, asked, row)
    return Said("sentence.keep_alive_ack", who=who(run, row), packet=number(run, asked), span=span)


RULE = Rule("keep_alive_ack", NOTE, find, text)

"""The answer to a zero window probe: the window is still zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.catalogue.said import Said
from netshell.flow.findings import zero_window_probe
from netshell.flow.findings.rule import NOTE, Rule
from netshell.flow.findings.words import number, who

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """A pure acknowledgment as the one before, with window 0 again, right after a probe."""
    if not len(run.probes):
        return run.probes
    mask = run.marked(zero_window_probe.find)
    rows = np.flatnonzero(mask[run.peer] & (run.peer >= 0) & run.repeats & run.same_window)
    found: NDArray[np.intp] = rows[run.segments.window[rows] == 0]
    return found


def text(run: Running, row: int) -> str:
    probe = number(run, int(run.peer[row]))
    return Said("sentence.zero_window_probe_ack", who=who(run, row), packet=probe)


RULE = Rule("zero_window_probe_ack", NOTE, find, text)

"""One byte sent into a window of zero, to hear whether it has opened (RFC 9293 section 3.8.6.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.catalogue.said import Said
from netshell.flow.findings.rule import NOTE, Rule
from netshell.flow.findings.words import other, who

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """One byte at the expected number while the other side's last window is 0."""
    return run.probes


def text(run: Running, row: int) -> str:
    at = int(run.segments.seq[row])
    return Said("sentence.zero_window_probe", who=who(run, row), other=other(run, row), at=at)


RULE = Rule("zero_window_probe", NOTE, find, text)

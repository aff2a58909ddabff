"""A receiver that takes nothing more: its buffer is full (RFC 9293 section 3.8.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.catalogue.said import Said
from netshell.flow.findings.closures import reopened
from netshell.flow.findings.rule import WARN, Rule
from netshell.flow.findings.words import apart, number, other, who

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """Window 0 in a segment without SYN, FIN or RST; not in a zero window probe."""
    rows = np.flatnonzero((run.segments.window == 0) & run.plain)
    return rows[~np.isin(rows, run.probes)] if len(run.probes) else rows


def text(run: Running, row: int) -> str:
    ends, opened = {"who": who(run, row), "other": other(run, row)}, reopened(run, row)
    if opened is None:
        return Said("sentence.zero_window.open", **ends)
    until = {"packet": number(run, opened), "span": apart(run, row, opened)}
    return Said("sentence.zero_window.until", **ends, **until)


RULE = Rule("zero_window", WARN, find, text)

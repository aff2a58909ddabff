"""A segment that uses up the window: the sender has to wait (RFC 9293 section 3.8.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.catalogue.said import Said
from netshell.flow.findings.rule import WARN, Rule
from netshell.flow.findings.words import of_bytes, other, who

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """Data, without SYN, FIN or RST, that ends where the other side's window ends; the scale must
    be known. Not a zero window probe."""
    segments = run.segments
    rows = np.flatnonzero((segments.length > 0) & run.plain)
    end = segments.seq[rows] + segments.length[rows]
    rows = rows[end == run.window_end(rows)]
    found: NDArray[np.intp] = rows[~np.isin(rows, run.probes)] if len(run.probes) else rows
    return found


def text(run: Running, row: int) -> str:
    segments = run.segments
    open_bytes = int(run.window_end(np.array([row]))[0] - segments.ack[run.peer[row]])
    return Said(
        "sentence.window_full",
        who=who(run, row),
        other=other(run, row),
        amount=of_bytes(open_bytes),
    )


RULE = Rule("window_full", WARN, find, text)

"""A segment that only asks whether the other side is still there (RFC 9293 section 3.8.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.catalogue.said import Said
from netshell.flow.findings.rule import NOTE, Rule
from netshell.flow.findings.words import apart, number, other, who

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """No byte or one, at the number before the expected one, without SYN, FIN or RST."""
    segments = run.segments
    rows = np.flatnonzero(segments.seq == run.expected - 1)
    return rows[(segments.length[rows] <= 1) & run.plain[rows]]


def text(run: Running, row: int) -> str:
    values: dict[str, object] = {"who": who(run, row), "other": other(run, row)}
    key, peer, before = "there", int(run.peer[row]), int(run.previous[row])
    if peer >= 0 and run.segments.window[peer] == 0 and run.plain[peer]:
        key, values["packet"] = "window", number(run, peer)
    if before >= 0:
        key, values["span"] = f"{key}_idle", apart(run, before, row)
    return Said(f"sentence.keep_alive.{key}", **values)


RULE = Rule("keep_alive", NOTE, find, text)

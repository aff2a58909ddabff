"""A new connection between the same addresses and ports as one before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.rule import NOTE, Rule
from netshell.flow.findings.words import sender, sentence

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """The first segment of a flow that follows another one on its ports: a SYN with a sequence
    number that is not the one of the flow before (netshell.flow.reuse)."""
    segments = run.segments
    flows = np.flatnonzero(segments.reused & (segments.begin[:-1] < segments.begin[1:]))
    return segments.begin[:-1][flows]


def text(run: Running, row: int) -> str:
    return sentence(
        f"{sender(run, row)} starts a new connection from a port that it used for one to the same "
        "address and port before, with another sequence number"
    )


RULE = Rule("reused_ports", NOTE, find, text)

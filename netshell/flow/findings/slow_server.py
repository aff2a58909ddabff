"""An answer that the server took its time for: the network's share is the smaller one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.rule import NOTE, Rule
from netshell.flow.findings.turns import SLOW_NS, shares, slow_turns
from netshell.flow.findings.words import sentence

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """The first segment of an answer of which 200 ms or more, and half, passed at the server."""
    turns = slow_turns(run)
    return turns.answer[(turns.server_ns >= SLOW_NS) & (turns.server_ns >= turns.network_ns)]


def text(run: Running, row: int) -> str:
    turns = slow_turns(run)
    doubtful = turns.doubtful[np.searchsorted(turns.answer, row)]
    why = "else the server speaks of its own accord" if doubtful else "what works there is slow"
    return sentence(f"{shares(run, row)}; {why}")


RULE = Rule("slow_server", NOTE, find, text)

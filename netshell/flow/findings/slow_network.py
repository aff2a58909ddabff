"""An answer that was on its way longer than the server worked on it."""

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
    """The first segment of an answer of which 200 ms or more, and over half, passed on the way."""
    turns = slow_turns(run)
    found = (turns.network_ns >= SLOW_NS) & (turns.server_ns < turns.network_ns) & ~turns.at_most
    return turns.answer[found]


def text(run: Running, row: int) -> str:
    return sentence(f"{shares(run, row)}; distance, queues or loss make it slow")


RULE = Rule("slow_network", NOTE, find, text)

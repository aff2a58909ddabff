"""What a finding is made of: a rule finds rows of segments, and says each in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running

CHAT, NOTE, WARN, ERROR = SEVERITIES = ("chat", "note", "warn", "error")
"""How much a finding matters, least first; the words are Wireshark's."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of finding; ``kind`` is the name of tshark's field ``tcp.analysis.<kind>``."""

    kind: str
    severity: str
    find: Callable[[Running], NDArray[np.intp]]
    """The rows it is found at, ascending."""
    text: Callable[[Running, int], str]
    """One sentence with the numbers of one row."""

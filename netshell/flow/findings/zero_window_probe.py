"""One byte sent into a window of zero, to hear whether it has opened (RFC 9293 section 3.8.6.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.rule import NOTE, Rule
from netshell.flow.findings.words import receiver, sender, sentence

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """One byte at the expected number while the other side's last window is 0."""
    return run.probes


def text(run: Running, row: int) -> str:
    at = int(run.segments.seq[row])
    return sentence(
        f"{sender(run, row)} sends one byte at {at:,} though {receiver(run, row)} takes none "
        "(window 0): the answer will tell whether it does now"
    )


RULE = Rule("zero_window_probe", NOTE, find, text)

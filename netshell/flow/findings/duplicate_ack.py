"""The same acknowledgment again: the receiver got something that it cannot use yet (RFC 5681)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.rule import NOTE, Rule
from netshell.flow.findings.words import sender, sentence
from netshell.flow.segments import UNKNOWN

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """No data, SYN, FIN or RST; number, acknowledgment and window as in the segment before, and
    the window not 0; no answer to a keep-alive."""
    return np.flatnonzero(run.duplicates)


def text(run: Running, row: int) -> str:
    rows = np.array([row])
    times = int(run.duplicates_up_to(rows, run.ack_change[rows])[0])
    ack = int(run.segments.ack[row])
    if ack == UNKNOWN:
        return sentence(
            f"{sender(run, row)} sends a segment without data or ACK flag again (repetition "
            f"{times:,}), which no TCP does: damage, or a scan"
        )
    return sentence(
        f"{sender(run, row)} acknowledges {ack:,} again (repetition "
        f"{times:,}): a segment reached it that does not start there, so one before may be lost"
    )


RULE = Rule("duplicate_ack", NOTE, find, text)

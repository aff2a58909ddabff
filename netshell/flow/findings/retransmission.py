"""Data, SYN or FIN sent again (RFC 6298): what was sent before, or its acknowledgment, was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings import fast_retransmission, out_of_order, spurious_retransmission
from netshell.flow.findings.rule import NOTE, Rule
from netshell.flow.findings.words import apart, content, sender, sentence

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """It starts below the expected number, and is neither out of order nor a keep-alive. Fast and
    spurious retransmissions are among them."""
    again = run.marked(fast_retransmission.find, spurious_retransmission.find)
    again[run.behind] = True
    again[run.rows(out_of_order.find)] = False
    return np.flatnonzero(again)


def text(run: Running, row: int) -> str:
    top = int(run.top[row])
    since = f", {apart(run, top, row)} after its latest new segment" if top >= 0 else ""
    return sentence(
        f"{sender(run, row)} sends {content(run, row)} again{since}: the first try, or its "
        "acknowledgment, seems lost"
    )


RULE = Rule("retransmission", NOTE, find, text)

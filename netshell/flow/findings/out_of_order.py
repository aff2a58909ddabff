"""A segment that comes after one that was sent behind it: the network changed their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings import fast_retransmission, spurious_retransmission
from netshell.flow.findings.evidence import asks, is_outgoing, sent_before
from netshell.flow.findings.rule import WARN, Rule
from netshell.flow.findings.sentences import after, again
from netshell.flow.findings.tries import copied, twice
from netshell.flow.findings.words import (
    apart,
    content,
    duration,
    packet,
    sender,
    sentence,
)
from netshell.flow.reuse import RST

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


UNKNOWN_RTT_NS = 3_000_000


def find(run: Running) -> NDArray[np.intp]:
    """It starts below the expected number and does not end there, and comes within the initial
    round trip time (3 ms where that is unknown) of the highest one: too soon to be sent again."""
    segments = run.segments
    rows = run.behind
    if not len(rows):
        return rows
    age = segments.time_ns[rows] - segments.time_ns[run.top[rows]]
    rows = rows[
        (age >= 0) & (age < threshold(run, rows)) & (segments.end[rows] != run.expected[rows])
    ]
    known = run.marked(fast_retransmission.find, spurious_retransmission.find)
    found: NDArray[np.intp] = rows[~known[rows]]
    return found


def threshold(run: Running, rows: NDArray[np.intp]) -> NDArray[np.int64]:
    """The time within which rows are judged to be in the wrong order, ns."""
    flow = np.searchsorted(run.segments.begin, rows, "right") - 1
    rtt, since = run.initial_rtt[:, flow]
    return np.where((rtt != 0) & (rows > since), rtt, UNKNOWN_RTT_NS)


def text(run: Running, row: int) -> str:
    top, who, what = int(run.top[row]), sender(run, row), content(run, row)
    if run.segments.flags[top] & RST:
        return sentence(
            f"{who}'s {what} comes behind the RST in {packet(run, top)}, "
            "whose number is higher: overtaken on the way, or that RST is none of this connection"
        )
    first = copied(run, row)
    if first is not None:
        return sentence(
            f"{who}'s {what} a second time{after(run, first, row)}{twice(run, row, first)}"
        )
    if bool(sent_before(run)[row]):
        return sentence(again(run, row))
    asked = asks(run, row)
    late = run.segments.time_ns[row] > run.segments.time_ns[top]
    when = f"{apart(run, top, row)} after" if late else "behind, at the same time as,"
    if asked:
        return sentence(
            f"{who} sends {what} when {asked}: a retransmission, whose first try was lost before "
            "the capture's place, or missed by the capture"
        )
    if is_outgoing(run, row):
        return sentence(
            f"{who} sends {what} {when} {packet(run, top)}, which belongs behind it, and was "
            "captured on its own machine, where nothing is on the way yet: sent again, and the "
            "capture missed the first try, or sent in this order"
        )
    limit = duration(int(threshold(run, np.array([row]))[0]))
    return sentence(
        f"{who}'s {what} arrives {when} {packet(run, top)}, which "
        f"belongs behind it: within one round trip ({limit}), so "
        "probably overtaken on the way and not sent again"
    )


def is_sent_again(run: Running, row: int) -> bool:
    """Whether the capture shows that it was sent again, and is not in another order."""
    return bool(sent_before(run)[row]) or bool(asks(run, row))


RULE = Rule("out_of_order", WARN, find, text)

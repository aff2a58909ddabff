"""A SYN that nobody answers: a firewall drops it, or the host is down (RFC 9293 section 3.8.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.handshakes import flow_at, port_of, until_ns
from netshell.flow.findings.icmp_errors import about
from netshell.flow.findings.rule import WARN, Rule
from netshell.flow.findings.words import amount, duration, lasted, sender, sentence
from netshell.flow.reuse import ACK, RST, SYN

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running

WAITED_NS = 1_000_000_000
"""So long must nothing have come: the time after which a SYN is sent again (RFC 6298 section 2)."""


def find(run: Running) -> NDArray[np.intp]:
    """The first segment of a flow that has SYNs of one side and nothing else, a second ago."""
    segments = run.segments
    syns = np.flatnonzero((segments.flags & (SYN | ACK | RST)) == SYN)
    if not len(syns):
        return syns
    flow, count = np.searchsorted(segments.begin, syns, "right") - 1, len(segments.numbers)
    every = np.bincount(flow, minlength=count)
    by_client = np.bincount(flow[segments.from_client[syns]], minlength=count)
    alone = (every > 0) & (every == np.diff(segments.begin))
    alone &= (by_client == 0) | (by_client == every)
    rows: NDArray[np.intp] = segments.begin[:-1][alone]
    return rows[until_ns(run) - segments.time_ns[rows] >= WAITED_NS] if len(rows) else rows


def text(run: Running, row: int) -> str:
    segments, flow = run.segments, flow_at(run, row)
    tries = int(segments.begin[flow + 1]) - row
    last = row + tries - 1
    waited_ns = until_ns(run) - int(segments.time_ns[last])
    waited = duration(waited_ns)
    how = f"within {waited} up to the capture's end"
    if tries > 1:
        spent = lasted(int(segments.time_ns[last] - segments.time_ns[row]))
        how = f"though sent {amount(tries, 'time')} within {spent}"
        how += f", and waited for {waited} more" if waited_ns >= WAITED_NS else ""
    errors = about(run, row)
    why = "a firewall drops it, or the host is down"
    if errors:
        why = f"packet {errors[0].packet} says why, {errors[0].text}"
    return sentence(
        f"nothing answers {sender(run, row)}'s SYN to port {port_of(run, row)}, {how}: {why}"
    )


RULE = Rule("syn_unanswered", WARN, find, text)

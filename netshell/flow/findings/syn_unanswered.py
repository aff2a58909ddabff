"""A SYN that nobody answers: a firewall drops it, or the host is down (RFC 9293 section 3.8.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.catalogue.said import Said
from netshell.flow.findings.handshakes import flow_at, port_of, until_ns
from netshell.flow.findings.icmp_errors import about
from netshell.flow.findings.rule import WARN, Rule
from netshell.flow.findings.words import duration, lasted
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
    errors, side = about(run, row), "client" if segments.from_client[row] else "server"
    why = Said("sentence.syn_unanswered.drops")
    if errors:
        first = errors[0]
        why = Said("sentence.syn_unanswered.icmp", packet=first.packet, text=first.text)
    values: dict[str, object] = {
        "who": Said(f"side.the.{side}"),
        "port": port_of(run, row),
        "why": why,
    }
    if tries == 1:
        return Said("sentence.syn_unanswered.one", waited=duration(waited_ns), **values)
    values |= {"count": tries}
    values |= {"span": lasted(int(segments.time_ns[last] - segments.time_ns[row]))}
    if waited_ns < WAITED_NS:
        return Said("sentence.syn_unanswered.tried", **values)
    return Said("sentence.syn_unanswered.tried_waited", waited=duration(waited_ns), **values)


RULE = Rule("syn_unanswered", WARN, find, text)

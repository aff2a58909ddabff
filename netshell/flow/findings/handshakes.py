"""Of many flows: the round trips their handshakes show, rows of theirs, and when it all ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.once import once
from netshell.flow.table import NEVER, FlowColumns
from netshell.flow.tracker import end_ns

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running

UNSEEN = -1
"""No such time: the handshake was not seen whole."""


@once
def columns(run: Running) -> FlowColumns:
    """The flow table, asked for once: while packets come, each asking works it out anew."""
    return run.segments.source.flows


@once
def until_ns(run: Running) -> int:
    """Until when the capture listened, when the findings were looked for."""
    return end_ns(run.segments)


@once
def round_trips(run: Running) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of F flows: from the capture's place to the server and back, and to the client and back, ns.

    SYN to SYN,ACK, and SYN,ACK to ACK; together the whole round trip, wherever it was captured.
    """
    flows, numbers = columns(run), run.segments.numbers
    syn, answer, ack = (times[numbers] for times in (flows.syn_ns, flows.syn_ack_ns, flows.ack_ns))
    return _apart(syn, answer), _apart(answer, ack)


def _apart(earlier: NDArray[np.int64], later: NDArray[np.int64]) -> NDArray[np.int64]:
    seen = (earlier != NEVER) & (later != NEVER) & (later >= earlier)
    return np.where(seen, np.where(seen, later, 0) - np.where(seen, earlier, 0), UNSEEN)


def flow_of(run: Running, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """The place among the F flows of each row."""
    return np.searchsorted(run.segments.begin, rows, "right") - 1


def flow_at(run: Running, row: int) -> int:
    """The place among the F flows of one row."""
    return int(np.searchsorted(run.segments.begin, row, "right")) - 1


def port_of(run: Running, row: int) -> int:
    """The server's port of a row's flow."""
    return int(columns(run).server_port[run.segments.numbers[flow_at(run, row)]])


def talks_to_itself(run: Running, row: int) -> bool:
    """Whether both ends of a row's flow are the same: no packet tells who of them sent it."""
    flows, number = columns(run), run.segments.numbers[flow_at(run, row)]
    if flows.client_port[number] != flows.server_port[number]:
        return False
    return bool((flows.client[number] == flows.server[number]).all())

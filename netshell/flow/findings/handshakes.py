"""The round trips that the handshakes of many flows show, and the flows of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.once import once
from netshell.flow.table import NEVER

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running

UNSEEN = -1
"""No such time: the handshake was not seen whole."""


@once
def round_trips(run: Running) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of F flows: from the capture's place to the server and back, and to the client and back, ns.

    SYN to SYN,ACK, and SYN,ACK to ACK; together the whole round trip, wherever it was captured.
    """
    flows, numbers = run.segments.source.flows, run.segments.numbers
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
    segments = run.segments
    return int(segments.source.flows.server_port[segments.numbers[flow_at(run, row)]])

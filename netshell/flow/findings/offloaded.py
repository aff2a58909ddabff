"""Segments that are larger than those of the wire: segmentation offload, not a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.handshakes import flow_at, flow_of
from netshell.flow.findings.once import once
from netshell.flow.findings.rule import CHAT, Rule
from netshell.flow.findings.words import amount, sender, sentence
from netshell.packet.offloads import offloaded

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running

LARGE = 1_468
"""Up to so much payload fits into a frame of the usual size."""


@once
def _all(run: Running) -> NDArray[np.intp]:
    """Every segment that is several in one, as packet.offload has it."""
    segments = run.segments
    rows = np.flatnonzero(segments.length > LARGE)
    if not len(rows):
        return rows
    packets = segments.packet[rows]
    marked = np.zeros(len(rows), np.bool_)
    for start, columns, chunk in segments.source.parts():
        mine = np.flatnonzero((packets >= start) & (packets < start + len(chunk)))
        if len(mine):
            marked[mine] = offloaded(columns, chunk, packets[mine] - start)
    return rows[marked]


def find(run: Running) -> NDArray[np.intp]:
    """The first of each side of a flow."""
    rows = _all(run)
    if not len(rows):
        return rows
    lane = flow_of(run, rows) * 2 + run.segments.from_client[rows]
    _, first = np.unique(lane, return_index=True)
    return np.sort(rows[first])


def text(run: Running, row: int) -> str:
    segments, flow, rows = run.segments, flow_at(run, row), _all(run)
    low, high = np.searchsorted(rows, segments.begin[flow : flow + 2])
    rows = rows[low:high]
    rows = rows[segments.from_client[rows] == segments.from_client[row]]
    direction = segments.source.packet(int(segments.packet[row])).direction
    what = {
        "out": "the network card cuts them later (TSO)",
        "in": "they were put together on arrival (GRO)",
    }.get(direction, "captured before a card cut them, or after they were put together")
    count, most = len(rows), int(segments.length[rows].max())
    they = "is" if count == 1 else "are"
    return sentence(
        f"{amount(count, 'segment')} of {sender(run, row)} {they} larger than any on the wire, "
        f"with up to {amount(most)}: {what}"
    )


RULE = Rule("offloaded", CHAT, find, text)

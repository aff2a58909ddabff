"""Data that arrived damaged: its receiver discards it, and its sender sends it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.handshakes import flow_of
from netshell.flow.findings.rule import ERROR, Rule
from netshell.flow.findings.words import content, receiver, sender, sentence
from netshell.packet.chunk import INCOMING

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running


def find(run: Running) -> NDArray[np.intp]:
    """Data that was received here, whole, with a checksum that it does not add up to.

    Looked at is data that was sent again, as damaged data is. Where a checksum may not be filled
    in yet (packet.checksum), or where the capture does not say what was received, there is none.
    """
    segments = run.segments
    rows = run.behind[segments.length[run.behind] > 0]
    if not len(rows) or not _says_received(run):
        return rows[:0]
    flow = flow_of(run, rows)
    some = np.zeros(len(segments.numbers), np.bool_)
    some[flow] = True
    data = np.flatnonzero(segments.length > 0)
    data = data[some[flow_of(run, data)]]
    data = data[_received(run, data)]
    if not len(data):
        return data
    lane = flow_of(run, data) * 2 + segments.from_client[data]
    order = np.lexsort((data, segments.seq[data], lane))
    data, lane = data[order], lane[order]
    seq = segments.seq[data]
    again = np.zeros(len(data), np.bool_)
    again[:-1] = (lane[1:] == lane[:-1]) & (seq[1:] == seq[:-1])
    found = [row for row in np.sort(data[again]).tolist() if _is_wrong(run, row)]
    return np.array(found, np.intp)


def _says_received(run: Running) -> bool:
    """Whether any packet is known to be received: most files do not say."""
    parts = run.segments.source.parts()
    return any((columns.group("flow")["direction"] == INCOMING).any() for _, columns, _ in parts)


def _received(run: Running, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which rows are packets that the capturing machine received."""
    segments = run.segments
    packets = segments.packet[rows]
    received = np.zeros(len(rows), np.bool_)
    for start, columns, chunk in segments.source.parts():
        mine = np.flatnonzero((packets >= start) & (packets < start + len(chunk)))
        direction = columns.group("flow")["direction"]
        received[mine] = direction[packets[mine] - start] == INCOMING
    return received


def _is_wrong(run: Running, row: int) -> bool:
    segments = run.segments
    found = segments.source.packet(int(segments.packet[row])).checksum
    return found is not None and found.state == "incorrect"


def text(run: Running, row: int) -> str:
    segments = run.segments
    found = segments.source.packet(int(segments.packet[row])).checksum
    value = "" if found is None else f" 0x{found.value:04x}"
    return sentence(
        f"{content(run, row)} of {sender(run, row)} arrived damaged, its checksum{value} is wrong: "
        f"{receiver(run, row)} discards it"
    )


RULE = Rule("checksum_wrong", ERROR, find, text)

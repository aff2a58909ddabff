"""One flow's messages, read by itself: of a large capture, or of a file that is walked."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from netshell.flow.segments import packets_in, segments_of
from netshell.flow.source import Source, Stretch
from netshell.flow.table import FlowColumns
from netshell.protocols.api import Message
from netshell.protocols.readings import Readings


def messages_of(source: Source, number: int) -> list[Message]:
    """The messages of a flow up to now, in the order of time, as all of a capture's have them."""
    readings = Readings(only=number)
    is_final = not source.running  # asked first: then the packets are the last
    packets = source if source.members() is not None else Alone(source, number)
    readings.reach(packets, is_final, source.until_ns or 0)
    return readings.of(number)


class Alone:
    """One flow's packets, found in a single pass, and kept."""

    first = 0

    def __init__(self, source: Source, number: int) -> None:
        self.flows: FlowColumns = source.flows
        self._number = number
        self._held = segments_of(source, self.flows, number).source
        self._numbers, by_client = packets_in(self._held, number)
        client = int(self.flows.client_side[number])
        self._sides = np.where(by_client, client, 1 - client).astype(np.int8)

    def parts(self) -> Iterable[Stretch]:
        return self._held.parts()

    def members(self) -> Alone:
        return self

    def stretch(self, start: int, count: int) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
        """Flow and side of packets, as :class:`~netshell.flow.source.Members` tells them."""
        flow, side = np.full(count, -1, np.int32), np.zeros(count, np.int8)
        rows = slice(*np.searchsorted(self._numbers, [start, start + count]).tolist())
        at = self._numbers[rows] - start
        flow[at], side[at] = self._number, self._sides[rows]
        return flow, side

"""Where the packets of flows can be looked at again.

The flow table keeps nothing of single packets. Who holds the packets (a capture in memory, a file
that is walked) is a :class:`Source`; :class:`Held` is the one for packets that are all at hand.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from netshell.errors import Unavailable
from netshell.flow.table import FlowColumns, FlowTable
from netshell.packet.chunk import Chunk
from netshell.packet.packet import Packet
from netshell.packet.table import Columns
from netshell.results import Records

Stretch = tuple[int, Columns, Chunk]
"""The number of a stretch's first packet, its packets decoded, and the same ones raw."""


@dataclass(frozen=True, slots=True)
class Members:
    """Which flow each packet from number ``first`` on is in (-1: none), and which side sent it."""

    first: int
    flow: NDArray[np.int32]
    side: NDArray[np.int8]

    def stretch(self, start: int, count: int) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
        """Flow and side of some packets; flow -1 for those that are not known (yet, any more)."""
        at = start - self.first
        if at >= 0 and at + count <= len(self.flow):
            return self.flow[at : at + count], self.side[at : at + count]
        flow, side = np.full(count, -1, np.int32), np.zeros(count, np.int8)
        known = slice(max(at, 0), max(at + count, 0))
        found = self.flow[known]
        there = slice(max(-at, 0), max(-at, 0) + len(found))
        flow[there], side[there] = found, self.side[known]
        return flow, side


class Source(Protocol):
    """Packets, numbered from 0 on, and the flows they are in."""

    def parts(self) -> Iterable[Stretch]:
        """The stretches held, in order."""
        ...

    def packet(self, number: int) -> Packet:
        """One packet. Raises IndexError for one that is not there (any more)."""
        ...

    @property
    def flows(self) -> FlowColumns:
        """The flow table of this moment; a flow keeps its row when packets are added."""
        ...

    def members(self) -> Members | None:
        """Flow and side of every packet; None where that is not kept."""
        ...

    def messages(self, flow: int) -> Records[Any]:
        """What a flow's two sides said. Raises Unavailable where that is not read."""
        ...

    def queries(self, flow: int, reveal: bool = False) -> Records[Any]:
        """The SQL among them. Raises Unavailable where that is not read."""
        ...

    def name(self, client: str, server: str, start_ns: int) -> str:
        """What a client knew a server by when it turned to it; empty where nothing tells."""
        ...

    @property
    def running(self) -> bool:
        """Whether more packets may come."""
        ...

    @property
    def total(self) -> int:
        """Packets up to now, those let go included."""
        ...

    @property
    def until_ns(self) -> int | None:
        """Until when it listened, by the clock of the packets; None: not known."""
        ...

    @property
    def hosts(self) -> Mapping[str, Sequence[str]]:
        """Names by address, as far as something told them."""
        ...

    @property
    def lasting(self) -> bool:
        """Whether the bytes of a stretch stay in memory anyway (else: keep few of them)."""
        ...


class Held:
    """A source of packets that are all at hand, and no more to come."""

    running = False
    lasting = True
    until_ns: int | None = None
    hosts: Mapping[str, Sequence[str]] = MappingProxyType({})

    def __init__(
        self,
        parts: Sequence[Stretch],
        flows: FlowColumns | None = None,
        members: Members | None = None,
    ) -> None:
        self._parts = parts
        self._members = members
        self._flows = flows

    def parts(self) -> Sequence[Stretch]:
        return self._parts

    def packet(self, number: int) -> Packet:
        start, columns, chunk = self._parts[holding(self._parts, number)]
        if not 0 <= number - start < len(chunk):
            raise IndexError(f"packet {number}")
        return Packet(number, columns, number - start, chunk.frame(number - start))

    @property
    def flows(self) -> FlowColumns:
        if self._flows is None:
            self._flows, self._members = counted(self._parts)
        return self._flows

    def members(self) -> Members | None:
        if self._flows is None:
            self._flows, self._members = counted(self._parts)
        return self._members

    def messages(self, flow: int) -> Records[Any]:
        raise Unavailable(
            f"the messages of flow {flow} are not read",
            why="its packets are by themselves",
            next_step="take the flow from a capture's .flows",
        )

    def queries(self, flow: int, reveal: bool = False) -> Records[Any]:
        return self.messages(flow)  # which raises

    def name(self, client: str, server: str, start_ns: int) -> str:
        return next(iter(self.hosts.get(server, ())), "")

    @property
    def total(self) -> int:
        return self._parts[-1][0] + len(self._parts[-1][2]) if self._parts else 0


def holding(parts: Sequence[Stretch], number: int) -> int:
    """Which of the stretches has a packet."""
    return max(bisect.bisect_right(parts, number, key=lambda part: part[0]) - 1, 0)


def counted(parts: Iterable[Stretch]) -> tuple[FlowColumns, Members]:
    """The flows of some packets, and which one each packet is in."""
    flow: list[NDArray[np.int32]] = [np.zeros(0, np.int32)]
    side: list[NDArray[np.int8]] = [np.zeros(0, np.int8)]

    def observer(flows: NDArray[np.int32], sides: NDArray[np.int8]) -> None:
        flow.append(flows)
        side.append(sides)

    table, first = FlowTable(observer), None
    for start, columns, _ in parts:
        if first is None:
            first = start
            table.skip(start)
        table.extend(columns)
    return table.columns(), Members(first or 0, np.concatenate(flow), np.concatenate(side))

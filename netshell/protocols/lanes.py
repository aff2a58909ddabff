"""Which packets are looked at: those of flows that are read, as far as they tell something.

A lane is what one side of a flow sends: two lanes a flow, by its number.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netshell.flow.flow_columns import FlowColumns
from netshell.flow.reuse import ACK, FIN, RST, SYN
from netshell.packet.columns import BITS

TCP, UDP = 6, 17

_USABLE = BITS["seq"] | BITS["ack"] | BITS["sport"]
_SPECIAL = SYN | FIN | RST
_MOST, _HALF = 0xFFFF_FFFF, 1 << 31


class Picked(NamedTuple):
    """Rows of a stretch of packets, ascending, and where their payloads are."""

    rows: NDArray[np.intp]
    begin: NDArray[np.int64]  # of the captured bytes, in the chunk's data
    end: NDArray[np.int64]
    size: NDArray[np.int64]  # on the wire
    is_part: NDArray[np.bool_]  # a datagram of which other fragments have bytes


class Lanes:
    """What is known of flows, many at a time."""

    def __init__(self, only: int | None = None) -> None:
        """``only``: the number of the one flow that is read."""
        self._only, self._count = only, 0
        self.is_read = np.zeros(1, np.bool_)
        """By flow, whether it is read; the last one is for packets in none."""
        self.knows = np.zeros(0, np.bool_)
        """By lane, whether it is known where its sequence numbers are."""
        self.seen = np.zeros(0, np.int64)
        """By flow, its last packet that was looked at."""
        self._last = np.zeros(0, np.int64)

    def grow(self, flows: FlowColumns, transports: Collection[str]) -> None:
        """Room for flows that are new."""
        count, known = len(flows), self._count
        if count <= known:
            return
        if count >= len(self.is_read):
            room = 2 * count + 64
            is_read = np.zeros(room + 1, np.bool_)
            is_read[:known] = self.is_read[:known]
            knows, last = np.zeros(2 * room, np.bool_), np.empty(2 * room, np.int64)
            knows[: 2 * known] = self.knows[: 2 * known]
            seen = np.full(room, -1, np.int64)
            seen[:known] = self.seen[:known]
            self.is_read, self.knows, self._last, self.seen = is_read, knows, last, seen
        protos = [number for number, name in ((TCP, "tcp"), (UDP, "udp")) if name in transports]
        self.is_read[known:count] = np.isin(flows.proto[known:], protos)
        if self._only is not None:
            self.is_read[known:count] &= np.arange(known, count) == self._only
        self._count = count

    def pick(
        self, start: int, columns: Any, chunk: Any, flow: NDArray[np.int32],
        side: NDArray[np.int8],
    ) -> Picked | None:  # fmt: skip
        """The packets, from number ``start`` on, that may tell something; None if there is none."""
        is_read = self.is_read.take(flow, mode="wrap")
        if not is_read.any():
            return None
        group = columns.group("flow")
        flags, size, proto = group["tcp_flags"], group["payload_len"], group["proto"]
        mask = group["mask"]
        is_tcp = (proto == TCP) & (flags >= 0) & (size >= 0) & (mask & _USABLE == _USABLE)
        is_udp = (proto == UDP) & (size > 0) & (mask & BITS["sport"] > 0)
        special = is_udp | (is_tcp & ((size > 0) | (flags & _SPECIAL > 0)))
        rows = np.flatnonzero(is_read & (is_tcp | is_udp))
        if not len(rows):
            return None
        self.seen[flow[rows]] = start + rows
        # Of acknowledgments, each side's last one in a stretch tells as much as those before it,
        # but such as say more: they were captured in the wrong order. All are wanted until it is
        # known where both sides' numbers are.
        lane = 2 * flow[rows].astype(np.int64) + side[rows]
        self._last[lane] = rows
        last = self._last[lane]
        says_less = (group["ack"][rows] - group["ack"][last] - 1) & _MOST < _HALF
        says_less |= flags[last] & (ACK | RST) != ACK
        knows = self.knows[lane] & self.knows[lane ^ 1]
        rows = rows[special[rows] | ~knows | (last == rows) | says_less]
        held = chunk.captured_len[rows].astype(np.int64)
        skip = np.minimum(group["payload_offset"][rows], held)
        wire = size[rows].astype(np.int64)
        begin = chunk.offset[rows] + skip
        is_part = is_udp[rows]
        if is_part.any():
            is_part[is_part] = columns[rows[is_part]].more_fragments
        return Picked(rows, begin, begin + np.minimum(wire, held - skip), wire, is_part)

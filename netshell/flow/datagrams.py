"""What the two sides of a UDP flow sent: datagrams, whole as they were captured, each by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from netshell.flow import reassembly
from netshell.flow.coverage import Places
from netshell.flow.payloads import Payloads
from netshell.flow.segments import packets_in
from netshell.flow.sides import Side
from netshell.flow.source import Source
from netshell.flow.stretches import REASONS, Gap, counted


@dataclass(frozen=True, eq=False)
class Datagrams:
    """The payloads of one side, end to end; ``rows`` are their places among the flow's packets."""

    side: Side
    rows: NDArray[np.intp]
    _numbers: NDArray[np.int64]
    _lengths: Places
    _payloads: Payloads

    @cached_property
    def ends(self) -> Places:
        """Where each one's captured payload ends."""
        return np.cumsum(self._payloads.captured[self.rows])

    @property
    def arrivals(self) -> NDArray[np.intp]:
        """Each is readable when it comes."""
        return self.rows

    @property
    def carriers(self) -> NDArray[np.int64]:
        """The packet of each one."""
        numbers: NDArray[np.int64] = self._numbers[self.rows]
        return numbers

    def octets(self, begin: int, end: int) -> bytes:
        """Bytes ``begin`` to ``end`` of the payloads end to end."""
        if end <= begin:
            return b""
        first = int(np.searchsorted(self.ends, begin, side="right"))
        last = int(np.searchsorted(self.ends, end, side="left")) + 1
        rows, ends = self.rows[first:last], self.ends[first:last]
        lengths = self._payloads.captured[rows]
        ahead = np.maximum(begin - (ends - lengths), 0)
        behind = np.maximum(ends - end, 0)
        return self._payloads.joined(rows, ahead, lengths - ahead - behind)

    @property
    def size(self) -> int:
        """Bytes on the wire."""
        return int(self._lengths[self.rows].sum())

    def __len__(self) -> int:
        return int(self.ends[-1]) if len(self.ends) else 0

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """What was cut off the datagrams; ``seq`` counts datagrams."""
        lacking = self._lengths[self.rows] - self._payloads.captured[self.rows]
        return tuple(
            Gap(int(self.ends[at]), int(lacking[at]), at, REASONS[reassembly.CUT])
            for at in np.flatnonzero(lacking > 0).tolist()
        )

    @cached_property
    def before(self) -> NDArray[np.intp]:
        """Of each gap, the datagram it is in."""
        return np.array([gap.seq for gap in self.gaps], np.intp)

    def remarks(self) -> Iterator[str]:
        """What is wrong, in words."""
        if self.gaps:
            missing = sum(gap.length for gap in self.gaps)
            where = counted(len(self.gaps), "datagram")
            yield f"{self.side}: {counted(missing)} of {where} cut off when captured (snaplen)"


def datagrams_of(source: Source, number: int) -> tuple[Datagrams, Datagrams, NDArray[np.int64]]:
    """What the client and what the server of a flow sent, and the time of each of its packets."""
    numbers, by_client = packets_in(source, number)
    numbers = numbers.astype(np.int64)
    count = len(numbers)
    time_ns, lengths = np.zeros(count, np.int64), np.zeros(count, np.int64)
    parts = []
    for start, columns, chunk in source.parts():
        rows = slice(*np.searchsorted(numbers, [start, start + len(chunk)]).tolist())
        if rows.start == rows.stop:
            continue
        at = numbers[rows] - start
        few = columns[at]
        time_ns[rows] = few.time_ns
        lengths[rows] = np.maximum(few.payload_len, 0)
        parts.append((start, columns, chunk))
    payloads = Payloads(parts, numbers, lengths)

    def of(side: Side, rows: NDArray[np.intp]) -> Datagrams:
        return Datagrams(side, rows, numbers, lengths, payloads)

    return (
        of("client", np.flatnonzero(by_client)), of("server", np.flatnonzero(~by_client)), time_ns
    )  # fmt: skip

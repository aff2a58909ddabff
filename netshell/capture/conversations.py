"""A capture's flow table, kept up with its packets: only those that are new are looked at."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from netshell.capture.store import Part
from netshell.flow.table import FlowColumns, FlowTable
from netshell.packet.chunk import Chunk
from netshell.packet.table import Columns

FEW = 1 << 14
"""So many packets are not worth a thread."""


class Conversations:
    """The flows of packets 0 to N, growing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._table = FlowTable()

    def reach(self, parts: Sequence[Part]) -> FlowColumns:
        """The flows of all these packets; those counted once stay when packets are let go."""
        with self._lock:
            if parts and parts[0].start > self._table.packets:  # let go before anybody asked
                self._table.skip(parts[0].start - self._table.packets)
            count_flows(self._table, self._new(parts))
            return self._table.columns()

    def _new(self, parts: Sequence[Part]) -> Iterator[tuple[Columns, Chunk]]:
        done = self._table.packets
        for part in parts:
            if part.end <= done:
                continue
            old = max(done - part.start, 0)
            done = part.end
            yield (part.columns[old:], part.chunk[old:]) if old else (part.columns, part.chunk)


def count_flows(table: FlowTable, stretches: Iterable[tuple[Columns, Chunk]]) -> None:
    """Give stretches of packets to a table; the next one is decoded while one is counted."""
    with ThreadPoolExecutor(1, "netshell-decode") as pool:
        waiting: tuple[Future[Any] | None, Columns, Chunk] | None = None
        for columns, chunk in stretches:
            ahead = pool.submit(columns.group, "flow") if len(columns) > FEW else None
            if waiting is not None:
                _take(table, *waiting)
            waiting = ahead, columns, chunk
        if waiting is not None:
            _take(table, *waiting)


def _take(table: FlowTable, ahead: Future[Any] | None, columns: Columns, chunk: Chunk) -> None:
    if ahead is not None:
        ahead.result()
    table.extend(columns, chunk)

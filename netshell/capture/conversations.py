"""A capture's flow table, kept up with its packets: only those that are new are looked at."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.capture.postponed import postponed
from netshell.capture.store import Part
from netshell.flow.source import Members
from netshell.flow.table import FlowColumns, FlowTable
from netshell.packet.table import Columns

FEW = 1 << 14
"""So many packets are not worth a thread."""


class Conversations:
    """The flows of packets 0 to N, growing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._table = FlowTable(self._note)
        self._columns: FlowColumns | None = None  # of so many packets, as long as there are no more
        self._counted = 0
        # Of the packets counted that are held: with some room behind them.
        self._first = self._filled = 0
        self._flow, self._side = np.empty(0, np.int32), np.empty(0, np.int8)

    def reach(self, parts: Sequence[Part], whole: bool = False) -> FlowColumns:
        """The flows of all these packets; those counted once stay when packets are let go.

        ``whole``: all of their columns will be wanted, which are decoded faster in one go.
        """
        with self._lock:
            if parts and parts[0].start > self._table.packets:  # let go before anybody asked
                self._table.skip(parts[0].start - self._table.packets)
            if parts and parts[0].start > self._first:
                self._forget(parts[0].start - self._first)
            known = self._columns
            if known is not None and (not parts or parts[-1].end <= self._counted):
                return known  # asked for again and again, by each text of a finding
            count_flows(self._table, self._new(parts), whole)
            if self._columns is None or self._table.packets != self._counted:
                self._columns, self._counted = self._table.columns(), self._table.packets
            return self._columns

    def members(self) -> Members:
        """Flow and side of the packets counted, as far as they were held when they were."""
        with self._lock:
            # What is appended goes behind these views, or into other arrays.
            return Members(self._first, self._flow[: self._filled], self._side[: self._filled])

    def _note(self, flow: NDArray[np.int32], side: NDArray[np.int8]) -> None:
        end = self._filled + len(flow)
        if end > len(self._flow):
            room = end + end // 8
            self._flow = _longer(self._flow[: self._filled], room)
            self._side = _longer(self._side[: self._filled], room)
        self._flow[self._filled : end], self._side[self._filled : end] = flow, side
        self._filled = end

    def _forget(self, count: int) -> None:
        """Drop those of the oldest packets."""
        self._first += count
        kept = slice(count, max(self._filled, count))
        self._flow = self._flow[: self._filled][kept].copy()
        self._side = self._side[: self._filled][kept].copy()
        self._filled = len(self._flow)

    def _new(self, parts: Sequence[Part]) -> Iterator[Columns]:
        done = self._table.packets
        for part in parts:
            if part.end <= done:
                continue
            old = max(done - part.start, 0)
            done = part.end
            yield part.columns[old:] if old else part.columns


def count_flows(table: FlowTable, stretches: Iterable[Columns], whole: bool = False) -> None:
    """Give stretches of packets to a table; the next one is decoded while one is counted."""
    with ThreadPoolExecutor(1, "netshell-decode") as pool:
        waiting: tuple[Future[Any] | None, Columns] | None = None
        for columns in stretches:
            decode = columns.load if whole else partial(columns.group, "flow")
            ahead = pool.submit(decode) if len(columns) > FEW else None
            if waiting is not None:
                _take(table, *waiting)
            waiting = ahead, columns
        if waiting is not None:
            _take(table, *waiting)


def _take(table: FlowTable, ahead: Future[Any] | None, columns: Columns) -> None:
    if ahead is not None:
        ahead.result()
    with postponed():  # else some were counted in half of its columns only
        table.extend(columns)


def _longer(array: NDArray[Any], room: int) -> NDArray[Any]:
    grown = np.empty(room, array.dtype)
    grown[: len(array)] = array
    return grown

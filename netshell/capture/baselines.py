"""Relative numbers and window scales of a capture's packets, worked out as far as they are needed.

They depend on everything before a packet, so they are computed in capture order and kept by
packet number, apart from the parts of the store, which may be merged. Those of packets that the
store has let go are let go too.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from netshell.capture.store import Part
from netshell.flow.baseline import UNKNOWN, Baseline, Baselines

FORGET_FLOWS = 1 << 16
"""From so many connections on, they are forgotten where they are far more than the packets."""

FAR = 1 << 17
"""Packets whose baselines take about a tenth of a second."""


class Running:
    """The baselines of packets 0 to N, growing; or, ``known`` before, those of a selection."""

    def __init__(self, known: Baseline | None = None) -> None:
        self._lock = threading.Lock()
        self._state = Baselines()
        self._first = 0  # number of the first packet the arrays have
        self._done = 0 if known is None else len(known)
        self._arrays = known or Baseline(
            np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int8)
        )

    def reach(self, count: int, parts: Sequence[Part]) -> None:
        """Work out those of the packets before number ``count``, at least."""
        with self._lock:
            if parts and parts[0].start > self._first:
                self._forget(parts[0].start)
            for part in parts:
                if self._done >= count:
                    break
                if part.end > self._done:
                    self._append(self._state.extend(part.columns[self._done - part.start :]))

    def _forget(self, first: int) -> None:
        """Drop those of packets before ``first``."""
        kept = slice(first - self._first, max(first, self._done) - self._first)
        arrays = self._arrays
        self._arrays = Baseline(
            arrays.seq_base[kept].copy(), arrays.ack_base[kept].copy(),
            arrays.window_shift[kept].copy(),
        )  # fmt: skip
        self._first = first
        self._done = max(first, self._done)
        if len(self._state) > max(FORGET_FLOWS, 2 * (self._done - first)):
            self._state = Baselines()  # those still under way count from here on

    def _append(self, more: Baseline) -> None:
        start = self._done - self._first
        end = start + len(more)
        if end > len(self._arrays):
            room = max(end, 2 * len(self._arrays))
            self._arrays = Baseline(
                _grown(self._arrays.seq_base, room),
                _grown(self._arrays.ack_base, room),
                _grown(self._arrays.window_shift, room),
            )
        self._arrays.seq_base[start:end] = more.seq_base
        self._arrays.ack_base[start:end] = more.ack_base
        self._arrays.window_shift[start:end] = more.window_shift
        self._done += len(more)

    def is_far(self, count: int) -> bool:
        """Whether those of so many packets take longer to work out than anybody waits for."""
        return count - self._done > FAR

    def row(self, number: int) -> tuple[int, int, int]:
        """One packet's, reached before; unknown if it was let go since."""
        with self._lock:
            at = number - self._first
            return self._arrays.row(at) if at >= 0 else (UNKNOWN, UNKNOWN, UNKNOWN)

    def selected(self, numbers: Any) -> Running:
        """Those of some packets, reached before, for a capture made of them."""
        with self._lock:
            arrays, at = self._arrays, numbers - self._first
            gone, at = at < 0, np.maximum(at, 0)
            if gone.all():  # none at all, too
                nothing = np.full(len(at), UNKNOWN, np.int64)
                return Running(Baseline(nothing, nothing, nothing.astype(np.int8)))
            return Running(
                Baseline(
                    np.where(gone, UNKNOWN, arrays.seq_base[at]),
                    np.where(gone, UNKNOWN, arrays.ack_base[at]),
                    np.where(gone, UNKNOWN, arrays.window_shift[at]).astype(np.int8),
                )
            )


def _grown(array: Any, room: int) -> Any:
    grown = np.empty(room, array.dtype)
    grown[: len(array)] = array
    return grown

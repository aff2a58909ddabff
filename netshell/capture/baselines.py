"""Relative numbers and window scales of a capture's packets, worked out as far as they are needed.

They depend on everything before a packet, so they are computed in capture order and kept by
packet number, apart from the parts of the store, which may be merged.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from netshell.capture.store import Part
from netshell.flow.baseline import Baseline, Baselines


class Running:
    """The baselines of packets 0 to N, growing; or, ``known`` before, those of a selection."""

    def __init__(self, known: Baseline | None = None) -> None:
        self._lock = threading.Lock()
        self._state = Baselines()
        self._done = 0 if known is None else len(known)
        self._arrays = known or Baseline(
            np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int8)
        )

    def reach(self, count: int, parts: Sequence[Part]) -> None:
        """Work out those of the first ``count`` packets, at least."""
        with self._lock:
            for part in parts:
                if self._done >= count:
                    break
                if part.end > self._done:
                    self._append(self._state.extend(part.columns[self._done - part.start :]))

    def _append(self, more: Baseline) -> None:
        end = self._done + len(more)
        if end > len(self._arrays):
            room = max(end, 2 * len(self._arrays))
            self._arrays = Baseline(
                _grown(self._arrays.seq_base, room),
                _grown(self._arrays.ack_base, room),
                _grown(self._arrays.window_shift, room),
            )
        self._arrays.seq_base[self._done : end] = more.seq_base
        self._arrays.ack_base[self._done : end] = more.ack_base
        self._arrays.window_shift[self._done : end] = more.window_shift
        self._done = end

    def row(self, number: int) -> tuple[int, int, int]:
        """One packet's, reached before."""
        return self._arrays.row(number)

    def selected(self, numbers: Any) -> Running:
        """Those of some packets, reached before, for a capture made of them."""
        arrays = self._arrays
        return Running(
            Baseline(
                arrays.seq_base[numbers], arrays.ack_base[numbers], arrays.window_shift[numbers]
            )
        )


def _grown(array: Any, room: int) -> Any:
    grown = np.empty(room, array.dtype)
    grown[: len(array)] = array
    return grown

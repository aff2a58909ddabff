"""How a capture is doing: whether it runs, what it lost, what ended it, where it wrote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from netshell.capture.run import Run
from netshell.capture.stats import CaptureStats
from netshell.capture.store import Store
from netshell.errors import NetshellError
from netshell.packet.remarks import Remarks
from netshell.results import Tabular


class Stated(Tabular):
    """What a capture knows of itself without looking at a packet's fields."""

    remarks: Remarks
    _store: Store
    _run: Run | None
    _problem: NetshellError | None

    def __len__(self) -> int:
        """Packets captured, those that were let go included: a packet's number never changes."""
        return self._store.total

    @property
    def running(self) -> bool:
        """Whether more packets may come."""
        return self._run is not None and self._run.running

    @property
    def problem(self) -> NetshellError | None:
        """What ended the capture early or cut the file short; what was captured is kept."""
        return self._run.problem if self._run is not None else self._problem

    @property
    def notes(self) -> Sequence[str]:
        """What the user should know: lost interfaces, a full disk; of a file, what it says and
        is not kept (see ``Remarks.notes``)."""
        return self.remarks.notes if self._run is None else self._run.notes

    @property
    def stats(self) -> CaptureStats:
        """Packets received and dropped up to now, and what capturing them cost."""
        size, truncated = self._store.totals()
        if self._run is None:
            return CaptureStats(len(self), self.remarks.dropped, 0, truncated, size)
        lost, costs = self._run.counters(), self._run.costs()
        return CaptureStats(
            received=len(self),
            dropped=lost.dropped,
            dropped_by_interface=lost.dropped_by_interface,
            truncated=truncated,
            bytes=size,
            let_go=self._store.first,
            written=costs.written,
            unwritten=costs.unwritten,
            seconds=costs.seconds,
            cpu=costs.cpu_s / costs.seconds if costs.seconds > 0 else 0.0,
        )

    @property
    def dropped(self) -> int:
        """``stats.dropped``, without looking at any packet."""
        return self.remarks.dropped if self._run is None else self._run.counters().dropped

    @property
    def first(self) -> int:
        """The number of the oldest packet held: 0 unless ``keep`` has let older ones go."""
        return self._store.first

    @property
    def files(self) -> tuple[Path, ...]:
        """What ``write`` has written and ``files`` has not deleted, oldest first."""
        return () if self._run is None else tuple(self._run.files)

    @property
    def link(self) -> int | None:
        """LINKTYPE_ number of the packets' first header; None without packets, or with several."""
        links = self.links
        return links[0] if len(links) == 1 else None

    @property
    def links(self) -> tuple[int, ...]:
        """Every LINKTYPE_ number among the packets."""
        found: set[int] = set()
        for part in self._store.parts():
            found.update(np.unique(part.chunk.link).tolist())
        return tuple(sorted(found))

"""How far a long walk is: a bar on a terminal, which comes after half a second."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Self

PATIENCE_S = 0.5
"""What ends sooner shows nothing."""


class Progress:
    """A bar on standard error while it is open; nothing where that is no terminal.

    >>> with Progress("reading x.pcap", size=1 << 30) as progress:      # doctest: +SKIP
    ...     progress.at(1 << 20, "21,000 packets")
    """

    def __init__(self, what: str, size: int | None) -> None:
        self._what, self._size = what, size
        self._due = time.monotonic() + PATIENCE_S
        self._bar: Any = None
        self._task: Any = None
        self._shown = sys.stderr is not None and sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def at(self, done: int, note: str = "") -> None:
        """So many bytes are done; ``note`` stands behind the bar."""
        if not self._shown or (self._bar is None and time.monotonic() < self._due):
            return
        if self._bar is None:
            self._start()
        self._bar.update(self._task, completed=done, note=note)

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(binary_units=False),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}", markup=False),
            console=Console(file=sys.stderr),
            transient=True,
        )
        self._task = self._bar.add_task(self._what, total=self._size, note="")
        self._bar.start()

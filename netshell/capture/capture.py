"""The capture that users hold."""

from __future__ import annotations

from typing import Any
import time
from collections.abc import Sequence
from netshell.capture.store import Store
from netshell.results import Result


class Capture(Result):
    def __init__(self, store: Store, *, names: Sequence[str], ifaces: Sequence[str] = (), filter_text: str = "", run: Any = None) -> None:
        self.store = store
        self.names = tuple(names)
        self.ifaces = tuple(ifaces)
        self.filter_text = filter_text
        self.run = run

    def __len__(self) -> int:
        return self.store.total

    def stop(self) -> Capture:
        if self.run is not None:
            self.run.stop()
        return self
    def wait(self, count=None, seconds=None):
        self.store.wait(count or 1<<62, None if seconds is None else time.monotonic()+seconds)
        return self

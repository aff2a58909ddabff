"""Results that go on while their capture runs, until they are stopped."""

from __future__ import annotations

import threading
from typing import Self

from netshell.results import Result


class Ongoing(Result):
    """What goes on as long as its origin does, or until :meth:`stop`."""

    def __init__(self) -> None:
        self._stopped = threading.Event()

    @property
    def origin_runs(self) -> bool:
        """Whether what it is about goes on."""
        raise TypeError(f"{type(self).__name__} has no origin")

    @property
    def running(self) -> bool:
        """Whether more may come."""
        return not self.stopped and self.origin_runs

    @property
    def stopped(self) -> bool:
        """Whether :meth:`stop` has ended it."""
        return self._stopped.is_set()

    def stop(self) -> Self:
        """End it; the capture goes on."""
        self._stopped.set()
        return self

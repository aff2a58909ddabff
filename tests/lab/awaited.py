"""Waiting for what a test wants to see."""

from __future__ import annotations

import time
from collections.abc import Callable

from patience import DEADLINE_S


def await_true(what: Callable[[], bool]) -> None:
    """Return once it is so; fail where that never happens."""
    deadline = time.monotonic() + DEADLINE_S
    while not what():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)

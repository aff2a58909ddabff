"""Captures and the end of their process: the interpreter's exit, and fork.

At exit they end before the interpreter waits for the program's threads: one that iterates a
capture would never end by itself. Ctrl-C is not heard meanwhile, so that files are whole and
nothing is printed; it takes some 20 ms.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import threading
import weakref
from collections.abc import Iterator
from typing import Any, Protocol


class Run(Protocol):
    """What is to end."""

    def stop(self) -> None: ...
    def forked(self) -> None: ...


_runs: weakref.WeakSet[Any] = weakref.WeakSet()
_registered: list[bool] = []


def watch(run: Run) -> None:
    """End this one with the process; in a forked child, tell it at once."""
    _runs.add(run)
    if not _registered:
        _registered.append(True)
        # threading's own is called before it waits for threads; atexit's functions come after.
        getattr(threading, "_register_atexit", atexit.register)(end_all)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_forked)


def end_all() -> None:
    """End every capture that runs, whatever signals come."""
    with uninterrupted():
        for run in list(_runs):
            run.stop()


def _forked() -> None:
    for run in list(_runs):
        run.forked()
    _runs.clear()


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Without Ctrl-C in between."""
    before = signal.getsignal(signal.SIGINT)
    if before is None or threading.current_thread() is not threading.main_thread():
        yield  # only the main thread is interrupted by it
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)

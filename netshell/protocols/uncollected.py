"""Much is made and all of it kept: then the search for garbage only costs."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_asked = 0  # how many are at it
_was_on = False


@contextmanager
def uncollected(is_much: bool = True) -> Iterator[None]:
    """Let no garbage be looked for meanwhile, in any thread; then it is as it was before.

    Python looks through what was made again and again while more is made, which takes a third of
    the time where a hundred thousand messages are. What refers to itself in a circle stays until
    the end of it; all else is let go of at once, as ever. Not ``is_much``: nothing changes.
    """
    global _asked, _was_on
    if not is_much:
        yield
        return
    with _lock:
        if not _asked:
            _was_on = gc.isenabled()
            gc.disable()
        _asked += 1
    try:
        yield
    finally:
        with _lock:
            _asked -= 1
            if not _asked and _was_on:
                if not gc.get_freeze_count():  # what is new is old now, and not looked through
                    gc.freeze()
                    gc.unfreeze()
                gc.enable()

"""Work that several findings share: done once for the same segments, and forgotten with them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running

T = TypeVar("T")


def once(work: Callable[[Running], T]) -> Callable[[Running], T]:
    """The function, whose result is kept as long as what it was given. It must not refer to it."""
    known: WeakKeyDictionary[Running, T] = WeakKeyDictionary()

    @wraps(work)
    def asked(run: Running) -> T:
        if run not in known:
            known[run] = work(run)
        return known[run]

    return asked

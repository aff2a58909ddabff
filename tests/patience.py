"""Tries again, with more time: how a test holds where other programs want the processor, too.

What is asserted stays as it is; what was measured or asked for in a bad moment is done once more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest

from netshell.errors import NetshellError

T = TypeVar("T")

DEADLINE_S = 60
"""How long a condition may take to come true: only what never does, is waited for that long."""


def shortest(measure: Callable[[], float], enough_s: float, tries: int = 30) -> float:
    """The shortest time of some tries; there are no more of them once one was short enough."""
    took_s = [measure()]
    while min(took_s) > enough_s and len(took_s) < tries:
        took_s.append(measure())
    return min(took_s)


def until_it_holds(attempt: Callable[[float], T], timeouts_s: Sequence[float]) -> T:
    """What an attempt returns; where it fails, it is made again with the next timeout.

    The first timeouts are short, for a test that is to see them pass. What is wrong fails with
    each of them; the last failure is the test's.
    """
    for timeout_s in timeouts_s[:-1]:
        try:
            return attempt(timeout_s)
        except (AssertionError, NetshellError, OSError, pytest.fail.Exception):
            continue
    return attempt(timeouts_s[-1])

"""The lessons, one file each: what is asked about what the lab plays.

:data:`LESSONS` is the list, by name; a lesson is imported when it is taken. To add one: write
``lessons/<name>.py`` with a ``PLAN``, add its name here, its texts to the catalogue
(``lesson.toml``) and a line to the CHANGELOG. The tests take every one of the list.
"""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, TypeGuard

from netshell.errors import NotFound, brief

if TYPE_CHECKING:
    from netshell.commands.teaching.plan import Plan

LESSONS: tuple[str, ...] = (
    "handshake",
    "teardown",
    "close_wait",
    "half_close",
    "refused_or_filtered",
    "retransmission",
    "zero_window",
    "keep_alive",
    "nagle",
    "dns",
    "http_keep_alive",
    "slow_query",
)


def load(name: object) -> Plan:
    """A lesson by its name.

    Raises NotFound, naming the nearest ones.
    """
    wanted = name.strip().lower().replace("-", "_").replace(" ", "_") if _usable(name) else ""
    if wanted not in LESSONS:
        near = get_close_matches(wanted, LESSONS, n=2, cutoff=0.5)
        raise NotFound(
            f"no lesson {brief(name)}",
            next_step=f"did you mean {' or '.join(near)}?" if near else "lesson() lists them",
        )
    found: Plan = import_module(f"netshell.commands.lessons.{wanted}").PLAN
    return found


def _usable(name: object) -> TypeGuard[str]:
    """Whether it is worth looking for."""
    return isinstance(name, str) and len(name) <= 100

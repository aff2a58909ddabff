"""How a conversation ended, by the words that the table of flows has for it."""

from __future__ import annotations

from netshell.catalogue import source, text
from netshell.commands.explain.explanation import Explanation
from netshell.flow.ending import PHRASES

_KEYS = (
    "not_tcp", "open", "no_answer", "unfinished", "refused", "cut_off", "aborted", "after_close",
    "stray", "closed", "at_once", "half", "unacknowledged", "one_sided", "silent",
)  # fmt: skip
"""In the order of the kinds in netshell.flow.ending."""


def ending(said: str) -> Explanation | None:
    """What a phrase like "RST by server: aborted" means; None for other words."""
    words = " ".join(said.lower().split())
    place = next((i for i, phrase in enumerate(PHRASES) if phrase.lower() == words), None)
    if place is None or not words:
        return None
    meant = text(f"ending.{_KEYS[place // 2]}")
    lines = (meant, text("ending.line.find", phrase=PHRASES[place]))
    return Explanation("ending", PHRASES[place], lines, source("ending.all"))

"""What a classic command leaves behind: its records, and its exit status."""

from __future__ import annotations

from typing import Any, NamedTuple


class Outcome(NamedTuple):
    """What a command found, and the status that the tool would end with."""

    records: Any = None
    """What stays in ``_`` at the prompt: sockets, interfaces, answers, a capture."""
    status: int = 0
    """The exit status, the tool's own where it has several (dig: 9, no server answered)."""

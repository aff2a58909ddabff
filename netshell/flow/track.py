"""What following a connection leaves: the steps that each of its ends took, and remarks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from netshell.flow.state import State


class Change(NamedTuple):
    """A step of one end: after which row of the segments, to which state, and why."""

    row: int
    state: State
    shown: bool
    event: str  # the machine's, or "RST sent", "RST arrives"; "" for what was so from the start


@dataclass(slots=True)
class End:
    """One end while the packets go by, and the steps it took."""

    side: int
    state: State
    passive: bool = False
    fin: int | None = None  # the number behind its FIN
    doubted: bool = False  # whether an acknowledgment for it got lost
    since_ns: int = 0  # when TIME_WAIT began
    changes: list[Change] = field(default_factory=list)
    connected: bool = False  # whether it was ever in another state than CLOSED and SYN_SENT

    def enter(self, change: Change) -> None:
        """Take a step."""
        self.state = change.state
        self.changes.append(change)
        self.connected |= change.state not in (State.CLOSED, State.SYN_SENT)


class Track(NamedTuple):
    """What was found: each end's steps, the first one at row 0, and remarks by row."""

    client: list[Change]
    server: list[Change]
    remarks: dict[int, str]
    since_ns: tuple[int, int]  # when each end's TIME_WAIT began, or began anew

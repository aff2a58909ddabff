"""What no decoder reads, or reads any further: how much it is, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from netshell.protocols.api import Message


@dataclass(frozen=True, kw_only=True, repr=False)
class Raw(Message):
    """Bytes as they are, from the place where a decoder stopped; ``flow.stream(side)`` has them.

    It tells of the place and the reason; more of it may follow.
    """

    protocol: ClassVar[str] = "raw"

    reason: str
    after: str = ""  # the protocol that was read before it

    @property
    def asked(self) -> str:
        size = sum(part.end - part.begin for part in self.parts)
        return f"{size:,} byte{'' if size == 1 else 's'}, {self.reason}"

    @property
    def problem(self) -> str:
        return self.reason if self.after else ""

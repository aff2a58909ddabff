"""What ``explain`` returns: a name, a few lines, and where it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netshell.results import Result
from netshell.view import Block, Lines, Note, Span


@dataclass(frozen=True, slots=True, repr=False)
class Explanation(Result):
    """What something means: its name, a few lines, and where it is written.

    ``kind`` is "flags", "state", "ttl", "socket", "packet", "dns" and the like; a packet's and a
    socket's ``parts`` explain what they are made of.
    """

    kind: str
    subject: str
    lines: tuple[str, ...]
    source: str = ""
    parts: tuple[Explanation, ...] = ()

    def view(self) -> Sequence[Block]:
        blocks: list[Block] = [Lines([Span(self.subject, "head")])]
        blocks += [Note(line, "") for line in self.lines]
        if self.source:
            blocks.append(Note(self.source))
        for part in self.parts:
            blocks += part.view()
        return blocks

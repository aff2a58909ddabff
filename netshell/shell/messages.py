"""Messages as lines above the prompt, each once, as they are complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.flow.asked import ms
from netshell.protocols.messages import clock, summary
from netshell.view import Block, Lines, Note, Span

if TYPE_CHECKING:
    from netshell.protocols.api import Message
    from netshell.protocols.live import LiveMessages

MOST = 40
"""Messages of one look that are printed; what comes faster is counted."""


class Coming:
    """The lines of messages, as they come."""

    what = "messages"

    def __init__(self, source: LiveMessages) -> None:
        self.source = source
        self.ended = False
        self._cursor = source.cursor()
        self._count = 0
        self._is_first = True

    def stop(self) -> None:
        """End it; the capture goes on."""
        self.source.stop()

    def lines(self, most: int) -> list[str]:
        """The lines that are new; sets ``ended`` with the last ones."""
        from netshell.render import terminal

        is_last = not self.source.running  # asked first: then what is taken is all there is
        found = [] if self.source.stopped else self._cursor.take()
        self._count += len(found)
        blocks: list[Block] = []
        if self._is_first:
            self._is_first = False
            blocks.append(Note(f"packets are not printed while {self.source.called} are"))
        left = len(found) - max(most, MOST)
        left = left if left > MOST // 4 else 0  # a few more are no flood
        if left:
            blocks.append(Note(f"… {left:,} {self.source.called} not shown, they are kept"))
        draw = self.source.draw or told
        for message in found[left:]:
            blocks += draw(message)
        if is_last and not self.source.is_behind:
            self.ended = True
            why = "stopped" if self.source.stopped else "the capture stopped"
            blocks.append(Note(f"{self._count:,} {self.source.called}: {why}"))
        return terminal.blocks(blocks).split("\n") if blocks else []


def told(message: Message) -> list[Block]:
    """One message as a line."""
    ends, duration = message.ends, message.duration_s
    where = "" if ends is None else f"{ends[0]} > {ends[1]} "
    took = "" if duration is None else f" took {ms(duration * 1e3)}"
    head = Span(f"{clock(message.time_ns)} ", "quiet")
    return [
        Lines([[head, Span(message.protocol, "key"), f" {where}", summary(message),
                Span(took, "quiet")]])
    ]  # fmt: skip

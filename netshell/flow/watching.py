"""Flows that are looked at again and again while their capture runs.

Whoever shows them asks for :meth:`Watch.blocks` whenever it likes. Packets are counted once; what
flows tell beyond counts is worked out for those shown, unless they have more packets than can be
gone through again each time. After a look it rests for several times as long as that took.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from netshell.flow.ongoing import Ongoing
from netshell.view import Block, Note

if TYPE_CHECKING:
    from netshell.flow.flows import Flows
    from netshell.flow.source import Source

REFRESH_S = 0.5
REST = 4  # times the work that is rested after it
MOST = 300_000  # packets of the flows shown, gone through at each look

started: list[Callable[[Watch], object]] = []
"""Who is told of every watch: the prompt, which shows it and returns when it is over."""


class Watch(Ongoing):
    """The flows of a capture, again and again until it stops, :meth:`stop` or Ctrl-C.

    At netshell's prompt they are drawn in one place. Elsewhere nothing is drawn; :attr:`flows` are
    those of now.

    >>> cap.flows.watch()
    >>> cap.flows.where(port=443).watch(by="packets")
    """

    def __init__(self, source: Source, now: Callable[[], Flows]) -> None:
        """``now`` gives the flows of the moment."""
        super().__init__()
        self._source = source
        self._now = now
        self.was_shown = False
        """Whether somebody has shown it."""
        for tell in started:
            tell(self)

    @property
    def origin_runs(self) -> bool:
        return self._source.running

    @property
    def flows(self) -> Flows:
        """The flows of now."""
        return self._now()

    def wait(self, worked_s: float) -> bool:
        """Rest after work that took so long, or until it is stopped: then True."""
        return self._stopped.wait(max(REFRESH_S, REST * worked_s))

    def blocks(self, most: int) -> Sequence[Block]:
        """The table of now, with at most so many flows."""
        flows = self.flows
        shown = flows.with_rows(flows.records()[:most])
        packets = sum(flow.packets for flow in shown)
        blocks = list(shown.table(details=packets <= MOST))
        count, total = len(flows), self._source.total
        left = f", {count - len(shown):,} not shown" if count > len(shown) else ""
        state = "● Ctrl-C ends the watch, not the capture" if self.running else "not running"
        text = f"{_many(count, 'flow')}{left}, {_many(total, 'packet')} in the capture; {state}"
        return [*blocks, Note(text, "good" if self.running else "quiet")]

    def view(self) -> Sequence[Block]:
        if self.was_shown:
            how = "goes on" if self._source.running else "stopped"
            return (Note(f"the watch is over, the capture {how}"),)
        return self.flows.view()

    def draw_until_over(self, draw: Callable[[], object]) -> None:
        """Call ``draw`` at once, and then after each rest; once more at the end, unless stopped."""
        self.was_shown = True
        try:
            while True:
                is_last = not self.running  # asked first: then what is drawn is all there is
                begun = time.monotonic()
                draw()
                if is_last or self.wait(time.monotonic() - begun):
                    return
        except KeyboardInterrupt:
            self.stop()


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"

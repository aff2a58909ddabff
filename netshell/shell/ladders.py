"""A growing ladder as lines above the prompt: each rung once, all of them below each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from netshell.flow.growing import Cursor, LiveLadder
from netshell.flow.ladder import picture
from netshell.flow.rungs import INFERRED, Drawn
from netshell.view import Note, Style, draw
from netshell.view.ladder import Frame

if TYPE_CHECKING:
    from netshell.flow.steps import Step

Paint = Callable[[str, Style], str]

USUAL = 120  # the width where the output says none
HISTORY = 100  # steps at the beginning, of what came before


class Growing:
    """The lines of one ladder, as they come."""

    what = "ladder"

    def __init__(self, ladder: LiveLadder, paint: Paint) -> None:
        self.ladder = self.source = ladder
        self.ended = False
        self._paint = paint
        self._cursor = Cursor(ladder)
        self._drawn = Drawn(ladder.flow.start_ns)
        self._frame: Frame | None = None
        self._width = 0

    def stop(self) -> None:
        """End it; the capture goes on."""
        self.ladder.stop()

    def lines(self, most: int) -> list[str]:
        """The lines that are new, for at most ``most`` steps; sets ``ended`` with the last ones."""
        is_last = not self.ladder.running  # asked first: then what is taken is all there is
        steps = self._cursor.take(HISTORY if self._frame is None else most, is_last)
        lines = [line for step in steps for line in self._step(step)]
        if is_last:
            self.ended = True
            if self._drawn.has_inferred:
                lines += self._note(INFERRED)
            lines += self._note(f"the ladder of flow {self.ladder.flow.number} ends: {self._why()}")
        return lines

    def _step(self, step: Step) -> list[str]:
        from netshell.render import terminal

        lines = []
        width = terminal.width() or USUAL
        if self._frame is None or width != self._width:
            flow = self.ladder.flow
            title = f"flow {flow.number}: {flow.proto} {flow.client} > {flow.server}"
            shown = picture(flow, title=title)
            is_first = self._frame is None
            frame = Frame(shown, width, self._paint, terminal.is_ascii(), live=True)
            self._frame, self._width = frame, width
            if is_first:
                lines += self._note("packets are not printed while the ladder grows")
                lines += [*frame.foot(), *frame.head()]
            else:
                lines += frame.ends()
        return [*lines, *self._frame.rung(self._drawn.rung(step))]

    def _why(self) -> str:
        if self.ladder.stopped:
            return "stopped"
        return "the connection is over" if self.ladder.is_over else "the capture stopped"

    def _note(self, text: str) -> list[str]:
        return draw([Note(text)], self._width, self._paint).split("\n")

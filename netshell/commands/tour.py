"""``tour``: five minutes through the whole shell, on a private wire."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from netshell.catalogue import counted, text
from netshell.commands.teaching.answers import QUIT
from netshell.commands.teaching.asking import can_ask
from netshell.commands.teaching.taking import is_word
from netshell.errors import NetshellError
from netshell.render import terminal
from netshell.results import Result
from netshell.view import Block, Ladder, Lines, Note, Span, Table

if TYPE_CHECKING:
    from netshell.commands.touring import Ground, Stop


@dataclass(frozen=True, slots=True, repr=False)
class Shown(Result):
    """One stop: the call, the beginning of its result, and a sentence about it."""

    number: int
    of: int
    code: str
    value: Any
    sentence: str
    rows: int

    def view(self) -> Sequence[Block]:
        return (
            Lines([[Span(f"[{self.number}/{self.of}] ", "quiet"), Span(self.code, "key")]]),
            *shortened(_blocks(self.value), self.rows),
            Note(self.sentence, ""),
        )

    def records(self) -> Any:
        return {"stop": self.number, "code": self.code, "sentence": self.sentence}


class Tour(Result):
    """A tour: ``next()`` goes to the next stop and shows it; ``stop()`` ends it.

    Raises Unavailable where the kernel allows no namespaces.
    """

    def __init__(self) -> None:
        self.number = 0
        self.stopped = False
        self._ground: Ground | None = None

    @property
    def stops(self) -> Sequence[Stop]:
        """Where it leads."""
        from netshell.commands.touring import STOPS

        return STOPS

    @property
    def over(self) -> bool:
        """Whether the last stop was shown."""
        return self.number == len(self.stops)

    def next(self) -> Shown:
        """Go to the next stop: its call is made, and its result shown.

        Raises NetshellError when the tour is over or stopped.
        """
        if self.over or self.stopped:
            raise NetshellError("the tour is over", next_step="tour() begins another one")
        if self._ground is None:
            from netshell.commands.touring import Ground
            from netshell.lab.wire import Wire

            self._ground = Ground(Wire.open())
        stop = self.stops[self.number]
        value = stop.run(self._ground)
        self.number += 1
        sentence = text(f"tour.{stop.name}")
        shown = Shown(self.number, len(self.stops), stop.code, value, sentence, stop.rows)
        if self.number == len(self.stops):
            self.stop()
        return shown

    def stop(self) -> Tour:
        """End it, and the hosts that it was on. May be repeated."""
        self.stopped = True
        if self._ground is not None:
            self._ground.close()
            self._ground = None
        return self

    def __enter__(self) -> Tour:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def heads(self) -> Sequence[Block]:
        """What it is."""
        return (
            Lines([Span(text("tour.title"), "head")]),
            Note(text("tour.why", stops=len(self.stops)), ""),
        )

    def ends(self) -> Sequence[Block]:
        """Where to go from here."""
        if not self.over:
            return (Note(text("tour.left", number=self.number, of=len(self.stops))),)
        return (Lines([Span(text("tour.over"), "good")]), Note(text("tour.further"), ""))

    def view(self) -> Sequence[Block]:
        if self.over or self.stopped:
            return self.ends()
        return (*self.heads(), Note(text("tour.next", number=self.number + 1)))

    def records(self) -> Any:
        return [{"code": stop.code, "says": text(f"tour.{stop.name}")} for stop in self.stops]


def tour() -> Tour:
    """Five minutes through the whole shell.

    >>> tour()

    Each stop makes one call for real, on a private wire between two hosts,
    shows what came of it and says a sentence about it. Enter goes on, ``q``
    ends it. In a notebook, ``.next()`` goes on.

    Raises Unavailable where the kernel allows no namespaces.
    """
    begun = Tour()
    if can_ask():
        walk(begun)
    return begun


def walk(begun: Tour, read: Callable[[str], str] = input) -> bool:
    """Walk the tour at a terminal; whether Ctrl-C ended it."""
    try:
        _show(begun.heads())
        while not begun.over:
            sys.stdout.write("\n")
            _show(begun.next().view())
            if not begun.over and is_word(read(_prompt()), QUIT):
                break
    except EOFError:
        sys.stdout.write("\n")
    except KeyboardInterrupt:
        sys.stdout.write("\n")
        return True
    finally:
        begun.stop()
    return False


def _prompt() -> str:
    return f"{text('tour.pause')} "


def _show(blocks: Sequence[Block]) -> None:
    sys.stdout.write(terminal.blocks(blocks) + "\n")
    sys.stdout.flush()


def _blocks(value: Any) -> Sequence[Block]:
    """What is shown of a value."""
    if isinstance(value, Result):
        return value.view()
    return (Lines(str(value).splitlines()),)


def shortened(blocks: Sequence[Block], rows: int) -> list[Block]:
    """The blocks with their first rows only, and how many were left out."""
    short: list[Block] = []
    for block in blocks:
        left = 0
        if isinstance(block, Table) and len(block.rows) > rows:
            left, block = len(block.rows) - rows, replace(block, rows=block.rows[:rows])
        elif isinstance(block, Lines) and len(block.lines) > rows:
            left, block = len(block.lines) - rows, replace(block, lines=block.lines[:rows])
        elif isinstance(block, Ladder) and len(block.rungs) > rows:
            left, block = len(block.rungs) - rows, replace(block, rungs=block.rungs[:rows])
        short.append(block)
        if left:
            short.append(Note(counted("tour.more", left)))
    return short

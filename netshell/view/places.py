"""Where the parts of a ladder stand in character cells, and which leave when it is narrow.

    number  time      gap         left state │ arrow with its label ─────► │ right state

What leaves, in this order: the label's columns of rank 4 and more, the time, the label's columns
of rank 3, the states (which then stand between the rails), columns of rank 2, the gap, the packet's
number (all that is said of a packet refers to it), all other columns that may. What left before
something wider did comes back where it has room then.
"""

from __future__ import annotations

from netshell.view.blocks import Cell, Column, Ladder, Rung, text_of
from netshell.view.glyphs import Glyphs
from netshell.view.text import cells

ARROW = 5  # cells of an arrow beside its label, at least
_ROOM = 40  # the least between the rails where nothing else asks for it
_LEAST = 20  # cells that a ladder takes at any width
_LIVE = {"packet": 11, "time": 10, "gap": 7, "left": 13, "right": 13}
_LIVE_LABEL = {"": 7, "seq": 5, "ack": 5, "len": 4, "win": 5}
"""What a ladder that grows keeps free: what is wider widens its place from then on."""


class Places:
    """The widths of a ladder's parts; ``room`` is what is between the rails.

    With ``live``, rungs may come that the ladder does not have yet.
    """

    def __init__(self, ladder: Ladder, width: int, glyphs: Glyphs, live: bool = False) -> None:
        self._ladder, self._glyphs = ladder, glyphs
        self.width = max(width, _LEAST) if width else 0
        rungs = ladder.rungs
        natural = {
            "packet": max((self._size(rung.number) for rung in rungs), default=0),
            "time": max((self._size(rung.time) for rung in rungs), default=0),
            "gap": max((self._size(rung.gap) for rung in rungs), default=0),
            "left": max((self._size(rung.left) for rung in rungs), default=0),
            "right": max((self._size(rung.right) for rung in rungs), default=0),
        }
        plain = [rung for rung in rungs if not rung.is_fold]
        self.labels = [
            max((self._size(rung.label[i]) for rung in plain), default=0)
            for i in range(len(ladder.columns))
        ]
        if live:
            natural = {name: max(size, _LIVE[name]) for name, size in natural.items()}
            self.labels = [
                max(size, _LIVE_LABEL.get(column.name, 0))
                for size, column in zip(self.labels, ladder.columns, strict=True)
            ]
        if not ladder.has_states:
            natural["left"] = natural["right"] = 0
        self.natural = natural
        self.gone: set[str] = set()
        self.shown = [i for i, size in enumerate(self.labels) if size]
        self.between = 2
        self._arrange()

    def _arrange(self) -> None:
        """Decide what is shown, and how much is left between the rails."""
        width = self.width
        if not width:
            self.room = self._wanted()
            return
        while self.sides + self._needed() > width and self._leave():
            pass
        self._return()
        self.room = max(min(self._wanted(), width - self.sides), 1)

    def _leave(self) -> bool:
        """Give up one thing; False if there is nothing left to give up."""
        columns, last = self._ladder.columns, self._last()
        if last is not None and columns[last].keep >= 4:
            self.shown.remove(last)
            return True
        if self.has("time"):
            self.gone.add("time")
        elif self.between > 1:
            self.between = 1
        elif last is not None and columns[last].keep >= 3:
            self.shown.remove(last)
        elif self.has("left") or self.has("right"):
            self.gone |= {"left", "right"}
        elif last is not None and columns[last].keep >= 2:
            self.shown.remove(last)
        elif name := next((name for name in ("gap", "packet") if self.has(name)), ""):
            self.gone.add(name)
        elif last is not None:
            self.shown.remove(last)
        else:
            return False
        return True

    def _return(self) -> None:
        """Take back what left before something wider did, and has room now."""
        columns, shown = self._ladder.columns, self.shown
        gone = [i for i, size in enumerate(self.labels) if size and i not in shown]
        for i in sorted(gone, key=lambda i: (columns[i].keep, i)):
            before, self.shown = self.shown, sorted([*self.shown, i])
            if self.sides + self._needed() > self.width:
                self.shown = before
        for name in ("gap", "time"):
            if name in self.gone:
                self.gone.remove(name)
                if self.sides + self._needed() > self.width:
                    self.gone.add(name)

    def _last(self) -> int | None:
        """Which of the label's columns leaves next."""
        columns = self._ladder.columns
        droppable = [i for i in self.shown if columns[i].keep]
        return max(droppable, key=lambda i: (columns[i].keep, i), default=None)

    def has(self, name: str) -> bool:
        """Whether "packet", "time", "gap", or the state at the "left" or "right" is shown."""
        return bool(self.natural[name]) and name not in self.gone

    @property
    def before(self) -> int:
        """Cells before the left rail."""
        kept = [self.natural[name] + 2 for name in ("packet", "time", "gap") if self.has(name)]
        return sum(kept) + (self.natural["left"] + 1 if self.has("left") else 0)

    @property
    def sides(self) -> int:
        """Cells of everything but what is between the rails."""
        return self.before + 2 + (self.natural["right"] + 1 if self.has("right") else 0)

    def _needed(self) -> int:
        """Cells that the label's columns take, with an arrow around them."""
        columns = self._ladder.columns
        sizes = [self.labels[i] + prefix(columns[i]) for i in self.shown]
        return sum(sizes) + self.between * max(len(sizes) - 1, 0) + ARROW

    def _wanted(self) -> int:
        marks = [
            sum(self._size(mark.name) + 3 for mark in rung.marks)
            for rung in self._ladder.rungs
            if rung.marks
        ]
        folds = [
            sum(self._size(piece) + 2 for piece in rung.label) + 4
            for rung in self._ladder.rungs
            if rung.is_fold
        ]
        needed = self._needed()
        return max(needed + min(max(marks, default=0), 40) + 6, *folds, _ROOM)

    def widen(self, rung: Rung) -> None:
        """Make place for values wider than any before; what has none left leaves for good."""
        sizes = [self._size(cell) for cell in rung.label]
        if all(size <= self.labels[i] for i, size in enumerate(sizes)):
            return
        self.labels = [max(pair) for pair in zip(self.labels, sizes, strict=True)]
        while self._needed() > self.room and self.between > 1:
            self.between -= 1
        while self._needed() > self.room and (last := self._last()) is not None:
            self.shown.remove(last)

    def _size(self, cell: Cell) -> int:
        return cells(self._glyphs.clean(text_of(cell)))


def prefix(column: Column) -> int:
    """Cells of what stands before a column's values: its name."""
    return cells(column.name) + 1 if column.name else 0

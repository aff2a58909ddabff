"""A ladder as a picture: where its rails, arrows and texts are, in the units of an SVG document.

The columns are those of the ladder in a terminal (``netshell.view.ladder``), but nothing leaves: a
picture is as wide as it needs to be. Widths are counted in characters of a fixed-width font.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from netshell.render.fonts import LINE, extent
from netshell.view import Cell, Column, End, Ladder, Rung, Style
from netshell.view.blocks import style_of, text_of

if TYPE_CHECKING:
    from netshell.render.svg import Ink

_ROW = 34  # from one arrow to the next
_SPACE = 14  # between columns
_STATE = 10  # between a state and its rail
_HEAD = 9  # length of an arrow's head
_LEAST = 340  # between the rails


class Picture:
    """Draws a ladder below ``top``; ``bottom`` and ``right`` are what it took."""

    def __init__(self, ladder: Ladder, ink: Ink, left: float, top: float) -> None:
        self._ladder, self._ink = ladder, ink
        self.bottom, self.right = top, left
        self._measure(left)
        self._head(left)
        if ladder.rungs:
            self._rungs()
        else:
            self.bottom += LINE
            ink.text(left, self.bottom - 5, ladder.empty, "quiet")

    # --- places -----------------------------------------------------------------------------

    def _measure(self, left: float) -> None:
        ladder, rungs = self._ladder, self._ladder.rungs
        ends = [
            max(extent(_called(end.role, end.name)), extent(end.place)) for end in _ends(ladder)
        ]
        at = left
        self._columns: list[tuple[str, float]] = []
        for name in ("number", "time", "gap"):
            size = _widest(getattr(rung, name) for rung in rungs)
            if size:
                at += size
                self._columns.append((name, at))  # right-aligned at
                at += _SPACE
        states = [
            _widest(text_of(getattr(rung, side)) for rung in rungs) for side in ("left", "right")
        ]
        room = [size + _STATE if size and ladder.has_states else 0 for size in states]
        self._rail = max(at + room[0], left + ends[0] / 2)
        self._places: list[tuple[float, float]] = []  # of each column: its beginning and end
        plain = [rung for rung in rungs if not rung.is_fold]
        label = float(_SPACE)
        for i, column in enumerate(ladder.columns):
            size = _widest(text_of(rung.label[i]) for rung in plain)
            begin = label
            if size:
                label += size + (extent(f"{column.name} ") if column.name else 0) + _SPACE
            self._places.append((begin, label - _SPACE))
        marks = _widest(f"! {mark.name}" for rung in rungs for mark in rung.marks)
        folds = _widest(_joined(rung.label) for rung in rungs if rung.is_fold)
        between = max(label, marks + 2 * _SPACE, folds + 2 * _SPACE, sum(ends) / 2 + 2 * _SPACE)
        self._other = self._rail + max(between + _HEAD, _LEAST)
        self.right = max(
            self._other + max(room[1], ends[1] / 2), left + extent(ladder.title) * 1.05
        )

    def _head(self, left: float) -> None:
        ink = self._ink
        if self._ladder.title:
            self.bottom += LINE
            ink.text(left, self.bottom - 5, self._ladder.title, bold=True)
            self.bottom += 6
        for end, x in zip(_ends(self._ladder), (self._rail, self._other), strict=True):
            ink.text(x, self.bottom + 15, _called(end.role, end.name), "quiet", "middle")
            ink.text(x, self.bottom + 15 + LINE - 3, end.place, "", "middle", bold=True)
        self.bottom += 2 * LINE + 4

    # --- rungs ------------------------------------------------------------------------------

    def _rungs(self) -> None:
        begun = self.bottom
        for rung in self._ladder.rungs:
            if rung.pause:
                self._rails(begun, self.bottom)
                self._rails(self.bottom, self.bottom + _ROW, "2 5")
                middle = (self._rail + self._other) / 2
                self._ink.text(middle, self.bottom + 21, f"⋮ {rung.pause}", "quiet", "middle")
                self.bottom += _ROW
                begun = self.bottom
            self._rung(rung)
        self.bottom += 8
        self._rails(begun, self.bottom)

    def _rails(self, top: float, bottom: float, dashes: str = "") -> None:
        if bottom > top:
            for x in (self._rail, self._other):
                self._ink.line(x, top, x, bottom, "rail", dashes)

    def _rung(self, rung: Rung) -> None:
        ink = self._ink
        y = self.bottom + _ROW - 10
        ink.group(_told(self._ladder.columns, rung))
        for name, x in self._columns:
            ink.text(x, y + 4, getattr(rung, name), "" if name == "gap" else "quiet", "end")
        if self._ladder.has_states:
            x = self._rail - _STATE
            ink.text(x, y + 4, text_of(rung.left), style_of(rung.left), "end")
            x = self._other + _STATE
            ink.text(x, y + 4, text_of(rung.right), style_of(rung.right))
        self._arrow(rung, y)
        if rung.is_fold:
            middle = (self._rail + self._other) / 2
            ink.text(middle, y - 8, _joined(rung.label), "", "middle")
        else:
            self._label(rung, y - 6)
        self.bottom = y + 10
        for at, mark in enumerate(rung.marks):
            self.bottom += LINE - 4 if at else LINE - 6
            x, base = self._rail + _SPACE, self.bottom - 8
            ink.text(x, base, f"! {mark.name}", mark.style, bold=True)
        ink.ungroup()

    def _label(self, rung: Rung, y: float) -> None:
        for column, cell, (begin, end) in zip(
            self._ladder.columns, rung.label, self._places, strict=True
        ):
            text = text_of(cell)
            if not text:
                continue
            x = self._rail + begin
            if column.name:
                self._ink.text(x, y, column.name, "quiet")
                x += extent(f"{column.name} ")
            if column.align == "right":
                self._ink.text(self._rail + end, y, text, style_of(cell), "end")
            else:
                self._ink.text(x, y, text, style_of(cell), bold=bool(style_of(cell)))

    def _arrow(self, rung: Rung, y: float) -> None:
        style = arrow_style(rung)
        gap = 2
        start, end = self._rail + gap, self._other - gap
        shafts = (y - 1.5, y + 1.5) if rung.is_fold else (y,)
        head, tail = rung.way in ("right", "both"), rung.way in ("left", "both")
        for at in shafts:
            self._ink.line(
                start + (_HEAD - 1 if tail else 0), at, end - (_HEAD - 1 if head else 0), at, style
            )
        if head:
            self._ink.shape(((end, y), (end - _HEAD, y - 4.5), (end - _HEAD, y + 4.5)), style)
        if tail:
            self._ink.shape(((start, y), (start + _HEAD, y - 4.5), (start + _HEAD, y + 4.5)), style)


def arrow_style(rung: Rung) -> Style:
    """The colour of an arrow: by its way, or as bad as what its first cell says (a RST)."""
    if rung.is_fold:
        return {"right": "sent", "left": "received"}.get(rung.way, "quiet")  # type: ignore[return-value]
    if rung.label and style_of(rung.label[0]) == "bad":
        return "bad"
    return "sent" if rung.way == "right" else "received"


def _told(columns: Sequence[Column], rung: Rung) -> str:
    """A rung in words: what a pointer that rests on it is told."""
    label = _joined(rung.label) if rung.is_fold else in_words(columns, rung)
    marks = [f"{mark.name}: {mark.text}" if mark.text else mark.name for mark in rung.marks]
    number = f"packet {rung.number}: " if rung.number else ""
    return f"{number}{'; '.join([label, *marks])}"


def in_words(columns: Sequence[Column], rung: Rung) -> str:
    """An arrow's label as one text."""
    cells = zip(columns, map(text_of, rung.label), strict=True)
    return " ".join(f"{column.name} {text}".strip() for column, text in cells if text)


def _ends(ladder: Ladder) -> tuple[End, End]:
    return ladder.left, ladder.right


def _called(role: str, name: str) -> str:
    return f"{role} {name}".strip()


def _joined(label: Sequence[Cell]) -> str:
    return ", ".join(text_of(cell) for cell in label)


def _widest(texts: Iterable[str]) -> float:
    return max((extent(text) for text in texts), default=0.0)

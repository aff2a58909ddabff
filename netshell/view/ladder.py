"""A ladder in character cells: two rails, an arrow a rung, and what belongs to it at its sides.

What does not fit is named below, as a table names its columns; a line is never wider than the
width. Where a ladder grows while it is drawn, places are taken for values as they usually are, so
that rungs stand below each other from the first on (``netshell.view.places``).
"""

from __future__ import annotations

from collections.abc import Sequence

from netshell.view.blocks import (
    Cell,
    End,
    Ladder,
    Mark,
    Paint,
    Rung,
    Style,
    style_of,
    text_of,
)
from netshell.view.glyphs import ASCII, UNICODE, Glyphs
from netshell.view.places import ARROW, Places, prefix
from netshell.view.text import cells, cut, pad, wrap


def ladder_lines(ladder: Ladder, width: int, paint: Paint, ascii: bool = False) -> list[str]:
    """The whole ladder in ``width`` cells (0: as wide as needed)."""
    frame = Frame(ladder, width, paint, ascii)
    lines = frame.head()
    if not ladder.rungs:
        return [*lines, *frame.remark(ladder.empty)]
    for rung in ladder.rungs:
        lines += frame.rung(rung)
    return [*lines, *frame.foot()]


class Frame:
    """The places of a ladder's parts, and the lines of what stands in them.

    With ``live``, rungs may come that the ladder does not have yet.
    """

    def __init__(
        self,
        ladder: Ladder,
        width: int,
        paint: Paint,
        ascii: bool = False,
        live: bool = False,
    ) -> None:
        self._ladder = ladder
        self._paint = paint
        self._glyphs: Glyphs = ASCII if ascii else UNICODE
        self._places = Places(ladder, width, self._glyphs, live)
        self._is_live = live

    # --- head and foot ----------------------------------------------------------------------

    def head(self) -> list[str]:
        """The title, and who the two ends are."""
        title = [self._paint(line, "head") for line in self._wrapped(self._ladder.title)]
        return [*title, *self.ends()]

    def ends(self) -> list[str]:
        """Who the two ends are, above their rails."""
        left, right = self._ladder.left, self._ladder.right
        return [
            self._ends(_called(left), _called(right), "", 0),
            self._ends(left.place, right.place, "head", 6),
        ]

    def _ends(self, left: str, right: str, style: Style, tail: int) -> str:
        """Both ends' texts, each about its rail and none over the other's half."""
        before, room = self._places.before, self._places.room
        width = self._places.width or self._places.sides + room
        middle = before + 1 + room // 2
        texts = []
        for text, most in ((left, middle - 1), (right, width - middle - 1)):
            text = self._glyphs.clean(text)
            texts.append(self._cut(text, max(most, 2), tail) if cells(text) > most else text)
        first, second = texts
        start = max(min(before - cells(first) // 2, middle - 1 - cells(first)), 0)
        place = before + room + 1 - cells(second) // 2
        place = max(min(place, width - cells(second)), middle + 1)
        blank = " " * (place - start - cells(first))
        return f"{' ' * start}{self._paint(first, style)}{blank}{self._paint(second, style)}"

    def foot(self) -> list[str]:
        """What was left out at this width, if anything was."""
        columns = self._ladder.columns
        gone: list[str] = [name for name in ("packet", "time", "gap") if name in self._places.gone]
        gone += [
            columns[i].name
            for i, size in enumerate(self._places.labels)
            if size and i not in self._places.shown and columns[i].name
        ]
        return self.remark(f"not shown at this width: {', '.join(gone)}") if gone else []

    def remark(self, text: str) -> list[str]:
        """A remark below or between the rungs."""
        return [self._paint(line, "quiet") for line in self._wrapped(text)]

    def _wrapped(self, text: str) -> list[str]:
        lines = wrap(self._glyphs.clean(text), self._places.width) if text else []
        return (
            [self._cut(line, self._places.width) for line in lines] if self._places.width else lines
        )

    # --- rungs ------------------------------------------------------------------------------

    def rung(self, rung: Rung) -> list[str]:
        """The lines of one rung: the silence before it, its arrow, its marks and states."""
        lines = []
        glyphs = self._glyphs
        if self._is_live and not rung.is_fold:
            self._places.widen(rung)
        if rung.pause:
            text = self._glyphs.clean(f"{glyphs.dots} {rung.pause}")
            lines.append(
                self._between_rails([(_centred(text, self._places.room), "quiet")], glyphs.broken)
            )
        inside, rest = self._fold(rung) if rung.is_fold else self._arrow(rung)
        lines.append(self._line(rung, inside))
        lines += [self._between_rails(parts) for parts in self._marks(rest)]
        if not self._places.has("left") and self._ladder.has_states:
            lines += self._states_inside(rung)
        return lines

    def _line(self, rung: Rung, inside: str) -> str:
        before = ""
        for name, text in (("packet", rung.number), ("time", rung.time), ("gap", rung.gap)):
            if self._places.has(name):
                size = self._places.natural[name]
                text = pad(self._cut(self._glyphs.clean(text), size), size, "right")
                before += self._paint(text, "quiet" if name == "packet" else "") + "  "
        rail = self._paint(self._glyphs.rail, "quiet")
        line = f"{before}{self._state(rung.left, 'left')}{rail}{inside}{rail}"
        return f"{line}{self._state(rung.right, 'right')}".rstrip()

    def _state(self, state: Cell, side: str) -> str:
        if not self._places.has(side):
            return ""
        text = self._cut(self._glyphs.clean(text_of(state)), self._places.natural[side])
        blank = " " * (self._places.natural[side] - cells(text))
        drawn = self._paint(text, style_of(state)) if text else ""
        return f"{blank}{drawn} " if side == "left" else f" {drawn}"

    def _between_rails(self, parts: Sequence[tuple[str, Style]], rail: str = "") -> str:
        """A line that has something between its rails only."""
        rail = self._paint(rail or self._glyphs.rail, "quiet")
        used = sum(cells(text) for text, _ in parts)
        inside = "".join(self._paint(text, style) if style else text for text, style in parts)
        return f"{' ' * self._places.before}{rail}{inside}{' ' * (self._places.room - used)}{rail}"

    def _states_inside(self, rung: Rung) -> list[str]:
        left, right = (self._glyphs.clean(text_of(state)) for state in (rung.left, rung.right))
        if not left and not right:
            return []
        left, right = (self._cut(text, self._places.room) for text in (left, right))
        styles = style_of(rung.left), style_of(rung.right)
        blank = self._places.room - cells(left) - cells(right)
        if left and right and blank < 1:
            first: list[tuple[str, Style]] = [(left, styles[0])]
            blank = self._places.room - cells(right)
            return [
                self._between_rails(first),
                self._between_rails([(" " * blank, ""), (right, styles[1])]),
            ]
        return [self._between_rails([(left, styles[0]), (" " * blank, ""), (right, styles[1])])]

    # --- between the rails ------------------------------------------------------------------

    def _arrow(self, rung: Rung) -> tuple[str, Sequence[Mark]]:
        """An arrow with its label, and the marks that found no room on it."""
        pieces = self._label(rung.label)
        used = sum(cells(text) for text, _ in pieces)
        rest: Sequence[Mark] = rung.marks
        on_it = [(f"! {self._glyphs.clean(mark.name)}", mark.style) for mark in rung.marks]
        size = sum(cells(text) + 1 for text, _ in on_it)
        if on_it and used + 1 + size + ARROW <= self._places.room:
            while pieces and not pieces[-1][0].strip():
                used -= cells(pieces.pop()[0])
            pieces.append(("  ", ""))
            for text, style in on_it:
                pieces += [(text, style), (" ", "")]
            pieces.pop()
            used += size + 1
            rest = ()
        return self._shafted(rung, pieces, used), rest

    def _shafted(self, rung: Rung, pieces: list[tuple[str, Style]], used: int) -> str:
        """The pieces on their shaft, as wide as there is room."""
        glyphs, room = self._glyphs, self._places.room
        style = _way_style(rung)
        shaft = glyphs.many if rung.is_fold else glyphs.shaft
        free = room - used - (2 if used else 0)
        # No room for an arrow around it: its head is all that shows the way.
        if free < (ARROW - 2 if rung.is_fold and rung.way == "both" else 2):
            text = "".join(text for text, _ in pieces)
            if room < 4:
                return pad(self._cut(text, room), room, "left")
            text = pad(self._cut(text, room - 2), room - 2, "left")
            if rung.way == "right":
                return f"{text} {self._paint(glyphs.right, style)}"
            return (
                f"{self._paint(glyphs.left, style)} {text}" if rung.way == "left" else f" {text} "
            )
        lead = min(2, free - 1)
        begin = shaft * lead
        end = shaft * (free - lead)
        if rung.way in ("left", "both"):
            begin = glyphs.left + begin[1:]
        if rung.way in ("right", "both"):
            end = end[:-1] + glyphs.right
        if not used:
            return self._paint(begin + end, style)
        inside = "".join(self._paint(text, look) if look else text for text, look in pieces)
        return f"{self._paint(begin, style)} {inside} {self._paint(end, style)}"

    def _label(self, label: Sequence[Cell]) -> list[tuple[str, Style]]:
        """The label's shown columns, each in its place; nothing stands behind the last value."""
        pieces: list[tuple[str, Style]] = []
        for i in self._places.shown:
            column, cell, size = self._ladder.columns[i], label[i], self._places.labels[i]
            text = self._glyphs.clean(text_of(cell))
            if pieces:
                pieces.append((" " * self._places.between, ""))
            if not text:
                pieces.append((" " * (size + prefix(column)), ""))
                continue
            if column.name:
                pieces.append((f"{column.name} ", ""))
            value: list[tuple[str, Style]] = [(text, style_of(cell))]
            value.insert(column.align == "left", (" " * (size - cells(text)), ""))
            pieces += value
        while pieces and not pieces[-1][0].strip():
            pieces.pop()
        return pieces

    def _fold(self, rung: Rung) -> tuple[str, Sequence[Mark]]:
        """Many arrows as one line; as many of its pieces as there is room for."""
        texts = [(self._glyphs.clean(text_of(piece)), style_of(piece)) for piece in rung.label]
        pieces = [(f"{self._glyphs.dots} {texts[0][0]}", texts[0][1])] if texts else []
        used = sum(cells(text) for text, _ in pieces)
        beside = 2 if rung.way == "both" else ARROW  # the arrow may go: pieces tell their ways
        for text, style in texts[1:]:
            if used + 2 + cells(text) + beside <= self._places.room:
                pieces += [(", ", ""), (text, style)]
                used += 2 + cells(text)
        return self._shafted(rung, pieces, used), rung.marks

    def _marks(self, marks: Sequence[Mark]) -> list[list[tuple[str, Style]]]:
        """Marks on lines of their own, several on one where they fit."""
        lines: list[list[tuple[str, Style]]] = []
        used = 0
        for mark in marks:
            text = f"! {self._glyphs.clean(mark.name)}"
            if lines and used + 2 + cells(text) <= self._places.room:
                lines[-1] += [("  ", ""), (text, mark.style)]
                used += 2 + cells(text)
                continue
            for i, line in enumerate(wrap(text, max(self._places.room - 5, 1))):
                shown = self._cut(f"{'     ' if i else '   '}{line}", self._places.room)
                lines.append([(shown, mark.style)])
                used = cells(shown)
        return lines

    def _cut(self, text: str, size: int, tail: int = 0) -> str:
        """The text in at most so many cells."""
        if cells(text) <= size:
            return text
        shown = cut(text, size, tail) if size > 0 else ""
        return shown.replace("…", self._glyphs.ellipsis)


def _called(end: End) -> str:
    return f"{end.role} {end.name}".strip()


def _centred(text: str, room: int) -> str:
    if cells(text) > room:
        return cut(text, room) if room > 0 else ""
    return " " * ((room - cells(text)) // 2) + text


def _way_style(rung: Rung) -> Style:
    """The colour of an arrow: by its way, or as bad as what its first cell says (a RST)."""
    if rung.label and style_of(rung.label[0]) == "bad" and not rung.is_fold:
        return "bad"
    return {"right": "sent", "left": "received"}.get(rung.way, "")  # type: ignore[return-value]

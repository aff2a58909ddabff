"""A plot in character cells: braille dots, eight in each cell, or one ASCII character in each.

What a place shows is what the last series in it shows. Series that only colour would tell apart
differ in form too: lines are dashed or not, marks are letters.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise

from netshell.view.blocks import Paint, Plot, Series, Style
from netshell.view.glyphs import ASCII, UNICODE, Glyphs
from netshell.view.text import cells, cut, pad, wrap
from netshell.view.ticks import Scale, has_points, horizontal, vertical

WIDTH = 100
"""Cells of a plot where there is no width to keep to."""
_WIDEST = 1000  # of any: what is drawn costs as much as it has cells
_LEAST, _MOST = 10, 24  # rows of cells
_NARROWEST = 12  # columns of cells
_BRAILLE = 0x2800
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # of a cell, by row and column
_SAMPLES = {"bars": "⡇⠅", "steps": ("⠒⠒⠒", "⠒ ⠒"), "dots": "⠂⠂"}  # plain and dashed
_DASH = 2  # dots of a dash, and of the blank behind it


def plot_lines(plot: Plot, width: int, paint: Paint, ascii: bool = False) -> list[str]:
    """The whole plot in ``width`` cells (0: :data:`WIDTH`), a thousand at most."""
    glyphs, width = (ASCII if ascii else UNICODE), min(width or WIDTH, _WIDEST)
    title = _written(plot.title, "head", width, paint, glyphs)
    if not has_points(plot):
        return [*title, *_written(plot.empty, "quiet", width, paint, glyphs)]
    rows = max(_LEAST, min(_MOST, 5 + width // 8))
    y = vertical(plot, rows // 3)
    margin = max(map(cells, y.labels), default=0)
    columns = max(width - margin - 2, _NARROWEST)
    x = horizontal(plot, columns // 12)
    canvas = Canvas(columns, rows, ascii)
    for series in plot.series:
        canvas.draw(series, x, y)
    return [
        *title,
        paint(_fit(glyphs.clean(y.label), width, glyphs), "quiet"),
        *_body(canvas, y, margin, paint, ascii),
        *(line[:width] if ascii else line for line in _below(x, columns, margin, paint, glyphs)),
        *_legend(plot, width, paint, glyphs),
    ]


class Canvas:
    """Cells that are drawn into by dots: ``wide`` x ``high`` of them in a cell."""

    def __init__(self, columns: int, rows: int, ascii: bool) -> None:
        self.columns, self.rows = columns, rows
        self._ascii = ascii
        self._wide, self._high = (1, 1) if ascii else (2, 4)
        self._bits = [[0] * columns for _ in range(rows)]
        self._styles: list[list[Style]] = [[""] * columns for _ in range(rows)]
        self._letters: dict[tuple[int, int], str] = {}

    def draw(self, series: Series, x: Scale, y: Scale) -> None:
        """One series over what is there."""
        right, bottom = self.columns * self._wide - 1, self.rows * self._high - 1
        across = [_place(x.part(value), right) for value in series.x]
        down = [bottom - _place(y.part(value), bottom) for value in series.y]
        letter = letter_of(series) if self._ascii or series.kind == "marks" else ""
        self._style, self._letter = series.style, letter
        if series.kind == "bars":
            low = [bottom - _place(y.part(value), bottom) for value in series.low]
            for column, top, end in set(zip(across, down, low, strict=True)):
                self._vertical(column, top, end, series.is_dashed and not self._ascii)
        elif series.kind == "steps":
            self._steps(list(zip(across, down, strict=True)), series.is_dashed)
        else:
            for column, row in zip(across, down, strict=True):
                self._dot(column, row)

    def _steps(self, points: list[tuple[int, int]], is_dashed: bool) -> None:
        gap = is_dashed and not self._ascii
        for (column, row), (until, next_row) in pairwise(points):
            for at in range(min(column, until), max(column, until) + 1):
                if not gap or at // _DASH % 2 == 0:
                    self._dot(at, row)
            if abs(row - next_row) > 1:
                self._vertical(until, row, next_row, gap)
        if points:
            self._dot(*points[-1])

    def _vertical(self, column: int, row: int, until: int, gap: bool = False) -> None:
        for at in range(min(row, until), max(row, until) + 1):
            if not gap or at % 2 == 0:
                self._dot(column, at)

    def _dot(self, column: int, row: int) -> None:
        at, line = column // self._wide, row // self._high
        self._styles[line][at] = self._style
        if self._letter:
            self._letters[line, at] = self._letter
        else:
            self._bits[line][at] |= _BITS[row % self._high][column % self._wide]

    def line(self, row: int) -> Iterator[tuple[str, Style]]:
        """A row of cells: its text in pieces of one style, nothing behind the last dot."""
        drawn = [
            self._letters.get((row, at)) or (chr(_BRAILLE + bits) if bits else " ")
            for at, bits in enumerate(self._bits[row])
        ]
        last = max((at for at, char in enumerate(drawn) if char != " "), default=-1)
        styles: list[Style] = [
            style if char != " " else ""
            for char, style in zip(drawn, self._styles[row], strict=True)
        ]
        for style, group in groupby(range(last + 1), key=styles.__getitem__):
            yield "".join(drawn[at] for at in group), style


def letter_of(series: Series) -> str:
    """What stands for a series where it is drawn in letters."""
    if series.mark:
        return series.mark[0]
    if series.kind == "steps":
        return "." if series.is_dashed else "-"
    return "|" if series.kind == "bars" else "*"


def _place(part: float, last: int) -> int:
    """A part of an axis as the number of a dot; what lies outside is drawn at the edge."""
    return min(max(round(part * last), 0), last)


def _body(canvas: Canvas, y: Scale, margin: int, paint: Paint, ascii: bool) -> Iterator[str]:
    """The rows of the canvas behind the vertical axis."""
    axis, tick = ("|", "+") if ascii else ("│", "┤")
    labels: dict[int, str] = {}
    for value, label in zip(y.ticks, y.labels, strict=True):
        labels[canvas.rows - 1 - _place(y.part(value), canvas.rows - 1)] = label
    for row in range(canvas.rows):
        label = labels.get(row, "")
        rail = paint(f"{pad(label, margin, 'right')} {tick if label else axis}", "quiet")
        pieces = (paint(text, style) if style else text for text, style in canvas.line(row))
        yield rail + "".join(pieces)


def _below(x: Scale, columns: int, margin: int, paint: Paint, glyphs: Glyphs) -> Iterator[str]:
    """The horizontal axis, its numbers as far as they have room, and what they are."""
    shaft, tick, corner = ("-", "+", "+") if glyphs is ASCII else ("─", "┬", "└")
    line, texts = [shaft] * columns, [" "] * columns
    free = 0
    for value, label in zip(x.ticks, x.labels, strict=True):
        at = _place(x.part(value), columns - 1)
        line[at] = tick
        start = min(max(at - len(label) // 2, 0), columns - len(label))
        if start >= free:
            texts[start : start + len(label)] = label
            free = start + len(label) + 2
    blank = " " * (margin + 1)
    yield paint(f"{blank}{corner}{''.join(line)}", "quiet")
    yield paint(f"{blank} {''.join(texts)}".rstrip(), "quiet")
    name = _fit(glyphs.clean(x.label), columns, glyphs)
    yield paint(f"{blank} {' ' * (columns - cells(name))}{name}", "quiet")


def _legend(plot: Plot, width: int, paint: Paint, glyphs: Glyphs) -> Iterator[str]:
    """What each series is, several on a line where they fit."""
    line, used = "", 0
    for series in plot.series:
        if not len(series.x) or not series.name:
            continue
        sample = letter_of(series) * (2 if series.kind == "steps" else 1)
        if glyphs is UNICODE and series.kind != "marks":
            sample = _SAMPLES[series.kind][series.is_dashed]
        name = _fit(glyphs.clean(series.name), max(width - len(sample) - 1, 1), glyphs)
        size = len(sample) + 1 + cells(name)
        piece = f"{paint(sample, series.style) if series.style else sample} {name}"
        if line and used + 3 + size <= width:
            line, used = f"{line}   {piece}", used + 3 + size
            continue
        if line:
            yield line
        line, used = piece, size
    if line:
        yield line


def _written(text: str, style: Style, width: int, paint: Paint, glyphs: Glyphs) -> list[str]:
    """Text in lines."""
    lines = wrap(glyphs.clean(text), width) if text else []
    return [paint(_fit(line, width, glyphs), style) for line in lines]


def _fit(text: str, size: int, glyphs: Glyphs) -> str:
    """Cleaned text in at most so many cells."""
    return text if cells(text) <= size else cut(text, size).replace("…", glyphs.ellipsis)

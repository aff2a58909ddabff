"""A plot as a picture: axes, grid and series, in the units of an SVG document.

Texts never stand over each other: the axes' numbers are as many as there is room for, the legend
stands below in lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from netshell.render.fonts import ADVANCE, LINE, extent
from netshell.view import Plot, Series, Style, clean
from netshell.view.text import wrap
from netshell.view.ticks import Scale, has_points, horizontal, vertical

if TYPE_CHECKING:
    from netshell.render.svg import Ink

WIDTH, HEIGHT = 760, 400
"""Of the part within the axes."""
_TITLE = int(WIDTH / ADVANCE / 1.05)  # bold characters of a line
_TICKS = 8  # on either axis
_EDGE = 0.04  # free above the highest point, as a part of the height
_SPACE = 8  # between an axis and its numbers
_SAMPLE = 26  # of a series, in the legend
_DASHES = "5 4"
_SHAPES = {"R": "cross", "X": "cross", "Z": "square", "S": "up", "F": "down"}


class Chart:
    """Draws a plot below ``top``; ``bottom`` and ``right`` are what it took."""

    def __init__(self, plot: Plot, ink: Ink, left: float, top: float) -> None:
        self._plot, self._ink, self._left = plot, ink, left
        self.bottom, self.right = top, left
        for line in wrap(clean(plot.title), _TITLE):  # no wider than the picture
            self._line(line, bold=True)
        if not has_points(plot):
            self._line(plot.empty, "quiet")
            return
        self._x, self._y = horizontal(plot, _TICKS), vertical(plot, _TICKS, _EDGE)
        self._line(self._y.label, "quiet")
        self._begin = left + max(map(extent, self._y.labels), default=0.0) + _SPACE
        self._top = self.bottom + _SPACE
        self.right = max(self.right, self._begin + WIDTH + _SPACE)
        self._axes()
        for series in plot.series:
            self._series(series)
        self._legend()

    def _line(self, text: str, style: Style = "", bold: bool = False) -> None:
        if text:
            self.bottom += LINE
            self._ink.text(self._left, self.bottom - 5, text, style, bold=bold)
            self.right = max(self.right, self._left + extent(text) * (1.05 if bold else 1))

    # --- axes -------------------------------------------------------------------------------

    def _axes(self) -> None:
        ink, end, bottom = self._ink, self._begin + WIDTH, self._top + HEIGHT
        for value, label in zip(self._y.ticks, self._y.labels, strict=True):
            y = self._down(value)
            ink.line(self._begin, y, end, y, "grid")
            ink.text(self._begin - _SPACE, y + 4.5, label, "quiet", "end")
        free = 0.0
        for value, label in zip(self._x.ticks, self._x.labels, strict=True):
            x = self._across(value)
            ink.line(x, self._top, x, bottom, "grid")
            size = extent(label)
            place = min(max(x - size / 2, self._left), self.right - size)
            if place >= free:
                ink.text(place, bottom + LINE - 3, label, "quiet")
                free = place + size + _SPACE
        ink.line(self._begin, self._top, self._begin, bottom, "rail")
        ink.line(self._begin, bottom, end, bottom, "rail")
        ink.text(end, bottom + 2 * LINE - 3, self._x.label, "quiet", "end")
        self.bottom = bottom + 2 * LINE + 4

    def _across(self, value: float) -> float:
        return self._begin + _inside(self._x, value) * WIDTH

    def _down(self, value: float) -> float:
        return self._top + (1 - _inside(self._y, value)) * HEIGHT

    # --- series -----------------------------------------------------------------------------

    def _series(self, series: Series) -> None:
        x, y = map(self._across, series.x), map(self._down, series.y)
        self._ink.group(series.name)
        if series.kind == "bars":
            low = map(self._down, series.low)
            parts = (
                f"M{a:.1f} {c:.1f}V{min(b, c - 1):.1f}" for a, b, c in zip(x, y, low, strict=True)
            )
            self._ink.path("".join(parts), series.style, 1.4, "2 2" if series.is_dashed else "")
        elif series.kind == "steps":
            dashes = _DASHES if series.is_dashed else ""
            self._ink.path("".join(_stairs(x, y)), series.style, 1.4, dashes)
        elif series.kind == "dots":
            self._ink.path(
                "".join(f"M{a:.1f} {b:.1f}h0" for a, b in zip(x, y, strict=True)), series.style, 4
            )
        else:
            places = {(round(a), round(b)) for a, b in zip(x, y, strict=True)}
            shape = "".join(_shape(series.mark, a, b) for a, b in sorted(places))
            self._ink.path(shape, series.style, 1.8)
        self._ink.ungroup()

    def _legend(self) -> None:
        ink, x = self._ink, self._left
        self.bottom += LINE
        for series in self._plot.series:
            if not len(series.x) or not series.name:
                continue
            size = _SAMPLE + extent(series.name) + 2 * _SPACE
            if x > self._left and x + size > self._begin + WIDTH:
                x = self._left
                self.bottom += LINE
            y, middle = self.bottom - 9.5, x + _SAMPLE / 2 - 4
            if series.kind == "bars":
                dashes = "2 2" if series.is_dashed else ""
                ink.path(f"M{middle:.1f} {y - 6:.1f}v12", series.style, 1.8, dashes)
            elif series.kind == "dots":
                ink.path(f"M{middle:.1f} {y:.1f}h0", series.style, 5)
            elif series.kind == "marks":
                ink.path(_shape(series.mark, middle, y), series.style, 1.8)
            else:
                dashes = _DASHES if series.is_dashed else ""
                ink.path(f"M{x:.1f} {y:.1f}h{_SAMPLE - 8}", series.style, 1.8, dashes)
            ink.text(x + _SAMPLE, self.bottom - 5, series.name)
            self.right = max(self.right, x + size)
            x += size


def in_words(plot: Plot) -> str:
    """A plot for whoever does not see it."""
    if not has_points(plot):
        return plot.empty
    names = ", ".join(series.name for series in plot.series if series.name and len(series.x))
    return f"{plot.y.name} over {plot.x.name}: {names}."


def _inside(scale: Scale, value: float) -> float:
    return min(max(scale.part(value), 0.0), 1.0)


def _stairs(x: Iterable[float], y: Iterable[float]) -> Iterator[str]:
    before = None
    for a, b in zip(x, y, strict=True):
        if before is None:
            yield f"M{a:.1f} {b:.1f}"
        else:
            yield f"H{a:.1f}" + (f"V{b:.1f}" if b != before else "")
        before = b


def _shape(mark: str, x: float, y: float) -> str:
    """What a mark's letter is in a picture: its form tells it, and not its colour alone."""
    at = f"M{x:.1f} {y:.1f}"
    return {
        "cross": f"{at}m-4 -4l8 8m0 -8l-8 8",
        "square": f"{at}m-4 -4h8v8h-8z",
        "up": f"{at}m-4.5 4h9l-4.5 -8z",
        "down": f"{at}m-4.5 -4h9l-4.5 8z",
        "diamond": f"{at}m-5 0l5 -5l5 5l-5 5z",
    }[_SHAPES.get(mark, "diamond")]

"""The curves of a picture, and fewer points that look the same: a million are more than any screen
or page can show, and more than one would wait for.

A picture is taken to have :data:`COLUMNS` x :data:`ROWS` places. Of a line, the first, the last,
the highest and the lowest point of each column stay (M4: Jugel et al., VLDB 2014); of dots, one of
each place; bars of one column that touch become one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from netshell.view import Series, Style

COLUMNS, ROWS = 1000, 500
MOST = 4 * COLUMNS
"""Points that a curve keeps at most."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """What :class:`netshell.view.Series` is, of N points as arrays.

    Steps are in the order of x.
    """

    name: str
    kind: Literal["bars", "steps", "dots", "marks"]
    x: Floats
    y: Floats
    low: Floats | None = None
    style: Style = ""
    mark: str = ""
    is_dashed: bool = False

    def series(self) -> Series:
        """For drawing: thinned, as Python's numbers."""
        few = thinned(self)
        low = () if few.low is None else few.low.tolist()
        return Series(
            self.name, self.kind, few.x.tolist(), few.y.tolist(), low,
            self.style, self.mark, self.is_dashed,
        )  # fmt: skip


def within(curve: Curve, start: float, end: float) -> Curve:
    """The points with ``start <= x <= end``; a line has its values at both ends too."""
    there = (curve.x >= start) & (curve.x <= end)
    low = None if curve.low is None else curve.low[there]
    x, y = curve.x[there], curve.y[there]
    if curve.kind == "steps":
        before = curve.y[curve.x < start][-1:]
        x = np.concatenate([np.full(len(before), start), x])
        y = np.concatenate([before, y])
        if len(y) and (curve.x > end).any():
            x, y = np.append(x, end), np.append(y, y[-1])
    return replace(curve, x=x, y=y, low=low)


def thinned(curve: Curve) -> Curve:
    """At most :data:`MOST` of the points."""
    if len(curve.x) <= MOST:
        return curve
    if curve.kind == "steps":
        return _taken(curve, _corners(curve))
    thin = _spots if curve.low is None else _joined
    return _fewer(curve, thin)


def _fewer(curve: Curve, thin: Callable[[Curve, int, int], Curve]) -> Curve:
    """Thinned in places that become larger until there are few enough."""
    columns, rows = COLUMNS, ROWS
    few = thin(curve, columns, rows)
    while len(few.x) > MOST:
        columns, rows = max(columns // 2, MOST // 8), max(rows // 2, 1)
        few = thin(curve, columns, rows)
    return few


def _taken(curve: Curve, which: NDArray[np.intp]) -> Curve:
    low = None if curve.low is None else curve.low[which]
    return replace(curve, x=curve.x[which], y=curve.y[which], low=low)


def _corners(curve: Curve) -> NDArray[np.intp]:
    """Of each column the first, last, lowest and highest point."""
    column = _cell(curve.x, COLUMNS)
    begin = np.flatnonzero(np.diff(column, prepend=-1))
    last = np.append(begin[1:], len(column)) - 1
    order = np.lexsort((curve.y, column))
    kept = np.zeros(len(column), np.bool_)
    for rows in (begin, last, order[begin], order[last]):
        kept[rows] = True
    return np.flatnonzero(kept)


def _spots(curve: Curve, columns: int, rows: int) -> Curve:
    """One point of each place: the first."""
    place = _cell(curve.x, columns) * rows + _cell(curve.y, rows)
    first = np.full(columns * rows, -1, np.intp)
    first[place[::-1]] = np.arange(len(place))[::-1]
    return _taken(curve, np.sort(first[first >= 0]))


def _joined(curve: Curve, columns: int, rows: int) -> Curve:
    """Bars of one column, as one where less than a row is between them."""
    assert curve.low is not None
    column = _cell(curve.x, columns)
    order = np.lexsort((curve.low, column))
    column, low, high = column[order], curve.low[order], curve.y[order]
    span = float(high.max() - low.min()) or 1.0
    # One column above the other, so that one running maximum serves all of them.
    lift = column * (3 * span)
    top = np.maximum.accumulate(high + lift)
    begins = np.append(True, low[1:] + lift[1:] > top[:-1] + span / rows)
    begin = np.flatnonzero(begins)
    return replace(
        curve,
        x=curve.x[order][begin],
        low=np.minimum.reduceat(low, begin),
        y=np.maximum.reduceat(high, begin),
    )


def _cell(values: Floats, count: int) -> NDArray[Any]:
    """Which of ``count`` equal parts of their range each value is in."""
    low, high = float(values.min()), float(values.max())
    part = (values - low) / ((high - low) or 1.0)
    return np.minimum((part * count).astype(np.int64), count - 1)

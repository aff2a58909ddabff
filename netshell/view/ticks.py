"""Round numbers along an axis, and the values of an axis as text.

A scale goes from the least to the greatest value, or from zero where that is near. Its ticks are
multiples of 1, 2 or 5 times a power of ten; the unit's prefix is one for the whole axis.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

from netshell.view.blocks import Axis, Plot, Series

_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "µ"),
             (1e-9, "n"))  # fmt: skip


class Scale(NamedTuple):
    """One axis: its ends, its ticks and their texts, and what is written beside it."""

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]
    label: str

    def part(self, value: float) -> float:
        """How far along the axis a value is: 0 at its beginning, 1 at its end."""
        return (value - self.low) / (self.high - self.low)


def scale(
    axis: Axis, values: Iterable[float], most: int, is_value: bool = True, edge: float = 0.0
) -> Scale:
    """The scale of some values, with at most about ``most`` ticks.

    An axis begins at zero if that leaves most of the room (half of it to heights, ``is_value``) to
    the values. Heights end at a tick, or above it where less than ``edge``, a part of the axis,
    would be free above the highest.
    """
    found = list(values)
    low, high = min(found, default=0.0), max(found, default=1.0)
    if 0 <= low <= high * (0.5 if is_value else 0.1) or (is_value and 0 < low == high):
        low = 0.0
    if not high > low:
        high = low + (abs(low) / 10 or 1.0)
    step = _step((high - low) / max(most, 1))
    if is_value:
        low = math.floor(low / step + 1e-9) * step
        high = math.ceil(high / step - 1e-9) * step
        if max(found, default=0.0) > max(high - edge * (high - low), 0.0):
            high += edge * (high - low)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    ticks = tuple(i * step for i in range(first, last + 1))
    size, prefix = _prefix(max(abs(low), abs(high)))
    places = max(0, -math.floor(math.log10(step / size) + 1e-9))
    labels = tuple(f"{tick / size + 0.0:,.{places}f}" for tick in ticks)
    return Scale(low, high, ticks, labels, f"{axis.name}, {prefix}{axis.unit}")


def horizontal(plot: Plot, most: int) -> Scale:
    """The scale of a plot's x."""
    return scale(plot.x, _ends(plot, lambda series: (series.x,)), most, is_value=False)


def vertical(plot: Plot, most: int, edge: float = 0.0) -> Scale:
    """The scale of a plot's y."""
    return scale(plot.y, _ends(plot, lambda series: (series.y, series.low)), most, edge=edge)


def has_points(plot: Plot) -> bool:
    """Whether there is anything to draw."""
    return any(len(series.x) for series in plot.series)


def in_unit(value: float, unit: str) -> str:
    """A value with three digits and its unit.

    >>> in_unit(1.5e-3, "s"), in_unit(0, "B")
    ('1.5 ms', '0 B')
    """
    size, prefix = _prefix(abs(value))
    return f"{value / size:.3g} {prefix}{unit}"


def _ends(plot: Plot, of: Callable[[Series], tuple[Iterable[float], ...]]) -> list[float]:
    found: list[float] = []
    for series in plot.series:
        for values in of(series):
            each = list(values)
            if each:
                found += [min(each), max(each)]
    return found


def _step(least: float) -> float:
    """The smallest round number that is not below the least."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= least * (1 - 1e-9))


def _prefix(size: float) -> tuple[float, str]:
    if size == 0:
        return 1.0, ""
    return next((each for each in _PREFIXES if size >= each[0] * (1 - 1e-9)), _PREFIXES[-1])

"""Fewer points that look the same."""

from __future__ import annotations

import numpy as np
import pytest

from netshell.flow.thinning import COLUMNS, MOST, Curve, thinned, within

MANY = 200_000


def noise(count: int = MANY) -> Curve:
    chance = np.random.default_rng(7)
    return Curve("noise", "steps", np.sort(chance.random(count)), chance.normal(size=count))


def test_few_points_stay_as_they_are() -> None:
    few = noise(MOST)
    assert thinned(few) is few


def test_a_line_keeps_its_ends_and_every_peak() -> None:
    line = noise()
    few = thinned(line)
    assert len(few.x) <= MOST and (np.diff(few.x) >= 0).all()
    assert (few.x[0], few.x[-1]) == (line.x[0], line.x[-1])
    column = np.minimum(((line.x - line.x[0]) / np.ptp(line.x) * COLUMNS).astype(int), COLUMNS - 1)
    thin = np.minimum(((few.x - line.x[0]) / np.ptp(line.x) * COLUMNS).astype(int), COLUMNS - 1)
    for at in (0, 1, 499, COLUMNS - 1):
        all_of_it, kept = line.y[column == at], few.y[thin == at]
        assert (all_of_it.min(), all_of_it.max()) == (kept.min(), kept.max())


@pytest.mark.parametrize("kind", ["dots", "marks"])
def test_dots_stay_where_there_were_some(kind: str) -> None:
    chance = np.random.default_rng(7)
    dots = Curve("", kind, chance.random(MANY), chance.random(MANY))  # type: ignore[arg-type]
    few = thinned(dots)
    assert MOST / 8 < len(few.x) <= MOST
    assert set(zip(few.x, few.y, strict=True)) <= set(zip(dots.x, dots.y, strict=True))
    counts, _, _ = np.histogram2d(few.x, few.y, bins=10)
    assert (counts > 0).all()


def test_bars_cover_what_they_did() -> None:
    start = np.arange(MANY) * 1448.0
    bars = Curve("", "bars", np.arange(MANY) / 1e5, start + 1448, start)
    few = thinned(bars)
    assert len(few.x) <= MOST and few.low is not None
    assert (few.low[0], few.y[-1]) == (0, MANY * 1448)
    assert (few.low[1:] == few.y[:-1]).all()


def test_bars_anywhere_are_bounded_too() -> None:
    chance = np.random.default_rng(7)
    low = chance.random(MANY) * 1e9
    few = thinned(Curve("", "bars", chance.random(MANY), low + 1, low))
    assert few.low is not None and 0 < len(few.x) <= MOST
    assert (few.low.min(), few.y.max()) == (low.min(), low.max() + 1)


def test_points_of_one_moment_or_height_are_no_trouble() -> None:
    same = np.ones(MANY)
    for curve in (
        Curve("", "steps", same, same),
        Curve("", "dots", same, same),
        Curve("", "bars", same, same, same),
    ):
        assert 1 <= len(thinned(curve).x) <= MOST


def test_a_stretch_of_a_line_begins_with_what_held_before() -> None:
    line = Curve("", "steps", np.array([0.0, 1, 2, 3]), np.array([5.0, 6, 7, 8]))
    part = within(line, 0.5, 2.5)
    assert (part.x.tolist(), part.y.tolist()) == ([0.5, 1, 2, 2.5], [5, 6, 7, 7])
    assert within(line, 4, 5).y.tolist() == [8]
    assert len(within(line, -2, -1).x) == 0

"""Round numbers along an axis."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netshell.view.blocks import Axis
from netshell.view.ticks import in_unit, scale

BYTES = Axis("sent", "B")


@pytest.mark.parametrize(
    ("values", "labels", "label"),
    [
        ((0, 10), ("0", "2", "4", "6", "8", "10"), "sent, B"),
        ((3, 1_000_000), ("0.0", "0.2", "0.4", "0.6", "0.8", "1.0"), "sent, MB"),
        ((0, 0.0023), ("0.0", "0.5", "1.0", "1.5", "2.0", "2.5"), "sent, mB"),
        ((990, 1010), ("0.990", "0.995", "1.000", "1.005", "1.010"), "sent, kB"),
        ((-4, 4), ("-4", "-2", "0", "2", "4"), "sent, B"),
        ((7, 7), ("0", "2", "4", "6", "8"), "sent, B"),
        ((0, 0), ("0.0", "0.2", "0.4", "0.6", "0.8", "1.0"), "sent, B"),
        ((), ("0.0", "0.2", "0.4", "0.6", "0.8", "1.0"), "sent, B"),
        ((0, 4e15), ("0", "1,000", "2,000", "3,000", "4,000"), "sent, TB"),
    ],
)
def test_scales(values: tuple[float, ...], labels: tuple[str, ...], label: str) -> None:
    made = scale(BYTES, values, 5)
    assert (made.labels, made.label) == (labels, label)


@given(
    st.lists(st.floats(-1e15, 1e15, allow_subnormal=False), min_size=1, max_size=9),
    st.integers(1, 12),
    st.booleans(),
)
def test_values_are_within_and_ticks_few(values: list[float], most: int, is_value: bool) -> None:
    made = scale(BYTES, values, most, is_value)
    slack = (made.high - made.low) * 1e-6
    assert made.low - slack <= min(values) and max(values) <= made.high + slack
    assert len(made.ticks) == len(made.labels) <= 2 * most + 3
    assert all(made.low - slack <= tick <= made.high + slack for tick in made.ticks)
    assert made.part(values[0]) >= -1e-6 and math.isfinite(made.part(values[0]))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (0.0123, "12.3 mB"), (2.5e-7, "250 nB")],
)
def test_values_in_their_unit(value: float, text: str) -> None:
    assert in_unit(value, "B") == text

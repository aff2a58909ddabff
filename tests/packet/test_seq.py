"""Sequence numbers: the wrap, the comparison, and columns against single numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from netshell.packet.seq import HALF, MODULUS, Seq, distance, distances, relative

numbers = st.one_of(
    st.integers(0, MODULUS - 1), st.sampled_from([0, 1, HALF - 1, HALF, HALF + 1, MODULUS - 1])
)


@given(numbers, st.integers(1, HALF - 1))
def test_what_comes_later_is_greater_across_the_wrap(start: int, count: int) -> None:
    earlier, later = Seq(start), Seq(start) + count
    assert earlier < later and later > earlier
    assert earlier <= later and later >= earlier
    assert not later < earlier and not later <= earlier
    assert later - earlier == count and earlier - later == -count
    assert later - count == earlier


@given(numbers)
def test_half_the_circle_away_has_no_order(start: int) -> None:
    here, there = Seq(start), Seq(start) + HALF
    assert not here < there and not here > there
    assert here <= here and here >= here and not here < here


def test_seq_shows_itself_and_stays_in_range() -> None:
    assert repr(Seq(-1)) == "Seq(4294967295)"
    assert f"{Seq(MODULUS + 5)}" == "5"
    assert isinstance(Seq(5) + 1, Seq) and isinstance(Seq(5) - 1, Seq)


@given(st.lists(st.tuples(numbers, numbers), min_size=1))
def test_columns_compare_as_single_numbers_do(pairs: list[tuple[int, int]]) -> None:
    later, earlier = np.array(pairs, np.int64).T
    assert distances(later, earlier).tolist() == [distance(a, b) for a, b in pairs]
    assert relative(later, earlier).tolist() == [(a - b) % MODULUS for a, b in pairs]
    assert relative(later, 1).tolist() == [(a - 1) % MODULUS for a, _ in pairs]

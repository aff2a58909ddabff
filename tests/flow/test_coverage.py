"""Who wins which place, against painting them one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from netshell.flow.coverage import Pieces, cover, holes, union, within

STRETCHES = st.lists(st.tuples(st.integers(-20, 40), st.integers(0, 15)), max_size=25)


def arrays(stretches: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    table = np.array(stretches, np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 0] + table[:, 1]


def painted(stretches: list[tuple[int, int]]) -> dict[int, int]:
    places: dict[int, int] = {}
    for index, (start, length) in enumerate(stretches):
        for place in range(start, start + length):
            places.setdefault(place, index)
    return places


def places_of(pieces: Pieces) -> dict[int, int]:
    found: dict[int, int] = {}
    for start, end, index in zip(*(array.tolist() for array in pieces), strict=True):
        for place in range(start, end):
            assert place not in found
            found[place] = index
    return found


@given(STRETCHES)
def test_first_come_wins_each_place(stretches: list[tuple[int, int]]) -> None:
    pieces = cover(*arrays(stretches))
    assert places_of(pieces) == painted(stretches)
    assert (pieces.start < pieces.end).all()
    assert (pieces.start[1:] >= pieces.end[:-1]).all()
    assert len(pieces.start) <= max(2 * len(stretches) - 1, 0)


@given(STRETCHES)
def test_union_and_within(stretches: list[tuple[int, int]]) -> None:
    start, end = union(*arrays(stretches))
    assert (start[1:] > end[:-1]).all()
    asked = np.arange(-25, 60)
    covered = {place for place, told in zip(asked, within(asked, start, end), strict=True) if told}
    assert covered == set(painted(stretches))


@given(STRETCHES)
def test_holes_are_what_pieces_leave(stretches: list[tuple[int, int]]) -> None:
    pieces = cover(*arrays(stretches))
    start, end = holes(pieces, -20, 60)
    free = {p for s, e in zip(start, end, strict=True) for p in range(s, e)}
    assert free == set(range(-20, 60)) - set(painted(stretches))


def test_pieces_do_not_grow_with_the_distance() -> None:
    pieces = cover(np.array([0, 2**62]), np.array([1, 2**62 + 1]))
    assert pieces.start.tolist() == [0, 2**62]


def test_hostile_overlap_stays_linear() -> None:
    """Every stretch within every later one: the sweep still gives 2 N - 1 pieces."""
    count = 3000
    start = np.arange(count, 0, -1, dtype=np.int64)
    pieces = cover(start, 2 * count - start + 1)
    assert len(pieces.start) == 2 * count - 1

"""Tries again end with the first that holds, and what is wrong stays wrong."""

from __future__ import annotations

import pytest
from patience import shortest, until_it_holds


def test_no_more_tries_than_needed() -> None:
    times = iter([3.0, 2.0, 0.5, 9.0])
    assert shortest(lambda: next(times), 1) == 0.5
    assert list(times) == [9.0]


def test_what_is_always_slow_is_slow() -> None:
    times = iter([3.0, 2.0, 4.0])
    assert shortest(lambda: next(times), 1, tries=3) == 2.0


def test_it_has_more_time_until_it_holds() -> None:
    given: list[float] = []

    def attempt(timeout_s: float) -> str:
        given.append(timeout_s)
        assert timeout_s > 1
        return "done"

    assert until_it_holds(attempt, (0.5, 2, 10)) == "done"
    assert given == [0.5, 2]


@pytest.mark.parametrize("wrong", [AssertionError, TimeoutError, pytest.fail.Exception])
def test_what_never_holds_fails(wrong: type[BaseException]) -> None:
    def attempt(timeout_s: float) -> None:
        raise wrong(f"with {timeout_s} s")

    with pytest.raises(wrong, match="with 2 s"):
        until_it_holds(attempt, (0.5, 2))


def test_what_is_broken_is_not_tried_again() -> None:
    def attempt(timeout_s: float) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        until_it_holds(attempt, (0.5,) * 5)

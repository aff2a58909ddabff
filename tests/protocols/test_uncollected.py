"""The search for garbage pauses, and is as it was before."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from netshell.protocols.uncollected import uncollected


@pytest.fixture(autouse=True)
def on() -> Iterator[None]:
    was_on = gc.isenabled()
    gc.enable()
    yield
    (gc.enable if was_on else gc.disable)()


def test_it_is_off_within_and_on_again() -> None:
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled(), "one of two is at it yet"
    assert gc.isenabled()


def test_it_is_on_again_after_an_error() -> None:
    with pytest.raises(KeyboardInterrupt), uncollected():
        raise KeyboardInterrupt
    assert gc.isenabled()


def test_who_has_it_off_keeps_it_off() -> None:
    gc.disable()
    with uncollected():
        assert not gc.isenabled()
    assert not gc.isenabled()


def test_little_is_not_worth_it() -> None:
    with uncollected(False):
        assert gc.isenabled()

"""Stretches of memory that do not touch, and are given back."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netshell.capture import arena as module
from netshell.capture.arena import Arena


@given(st.lists(st.integers(0, 5000), max_size=30))
def test_every_stretch_is_its_own(sizes: list[int]) -> None:
    arena = Arena(region_bytes=8192)
    taken = [arena.take(size) for size in sizes]
    for number, stretch in enumerate(taken):
        stretch[:] = number
    for number, (size, stretch) in enumerate(zip(sizes, taken, strict=True)):
        assert len(stretch) == size
        assert (stretch == number).all()
        assert stretch.ctypes.data % module.ALIGNED == 0


def test_what_is_larger_than_a_region() -> None:
    arena = Arena(region_bytes=4096)
    arena.take(10)
    large = arena.take(100_000)
    large[:] = 1
    assert len(large) == 100_000


def test_what_was_not_used_is_given_back_and_the_rest_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    advised: list[tuple[int, ...]] = []

    class Watched(mmap.mmap):
        def madvise(self, *arguments: int) -> None:
            advised.append(arguments)
            super().madvise(*arguments)

    monkeypatch.setattr(module.mmap, "mmap", Watched)
    arena = Arena(region_bytes=16 * mmap.PAGESIZE)
    kept = arena.take(mmap.PAGESIZE + 1)
    kept[:] = 7
    arena.trim()
    arena.trim()
    assert advised == [(mmap.MADV_HUGEPAGE,), (mmap.MADV_DONTNEED, 2 * mmap.PAGESIZE)]
    assert (kept == 7).all()
    other = arena.take(100)
    other[:] = 9
    assert (kept == 7).all()


def test_a_system_without_room_for_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(module.mmap, "mmap", refused)
    stretch = Arena().take(1000)
    stretch[:] = 3
    assert np.count_nonzero(stretch == 3) == 1000

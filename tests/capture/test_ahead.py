"""A file in windows: every byte once, whatever is used of each, whatever becomes of the file."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netshell.capture import ahead
from netshell.capture.ahead import Ahead


def walked(path: Path, window: int, left: list[int]) -> tuple[bytes, Ahead]:
    """The bytes that windows give when so many are left of each (and all read in the end)."""
    found, used = b"", 0
    with path.open("rb", 0) as file:
        made = Ahead(file, path.stat().st_size, window)
        for count in [*left, *[0] * 1000]:
            octets, is_last = made.take(used)
            used = len(octets) if is_last else max(len(octets) - count, 0)
            found += octets[:used].tobytes()
            if is_last:
                break
        made.close()
    return found, made


@given(
    st.binary(min_size=1, max_size=400), st.integers(1, 90), st.lists(st.integers(0, 120)),
    st.integers(0, 50),
)  # fmt: skip
def test_every_byte_once(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, window: int, left: list[int], room: int
) -> None:
    path = tmp_path_factory.mktemp("ahead") / "file"
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ahead, "LEAST_WINDOW", room or 1)
        patch.setattr(ahead, "PIECE", 7)
        found, made = walked(path, window, left)
    assert found == data
    assert made.trouble == ""


def test_a_file_that_is_cut_short_gives_what_there_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "LEAST_WINDOW", 10)
    path = tmp_path / "file"
    path.write_bytes(bytes(range(100)))
    with path.open("rb", 0) as file:
        made = Ahead(file, 100, 30)
        first, is_last = made.take(0)
        os.truncate(path, 25)  # in one step: the next window may be on its way
        assert (first.tolist(), is_last) == (list(range(10)), False)
        found = first.tolist()
        for _ in range(9):
            octets, is_last = made.take(len(first))
            found += octets.tolist()
            first = octets
            if is_last:
                break
        made.close()
    assert is_last
    assert found in (list(range(25)), list(range(40)))  # the next may have been read already
    assert made.trouble == "the file was cut short while it was read"


def test_without_another_thread_it_is_read_when_it_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)
    monkeypatch.setattr(ahead, "LEAST_WINDOW", 16)
    path = tmp_path / "file"
    path.write_bytes(bytes(range(200)))
    assert walked(path, 32, [3, 5])[0] == bytes(range(200))


def test_what_was_given_stays_when_the_file_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100)
    with path.open("rb", 0) as file:
        made = Ahead(file, 100, 100)
        octets, is_last = made.take(0)
        made.close()
    assert is_last
    assert np.array_equal(octets, np.full(100, ord("x"), np.uint8))

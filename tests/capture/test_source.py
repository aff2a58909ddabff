"""Waiting for packets: a source that was just drained is left alone, but not for long."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from netshell.capture.source import Source, wait_readable


class Pipe(Source):
    """Readable all the time."""

    def __init__(self) -> None:
        self.read, self.write = os.pipe()
        os.write(self.write, b"x")
        self.rest = 0.0

    def filenos(self) -> list[int]:
        return [self.read]

    def rest_s(self) -> float:
        return self.rest


class Bell:
    """What stops a capture."""

    def __init__(self, pipe: Pipe) -> None:
        self._number = pipe.read

    def fileno(self) -> int:
        return self._number


@pytest.fixture
def pipes() -> Iterator[tuple[Pipe, Pipe]]:
    both = Pipe(), Pipe()
    yield both
    for pipe in both:
        os.close(pipe.read)
        os.close(pipe.write)


def waited(sockets: list[object]) -> tuple[list[object], float]:
    before = time.monotonic()
    return wait_readable(sockets), time.monotonic() - before


def test_a_source_that_rests_is_ready_when_it_has(pipes: tuple[Pipe, Pipe]) -> None:
    source, _ = pipes
    assert waited([source])[0] == [source]
    source.rest = 0.05
    found, seconds = waited([source])
    assert found == [source]
    assert seconds >= 0.05


def test_nothing_waits_for_a_source_that_rests(pipes: tuple[Pipe, Pipe]) -> None:
    source, other = pipes
    bell = Bell(other)
    source.rest = 60.0
    found, seconds = waited([bell, source])
    assert found == [bell]
    assert seconds < 30
    source.deadline = time.monotonic() + 0.02
    os.read(other.read, 1)
    assert waited([bell, source])[0] == [source]

"""Bytes as a file: whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import netshell.render  # noqa: F401  (offers the renderers)
from netshell.errors import BadFile, NetshellError, NotFound
from netshell.results import Result, rendered


class Blocks(Result):
    """Bytes in blocks; ``fails`` after the first."""

    def __init__(self, fails: bool = False) -> None:
        self.fails = fails

    def blocks(self) -> Iterator[bytes]:
        yield b"first "
        if self.fails:
            raise OSError(28, "No space left on device")
        yield b"second"


def test_blocks_end_to_end(tmp_path: Path) -> None:
    place = rendered("octets", Blocks(), str(tmp_path / "x.bin"))
    assert place == tmp_path / "x.bin" and place.read_bytes() == b"first second"


def test_what_was_there_stays_if_it_fails(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"old")
    with pytest.raises(NetshellError, match="the disk is full"):
        rendered("octets", Blocks(fails=True), tmp_path / "x.bin")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_places_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no such directory"):
        rendered("octets", Blocks(), tmp_path / "none" / "x.bin")
    with pytest.raises(BadFile, match="cannot save"):
        rendered("octets", Blocks(), tmp_path)

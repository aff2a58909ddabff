"""dig's text against dig's."""

from __future__ import annotations

from bind import Bed


def test_bed(bed: Bed) -> None:
    assert bed.port

"""Which characters pictures are made of, by what the output can show."""

from __future__ import annotations

import pytest

from netshell.view import cells
from netshell.view.glyphs import ASCII, UNICODE, fits


@pytest.mark.parametrize(
    ("encoding", "box"),
    [("utf-8", True), ("ascii", False), ("latin-1", False), ("cp437", False), ("none", False)],
)
def test_an_encoding_has_all_of_them_or_ascii_is_used(encoding: str, box: bool) -> None:
    assert fits(encoding) is box


def test_each_takes_one_cell() -> None:
    assert {cells(glyph) for glyph in UNICODE} == {1}
    assert {len(glyph) for name, glyph in ASCII._asdict().items() if name != "dots"} == {1}


def test_text_is_written_in_what_the_output_has() -> None:
    assert ASCII.clean("+12 µs ►") == "+12 us >"
    assert ASCII.clean("bücher") == "b\\xfccher"
    assert UNICODE.clean("bücher") == "bücher"

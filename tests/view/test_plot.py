"""A plot in cells: within its width, harmless, and of characters that the output has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netshell.view import Axis, Plot, Series, Style, cells, draw

X, Y = Axis("time", "s"), Axis("sent", "B")
LINE = Series("line", "steps", (0, 1, 2), (0, 10, 5), style="good")


def plot(*series: Series, title: str = "a title", empty: str = "none of it") -> Plot:
    return Plot(X, Y, series, title, empty)


def body(text: str) -> list[str]:
    """What is behind the vertical axis."""
    return [line[line.index("┤" if "┤" in line else "│") + 1 :] for line in text.splitlines()
            if "┤" in line or "│" in line]  # fmt: skip


def test_without_points_it_says_so() -> None:
    assert draw([plot()]).splitlines() == ["a title", "none of it"]
    assert draw([plot(Series("x", "dots", (), ()))], 80).splitlines() == ["a title", "none of it"]


def test_a_line_goes_from_corner_to_corner() -> None:
    rows = body(draw([plot(Series("", "bars", (0, 1), (1, 1), (0, 0)))], 80))
    assert all(row[0] == "⡇" and row[-1] == "⢸" and len(row) == len(rows[0]) for row in rows)


def test_what_comes_later_is_seen() -> None:
    marks = Series("lost", "marks", (1,), (10,), style="bad", mark="R")
    styles: set[tuple[str, Style]] = set()

    def paint(text: str, style: Style) -> str:
        styles.add((text, style))
        return text

    text = draw([plot(LINE, marks)], 80, paint)
    assert "R lost" in text and ("R", "bad") in styles
    assert sum(row.count("R") for row in body(text)) == 1


def test_dashed_lines_differ_without_colour() -> None:
    dashed = Series("dashed", "steps", (0, 2), (3, 3), is_dashed=True)
    assert "⠒ ⠒ dashed" in draw([plot(LINE, dashed)], 80)
    assert ".. dashed" in draw([plot(LINE, dashed)], 80, ascii=True)
    rows = body(draw([plot(dashed)], 80))
    (row,) = (row for row in rows if row.strip())
    assert " " in row.strip() and len(set(row.strip())) == 2


def test_hostile_text_is_harmless() -> None:
    bad = Series("a\x1b[31mb\n\u202e", "dots", (1,), (1,))
    made = Plot(Axis("t\r", "s"), Axis("\x9b", "B"), (bad, LINE), "\x1b]0;x\a", "")
    for ascii in (False, True):
        text = draw([made], 80, ascii=ascii)
        assert all(line.isprintable() for line in text.split("\n"))
    assert draw([made], 80, ascii=True).isascii()


numbers = st.floats(-1e12, 1e12, allow_subnormal=False)


@given(
    st.lists(st.tuples(numbers, numbers, numbers), max_size=30),
    st.sampled_from(["bars", "steps", "dots", "marks"]),
    st.integers(30, 200),
    st.booleans(),
)
def test_no_line_is_wider_than_the_width(
    points: list[tuple[float, float, float]], kind: str, width: int, ascii: bool
) -> None:
    x, y, low = (tuple(each) for each in zip(*points, strict=True)) if points else ((), (), ())
    series = Series("wide " * 30, kind, sorted(x), y, low if kind == "bars" else (), mark="R")  # type: ignore[arg-type]
    lines = draw([plot(series, LINE, title="title " * 40)], width, ascii=ascii).splitlines()
    assert all(cells(line) <= width for line in lines)
    assert not ascii or all(line.isascii() for line in lines)


@pytest.mark.parametrize("width", [0, 80, 140, 200])
def test_numbers_of_an_axis_never_touch(width: int) -> None:
    wide = Series("", "dots", (0.001, 0.9999), (1, 123_456_789))
    lines = draw([plot(wide)], width).splitlines()
    axis = next(at for at, line in enumerate(lines) if "└" in line)
    labels = lines[axis + 1].split()
    assert len(labels) >= 3 and all(float(label) >= 0 for label in labels)
    assert len(lines[axis + 1].split("  ")) >= len(labels)


def test_no_width_makes_it_endless() -> None:
    assert max(map(cells, draw([plot(LINE)], 10**30).splitlines())) <= 1000

"""A ladder in cells: straight rails, aligned numbers, and nothing wider than the screen."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ladders import COLUMNS, LADDER

from netshell.view import End, Ladder, Mark, Rung, Span, cells, clean, draw
from netshell.view.ladder import Frame

GOLDEN = Path(__file__).parent.parent / "golden" / "ladder"
CASES = [(80, False), (140, False), (60, False), (40, False), (0, False), (80, True)]


@pytest.mark.parametrize(("width", "ascii"), CASES)
def test_it_looks_as_it_did(width: int, ascii: bool) -> None:
    """To change a picture on purpose: run this file, and look at what it wrote."""
    path = GOLDEN / f"{_name(width, ascii)}.txt"
    assert draw([LADDER], width, ascii=ascii) + "\n" == path.read_text("utf-8")


def _name(width: int, ascii: bool) -> str:
    return f"{width or 'any'}{'-ascii' if ascii else ''}"


@pytest.mark.parametrize("width", [0, *range(20, 200, 7)])
def test_rails_are_straight(width: int) -> None:
    lines = draw([LADDER], width).splitlines()
    rows = [line for line in lines if any(char in line for char in "│┊")]
    assert len(rows) >= len(LADDER.rungs)
    places = {tuple(i for i, char in enumerate(line) if char in "│┊") for line in rows}
    assert len(places) == 1
    (place,) = places
    assert len(place) == 2


@given(st.integers(20, 200), st.booleans())
def test_no_line_is_wider_than_the_width(width: int, ascii: bool) -> None:
    assert all(cells(line) <= width for line in draw([LADDER], width, ascii=ascii).splitlines())


@pytest.mark.parametrize("width", [0, 30, 80, 120])
def test_ascii_is_ascii(width: int) -> None:
    ladder = replace(LADDER, left=End("client", "192.0.2.1:80", "bücher.example"))
    assert draw([ladder], width, ascii=True).isascii()


def test_numbers_stand_below_each_other() -> None:
    lines = [line for line in draw([LADDER], 140).splitlines() if "seq " in line]
    ends = {match.end() for line in lines if (match := re.search(r"seq +\d+", line))}
    assert len(lines) == 8 and len(ends) == 1


def test_what_does_not_fit_is_named() -> None:
    assert draw([LADDER], 80).endswith("not shown at this width: time, ack, win")
    assert "not shown" not in draw([LADDER], 0)


def test_every_mark_and_state_is_there_at_any_width() -> None:
    for width in range(24, 160):
        text = draw([LADDER], width)
        assert text.count("retransmission") == 2
        assert text.count("duplicate_ack") == 1
        for state in ("SYN_SENT", "SYN_RECEIVED", "CLOSE_WAIT", "FIN_WAIT_1"):
            assert text.count(state) == 1
        assert text.count("ESTABLISHED") == 2
        assert text.count("15.0 s") == 1
        assert text.count("14,985 segments") == 1


def test_without_states_there_is_no_place_for_them() -> None:
    rungs = [replace(rung, left="", right="", marks=()) for rung in LADDER.rungs]
    ladder = replace(LADDER, rungs=rungs, has_states=False)
    assert all(line.endswith(("│", "┊")) for line in draw([ladder], 0).splitlines()[3:])


def test_an_empty_ladder_says_so() -> None:
    text = draw([replace(LADDER, rungs=(), empty="no packets of it are held")], 80)
    assert text.endswith("no packets of it are held")


# Without marks that take a cell or none by what they stand on: nobody lines those up.
ANY = st.characters(exclude_categories=("Mc",))


@given(st.text(ANY, max_size=60), st.integers(20, 120))
def test_hostile_text_moves_nothing(text: str, width: int) -> None:
    rung = Rung(
        "left",
        (Span(text, "key"), text, text, text, text),
        *(text, text, text, Span(text, "good"), text),
        marks=(Mark(text, text, "bad"),),
        pause=text,
    )
    fold = Rung("both", (text, text), is_fold=True)
    end = End("client", text, text)
    drawn = draw([Ladder(end, end, COLUMNS, [rung, fold], title=text, empty=text)], width)
    assert all(line.isprintable() for line in drawn.split("\n"))
    assert clean(drawn.replace("\n", "")) == drawn.replace("\n", "")
    assert all(cells(line) <= width for line in drawn.split("\n"))


def test_colours_change_no_place() -> None:
    plain = draw([LADDER], 100)
    marked = draw([LADDER], 100, lambda text, style: f"\x01{text}\x02" if style else text)
    assert marked.replace("\x01", "").replace("\x02", "") == plain


def test_a_growing_ladder_keeps_its_places() -> None:
    lines: list[str] = []
    empty = replace(LADDER, rungs=())
    for width in (80, 100, 140):
        frame = Frame(empty, width, lambda text, style: text, live=True)
        lines = [line for rung in LADDER.rungs for line in frame.rung(rung)]
        places = {tuple(i for i, char in enumerate(line) if char in "│┊") for line in lines}
        assert len(places) == 1
        assert all(cells(line) <= width for line in lines)


def test_a_growing_ladder_widens_its_places_for_good() -> None:
    rungs = [rung for rung in LADDER.rungs if not rung.is_fold]
    frame = Frame(replace(LADDER, rungs=()), 80, lambda text, style: text, live=True)
    lines = [line for rung in [*rungs, *rungs] for line in frame.rung(rung) if "seq" in line]
    later = lines[len(lines) // 2 :]
    ends = {match.end() for line in later if (match := re.search(r"seq +\d+", line))}
    assert len(later) == 8 and len(ends) == 1
    assert all(cells(line) <= 80 for line in lines)
    assert "ack" in lines[1] and "len 1448" in lines[4]


def write() -> None:
    """Write the pictures that ``test_it_looks_as_it_did`` compares with."""
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for width, ascii in CASES:
        text = draw([LADDER], width, ascii=ascii) + "\n"
        (GOLDEN / f"{_name(width, ascii)}.txt").write_text(text, "utf-8")


if __name__ == "__main__":
    write()

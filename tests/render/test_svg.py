"""A ladder as a picture: well formed, harmless, nothing over anything else or outside of it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ladders import COLUMNS, LADDER

from netshell.errors import BadArgument, BadFile, NotFound
from netshell.render.fonts import ADVANCE, SIZE
from netshell.render.svg import DARK, LIGHT, document, page
from netshell.results import Result
from netshell.view import (
    Axis,
    Block,
    Column,
    End,
    Ladder,
    Lines,
    Mark,
    Note,
    Plot,
    Rung,
    Span,
    Table,
    cells,
)

SVG = "{http://www.w3.org/2000/svg}"


class Shown(Result):
    def __init__(self, *blocks: Block) -> None:
        self._blocks = blocks

    def view(self) -> tuple[Block, ...]:
        return self._blocks


def parsed(*blocks: Block) -> ElementTree.Element:
    return ElementTree.fromstring(document(blocks))


def texts(root: ElementTree.Element) -> list[str]:
    return [each.text or "" for each in root.iter(f"{SVG}text")]


def boxes(root: ElementTree.Element) -> list[tuple[float, float, float, float, str]]:
    """Where each text is: left, top, right, bottom."""
    found = []
    for each in root.iter(f"{SVG}text"):
        text = each.text or ""
        size = cells(text.replace("\u00a0", " ")) * ADVANCE
        anchor = {"end": 1.0, "middle": 0.5}.get(each.get("text-anchor", ""), 0.0)
        left, base = float(each.get("x", "")) - anchor * size, float(each.get("y", ""))
        found.append((left, base - 0.75 * SIZE, left + size, base + 0.2 * SIZE, text))
    return found


def test_it_names_itself_and_tells_what_it_shows() -> None:
    root = parsed(LADDER)
    assert root.tag == f"{SVG}svg" and root.get("role") == "img"
    title, words = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None and title.text == LADDER.title
    assert words is not None and words.text is not None
    assert words.text.startswith("client 10.77.0.1:41234, server [2001:db8::80]:80. client: SYN")
    assert "(retransmission)" in words.text
    assert root.get("aria-labelledby") == f"{title.get('id')} {words.get('id')}"


def test_every_rung_is_there() -> None:
    shown = texts(parsed(LADDER))
    for text in ("SYN,ACK", "14586848", "CLOSE_WAIT", "+100 µs", "15.803134", "client client.lab"):
        assert text in shown
    assert shown.count("! retransmission") == 2
    assert "⋮ 15.0 s" in shown
    assert "14,985 segments, 14,585,400 bytes ◄, 4,995 ACKs ►, in 0.8 s" in shown


@pytest.mark.parametrize(
    "ladder",
    [
        LADDER,
        replace(LADDER, left=End("client", "[2001:db8:1:2:3:4:5:6]:41234", "a" * 60)),
        replace(LADDER, rungs=LADDER.rungs[:1], has_states=False, title=""),
        replace(LADDER, rungs=(), title="nothing " * 20),
    ],
)
def test_no_text_is_over_another_or_outside(ladder: Ladder) -> None:
    root = parsed(ladder, Note("below"))
    width, height = map(float, root.get("viewBox", "").split()[2:])
    found = boxes(root)
    for left, top, right, bottom, text in found:
        assert left >= 0 and top >= 0 and right <= width and bottom <= height, text
    for i, one in enumerate(found):
        for other in found[i + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0]
            assert apart or one[3] <= other[1] or other[3] <= one[1], (one, other)


def test_arrows_are_straight_and_between_the_rails() -> None:
    root = parsed(LADDER)
    lines = list(root.iter(f"{SVG}line"))
    rails = {each.get("x1") for each in lines if each.get("class") == "rail-line"}
    arrows = [each for each in lines if each.get("class") != "rail-line"]
    left, right = sorted(map(float, (x for x in rails if x)))
    assert len(rails) == 2 and len(arrows) == len(LADDER.rungs) + 1  # a fold has two lines
    for each in arrows:
        assert each.get("y1") == each.get("y2")
        assert left < float(each.get("x1", "")) < float(each.get("x2", "")) < right


def test_marks_tell_more_when_asked() -> None:
    titles = [each.text or "" for each in parsed(LADDER).iter(f"{SVG}title")]
    assert any("retransmission: Sent again: nothing acknowledged it." in text for text in titles)


def test_other_blocks_are_lines_of_text() -> None:
    table = Table((Column("port", "right"),), [("80",)], title="sockets")
    shown = texts(parsed(table, Lines([["SYN", " 80"]]), Note("a note", "warn")))
    assert shown == ["sockets", "port", "\u00a0 80", "SYN 80", "a note"]


hostile = st.text(max_size=40) | st.sampled_from(
    ["</title><script>alert(1)</script>", "]]>", "<!--", '"onload="x', "&lt;", "\x1b[2J", "\u202e"]
)


@given(hostile)
def test_no_text_becomes_markup(text: str) -> None:
    rung = Rung(
        "left",
        (Span(text, "key"), text, text, text, text),
        *(text, text, text, Span(text, "good"), text),
        marks=(Mark(text, text, "bad"),),
        pause=text,
    )
    end = End("client", text, text)
    ladder = Ladder(end, end, COLUMNS, [rung, replace(rung, is_fold=True)], title=text, empty=text)
    root = parsed(ladder, Note(text))
    kinds = {each.tag.removeprefix(SVG) for each in root.iter()}
    assert kinds <= {"svg", "title", "desc", "style", "rect", "g", "text", "line", "polygon"}
    assert {name for each in root.iter() for name in each.attrib if name.startswith("on")} == set()
    told = "".join(root.itertext()).replace("\n", "").replace("\u00a0", "")
    assert told.isprintable()


def test_nothing_comes_from_elsewhere() -> None:
    text = document([LADDER]).replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?:|url\(|@import|href|<script|<foreignObject", text)


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_every_colour_can_be_read_on_its_background(colours: dict[str, str]) -> None:
    """WCAG 2.1, 1.4.3: 4.5 for text; 1.4.11: 3 for what a picture needs; rails, grids only help."""
    for name, colour in colours.items():
        least = {"page": 1, "grid": 1.2, "rail": 1.5}.get(name, 4.5)
        assert _contrast(colour, colours["page"]) >= least, name


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_it_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    shown = Shown(LADDER)
    path = page(shown, tmp_path / "ladder.svg")
    assert path == tmp_path / "ladder.svg"
    assert path.read_text("utf-8") == page(shown)
    with pytest.raises(NotFound, match="no such directory"):
        page(shown, tmp_path / "none" / "ladder.svg")
    with pytest.raises(BadFile):
        page(shown, tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["ladder.svg"]


@pytest.mark.parametrize("name", ["x.png", "y.PDF", "flow.svg.jpg", "z.html"])
def test_another_kind_of_file_is_not_written_under_its_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadArgument, match=r'SVG; use "[^"]+[.]svg"$') as caught:
        page(Shown(LADDER), tmp_path / name)
    assert "\n" not in str(caught.value) and not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["x", "x.SVG", "10.0.0.1", "y.xml"])
def test_names_that_promise_nothing_else_are_taken(tmp_path: Path, name: str) -> None:
    assert page(Shown(LADDER), tmp_path / name).read_text("utf-8").startswith("<svg")


def test_a_plot_is_a_png_by_its_figure(tmp_path: Path) -> None:
    plot = Plot(Axis("time", "s"), Axis("sent", "B"), [])
    with pytest.raises(BadArgument, match=r'or [.]figure\(\)[.]savefig\("x[.]png"\)'):
        page(Shown(plot), tmp_path / "x.png")

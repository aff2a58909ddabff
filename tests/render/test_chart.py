"""A plot as a picture: well formed, harmless, no text over another or outside."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from plots import page

from netshell.render.fonts import ADVANCE, SIZE
from netshell.render.html import page as html_page
from netshell.render.svg import DARK, LIGHT, document
from netshell.results import Result
from netshell.view import Axis, Block, Note, Plot, Series, cells

SVG = "{http://www.w3.org/2000/svg}"
KINDS = ("sequence", "throughput", "rtt", "window")


def parsed(*blocks: Block) -> ElementTree.Element:
    return ElementTree.fromstring(document(blocks))


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


LONG = Plot(  # of which the numbers are long
    Axis("time", "s"),
    Axis("sent", "B"),
    [Series("x", "dots", (1e6, 1e6 + 1.59e-4), (1e9, 1e9 + 1))],
)


@pytest.mark.parametrize("kind", [*KINDS, "long"])
def test_no_text_stands_over_another_or_outside(kind: str) -> None:
    root = parsed(*([LONG] if kind == "long" else page().plot(kind).view()))
    width, height = (float(root.get(name, "")) for name in ("width", "height"))
    found = boxes(root)
    assert len(found) > 12
    for left, top, right, bottom, text in found:
        assert left >= 0 and top >= 0 and right <= width and bottom <= height, text
    for one, other in itertools.combinations(found, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (one[4], other[4])


@pytest.mark.parametrize("kind", KINDS)
def test_everything_drawn_is_within_the_document(kind: str) -> None:
    root = parsed(*page().plot(kind, side="server").view())
    width, height = (float(root.get(name, "")) for name in ("width", "height"))
    for each in root.iter(f"{SVG}path"):
        for x, y in re.findall(r"M(-?[\d.]+) (-?[\d.]+)", each.get("d", "")):
            assert 0 <= float(x) <= width and 0 <= float(y) <= height
    names = [title.text for title in root.iter(f"{SVG}title")]
    assert names[0] is not None and "10.0.0.2:80 > 10.0.0.1:40000" in names[0]


def test_a_sequence_has_its_series_by_name_and_form() -> None:
    root = parsed(*page().plot("sequence").view())
    groups = {group.findtext(f"{SVG}title"): group for group in root.iter(f"{SVG}g")}
    data = groups["data (12)"].find(f"{SVG}path")
    assert data is not None and data.get("d", "").count("V") == 10
    edge = groups["window's edge"].find(f"{SVG}path")
    assert edge is not None and edge.get("stroke-dasharray") == "5 4"
    lost = groups["retransmitted (1)"].find(f"{SVG}path")
    assert lost is not None and lost.get("class") == "bad-line"
    words = root.findtext(f"{SVG}desc")
    assert words is not None and "retransmitted (1)" in words


def test_a_dark_reader_gets_every_colour() -> None:
    assert LIGHT.keys() == DARK.keys()
    text = document(page().plot("sequence").view())
    kinds = set(re.findall(r'class="([\w-]+)"', text))
    rules = set(re.findall(r"\.([\w-]+)\{", text))
    assert kinds <= rules | {f"{kind}-line" for kind in DARK} and "prefers-color-scheme" in text


def test_hostile_text_is_text() -> None:
    bad = '</text><script>x("\x1b")</script>&{{ x }}'
    made = Plot(Axis(bad, "s"), Axis(bad, "B"), (Series(bad, "dots", (1, 2), (1, 2)),), bad)
    text = document([made, Note(bad)])
    ElementTree.fromstring(text)
    assert "<script" not in text and "\x1b" not in text


def test_without_points_there_is_a_line() -> None:
    root = parsed(Plot(Axis("t", "s"), Axis("b", "B"), (), "a title", "nothing was sent"))
    assert [box[4] for box in boxes(root)] == ["a title", "nothing was sent"]
    assert not list(root.iter(f"{SVG}path"))


def test_pages_have_it_as_a_picture() -> None:
    class Shown(Result):
        def view(self) -> tuple[Block, ...]:
            return tuple(page().plot("rtt").view())

    html = html_page(Shown())
    assert html.count("<svg") == 1 and "Karn" in html


@pytest.mark.parametrize("kind", KINDS)
def test_the_highest_point_is_below_the_frame(kind: str) -> None:
    root = parsed(*page().plot(kind, side="server").view())
    top = min(float(each.get("y1", "")) for each in root.iter(f"{SVG}line"))
    drawn = "".join(each.get("d", "") for each in root.iter(f"{SVG}path"))
    heights = [float(y) for y in re.findall(r"(?:M-?[\d.]+ |V)(-?[\d.]+)", drawn)]
    assert min(heights) > top + 5


def test_a_long_title_leaves_no_empty_room_beside_the_picture() -> None:
    short = Plot(Axis("time", "s"), Axis("sent", "B"), [Series("x", "dots", (0, 1), (0, 1))])
    widths = []
    for title in ("short", "sequence, flow 3: client [2001:db8::1]:40000 > [2001:db8::2]:443 " * 3):
        root = parsed(replace(short, title=title))
        widths.append(float(root.get("width", "")))
        right = max(float(each.get("x2", "0")) for each in root.iter(f"{SVG}line"))
        assert right > 0.95 * widths[-1]
    assert widths[0] == widths[1]
    assert sum("[2001:db8::2]:443" in text for *_, text in boxes(root)) >= 2

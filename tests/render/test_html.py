"""A notebook's fragment: real tables, and nothing of the data is markup."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st
from ladders import LADDER

from netshell.render.html import LINES, ROWS, page
from netshell.results import Records, Result
from netshell.view import Block, Column, Lines, Note, Span, Table


class Shown(Result):
    def __init__(self, *blocks: Block) -> None:
        self._blocks = blocks

    def view(self) -> tuple[Block, ...]:
        return self._blocks


def test_every_block_has_its_markup() -> None:
    shown = Shown(
        Table((Column("port", "right"),), [("80",)], title="sockets"),
        Table((Column("port"),), [], empty="no sockets"),
        Lines([[Span("SYN", "key"), " 80"], "plain"]),
        Note("a note", style="warn"),
    )
    assert page(shown) == (
        '<div class="netshell">'
        '<table><caption><span style="font-weight:bold">sockets</span></caption>'
        '<thead><tr><th style="text-align:right">port</th></tr></thead>'
        '<tbody><tr><td style="text-align:right;white-space:nowrap">80</td></tr></tbody></table>'
        '<p><span style="opacity:.7">no sockets</span></p>'
        f'<pre style="{LINES}"><span style="color:#0f819a">SYN</span> 80\nplain</pre>'
        '<p><span style="color:#b86200">a note</span></p></div>'
    )


@given(st.text())
def test_no_text_becomes_a_tag(text: str) -> None:
    tags: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            tags.append(tag)

    Reader().feed(page(Shown(Note(text, style=""))) + page(Shown(Lines([text]))))
    assert tags == ["div", "p", "div", "pre"]


def test_a_ladder_is_a_picture() -> None:
    text = page(Shown(LADDER, Note("a note")))
    assert text.startswith('<div class="netshell"><svg xmlns="http://www.w3.org/2000/svg"')
    assert text.endswith("a note</span></p></div>")


def test_what_is_wide_wraps_or_leaves() -> None:
    wide = Table(
        (Column("text", shrink=True, least=20), Column("much", keep=1), Column("port", "right")),
        [("x " * 40, "y" * 200, "80")],
    )
    text = page(Shown(wide))
    assert "min-width:20ch;white-space:normal" in text and "yyy" not in text
    assert text.endswith("not shown here: much</span></p></div>")


def test_of_many_rows_a_page_shows_some() -> None:
    class Many(Records[int]):
        heads = (Column("number"),)

        def row(self, record: int) -> list[str]:
            return [f"{record}"]

    text = page(Many(range(2000)))
    assert text.count("<tr>") == ROWS + 1 and "[500:1000] has the next" in text
    assert page(Many(range(ROWS))).count("<tr>") == ROWS + 1

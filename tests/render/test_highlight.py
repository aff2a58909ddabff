"""SQL in colours: nothing of the text changes, whatever it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netshell.render import html, terminal
from netshell.render.highlight import MOST, divided, pieces
from netshell.results import Result
from netshell.view import Block, Column, Lines, Span, Table, clean, draw


def styles(text: str) -> dict[str, str]:
    return {said: style for said, style in pieces(text) if style}


def test_what_a_statement_consists_of() -> None:
    found = styles("select a, 'it''s', 1.5 from t where b = $1 -- why")
    assert found == {
        "select": "keyword", "'it''s'": "string", "1.5": "number", "from": "keyword",
        "where": "keyword", "$1": "slot", "-- why": "comment",
    }  # fmt: skip


def test_escapes_of_both_dialects() -> None:
    assert styles(r"select E'it\'s' from t")[r"E'it\'s'"] == "string"
    assert styles(r"select 'it\'s', `b` from t") | {} == {
        "select": "keyword", r"'it\'s'": "string", "from": "keyword",
    }  # fmt: skip
    assert styles("select $f$ it's $f$ from t")["$f$ it's $f$"] == "string"


@pytest.mark.parametrize(
    "text",
    ["do $$ begin end $$ language plpython3u", "$x y$ 1 $x y$", "$$", "'", "/*" * 3000, "(" * 9000],
)
def test_hostile_text_stays_as_it_is(text: str) -> None:
    assert "".join(said for said, _ in pieces(text)) == text


@given(st.text(max_size=120))
def test_any_text_stays_as_it_is(text: str) -> None:
    text = clean(text)
    assert "".join(said for said, _ in pieces(text)) == text


def test_only_the_beginning_of_a_long_text_is_coloured() -> None:
    text = "select 1, " * 1000
    assert pieces(text)[-1] == (text[MOST:], "")


def test_lines_are_one_text() -> None:
    """A text in quotes may go over several lines."""
    lines = Lines([Span("select 'a", "sql"), Span("b' from t", "sql"), "select"])
    (found,) = divided([lines])
    assert isinstance(found, Lines)
    assert draw([found]) == "select 'a\nb' from t\nselect"
    second = found.lines[1]
    assert not isinstance(second, str | Span)
    assert second[0] == Span("b'", "string")
    assert found.lines[2] == "select"


def test_in_a_terminal_and_on_a_page() -> None:
    class Shown(Result):
        def view(self) -> tuple[Block, ...]:
            table = Table((Column("statement"),), [(Span("select 1", "sql"),)])
            return (table, Lines([Span("select '<b>'", "sql")]))

    drawn = draw(divided(Shown().view()), 80, terminal.paint)
    assert "\x1b[35mselect\x1b[0m \x1b[36m1\x1b[0m" in drawn
    assert "\x1b[32m'<b>'\x1b[0m" in drawn
    page = html.page(Shown())
    assert '<span style="color:#a855c8">select</span> ' in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page


def test_a_cell_that_is_cut_keeps_its_width() -> None:
    table = Table((Column("statement", shrink=True),), [(Span("select name from users", "sql"),)])
    assert draw([table], 12) == "statement\nselect name…"
    assert draw([table], 12, terminal.paint).endswith("name\x1b[0m…")


def test_a_table_without_its_head_is_its_rows() -> None:
    table = Table((Column("a"), Column("b", keep=1)), [("1", "2" * 20)], has_head=False)
    assert draw([table]) == f"1  {'2' * 20}"
    assert draw([table], 10) == "1"

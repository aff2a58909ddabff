"""SQL in colours, by Pygments: what a span with the style "sql" says, as pieces with a style each.

Pygments is IPython's, imported when the first statement is drawn. Of a long text, the first
:data:`MOST` characters are coloured; nothing of it is changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

from netshell.view import Block, Line, Lines, Paint, Span, Style, clean

MOST = 4000

Pieces = Sequence[tuple[str, Style]]


_MYSQL = re.compile(r"`|\\['\"]")
_POSTGRES = re.compile(r"\b[eE]'")


@lru_cache(1024)
def pieces(text: str) -> Pieces:
    """A text of SQL in pieces, which put together are the text again.

    >>> pieces("select 1")
    (('select', 'keyword'), (' ', ''), ('1', 'number'))
    """
    lexer = _lexer("mysql" if _MYSQL.search(text) and not _POSTGRES.search(text) else "postgres")
    made: list[tuple[str, Style]] = []
    for _, kind, said in lexer.get_tokens_unprocessed(text[:MOST]):
        style = _style(kind)
        if made and made[-1][1] == style:
            made[-1] = made[-1][0] + said, style
        else:
            made.append((said, style))
    if len(text) > MOST:
        made.append((text[MOST:], ""))
    return tuple(made)


def painted(text: str, paint: Paint) -> str:
    """A text of SQL, each of its pieces painted."""
    return "".join(paint(piece, style) for piece, style in pieces(text))


def divided(blocks: Iterable[Block]) -> list[Block]:
    """The blocks with SQL in their lines in pieces: a text may go over several of them."""
    return [_divided(block) if isinstance(block, Lines) else block for block in blocks]


def _divided(block: Lines) -> Lines:
    lines: list[Line] = []
    run: list[str] = []
    for line in (*block.lines, None):
        if isinstance(line, Span) and line.style == "sql":
            run.append(clean(line.text))
            continue
        if run:
            lines += _lines("\n".join(run))
            run.clear()
        if line is not None:
            lines.append(line)
    return Lines(lines)


def _lines(text: str) -> Iterable[Line]:
    line: list[Span] = []
    for piece, style in pieces(text):
        first, *rest = piece.split("\n")
        line.append(Span(first, style))
        for said in rest:
            yield line
            line = [Span(said, style)]
    yield line


@cache
def _lexer(dialect: str) -> Any:
    from pygments.lexer import inherit
    from pygments.lexers.sql import MySqlLexer, PostgresLexer
    from pygments.token import Operator, String

    if dialect == "mysql":
        return MySqlLexer()

    class Lexer(PostgresLexer):  # type: ignore[misc]  # Pygments has no types
        """With texts that have escapes, and no guess at the language of those in dollars."""

        tokens = {  # noqa: RUF012
            "root": [
                (r"e'(?:[^'\\]|''|\\.)*'?", String.Single),
                (r"(?s)(\$(?!\d)[^$\s]*\$)(?:.*?\1|.*)", String.Single),
                (r"\$(?!\d)", Operator),
                inherit,
            ]
        }

    return Lexer()


@cache
def _style(kind: Any) -> Style:
    from pygments.token import Comment, Keyword, Name, Number, String

    for parent, style in (
        (String.Name, ""),  # names in quotes
        (String.Symbol, ""),
        (Keyword.Type, "number"),
        (Keyword, "keyword"),
        (String, "string"),
        (Number, "number"),
        (Name.Builtin, "number"),
        (Name.Variable, "slot"),
        (Comment, "comment"),
    ):
        if kind in parent:
            return style  # type: ignore[return-value]
    return ""

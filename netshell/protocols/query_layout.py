"""A whole statement in lines: its own where it has some, else one for each clause."""

from __future__ import annotations

import textwrap

from netshell.protocols.normal import Dialect, tokens

MOST_LINES = 200
MOST = 8000  # characters
WIDE = 72  # what is longer is divided

_CLAUSES = frozenset(
    (
        "from", "where", "group", "order", "having", "limit", "offset", "fetch", "union",
        "intersect", "except", "values", "set", "returning", "window", "for",
    )
)  # fmt: skip
_JOINS = frozenset(("join", "left", "right", "full", "inner", "cross", "natural", "lateral"))
_CONNECTIVES = frozenset(("and", "or"))


def laid_out(statement: str, dialect: Dialect) -> tuple[list[str], int]:
    """The lines of a statement, and how many characters were left out at its end.

    Nothing but blanks is added or taken away.

    >>> laid_out("select a from t where b", "postgres")
    (['select a from t where b'], 0)
    """
    text = statement[:MOST]
    if "\n" in text.strip():
        text = text.replace("\r\n", "\n").expandtabs(4).strip("\n")
        lines = [line.rstrip() for line in textwrap.dedent(text).split("\n")]
    else:
        lines = _divided(text.expandtabs(4).strip(), dialect)
    if len(lines) > MOST_LINES:
        shown = lines[:MOST_LINES]
        return shown, max(len(statement) - sum(len(line) + 1 for line in shown), 1)
    return lines, max(len(statement) - MOST, 0)


def _divided(text: str, dialect: Dialect) -> list[str]:
    """A long line, divided before the clauses that are not in brackets."""
    if len(text) <= WIDE:
        return [text]
    starts, depth, at = [(0, 0)], 0, 0
    before, between = "", 0
    for kind, piece in tokens(text, dialect):
        found = text.find(piece, at) if piece else -1
        if found < 0:
            continue
        at = found + len(piece)
        if kind == "sign":
            depth += (piece == "(") - (piece == ")")
        word = piece.lower() if kind == "word" else ""
        if depth == 0 and word:
            indent = _indent(word, before, between)
            if word == "or" and before == "create":  # or replace
                indent = None
            if indent is not None and found:
                starts.append((found, indent))
            between += (word == "between") - (word == "and" and between > 0)
        if kind not in ("comment", "hint"):
            before = word or piece
    ends = [begin for begin, _ in starts[1:]] + [len(text)]
    return [
        " " * indent + text[begin:end].rstrip()
        for (begin, indent), end in zip(starts, ends, strict=True)
    ]


def _indent(word: str, before: str, between: int) -> int | None:
    """How far a line that begins with a word is indented; None if none does."""
    if word in _CONNECTIVES:
        return None if between and word == "and" else 4
    if word in _JOINS:
        return None if before in _JOINS or before == "outer" else 2
    if word not in _CLAUSES:
        return None
    return None if word == "from" and before == "distinct" else 0

"""Statements made alike: SQL with a ``?`` for each literal, as pg_stat_statements groups it.

It knows no grammar, only what text, numbers, names and comments are in PostgreSQL's lexical
structure (PostgreSQL documentation, 4.1) and in MySQL's (MySQL 8.0 reference manual, 9.1, 9.7);
what is wrong SQL is normalised all the same. It takes time linear in the statement, of which it
looks at the first :data:`MOST` characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Literal, NamedTuple
from urllib.parse import unquote

from netshell.protocols.normal_words import CONSTANTS, KEYWORDS

MOST = 1 << 16
"""Characters of a statement that are looked at."""

Dialect = Literal["postgres", "mysql"]


class Normalised(NamedTuple):
    """What statements that differ in their values only have in common."""

    text: str
    fingerprint: str  # of the text: 16 hexadecimal digits
    hints: tuple[str, ...] = ()  # to the optimiser, what stood between /*+ and */
    tags: tuple[tuple[str, str], ...] = ()  # what sqlcommenter or marginalia put into a comment


Token = tuple[str, str]
"""A piece of a statement, what it is before it: "word", "name" (in quotes), "literal" (a number),
"string", "slot" (for a bound value), "sign", "comment", "hint"."""


def normalise(statement: str, dialect: Dialect = "postgres") -> Normalised:
    """A statement without its values.

    >>> normalise("select * from t where id in (1, 2, 3) and a = 'x' -- why").text
    'SELECT * FROM t WHERE id IN (...) AND a = ?'
    """
    return (_normalised if len(statement) > _SHORT else _of_short)(statement, dialect)


@lru_cache(1024)  # of what is prepared, the same text comes again and again
def _of_short(statement: str, dialect: Dialect) -> Normalised:
    if _ODD.search(statement) is None:  # then the most usual literals are found at once
        statement = _NUMBERS.sub("0", _TEXTS.sub("'0'", statement))
    return _remembered(statement, dialect)


_SHORT = 4096  # characters of statements that are remembered
_ODD = re.compile(
    r"""["`$\\#]|--|/\*|'\s*+'|&'|(?<![\w'])(?:[eEbBxXnN]|_\w*+)'|\d'|[\d.][eE][+-]"""
)
_TEXTS = re.compile(r"'[^']++'")
_NUMBERS = re.compile(r"(?<![\w.])[0-9]++(?:\.[0-9]++)?+(?![\w.])")


def literals(statement: str, dialect: Dialect = "postgres", most: int = 100) -> tuple[str, ...]:
    """The values that a statement has in itself, as they are written, ``most`` of them at most.

    >>> literals("select * from t where id = 7 and a = 'x'")
    ('7', "'x'")
    """
    found = []
    for kind, text in tokens(statement[:MOST], dialect):
        if kind in ("literal", "string"):
            found.append(text)
            if len(found) == most:
                break
    return tuple(found)


# --- tokens -------------------------------------------------------------------------------------

# Every part is possessive: nothing is looked at twice, however it goes on. What is never closed
# goes to the end.
_PLAIN = r"'[^']*+(?:''[^']*+)*+'?"
_ESCAPED = r"'[^'\\]*+(?:(?:''|\\.?)[^'\\]*+)*+'?"
_NUMBER = (
    r"0[xX][0-9a-fA-F_]++|0[bB][01_]++|0[oO][0-7_]++"
    r"|(?:[0-9][0-9_]*+(?:\.[0-9_]*+)?|\.[0-9][0-9_]*+)(?:[eE][+-]?[0-9]++)?"
)
_WORD = r"[^\W\d][\w$]*+|@{1,2}[\w$.]++"
_SLOT = r"(?<![:\w\])']):[^\W\d]\w*+"


def _pattern(line: str, string: str, name: str, slot: str) -> re.Pattern[str]:
    return re.compile(
        rf"\s*+(?:(?P<string>{string})|(?P<word>{_WORD})|(?P<sign>[,()*;\[\]])"
        rf"|(?P<literal>{_NUMBER})(?![\w$])|(?P<slot>{slot}|{_SLOT})|(?P<name>{name})"
        rf"|(?P<dollar>\$(?:[^\W\d]\w*+)?\$)|(?P<open>/\*)|(?P<line>{line}[^\n]*+)"
        r"|(?P<other>::|<=>|<>|!=|<=|>=|:=|\|\||[-=]>>?|#>>?|.))",
        re.DOTALL,
    )


_PATTERNS: dict[Dialect, re.Pattern[str]] = {
    "postgres": _pattern(
        line="--",
        string=rf"[eE]{_ESCAPED}|(?:[bBxXnN]|[uU]&)?{_PLAIN}",
        name=r'(?:[uU]&)?"[^"]*+(?:""[^"]*+)*+"?',
        slot=r"\$[0-9]++",
    ),
    "mysql": _pattern(
        line=r"(?:--(?=\s|\Z)|\#)",
        string=rf"(?:[bBxXnN]|_[a-z0-9]++)?{_ESCAPED}"
        r'|"[^"\\]*+(?:(?:""|\\.?)[^"\\]*+)*+"?',
        name=r"`[^`]*+(?:``[^`]*+)*+`?",
        slot=r"\?",
    ),
}
_ENDS = re.compile(r"/\*|\*/")


def tokens(statement: str, dialect: Dialect) -> Iterator[Token]:
    """The pieces of a statement, blanks left out."""
    match = _PATTERNS[dialect].match
    at, size = 0, len(statement)
    inside = False  # of a comment that MySQL executes
    while found := match(statement, at):
        kind: str = found.lastgroup  # type: ignore[assignment]
        text, at = found[kind], found.end()
        if kind in _AS_THEY_ARE:
            if inside and text == "*" and statement.startswith("/", at):
                inside, at = False, at + 1
            else:
                yield kind, text
        elif kind == "other":
            yield "sign", text
        elif kind == "dollar":
            end = statement.find(text, at)
            end = size if end < 0 else end + len(text)
            yield "string", statement[at - len(text) : end]
            at = end
        elif kind == "line":
            yield "comment", text.lstrip("-#").strip()
        elif dialect == "mysql" and (code := _CODE.match(statement, at)):
            inside, at = True, code.end()
        else:
            begin, at = at, _comment_end(statement, at, dialect)
            body = statement[begin:at].removesuffix("*/")
            if body.startswith("+"):
                yield "hint", body[1:].strip()
            else:
                yield "comment", body.strip()


_AS_THEY_ARE = frozenset(("string", "word", "sign", "literal", "slot", "name"))
_CODE = re.compile(r"M?![0-9]*+")


def _comment_end(statement: str, at: int, dialect: Dialect) -> int:
    """Behind the comment that begins before a place; PostgreSQL's may be in each other."""
    if dialect == "mysql":
        end = statement.find("*/", at)
        return len(statement) if end < 0 else end + 2
    depth = 1
    for found in _ENDS.finditer(statement, at):
        depth += 1 if found[0] == "/*" else -1
        if depth == 0:
            return found.end()
    return len(statement)


# --- put together -------------------------------------------------------------------------------


def _normalised(statement: str, dialect: Dialect) -> Normalised:
    made = _Made()
    hints, tags = [], []
    is_cut = len(statement) > MOST
    for kind, text in tokens(statement[:MOST] if is_cut else statement, dialect):
        if kind == "word":
            made.word(text)
        elif kind == "sign":
            made.sign(text)
        elif kind == "name":
            made.put(text)
        elif kind == "literal" or kind == "slot":
            made.value()
        elif kind == "string":
            made.value(is_text=True)
        elif kind == "hint":
            hints.append(text)
        else:
            tags += _tags(text)
    text = made.text(is_cut)
    return Normalised(text, fingerprint_of(text), tuple(hints), tuple(tags))


_remembered = lru_cache(4096)(_normalised)


class _List(NamedTuple):
    """A bracket that is open."""

    at: int  # where it stands
    is_list: bool  # behind IN or ARRAY, or a row of VALUES
    is_row: bool


class _Made:
    """The pieces of a normalised statement, lists of values folded as they end."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._open: list[_List] = []
        self._pure: list[bool] = []  # of each open bracket, whether it has only values
        self._rows = -1  # where the first row of VALUES begins, as long as rows follow
        self._row: list[str] = []
        self._depth = 0  # of brackets about VALUES
        self._text_at = -1  # what comes there is right behind a text

    def put(self, text: str) -> None:
        """A piece that is no value."""
        self._out.append(text)
        if self._pure:
            self._pure[-1] = False
        self._rows_end()

    def _rows_end(self) -> None:
        if self._rows >= 0 and len(self._open) == self._depth:
            self._rows = -1

    def word(self, text: str) -> None:
        out = self._out
        low = text.lower()
        if out and out[-1] == ".":
            self.put(text)
        elif low in CONSTANTS:
            if self._pure and self._open[-1].is_list:
                out.append("?")
            else:
                self.put(low.upper())
        elif low in KEYWORDS:
            self.put(low.upper())
            if low in ("values", "value"):
                self._rows, self._row, self._depth = len(out), [], len(self._open)
        else:
            self.put(text)

    def value(self, is_text: bool = False) -> None:
        """A literal or a placeholder."""
        out = self._out
        if out and out[-1] in _SIGNS and (len(out) < 2 or _is_before_value(out[-2])):
            out[-1] = "?"  # its sign is part of a number
            return
        if is_text and self._text_at == len(out):
            return  # texts beside each other are one
        self._rows_end()
        out.append("?")
        self._text_at = len(out) if is_text else -1

    def sign(self, text: str) -> None:
        out = self._out
        if text == "(" or text == "[":
            before = out[-1] if out else ""
            is_row = self._rows >= 0 and len(self._open) == self._depth
            is_list = before in ("IN", "ARRAY") or is_row
            if not is_list and self._open and self._open[-1].is_list:
                is_list = before in ("(", "[", ",")  # a row in a list
            self._open.append(_List(len(out), is_list, is_row))
            self._pure.append(True)
            out.append(text)
        elif (text == ")" or text == "]") and self._open:
            self._close(text)
        elif text == ",":
            out.append(text)
        elif text in _SIGNS and out and _is_before_value(out[-1]):
            out.append(text)  # of a number, it may be
        else:
            self.put(text)

    def _close(self, text: str) -> None:
        out = self._out
        at, is_list, is_row = self._open.pop()
        pure = self._pure.pop()
        if pure and is_list and len(out) > at + 1:
            del out[at + 1 :]
            out.append("...")
        elif self._pure:
            self._pure[-1] = False
        out.append(text)
        if not is_row:
            return
        row = out[at:]
        if self._row == row:
            del out[max(at - 1, 0) :]  # with the comma before it
        elif not self._row:
            self._row = row

    def text(self, is_cut: bool) -> str:
        """All of it; of a statement that was cut, without the row that was."""
        out = self._out
        if is_cut:
            rows = [each.at for each in self._open if each.is_row]
            if rows and self._row:
                del out[max(rows[0] - 1, 0) :]
            elif self._row and out and out[-1] == ",":
                del out[-1]
            out.append("…")
        while out and out[-1] == ";":
            del out[-1]
        return _spaced(out)


_SIGNS = ("-", "+")


def _is_before_value(piece: str) -> bool:
    """Whether a sign behind a piece is a number's own."""
    return piece in _BEFORE or piece in _CAPITALS


_BEFORE = frozenset(
    ("(", "[", ",", "=", "<", ">", "<=", ">=", "<>", "!=", "<=>", ":=", "*", "/", "%", "^", "|",
     "&", "||", "-")
)  # fmt: skip
_CAPITALS = frozenset(word.upper() for word in KEYWORDS) - {"END"}
_NO_BLANK_BEFORE = frozenset((",", ")", "]", ";", ".", "::", "["))
_NO_BLANK_BEHIND = frozenset(("(", "[", ".", "::"))


def _spaced(pieces: Sequence[str]) -> str:
    """Pieces with blanks where they help reading, the same wherever they stood before."""
    made: list[str] = []
    last = ""
    for piece in pieces:
        if (
            piece in _NO_BLANK_BEFORE
            or last in _NO_BLANK_BEHIND
            or not last
            or (
                piece == "(" and last not in _CAPITALS and (last[-1].isalnum() or last[-1] in '_"`')
            )
        ):
            made.append(piece)
        else:
            made.append(f" {piece}")
        last = piece
    return "".join(made)


_QUOTED = re.compile(r"""("[^"]*+"|`[^`]*+`)""")


def fingerprint_of(text: str) -> str:
    """Names without quotes are the same in any case."""
    if '"' in text or "`" in text:
        parts = _QUOTED.split(text)
        folded = "".join(part if i % 2 else part.lower() for i, part in enumerate(parts))
    else:
        folded = text.lower()
    return blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


# --- comments that tell -------------------------------------------------------------------------

_TAG = re.compile(
    r"\s*+([\w.%-]{1,64}+)\s*+(?:='([^'\\]*+(?:\\.[^'\\]*+)*+)'|[:=]([^,']*+))\s*+(,|\Z)"
)


def _tags(comment: str) -> list[tuple[str, str]]:
    """Pairs that a comment consists of: sqlcommenter's key='value', marginalia's key:value."""
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(comment) and len(found) < _TAGS:
        match = _TAG.match(comment, at)
        if match is None:
            return []
        key, quoted, plain, end = match.groups()
        value = unquote(quoted.replace("\\'", "'")) if quoted is not None else plain.strip()
        found.append((unquote(key), value))
        at = match.end()
        if not end:
            break
    return found


_TAGS = 32

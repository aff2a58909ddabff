"""Where SQL has a secret in it: passwords of roles and users, columns named so, connection strings.

Found are literals (``PASSWORD '...'``, ``IDENTIFIED BY '...'``, ``SET PASSWORD = '...'``,
``password = '...'`` in any clause, the values of an INSERT's column that is named so), what stands
in other literals after ``password=`` or in a URL's userinfo or in SQL that they are (``DO``,
``EXECUTE '...'``), and placeholders in such places, whose
bound values are secret then. It is no SQL parser: what is computed, or named otherwise, is not
found. Sources: the PostgreSQL reference on CREATE ROLE, CREATE SUBSCRIPTION and CREATE USER
MAPPING; the MySQL and MariaDB references on CREATE USER, SET PASSWORD and CHANGE MASTER.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from netshell.protocols.secret import MASK, Masked


class Hidden(NamedTuple):
    """What of a statement is secret."""

    places: tuple[tuple[int, int], ...] = ()  # bytes begin to end (exclusive), quotes left out
    numbers: frozenset[int] = frozenset()  # placeholders whose values are, counted from 0


NOTHING = Hidden()


def masked_sql(
    sql: bytes, backslashes: bool = False, encoding: str = "utf-8"
) -> tuple[str, Hidden]:
    """A statement as text, what is secret in it masked, and where that was.

    ``backslashes``: they escape in every literal (MySQL), not only in ``E'...'`` (PostgreSQL).

    >>> masked_sql(b"ALTER ROLE ann PASSWORD 'hunter2'")[0]
    "ALTER ROLE ann PASSWORD '***'"
    """
    hidden = secrets_in(sql, backslashes)
    whole = sql.decode(encoding, "replace")
    if not hidden.places:
        return whole, hidden
    return Masked(covered(sql, hidden.places).decode(encoding, "replace"), whole), hidden


def covered(data: bytes, places: Sequence[tuple[int, int]]) -> bytes:
    """Bytes with the mask in some places, which are in order."""
    made, at = [], 0
    for begin, end in places:
        made += [data[at:begin], MASK.encode()]
        at = end
    return b"".join([*made, data[at:]])


_SIGNS = (
    b"pass", b"pwd", b"secret", b"token", b"identified", b"crypt", b"_key", b"apikey", b"auth",
    b"://",
)  # fmt: skip


def secrets_in(sql: bytes, backslashes: bool = False) -> Hidden:
    """What is secret in a statement; nearly free for one that has no such word."""
    low = sql.lower()
    for sign in _SIGNS:
        if sign in low:
            return _Reader(sql, backslashes).read()
    return NOTHING


def _in_literal(literal: bytes, backslashes: bool, depth: int) -> Sequence[tuple[int, int]]:
    """What is secret in a literal that is SQL: its quotes are two, or behind a backslash."""
    low = literal.lower()
    if not any(sign in low for sign in _SIGNS):
        return ()
    # Of the same length, so that places stay: one quote and a rare blank for two quotes. A quote
    # in a literal of it matters to nobody.
    plain = literal.replace(b"''''", b"____").replace(b"''", b"\v'").replace(b"\\'", b"\v'")
    places = _Reader(plain, backslashes, depth + 1).read().places
    return [(begin, end - (plain[end - 1] == 0x0B)) for begin, end in places]


_DEEPEST = 3  # literals in literals


_WORD = (
    rb"(?:pass(?:word|wd|phrase)|pwd|secret|(?:^|_)token|api_?key|access_?key|secret_?key"
    rb"|private_?key|auth(?:entication)?_string)"
)
_NAMED = re.compile(_WORD + rb"(?:_?(?:hash|digest|value|text|plain))?$|^crypt$", re.I)
_TOKEN = re.compile(
    rb"""(?P<space>\s+|--[^\n]*|/\*(?!!).*?(?:\*/|\Z))
    |(?P<escaped>[eE]')|(?P<quote>(?:[nNbBxX]|[uU]&)?')|(?P<double>"|`)
    |(?P<dollar>\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$)|(?P<number>\$\d+|\?|%s)
    |(?P<word>[\w\x80-\xff]+)|(?P<mark>:=|=>|\|\||::|.)""",
    re.S | re.X,
)
_PLAIN_END = re.compile(rb"(?:[^']|'')*'?")
_ESCAPED_END = re.compile(rb"(?:[^'\\]|''|\\.)*'?", re.S)
_DOUBLE_END = {b'"': re.compile(rb'(?:[^"\\]|""|\\.)*"?', re.S), b"`": re.compile(rb"[^`]*`?")}
_INSIDE = re.compile(
    rb"""\b\w*?"""
    + _WORD.replace(rb"(?:^|_)", rb"")
    + rb"""["']{0,2}\s*[=:]\s*
    (?:"(?P<double>(?:[^"\\]|\\.)*)"|''(?P<twice>(?:[^'])*)''|(?P<bare>[^\s'";,&)}]+))
    |://[^\s/:@]*:(?P<userinfo>[^\s/@']+)@""",
    re.I | re.S | re.X,
)
_BETWEEN = frozenset(
    b"= := => : ( like ilike in is not to by as using password old_password from any array text"
    b" encrypted unencrypted || :: varchar char bytea binary convert cast concat md5 sha1 sha2"
    b" crypt encode digest"
    .split()
)  # fmt: skip
"""What may stand between a name and the value that it makes secret."""
_ENDS_IDENTIFIED = frozenset(b"; , require default account attribute comment".split())


class _Reader:
    """One pass over a statement's tokens.

    What makes the next literal a secret is in ``armed``: "" (nothing does), "value" (a name did),
    "list" (and its IN), "identified", "set" (SET PASSWORD FOR: only what follows the ``=``).
    """

    def __init__(self, sql: bytes, backslashes: bool, depth: int = 0) -> None:
        self._sql, self._backslashes, self._literals = sql, backslashes, depth
        self._places: list[tuple[int, int]] = []
        self._numbers: set[int] = set()
        self._armed = ""
        self._before = b""  # the last token that is no space
        self._glued = False  # the last token was a secret: what is joined to it is, too
        self._marks = 0  # placeholders without a number
        # An INSERT: the columns' names as they come, then the values by their number.
        self._insert = ""  # "into", "columns", "named", "values"
        self._depth = self._index = 0
        self._columns: list[bytes] = []
        self._wanted: set[int] = set()

    def read(self) -> Hidden:
        sql, at, size = self._sql, 0, len(self._sql)
        while at < size:
            found = _TOKEN.match(sql, at)
            assert found is not None and found.lastgroup is not None
            kind, token, end = found.lastgroup, found[0], found.end()
            if kind in ("escaped", "quote"):
                escapes = self._backslashes or kind == "escaped"
                close = (_ESCAPED_END if escapes else _PLAIN_END).match(sql, end)
                assert close is not None
                at = close.end()
                closed = sql[at - 1 : at] == b"'" and at > end
                self._literal(end, at - 1 if closed else at)
                continue
            if kind == "double":
                close = _DOUBLE_END[token].match(sql, end)
                assert close is not None
                at = close.end()
                inner = at - 1 if sql[at - 1 : at] == token and at > end else at
                if token == b'"' and (self._backslashes or self._is_wanted()):
                    self._literal(end, inner)
                if not self._glued:
                    self._word(sql[end:inner])
                continue
            if kind == "dollar" and self._is_wanted():
                stop = sql.find(token, end)
                stop = size if stop < 0 else stop
                self._literal(end, stop)
                at = stop + len(token)
                continue
            at = end
            if kind == "number":
                self._placeholder(token)
            elif kind == "word":
                self._word(token)
            elif kind == "mark":
                self._mark(token)
        return Hidden(tuple(self._places), frozenset(self._numbers))

    def _is_wanted(self) -> bool:
        """Whether a literal that stands here is a secret."""
        if self._armed == "identified":
            return self._before not in (b"with", b"via", b"identified")
        if self._armed in ("value", "list") or self._glued:
            return True
        return self._insert == "values" and self._depth == 1 and self._index in self._wanted

    def _literal(self, begin: int, end: int) -> None:
        if self._is_wanted():
            if end > begin:
                self._places.append((begin, end))
            self._glued = True
            if self._armed == "value":
                self._armed = ""
        else:
            self._glued = False
            self._look_inside(begin, end)
        self._before = b"'"

    def _look_inside(self, begin: int, end: int) -> None:
        """What is secret in a literal that is none itself."""
        places = [
            found.span(found.lastgroup)
            for found in _INSIDE.finditer(self._sql, begin, end)
            if found.lastgroup is not None and found[found.lastgroup]
        ]
        if self._literals < _DEEPEST and self._sql.find(b"'", begin, end) >= 0:
            inside = _in_literal(self._sql[begin:end], self._backslashes, self._literals)
            places += [(begin + first, begin + last) for first, last in inside]
            places.sort()
        at = begin
        for first, last in places:
            if first >= at:
                self._places.append((first, last))
                at = last

    def _placeholder(self, token: bytes) -> None:
        number = int(token[1:8]) - 1 if token[:1] == b"$" else self._marks
        self._marks += token[:1] != b"$"
        if self._is_wanted():
            self._numbers.add(number)
            if self._armed == "value":
                self._armed = ""
        self._glued = False
        self._before = token

    def _word(self, token: bytes) -> None:
        low = token.lower()
        before, self._before, self._glued = self._before, low, False
        if low == b"into" and before in (b"insert", b"replace", b"ignore", b"delayed"):
            self._insert, self._columns, self._depth = "into", [], 0
        elif self._insert == "named" and low in (b"values", b"value"):
            self._insert = "values" if self._wanted else ""
        elif self._insert == "columns" and self._depth == 1:
            self._columns.append(low)
            return
        if self._armed == "identified":
            if low in _ENDS_IDENTIFIED:
                self._armed = ""
        elif low == b"identified":
            self._armed = "identified"
        elif self._armed == "value" and before == b"password" and low == b"for":
            self._armed = "set"
        elif _NAMED.search(low):
            self._armed = "value"
        elif self._armed == "value" and low == b"in":
            self._armed = "list"
        elif self._armed == "value" and low not in _BETWEEN:
            self._armed = ""

    def _mark(self, token: bytes) -> None:
        self._before = token
        self._glued = self._glued and token == b"||"
        self._count(token)
        if self._armed == "set":
            if token == b"=":
                self._armed = "value"
        elif self._armed == "list":
            if token == b")":
                self._armed = ""
        elif self._armed == "identified":
            if token in _ENDS_IDENTIFIED:
                self._armed = ""
        elif self._armed == "value" and token not in _BETWEEN and token not in b"!<>~*.":
            self._armed = ""

    def _count(self, token: bytes) -> None:
        """Keep count of an INSERT's columns and values."""
        if not self._insert:
            return
        if token == b"(":
            self._depth += 1
            if self._depth == 1:
                self._index = 0
                if self._insert == "into":
                    self._insert = "columns"
        elif token == b")":
            self._depth -= 1
            if self._insert == "columns" and self._depth == 0:
                named = enumerate(self._columns)
                self._wanted = {at for at, each in named if _NAMED.search(each)}
                self._insert = "named"
        elif token == b"," and self._depth == 1:
            self._index += 1
        elif token == b";":
            self._insert = ""

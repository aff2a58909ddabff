"""Where an answer has secrets: in columns that are named so, of rows and of what COPY moves.

Of the rows that are kept (the first few, up to 4 KiB each) the places are known; where there are
more of a result with a secret column, all bytes of the others are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from netshell.flow.sides import Side
from netshell.packet.payload import Places
from netshell.protocols.masking import in_text, merged
from netshell.protocols.postgres.exchange import KEPT_BYTES, KEPT_ROWS, Exchange
from netshell.protocols.postgres.told import Head
from netshell.protocols.postgres.values import fields
from netshell.protocols.secret import places_of_values
from netshell.protocols.secret_names import is_secret, names_secret
from netshell.protocols.sql_reader import may_hide

_ROW_HEAD = 7  # bytes of a DataRow before its values
_READY = 6  # of ReadyForQuery
_STEP = 5  # of ParseComplete, BindComplete, PortalSuspended

_COPY = re.compile(
    rb"""\s*copy\s+(?:\(\s*select\s+(?P<select>.+?)\s+from\s|[^\s(]+\s*\((?P<names>[^()]*)\))""",
    re.I | re.S | re.X,
)
_CSV = re.compile(rb"\bcsv\b", re.I)
_BINARY = re.compile(rb"\bbinary\b", re.I)
_DELIMITER = re.compile(rb"\bdelimiters?\s+(?:as\s+)?[eE]?'(\\t|.)'", re.I)


class Copying(NamedTuple):
    """How COPY moves rows of which some columns are secret."""

    columns: frozenset[int]
    is_csv: bool = False
    is_binary: bool = False
    delimiter: str = "\t"

    def places(self, row: str) -> Places:
        """Where a row has them, in characters.

        >>> Copying(frozenset({1}), is_csv=True, delimiter=",").places('1,"a,b",2')
        ((2, 7),)
        """
        found: list[tuple[int, int]] = []
        at = begin = 0
        is_quoted = False
        for end, sign in enumerate(f"{row}{self.delimiter}"):
            if sign == '"' and self.is_csv:
                is_quoted = not is_quoted
            elif sign == self.delimiter and (not is_quoted or end == len(row)):
                if at in self.columns and end > begin and row[begin:end] != "\\N":
                    found.append((begin, end))
                at, begin = at + 1, end + 1
        return tuple(found)


def copying(sql: bytes) -> Copying | None:
    """What a COPY has of secret columns: those that it names, or that a SELECT in it does."""
    if not may_hide(sql) or (found := _COPY.match(sql)) is None:
        return None
    names = _items(found[found.lastgroup or 0])
    columns = frozenset(at for at, name in enumerate(names) if names_secret(name))
    if not columns:
        return None
    rest = sql[found.end() :]
    is_csv = _CSV.search(rest) is not None
    told = _DELIMITER.search(rest)
    sign = "," if is_csv else "\t"
    if told is not None:
        sign = told[1].decode("latin-1").replace("\\t", "\t")
    return Copying(columns, is_csv, _BINARY.search(rest) is not None, sign)


def _items(listed: bytes) -> Iterable[bytes]:
    """The last word of each item of a list: its name."""
    depth, last, word = 0, b"", re.compile(rb"[\w$\x80-\xff]+|.", re.S)
    for token in word.findall(listed):
        depth += (token == b"(") - (token == b")")
        if token == b"," and depth == 0:
            yield last
            last = b""
        elif token.strip() and token not in b'")':
            last = token
    yield last


_SETTING = re.compile(rb"(current_setting|set_config)\s*\(\s*[eE]?'([^']{1,256})'", re.I)
"""What is answered a setting's value: by the name that its column has, if it is given no other."""


def secret_columns(heads: Sequence[Head], sql: bytes = b"") -> frozenset[int]:
    """Which columns are named as secrets are, or have a setting that is named so."""
    found = frozenset(at for at, head in enumerate(heads) if is_secret(head.name))
    if b"_" not in sql or not (asked := _SETTING.findall(sql)):
        return found
    names = {name.decode().lower() for name, setting in asked if names_secret(setting)}
    settings = [at for at, head in enumerate(heads) if head.name in names]
    return found.union(settings or (range(len(heads)) if names else ()))


def in_row(body: bytes, columns: frozenset[int], repeated: Sequence[str] = ()) -> Places:
    """Where a DataRow's body has secrets: in some columns, in what its texts say, where it repeats
    some values."""
    try:
        values, _ = fields(body, 2, min(int.from_bytes(body[:2], "big"), len(body)))
    except ValueError:
        return ((0, len(body)),) if columns else ()
    found: list[tuple[int, int]] = []
    at = 2
    for column, value in enumerate(values):
        at += 4
        size = len(value or b"")
        if size and column in columns:
            found.append((at, at + size))
        elif value:
            inside = in_text(value) if b"=" in value or b":" in value else ()
            if repeated:
                inside = merged((*inside, *places_of_values(value, repeated)))
            found += [(at + begin, at + end) for begin, end in inside]
        at += size
    return tuple(found)


_SPOKEN = re.compile(
    rb"(?<![\w\"'-])([\w-]{1,64}+)(?=(?: is| was)?[ \t]?[:=]?[ \t][\"']?([^\s\"',;()]++))"
)
"""A word, and the one behind it."""
_SAID = frozenset(
    b"authentication is was are be must for of in on at or and has have had not no expired too does"
    b" cannot can may will should required encryption encrypted supplied missing invalid failed"
    b" file type column method by to from with given set changed length value values".split()
)
"""What is said of a password, and is none."""


_KEY = re.compile(rb"Key \(([^()]*)\)=\((.*)\) ", re.S)


def of_key(text: bytes) -> Places:
    """The values that an error's detail tells of a key of which a column is named as a secret.

    >>> of_key(b"Key (api_token)=(hunter2) already exists.")
    ((17, 24),)
    """
    found = _KEY.match(text)
    if found is None or not any(map(names_secret, found[1].split(b", "))):
        return ()
    return (found.span(2),)


def in_spoken(text: bytes) -> Places:
    """What is secret in a text of a server, where it is not known what was asked.

    >>> in_spoken(b"the password hunter2"), in_spoken(b"password authentication failed")
    (((13, 20),), ())
    """
    found = [
        each.span(2)
        for each in _SPOKEN.finditer(text)
        if names_secret(each[1]) and each[2].rstrip(b".:").lower() not in _SAID
    ]
    if b"=" in text or b":" in text:
        found += in_text(text)
    return merged((*found, *of_key(text)))


def in_trouble(body: bytes, is_known: bool = False) -> Places:
    """The same of an error's or notice's body, which has a letter before each text; of keys alone,
    where it ``is_known`` what was asked."""
    found: list[tuple[int, int]] = []
    at = 1
    for each in body.split(b"\0"):
        if each[:1] in b"MDHWq":
            inside = of_key(each[1:]) if is_known else in_spoken(each[1:])
            found += [(at + begin, at + end) for begin, end in inside]
        at += len(each) + 1
    return tuple(found)


def answered(
    exchange: Exchange, heads: Sequence[Head], repeated: Sequence[str] = ()
) -> list[tuple[Side, int, int]]:
    """Where what was answered, or copied, has secrets; ``repeated``: those of what was asked."""
    if exchange.copy:
        return _copied(exchange)
    if not exchange.rows or exchange.s_begin < 0:
        return []
    columns = secret_columns(heads, asked_sql(exchange))
    first = exchange.first or []
    inside = [in_row(body, columns, repeated) for body in first]
    if not columns and not any(inside):
        return []
    begin = _rows_begin(exchange)
    if begin is None:
        return [("server", exchange.s_begin, exchange.s_end)]
    found: list[tuple[Side, int, int]] = []
    at = begin
    for body, places in zip(first, inside, strict=True):
        at += 5
        found += [("server", at + first_, at + last) for first_, last in places]
        at += len(body)
    end = begin + exchange.row_bytes + _ROW_HEAD * exchange.rows
    if (columns or (repeated and any(inside))) and at < end:
        found.append(("server", at, end))
    return found


def asked_sql(exchange: Exchange) -> bytes:
    """The statement, as it was sent or prepared."""
    return exchange.sql if exchange.prepared is None else exchange.prepared.sql


def _rows_begin(exchange: Exchange) -> int | None:
    """Where the first row begins: what is after the rows, and before them, has a known size. None
    where other things were said, or a row is not among those kept though it came before them."""
    first = exchange.first or []
    sizes = [len(body) + 5 for body in first]
    size = exchange.row_bytes + _ROW_HEAD * exchange.rows
    whole = sum(sizes) == size if exchange.rows == len(first) else len(first) == KEPT_ROWS
    if not whole or exchange.lost or exchange.error is not None:
        return None
    after = _STEP if exchange.is_suspended else 6 + len(exchange.tag or b"")
    head = 5 + len(exchange.heads)
    for ready in (0, _READY):
        begin = exchange.s_end - after - ready - size
        before = begin - exchange.s_begin
        if before in (0, _STEP, 2 * _STEP, head, head + _STEP, head + 2 * _STEP):
            return begin
    return None


def _copied(exchange: Exchange) -> list[tuple[Side, int, int]]:
    """Of a COPY with a secret column, all that was copied."""
    if copying(exchange.sql) is None:
        return []
    found: list[tuple[Side, int, int]] = []
    if exchange.copied and exchange.s_begin >= 0:
        found.append(("server", exchange.s_begin, exchange.s_end))
    if exchange.given and exchange.given_begin >= 0:
        found.append(("client", exchange.given_begin, exchange.given_end))
    return found


def reaches(places: Places, size: int) -> bool:
    """Whether the last secret of a statement of which so much is kept may go on in what is not."""
    return bool(places) and size > KEPT_BYTES - _NAMES and places[-1][1] >= size


_NAMES = 512  # bytes of what is kept before a statement: a header, its name

"""What the server tells in fields: errors and notices, row descriptions, states.

Sources: PostgreSQL documentation, 55.7 "Message Formats" and 55.8 "Error and Notice Message
Fields"; appendix A for the classes of SQLSTATE.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

STATES = {ord("I"): "idle", ord("T"): "in transaction", ord("E"): "failed"}
"""ReadyForQuery's byte."""

_COLUMN = struct.Struct(">IhIhih")
MOST_COLUMNS = 1700
"""PostgreSQL's own bound is 1,664."""

FIELDS = {
    b"S": "severity", b"V": "severity (not translated)", b"C": "code", b"M": "message",
    b"D": "detail", b"H": "hint", b"P": "position", b"p": "internal position",
    b"q": "internal query", b"W": "where", b"s": "schema", b"t": "table", b"c": "column",
    b"d": "data type", b"n": "constraint", b"F": "file", b"L": "line", b"R": "routine",
}  # fmt: skip


class Trouble(NamedTuple):
    """An error or a notice."""

    severity: str  # ERROR, FATAL, PANIC; WARNING, NOTICE, DEBUG, INFO, LOG
    code: str  # SQLSTATE
    message: str
    detail: str
    hint: str
    position: int | None  # of a character in the statement, from 1
    others: tuple[tuple[str, str], ...]  # where, schema, table, constraint and their like

    def __str__(self) -> str:
        return f"{self.severity} {self.code}: {self.message}"


def trouble(body: bytes, encoding: str = "utf-8") -> Trouble:
    """An ErrorResponse's or NoticeResponse's body."""
    found: dict[bytes, str] = {}
    for each in body.split(b"\0"):
        if each:
            found.setdefault(each[:1], each[1:].decode(encoding, "replace"))
    position = found.get(b"P", "")
    is_number = position.isascii() and position.isdigit() and len(position) < 10
    others = tuple(
        (FIELDS[key], found[key])
        for key in (b"W", b"q", b"s", b"t", b"c", b"d", b"n")
        if found.get(key)
    )
    return Trouble(
        found.get(b"V") or found.get(b"S", ""), found.get(b"C", ""), found.get(b"M", ""),
        found.get(b"D", ""), found.get(b"H", ""), int(position) if is_number else None, others,
    )  # fmt: skip


def is_fatal(body: bytes) -> bool:
    """Whether the connection ends with an error."""
    return trouble(body).severity in ("FATAL", "PANIC")


class Head(NamedTuple):
    """A column of an answer."""

    name: str
    oid: int
    format: int


def heads(body: bytes, encoding: str) -> tuple[Head, ...]:
    """The columns that a RowDescription names; those before its end where it is cut."""
    if len(body) < 2:
        return ()
    count, at, found = int.from_bytes(body[:2], "big"), 2, []
    for _ in range(min(count, MOST_COLUMNS)):
        end = body.find(b"\0", at)
        if end < 0 or end + 1 + _COLUMN.size > len(body):
            break
        _, _, oid, _, _, form = _COLUMN.unpack_from(body, end + 1)
        found.append(Head(body[at:end].decode(encoding, "replace"), oid, form))
        at = end + 1 + _COLUMN.size
    return tuple(found)


def oids(data: bytes) -> tuple[int, ...]:
    """Types' numbers, with their count before them."""
    count = min(int.from_bytes(data[:2], "big"), (len(data) - 2) // 4)
    return struct.unpack_from(f">{count}I", data, 2) if count > 0 else ()


def tag_count(tag: bytes) -> int | None:
    """The rows that a command tag counts: ``INSERT 0 5`` and ``SELECT 5`` are 5."""
    last = tag.rpartition(b" ")[2]
    return int(last) if last.isdigit() and len(last) < 20 else None


_ENCODINGS = {
    "UTF8": "utf-8", "UNICODE": "utf-8", "SQL_ASCII": "utf-8", "LATIN1": "latin-1",
    "LATIN2": "iso8859-2", "LATIN3": "iso8859-3", "LATIN4": "iso8859-4", "LATIN5": "iso8859-9",
    "LATIN6": "iso8859-10", "LATIN7": "iso8859-13", "LATIN8": "iso8859-14",
    "LATIN9": "iso8859-15", "LATIN10": "iso8859-16", "ISO_8859_5": "iso8859-5",
    "ISO_8859_6": "iso8859-6", "ISO_8859_7": "iso8859-7", "ISO_8859_8": "iso8859-8",
    "WIN866": "cp866", "WIN874": "cp874", "WIN1250": "cp1250", "WIN1251": "cp1251",
    "WIN1252": "cp1252", "WIN1253": "cp1253", "WIN1254": "cp1254", "WIN1255": "cp1255",
    "WIN1256": "cp1256", "WIN1257": "cp1257", "WIN1258": "cp1258", "KOI8R": "koi8-r",
    "KOI8U": "koi8-u", "EUC_JP": "euc_jp", "EUC_KR": "euc_kr", "EUC_CN": "gb2312",
    "SJIS": "shift_jis", "BIG5": "big5", "GBK": "gbk", "GB18030": "gb18030", "UHC": "cp949",
    "JOHAB": "johab",
}  # fmt: skip


def codec(encoding: str) -> str:
    """Python's name of a client_encoding; UTF-8 for one that it does not know."""
    return _ENCODINGS.get(encoding.upper(), "utf-8")

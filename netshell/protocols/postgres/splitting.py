"""Several statements in one Query: where each begins and ends.

Only what is sure is split: the caller compares the count with the answers. A ``;`` ends a statement
outside of literals, quoted names, comments, parentheses and dollar quotes; a body in
``BEGIN ATOMIC ... END`` has its own, and is not split (PostgreSQL documentation, 4.1 "Lexical
Structure" and CREATE FUNCTION).
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    rb"""(?P<escaped>[eE]'(?:[^'\\]|''|\\.)*(?:'|\Z))
    |(?P<quoted>'(?:[^']|'')*(?:'|\Z)|"(?:[^"]|"")*(?:"|\Z))
    |(?P<space>--[^\n]*|\s+)
    |(?P<comment>/\*)
    |(?P<dollar>\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$)
    |(?P<atomic>begin\s+atomic\b)
    |(?P<word>[\w\x80-\xff][\w\x80-\xff$]*)
    |(?P<mark>.)""",
    re.S | re.X | re.I,
)
_COMMENT = re.compile(rb"/\*|\*/")


def split(sql: bytes) -> list[tuple[int, int]] | None:
    """Where each statement that is not empty is, its ``;`` left out; None if that is not sure."""
    found: list[tuple[int, int]] = []
    at, depth, size = 0, 0, len(sql)
    begin, end = -1, 0  # of what is no space
    while at < size:
        token = _TOKEN.match(sql, at)
        assert token is not None
        kind, text, place = token.lastgroup, token[0], at
        at = token.end()
        if kind == "space":
            continue
        if kind == "comment":
            at = _after_comment(sql, at)
            continue
        if kind == "atomic":
            return None
        if kind == "dollar":
            stop = sql.find(text, at)
            if stop < 0:
                return None
            at = stop + len(text)
        elif text == b"(":
            depth += 1
        elif text == b")":
            depth -= 1
        elif text == b";" and depth <= 0:
            if begin >= 0:
                found.append((begin, end))
            begin = -1
            continue
        if begin < 0:
            begin = place
        end = at
    if begin >= 0:
        found.append((begin, end))
    return found


def _after_comment(sql: bytes, at: int) -> int:
    """Where a comment ends; they nest."""
    depth = 1
    for found in _COMMENT.finditer(sql, at):
        depth += 1 if found[0] == b"/*" else -1
        if not depth:
            return found.end()
    return len(sql)


_EXECUTE = re.compile(
    rb"""\s*execute\s+(?:"(?P<quoted>(?:[^"]|"")+)"|(?P<name>[A-Za-z_\x80-\xff][\w$\x80-\xff]*))
    \s*(?P<open>\()?""",
    re.X | re.I,
)


def _name(found: re.Match[bytes]) -> bytes:
    return found["name"].lower() if found["name"] else found["quoted"].replace(b'""', b'"')


def sql_execute(sql: bytes) -> bytes | None:
    """The name of what an EXECUTE statement runs."""
    found = _EXECUTE.match(sql)
    return None if found is None else _name(found)


def arguments(sql: bytes) -> list[tuple[int, int]]:
    """Where each argument of an EXECUTE statement is, the quotes of a literal left out."""
    found = _EXECUTE.match(sql)
    if found is None or not found["open"]:
        return []
    places: list[tuple[int, int]] = []
    at = end = found.end()
    begin, depth, size = -1, 1, len(sql)
    while at < size and depth:
        token = _TOKEN.match(sql, at)
        assert token is not None
        text, place = token[0], at
        at = token.end()
        if token.lastgroup == "space":
            continue
        if token.lastgroup == "comment":
            at = _after_comment(sql, at)
            continue
        if token.lastgroup == "dollar":
            stop = sql.find(text, at)
            at = size if stop < 0 else stop + len(text)
        depth += (text == b"(") - (text == b")")
        if depth == 0 or (text == b"," and depth == 1):
            places.append(_unquoted(sql, begin, end) if begin >= 0 else (place, place))
            begin = -1
            continue
        begin, end = place if begin < 0 else begin, at
    if begin >= 0:  # it breaks off
        places.append(_unquoted(sql, begin, end))
    return places


def _unquoted(sql: bytes, begin: int, end: int) -> tuple[int, int]:
    inner = sql[begin + 1 : end - 1]
    is_one = sql[begin:end].startswith(b"'") and inner.replace(b"''", b"").find(b"'") < 0
    return (begin + 1, end - 1) if is_one and sql[end - 1 : end] == b"'" else (begin, end)


_PREPARE = re.compile(
    rb"""\s*prepare\s+(?:"(?P<quoted>(?:[^"]|"")+)"|(?P<name>[A-Za-z_\x80-\xff][\w$\x80-\xff]*))
    \s*(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?\s*as\s+(?P<sql>.+)""",
    re.S | re.X | re.I,
)


def sql_prepare(sql: bytes) -> tuple[bytes, bytes] | None:
    """The name and the text of a PREPARE statement: protocol messages may use its name, too."""
    if sql.lstrip()[:8].lower() != b"prepare ":
        return None
    found = _PREPARE.match(sql)
    if found is None:
        return None
    return _name(found), found["sql"].rstrip(b"; \t\r\n")

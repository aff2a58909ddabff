"""Where JSON has secrets in it: the values of members that are named so, also in JSON that is a
string of other JSON, and of what is cut anywhere (RFC 8259)."""

from __future__ import annotations

import re

from netshell.packet.payload import Places
from netshell.protocols.secret_names import is_secret, says_nothing

_HEAD = re.compile(
    rb'(?<!\\)(\\{0,15})"((?:[^"\\]|\\u[0-9a-fA-F]{4}){1,256})\1"\s{0,64}+:\s{0,64}+'
)
"""A member's name. In a string, quotes have backslashes: 1, in a string in that 3, 7, 15."""
_BARE = re.compile(rb'(?<![\w"\\$-])\$?([\w-]{1,64}+)\s{0,8}+:\s{0,8}+(\\{0,15})"')
"""A name without quotes before a string: GraphQL, JavaScript."""
_STRING = re.compile(rb'"((?:[^"\\]|\\.)*+)"?+', re.DOTALL)
_QUOTE = re.compile(rb'(?<!\\)(\\*+)"')
_SCALAR = re.compile(rb'[^\s"{}\[\],:\\]++')
_LEAF = re.compile(rb'(?<!\\)(\\*+)"|([{\[])|([}\]])|[^\s"{}\[\],:\\]++')
_SINGLE = re.compile(
    rb"'([\w.$ -]{1,64}+)'\s{0,8}+:\s{0,8}+(?:'((?:[^'\\]|\\.)*+)|\"((?:[^\"\\]|\\.)*+))", re.S
)
"""A member with single quotes: Python, JavaScript."""
_NAMED = re.compile(
    rb'"(?:name|key|field|id|header)"\s{0,16}+:\s{0,16}+"([^"\\]{1,256}+)"\s{0,16}+,\s{0,16}+'
    rb'"value"\s{0,16}+:\s{0,16}+',
    re.I,
)
_NAMED_BEHIND = re.compile(
    rb'"value"\s{0,16}+:\s{0,16}+"((?:[^"\\]|\\.)*+)"\s{0,16}+,\s{0,16}+'
    rb'"(?:name|key|field|id|header)"\s{0,16}+:\s{0,16}+"([^"\\]{1,256}+)"',
    re.I | re.S,
)
"""A value beside its name: ``{"name": "password", "value": "..."}``."""
_COLON = re.compile(rb"\s{0,64}+:")
_ESCAPED = re.compile(rb"\\u([0-9a-fA-F]{4})")


def in_json(data: bytes) -> Places:
    """Values of secret members of JSON, whole or only the beginning of one; of an array or an
    object that is named so, all that is in it but its names.

    >>> in_json(b'{"user": "bob", "password": "hunter2"}')
    ((29, 36),)
    """
    if b":" not in data:
        return ()
    found: list[tuple[int, int]] = []
    head = _HEAD.search(data)
    while head is not None:
        at = head.end()
        if _is_secret(head[2]):
            at = _value(data, at, head[1], found)
        head = _HEAD.search(data, at)
    if b':"' in data or b': "' in data or b":\\" in data or b": \\" in data:
        found += _of_bare_names(data)
        found.sort()
    if b'"value"' in data or b"':" in data or b"' :" in data:
        found = sorted({*found, *_beside(data)})
    return tuple(found)


def _beside(data: bytes) -> list[tuple[int, int]]:
    """What is secret by a name that stands beside it, or in single quotes."""
    found: list[tuple[int, int]] = []
    for each in _NAMED.finditer(data):
        if _is_secret(each[1]):
            _value(data, each.end(), b"", found)
    found += [
        each.span(1)
        for each in _NAMED_BEHIND.finditer(data)
        if _is_secret(each[2]) and not says_nothing(each[1])
    ]
    for each in _SINGLE.finditer(data):
        which = each.lastindex or 0
        if _is_secret(each[1]) and not says_nothing(each[which]):
            found.append(each.span(which))
    return found


def _of_bare_names(data: bytes) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    head = _BARE.search(data)
    while head is not None:
        at = head.end()
        if is_secret(head[1].decode("latin-1")):
            end, behind = _string(data, at, head[2])
            if end > at and not says_nothing(data[at:end]):
                found.append((at, end))
            at = max(behind, at)
        head = _BARE.search(data, at)
    return found


def _is_secret(name: bytes) -> bool:
    if b"\\" in name:
        name = _ESCAPED.sub(lambda sign: chr(int(sign[1], 16)).encode("latin-1", "replace"), name)
    return is_secret(name.decode("latin-1"))


def _value(data: bytes, at: int, level: bytes, found: list[tuple[int, int]]) -> int:
    """Find what is secret in the value at a place; where it ends."""
    if data[at : at + 1] in (b"{", b"["):
        return _inside(data, at, level, found)
    if data.startswith(level + b'"', at):
        begin = at + len(level) + 1
        end, behind = _string(data, begin, level)
    else:
        scalar = _SCALAR.match(data, at)
        if scalar is None:
            return at
        begin, (end, behind) = at, (scalar.end(), scalar.end())
    if end > begin and not says_nothing(data[begin:end]):
        found.append((begin, end))
    return behind


def _string(data: bytes, begin: int, level: bytes) -> tuple[int, int]:
    """Where a string ends, and what follows it begins."""
    if not level:
        whole = _STRING.match(data, begin - 1)
        return (begin, begin) if whole is None else (whole.end(1), whole.end())
    for quote in _QUOTE.finditer(data, begin):
        if len(quote[1]) <= len(level):
            return quote.start(), quote.end()
    return len(data), len(data)


def _inside(data: bytes, at: int, level: bytes, found: list[tuple[int, int]]) -> int:
    """The same of an array or an object: all of its leaves."""
    depth = 0
    while (leaf := _LEAF.search(data, at)) is not None:
        at = leaf.end()
        if leaf[2]:
            depth += 1
        elif leaf[3]:
            depth -= 1
            if depth <= 0:
                return at
        elif leaf[1] is None:
            if not says_nothing(leaf[0]):
                found.append(leaf.span())
        else:
            if len(leaf[1]) < len(level):  # the string that it all is in ends
                return leaf.start()
            end, behind = _string(data, at, leaf[1])
            if _COLON.match(data, behind) is None and not says_nothing(data[at:end]):
                found.append((at, end))
            at = behind
    return len(data)

"""Commands as people type them: words on a line, quoted as in C (Redis's ``sdssplitargs``)."""

from __future__ import annotations

import re

_WORD = re.compile(
    rb"""[ \t\0\v\f]*+((?:"(?:[^"\\]|\\.)*+"?|'(?:[^'\\]|\\.)*+'?|[^ \t\0\v\f"'])++)""", re.DOTALL
)
_ESCAPE = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"a": b"\a"}
_QUOTED = re.compile(rb"""\"((?:[^"\\]|\\.)*+)"?|'((?:[^'\\]|\\.)*+)'?|([^"']++)""", re.DOTALL)


def words(line: bytes) -> list[tuple[bytes, int, int]]:
    """The words of a line, each with where it begins and ends in it, its quotes included.

    >>> words(b'set a "b\\\\x20c"')
    [(b'set', 0, 3), (b'a', 4, 5), (b'b c', 6, 14)]
    """
    return [(unquoted(found[1]), *found.span(1)) for found in _WORD.finditer(line)]


def unquoted(word: bytes) -> bytes:
    """A word without its quotes and escapes."""
    if b'"' not in word and b"'" not in word:
        return word
    return b"".join(_part(found) for found in _QUOTED.finditer(word))


def _part(found: re.Match[bytes]) -> bytes:
    double, single, plain = found.groups()
    if double is not None:
        return _ESCAPE.sub(_octet, double)
    return plain if single is None else single.replace(b"\\'", b"'")


def _octet(found: re.Match[bytes]) -> bytes:
    if found[1] is not None:
        return bytes.fromhex(found[1].decode())
    return _NAMED.get(found[2], found[2])

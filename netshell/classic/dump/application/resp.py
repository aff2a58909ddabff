"""Redis' protocol, RESP 2: the values of a segment one after the other, each in quotes.

https://redis.io/docs/reference/protocol-spec/: a type's letter, and for strings and arrays how long
they are; what begins with another letter is a line typed by hand. A segment that holds part of a
value ends in a truncation mark, as tcpdump does not put streams together.

Invariant: every step consumes a byte or ends the text, and arrays only count what they want, so
that hostile counts and depths cost no more than the bytes that are there.
"""

from __future__ import annotations

import re

from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope, Truncated, escaped

_LENGTH = re.compile(rb"(-?)([0-9]*)")
_LINE_END = re.compile(rb"[\r\n]")
_LINE_ENDS = re.compile(rb"[\r\n]*")
_EMPTY, _NULL, _TOO_LARGE, _NEGATIVE, _INVALID = 0, -1, -3, -4, -5
_REMARKS = {
    _EMPTY: " empty",
    _NULL: " null",
    _TOO_LARGE: " length too large",
    _NEGATIVE: " length negative and not -1",
    _INVALID: " invalid",
}
_LARGEST = 0x7FFFFFFF


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A segment's values, to the first that is not all there: a mark, but no packet cut short."""
    scope.enter("resp").write(": RESP")
    octets = scope.rest(0, scope.length)
    try:
        _values(scope, octets)
    except _Unfinished:
        scope.truncated()
    except Truncated:
        if len(octets) < scope.length:
            raise
        scope.truncated()  # the value goes on in another segment: this packet is whole


class _Unfinished(Exception):
    """A line or a string without its end: to tcpdump the packet is whole, however it was cut."""


def _values(scope: Scope, octets: bytes) -> None:
    at, wanted = 0, 0
    while wanted or at < scope.length:
        if at >= len(octets):
            raise Truncated
        kind = octets[at : at + 1]
        more = 0
        if kind in (b"+", b"-", b":"):
            at = _simple(scope, octets, at + 1)
        elif kind == b"$":
            at = _bulk(scope, octets, at + 1)
        elif kind == b"*":
            more, at = _length(octets, at + 1)
            if more <= 0:
                scope.write(_REMARKS[more])
        else:
            at = _typed(scope, octets, at)
        wanted = max(wanted - 1, 0) + max(more, 0)


def _write(scope: Scope, octets: bytes) -> None:
    scope.write(f' "{escaped(octets)}"')


def _line_end(octets: bytes, at: int) -> int:
    found = octets.find(b"\r\n", at)
    if found < 0:
        raise _Unfinished
    return found


def _simple(scope: Scope, octets: bytes, at: int) -> int:
    """A simple string, an error or a number, to the line's end."""
    end = _line_end(octets, at)
    _write(scope, octets[at:end])
    return end + 2


def _bulk(scope: Scope, octets: bytes, at: int) -> int:
    """A string of so many bytes, and the line's end that is behind it somewhere."""
    size, at = _length(octets, at)
    if size <= 0:
        scope.write(_REMARKS[size])
        return at if size else _line_end(octets, at) + 2
    if at + size > len(octets):
        raise _Unfinished
    _write(scope, octets[at : at + size])
    return _line_end(octets, at + size) + 2


def _typed(scope: Scope, octets: bytes, at: int) -> int:
    """A command as people type it: words, and a line's end of any kind."""
    at = _skipped(octets, at)
    end = _LINE_END.search(octets, at)
    if end is None:
        raise Truncated
    _write(scope, octets[at : end.start()])
    return _skipped(octets, end.start())


def _skipped(octets: bytes, at: int) -> int:
    found = _LINE_ENDS.match(octets, at)
    return at if found is None else found.end()


def _length(octets: bytes, at: int) -> tuple[int, int]:
    """A count and where it ends; one of ``_REMARKS``' keys instead where it is none."""
    found = _LENGTH.match(octets, at)
    assert found is not None  # it matches nothing, too
    end = found.end()
    if end >= len(octets):
        raise Truncated
    digits = found[2].lstrip(b"0")
    if not found[2] or octets[end] != 0x0D:
        return _INVALID, end + 1
    if end + 1 >= len(octets):
        raise Truncated
    if octets[end + 1] != 0x0A:
        return _INVALID, end + 2
    value = int(digits or b"0") if len(digits) <= 10 else _LARGEST + 1
    if found[1]:
        return (_NULL if value == 1 else _NEGATIVE), end + 2
    return (value if value <= _LARGEST else _TOO_LARGE), end + 2

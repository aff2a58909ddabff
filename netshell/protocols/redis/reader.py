"""RESP2 and RESP3 as they come: one side's bytes to values.

https://redis.io/docs/latest/develop/reference/protocol-spec/ and, for streamed types,
https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md.

Invariant: a byte is looked at once, whatever the pieces; of a value no more is kept than
:mod:`netshell.protocols.redis.values` says, and no frame lies deeper than ``DEEPEST``.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from netshell.protocols.redis.values import (
    MOST_BYTES,
    MOST_KEPT,
    MOST_VALUES,
    Failure,
    key,
    text,
)

MOST_LINE = 1 << 16
"""Bytes of a line: what Redis itself takes of an inline command."""

DEEPEST = 64
"""Arrays in arrays."""

_MOST_DIGITS = 4000  # of a big number; Python's int() takes 4300

_BULK, _VERBATIM, _BLOB_ERROR, _CHUNK = b"$=!;"
_ARRAY, _MAP, _SET, _PUSH, _ATTRIBUTE = b"*%~>|"
_SIMPLE, _ERROR, _INTEGER, _NULL, _DOUBLE, _BOOLEAN, _BIG, _END = b"+-:_,#(."
_STRINGS = frozenset(b"$=!;")
_AGGREGATES = frozenset(b"*%~>|")


_HEAD = re.compile(rb"(?:([*$:])([0-9]{1,6})|(\+)([ -~]{1,64}))\r\n")
_STRING = re.compile(rb"\$([0-9]{1,3})\r\n")
_NAME = re.compile(rb"[A-Za-z][A-Za-z0-9_.|-]{0,63}")
_QUICK = 60
"""Strings of less than 1,000 bytes that an array may have to be read at once: less than is kept."""


class Wrong(ValueError):
    """Why bytes are not Redis's."""


class Value(NamedTuple):
    """One value, and where it was in its side's stream."""

    kind: str  # its type's first byte: "*", "+"; " " for an inline command
    value: Any
    begin: int
    end: int
    time_ns: int
    end_ns: int
    left_out: int  # values in it that are not kept
    places: tuple[tuple[int, int], ...]  # of the strings in it, if that was asked for
    attributes: dict[Any, Any] | None


class _Frame:
    """An aggregate that is not complete: what it has, and how many are to come (-1: not known)."""

    __slots__ = ("items", "kind", "left")

    def __init__(self, kind: int, left: int) -> None:
        self.kind, self.left = kind, left
        self.items: list[Any] = []


class Reader:
    """One side's values.

    >>> reader = Reader()
    >>> reader.feed(b"*2\\r\\n$3\\r\\nGET\\r\\n$1\\r", 5); reader.next()
    >>> reader.feed(b"\\na\\r\\n", 7); reader.next().value
    ['GET', 'a']
    """

    def __init__(self, at: int = 0, takes_inline: bool = False) -> None:
        self.takes_inline = takes_inline
        """Of a client: what begins otherwise than an array is a line of words."""
        self.wants_places = False
        """Whether the places of a value's strings are noted."""
        self.at = at
        """The place of the first byte that is not read."""
        self._data, self._pos = b"", 0
        self._pieces: list[bytes] = []  # a line, or an end of line, that is not complete
        self._held = 0
        self._old, self._old_ns, self._now_ns = 0, 0, 0  # bytes of data that came earlier, when
        self._stack: list[_Frame] = []
        self._begin, self._begin_ns = -1, 0  # of the value that is not complete; -1: none is
        self._token = self._behind = 0  # where what is read last begins, and ends, in data
        self._string = 0  # the type of the string that is not complete
        self._size = self._left = 0
        self._kept: list[bytes] = []
        self._room = 0  # bytes of it that will still be kept
        self._reset()

    def _reset(self) -> None:
        self._begin = -1
        self._values, self._bytes, self._left_out = 0, MOST_KEPT, 0
        self._places: list[tuple[int, int]] = []
        self._attributes: dict[Any, Any] | None = None

    @property
    def is_amid(self) -> bool:
        """Whether a value has begun, and is not complete."""
        return self._begin >= 0 or bool(self._held)

    @property
    def at_end(self) -> int:
        """The place behind everything that was fed."""
        return self.at + (self._held or len(self._data) - self._pos)

    @property
    def unread(self) -> int:
        """Bytes that are in no value yet."""
        return self.at_end - (self._begin if self._begin >= 0 else self.at)

    def half(self) -> tuple[int, int, list[Any], tuple[tuple[int, int], ...]]:
        """Of the value that is not complete: where and when it began, what it has up to now, and
        the places of its strings."""
        words = list(self._stack[0].items) if self._stack else []
        return *self.begun, words, tuple(self._places)

    @property
    def begun(self) -> tuple[int, int]:
        """Where the value that is not complete began, and when."""
        return (self._begin, self._begin_ns) if self._begin >= 0 else (self.at, self._old_ns)

    def rest(self) -> bytes:
        """What was fed and is in no value, as far as it is kept."""
        return b"".join(self._pieces) or self._data[self._pos :]

    def feed(self, data: bytes, time_ns: int) -> None:
        """Further bytes; :meth:`next` is asked until there is no more in them."""
        self._old = 0
        if self._pieces:
            is_line = b"\n" not in data and not self._string
            if is_line and self._held + len(data) <= MOST_LINE:
                self._pieces.append(data)
                self._held += len(data)
                return
            self._old = self._held
            data = b"".join([*self._pieces, data])
            self._pieces, self._held = [], 0
        self._data, self._pos, self._now_ns = data, 0, time_ns

    def _wait(self, pos: int) -> None:
        """Keep what is not complete."""
        data = self._data
        self.at += pos - self._pos
        if pos < len(data):
            if len(data) - pos > MOST_LINE:
                self._token, self._behind = self._pos, len(data)
                raise Wrong(f"a line longer than {MOST_LINE:,} bytes")
            self._old_ns = self._old_ns if pos < self._old else self._now_ns
            self._pieces, self._held = [data[pos:]], len(data) - pos
        self._data, self._pos, self._old = b"", 0, 0

    def next(self) -> Value | None:
        """The next value that is complete. Raises Wrong: then :meth:`rest` begins with what is."""
        if self._begin < 0:
            found = self._quick()
            if found is not None:
                return found
        try:
            return self._next()
        except Wrong:
            self.at += self._token - self._pos
            self._pos = self._token
            raise

    def _quick(self) -> Value | None:
        """The next value, if it is whole and of a usual form: a line, a string, strings in an
        array. Others are for :meth:`_next`, which would say the same of these."""
        data, pos = self._data, self._pos
        begin, places = pos, []
        value: Any
        found = _HEAD.match(data, pos)
        if found is None:
            return None
        pos = found.end()
        kind, line = found[1] or found[3], found[2] or found[4]
        if kind == b"*":
            count = int(line)
            if count > _QUICK:
                return None
            value = []
            for _ in range(count):
                found = _STRING.match(data, pos)
                if found is None:
                    return None
                at = found.end()
                pos = at + int(found[1])
                if data[pos : pos + 2] != b"\r\n":
                    return None
                value.append(text(data[at:pos]))
                if self.wants_places:
                    places.append((self.at - begin + at, self.at - begin + pos))
                pos += 2
        elif self.takes_inline or self.wants_places:
            return None
        elif kind == b"$":
            at, pos = pos, pos + int(line)
            if pos - at > MOST_BYTES or data[pos : pos + 2] != b"\r\n":
                return None
            value = text(data[at:pos])
            pos += 2
        elif kind == b"+":
            value = text(line)
        else:
            value = int(line)
        since = self._old_ns if begin < self._old else self._now_ns
        place = self.at
        self.at, self._pos = place + pos - begin, pos
        kept = tuple(places)
        return Value(kind.decode(), value, place, self.at, since, self._now_ns, 0, kept, None)

    def pass_over(self) -> bytes:
        """What follows what was wrong."""
        return self._data[self._behind :]

    def _next(self) -> Value | None:
        data, pos, size = self._data, self._pos, len(self._data)
        stack = self._stack
        base = self.at - pos  # the place of data[0]
        while True:
            if self._string:
                if self._left:
                    taken = min(size - pos, self._left)
                    self._keep(data, pos, taken)
                    pos += taken
                    self._left -= taken
                if self._left or size - pos < 2:
                    self._wait(pos)
                    return None
                self._token, self._behind = pos, pos + 2
                if data[pos : pos + 2] != b"\r\n":
                    raise Wrong("a string does not end where it says")
                pos += 2
                kind = self._string
                value = self._string_value()
            else:
                if pos >= size:
                    self._wait(pos)
                    return None
                end = data.find(b"\n", pos)
                if end < 0:
                    self._wait(pos)
                    return None
                kind = data[pos]
                self._token, self._behind = pos, end + 1
                if self._begin < 0:
                    if kind in b"\r\n" and end - pos < 2:  # an empty line keeps alive
                        pos = end + 1
                        continue
                    self._begin = base + pos
                    self._begin_ns = self._old_ns if pos < self._old else self._now_ns
                stop = end - 1 if data[end - 1] == 13 and end > pos else end
                if self.takes_inline and not stack and kind != _ARRAY:
                    return self._inline(data, pos, stop, end + 1)
                if kind in _STRINGS:
                    count = _count(data[pos + 1 : stop])
                    pos = end + 1
                    if (kind == _CHUNK) != bool(stack and stack[-1].kind == _BULK):
                        raise Wrong("a string's piece outside of one, or none inside")
                    if count is None:  # in pieces
                        self._push(_BULK)
                        continue
                    if kind == _CHUNK and not count:
                        value = _built(stack.pop())
                        kind = _BULK
                    elif count < 0:
                        value = None
                    else:
                        if self.wants_places:
                            self._places.append((base + pos, base + pos + count))
                        behind = pos + count
                        kept = min(count, MOST_BYTES)
                        kept = kept if kept <= self._bytes else 0
                        self._bytes -= kept
                        if kept == count and behind + 2 <= size and kind == _BULK:
                            if data[behind : behind + 2] != b"\r\n":
                                self._token, self._behind = behind, behind + 2
                                raise Wrong("a string does not end where it says")
                            value = text(data[pos:behind])
                            pos = behind + 2
                        else:
                            self._string, self._size, self._left = kind, count, count
                            self._room = kept
                            continue
                elif kind in _AGGREGATES:
                    count = _count(data[pos + 1 : stop])
                    pos = end + 1
                    if self.takes_inline and (stack or count is None):
                        raise Wrong("a command's arguments are strings")
                    if count is None or count > 0:
                        twice = kind in (_MAP, _ATTRIBUTE)
                        self._push(kind, -1 if count is None else count * 2 if twice else count)
                        continue
                    value = None if count < 0 else {} if kind in (_MAP, _ATTRIBUTE) else []
                    if kind == _ATTRIBUTE:
                        continue
                elif kind == _END and stack and stack[-1].left < 0:
                    kind = stack[-1].kind
                    value = _built(stack.pop())
                    pos = end + 1
                else:
                    if self.takes_inline:
                        raise Wrong("a command's arguments are strings")
                    if self.wants_places:
                        self._places.append((base + pos + 1, base + stop))
                    value = _scalar(kind, data[pos + 1 : stop])
                    pos = end + 1
            # It belongs to the innermost aggregate, which may be complete with it, and so on.
            done = True
            while stack:
                frame = stack[-1]
                if self._values < MOST_VALUES:
                    frame.items.append(value)
                    self._values += 1
                else:
                    self._left_out += 1
                if frame.left > 0:
                    frame.left -= 1
                if frame.left:
                    done = False
                    break
                stack.pop()
                value = _built(frame)
                if frame.kind == _ATTRIBUTE:
                    if not stack:
                        self._attributes = value
                    done = False
                    break
                kind = frame.kind
            if done:
                return self._made(chr(kind), value, base, pos)

    def _made(self, kind: str, value: Any, base: int, pos: int) -> Value:
        made = Value(
            kind,
            value,
            self._begin,
            base + pos,
            self._begin_ns,
            self._now_ns,
            self._left_out,
            tuple(self._places),
            self._attributes,
        )
        self.at, self._pos = base + pos, pos
        self._reset()
        return made

    def _inline(self, data: bytes, pos: int, stop: int, behind: int) -> Value:
        from netshell.protocols.redis.inline import words

        base = self.at - self._pos
        found = words(data[pos:stop])
        if found and not _NAME.fullmatch(found[0][0]):
            raise Wrong("neither a command nor a line of words")
        self._places = [(base + pos + begin, base + pos + end) for _, begin, end in found]
        value = [text(word[:MOST_BYTES], len(word)) for word, _, _ in found[:MOST_VALUES]]
        self._left_out = len(found) - len(value)
        return self._made(" ", value, base, behind)

    def _push(self, kind: int, left: int = -1) -> None:
        if len(self._stack) >= DEEPEST:
            raise Wrong(f"values nested deeper than {DEEPEST}")
        self._stack.append(_Frame(kind, left))

    def _keep(self, data: bytes, pos: int, size: int) -> None:
        if self._room and size:
            self._kept.append(data[pos : pos + min(size, self._room)])
            self._room -= len(self._kept[-1])

    def _string_value(self) -> Any:
        octets, kind, size = b"".join(self._kept), self._string, self._size
        self._kept, self._string = [], 0
        if kind == _BLOB_ERROR:
            return Failure(octets.decode("utf-8", "backslashreplace"))
        if kind == _VERBATIM and octets[3:4] == b":":
            octets, size = octets[4:], size - 4
        return text(octets, size)


def _count(digits: bytes) -> int | None:
    """A length; None for "?"."""
    if digits == b"?":
        return None
    if not 0 < len(digits) < 20 or not (digits.isdigit() or digits == b"-1"):
        raise Wrong(f"{digits[:20]!r} is no length")
    return int(digits)


def _scalar(kind: int, line: bytes) -> Any:
    if kind == _SIMPLE:
        return text(line[:MOST_BYTES], len(line))
    if kind == _ERROR:
        return Failure(line[:MOST_BYTES].decode("utf-8", "backslashreplace"))
    try:
        if kind == _INTEGER and len(line) < 22:
            return int(line)
        if kind == _NULL and not line:
            return None
        if kind == _BOOLEAN and line in (b"t", b"f"):
            return line == b"t"
        if kind == _DOUBLE and len(line) < 400:
            return float(line)
        if kind == _BIG:
            return int(line) if len(line) < _MOST_DIGITS else text(line[:MOST_BYTES], len(line))
    except ValueError:
        pass
    raise Wrong(f"{chr(kind) + line[:20].decode('latin-1')!r} is no value")


def _built(frame: _Frame) -> Any:
    items = frame.items
    if frame.kind in (_MAP, _ATTRIBUTE):
        return {key(name): value for name, value in zip(items[::2], items[1::2], strict=False)}
    if frame.kind == _BULK:  # of pieces
        return text(
            b"".join([each if isinstance(each, bytes) else each.encode() for each in items])
        )
    return items

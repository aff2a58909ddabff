"""The bytes of one packet as its printers see them, and the text that they write.

A printer gets a :class:`Scope`: the stretch of the packet that its protocol has. Its first byte
is offset 0; ``length`` is what the layer above declared; ``end`` is where the captured bytes stop,
or where an enclosing header says that its payload does, whichever comes first. Every getter looks
at ``end`` before it looks at a byte, and raises :class:`Truncated` behind it: so no printer reads
what it was not given, and none has to check.

:func:`netshell.classic.dump.show_packet` catches Truncated and writes `` [|tcp]`` with the
protocol named last by :meth:`Scope.enter`. That is tcpdump's rule, and its text depends on it: a
printer that must go on after a short read looks at :meth:`Scope.has` first, writes
:meth:`Scope.truncated` itself and returns.

Invariant: nothing here depends on anything but the arguments, and nothing but Truncated is raised
for what the bytes say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from struct import Struct

_TWO = Struct("!H").unpack_from
_FOUR = Struct("!I").unpack_from
_EIGHT = Struct("!Q").unpack_from


_BEHIND = "Dissector error: print_unknown_data called with pointer past end of packet"


class Truncated(Exception):
    """A getter was asked for bytes behind the captured ones."""


class Page:
    """What all scopes of a packet share: the text so far, and the protocol being printed."""

    __slots__ = ("parts", "protocol")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.protocol = ""


class Scope:
    """The stretch of a packet's bytes that one protocol has.

    `data` are all captured bytes of the packet, `at` is where this protocol begins in them, `end`
    where what may be read ends (an offset into `data`), `length` how many bytes the layer above
    declared: it may be more or less than what is there.

    >>> page = Page()
    >>> scope = Scope(bytes.fromhex("0102ff"), 0, 3, 8, page)
    >>> scope.u16(0), scope.has(1, 2), scope.has(1, 3)
    (258, True, False)
    >>> scope.enter("tcp").truncated()
    >>> page.parts
    [' [|tcp]']
    """

    __slots__ = ("at", "data", "end", "length", "page", "write")

    def __init__(self, data: bytes, at: int, end: int, length: int, page: Page) -> None:
        self.data = data
        self.at = at
        self.end = end
        self.length = length
        self.page = page
        self.write: Callable[[str], None] = page.parts.append

    def enter(self, protocol: str) -> Scope:
        """Name the protocol that is printed from here: what a truncation mark will say."""
        self.page.protocol = protocol
        return self

    # -- other stretches ------------------------------------------------------------------

    def sub(self, offset: int, length: int | None = None) -> Scope:
        """What begins at `offset`; its length is `length`, or what is left of this one's (>= 0).

        Only the declared length is new: the bytes that may be read end where they did.
        """
        if length is None:
            length = max(self.length - offset, 0)
        return Scope(self.data, self.at + offset, self.end, length, self.page)

    def cut(self, offset: int, length: int) -> Scope:
        """As :meth:`sub`, but nothing behind `length` bytes may be read either."""
        at = self.at + offset
        return Scope(self.data, at, min(self.end, at + length), length, self.page)

    # -- what is there --------------------------------------------------------------------

    def has(self, offset: int, count: int = 1) -> bool:
        """Whether `count` bytes from `offset` can be read."""
        return count >= 0 and self.at + offset + count <= self.end

    def left(self, offset: int = 0) -> int:
        """How many bytes can be read from `offset`; 0 where that is behind the end."""
        left = self.end - self.at - offset
        return left if left > 0 else 0

    def need(self, offset: int, count: int) -> None:
        """Raise Truncated unless `count` bytes from `offset` can be read."""
        if count < 0 or self.at + offset + count > self.end:
            raise Truncated

    # -- getters: network byte order ------------------------------------------------------

    def u8(self, offset: int) -> int:
        """The byte at `offset`."""
        at = self.at + offset
        if at >= self.end:
            raise Truncated
        return self.data[at]

    def u16(self, offset: int) -> int:
        """Two bytes at `offset`."""
        at = self.at + offset
        if at + 2 > self.end:
            raise Truncated
        value: int = _TWO(self.data, at)[0]
        return value

    def u24(self, offset: int) -> int:
        """Three bytes at `offset`."""
        return int.from_bytes(self.octets(offset, 3), "big")

    def u32(self, offset: int) -> int:
        """Four bytes at `offset`."""
        at = self.at + offset
        if at + 4 > self.end:
            raise Truncated
        value: int = _FOUR(self.data, at)[0]
        return value

    def u48(self, offset: int) -> int:
        """Six bytes at `offset`."""
        return int.from_bytes(self.octets(offset, 6), "big")

    def u64(self, offset: int) -> int:
        """Eight bytes at `offset`."""
        at = self.at + offset
        if at + 8 > self.end:
            raise Truncated
        value: int = _EIGHT(self.data, at)[0]
        return value

    def octets(self, offset: int, count: int) -> bytes:
        """`count` bytes at `offset`, all of them."""
        at = self.at + offset
        if count < 0 or at + count > self.end:
            raise Truncated
        return self.data[at : at + count]

    def rest(self, offset: int = 0, count: int | None = None) -> bytes:
        """The bytes from `offset` that can be read, at most `count`: never raises."""
        at = self.at + offset
        stop = self.end if count is None else min(self.end, at + count)
        return self.data[at:stop] if at < stop else b""

    # -- text -----------------------------------------------------------------------------

    def truncated(self) -> None:
        """Write tcpdump's mark for a protocol whose bytes were not all captured."""
        self.write(f" [|{self.page.protocol}]")

    def invalid(self) -> None:
        """Write tcpdump's mark for bytes that contradict the protocol."""
        self.write(" (invalid)")

    def printable(self, offset: int, count: int) -> bool:
        """Write `count` bytes as tcpdump writes text; False, after what is there, if cut off."""
        octets = self.rest(offset, count)
        self.write(escaped(octets))
        return len(octets) == count

    def string(self, offset: int, count: int) -> None:
        """Write a field of text of `count` bytes, up to the zero byte that fills it up if any.

        Raises Truncated behind what is there.
        """
        octets = self.rest(offset, count)
        text, end, _ = octets.partition(b"\0")
        self.write(escaped(text))
        if not end and len(octets) < count:
            raise Truncated

    def dump(self, offset: int = 0, count: int | None = None) -> None:
        """Write bytes as tcpdump does where it knows nothing of them: hexadecimal and ASCII.

        Up to `count`, else the declared length's. Whoever calls this looks at
        ``settings.suppress`` first where tcpdump does. Raises Truncated, after the dump, where
        there are fewer.
        """
        from netshell.classic.dump.hex import both

        if count is None:
            count = self.length - offset
        octets = self.rest(offset, count)
        self.write(both(octets))
        if len(octets) < count:
            raise Truncated

    def hexadecimal(self, indent: str, offset: int, count: int) -> None:
        """Write bytes in hexadecimal alone, each line behind `indent`.

        Raises Truncated, after those that are there, where there are fewer than `count`.
        """
        from netshell.classic.dump.hex import plain

        octets = self.rest(offset, count)
        self.write(plain(octets, indent))
        if len(octets) < count:
            raise Truncated

    def unknown(self, indent: str, offset: int, count: int) -> None:
        """Write what is there of `count` bytes of an unknown meaning, in hexadecimal alone."""
        if self.at + offset > self.end:
            self.write(f"{indent}{_BEHIND}")
            return
        self.hexadecimal(indent, offset, min(count, self.left(offset)))


def escaped(octets: bytes) -> str:
    r"""Text from the wire as tcpdump writes it: what is no printable ASCII as ``^A``, ``M-x``.

    >>> escaped(b"a b\x01\xc1")
    'a b^AM-A'
    """
    return "".join([_ESCAPED[octet] for octet in octets])


def _escape(octet: int) -> str:
    """One byte: 8-bit ones are told by M-, controls by ^ (vis(3)'s older way, as cat -v)."""
    meta = ""
    if octet >= 0x80:
        meta, octet = "M-", octet & 0x7F
    if 0x20 <= octet < 0x7F:
        return meta + chr(octet)
    return meta + "^" + chr(octet ^ 0x40)


_ESCAPED = [_escape(octet) for octet in range(256)]


def named(table: Mapping[int, str], value: int, other: str = "#%d") -> str:
    """The name of a value; `other` says how one without a name is written, %-style.

    >>> named({1: "one"}, 1), named({1: "one"}, 2, "unknown (%u)"), named({}, 2, "unknown")
    ('one', 'unknown (2)', 'unknown')
    """
    name = table.get(value)
    if name is not None:
        return name
    return other % value if "%" in other else other


def bits(table: Mapping[int, str], value: int, other: str = "#%08x", separator: str = ", ") -> str:
    """The names of the bits set in a value, in the table's order; `other` where none has one.

    >>> bits({1: "FIN", 2: "SYN"}, 3), bits({1: "FIN"}, 0, "none")
    ('FIN, SYN', 'none')
    """
    found = [name for mask, name in table.items() if mask and value & mask == mask]
    if found:
        return separator.join(found)
    return other % value if "%" in other else other

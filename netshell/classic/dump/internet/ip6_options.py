"""The options of IPv6's hop-by-hop and destination headers, and routing headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.text import Scope

_PAD1, _PADN, _ALERT, _JUMBO, _HOME = 0, 1, 5, 0xC2, 0xC9
_JUMBO_LEAST = 65536
_HOME_LEAST = 18


def show_hop_by_hop(scope: Scope, settings: Settings, payload: int) -> tuple[int, int]:
    """Write the header; its length (-1: cut off), and a jumbogram's payload length (0: none)."""
    size = _size(scope, "hbhopt")
    if size < 0:
        return -1, 0
    scope.write("HBH ")
    walk = _Options(scope.sub(2, size - 2), settings, payload)
    if not walk.show():
        scope.truncated()
        size = -1
    return size, walk.jumbo


def show_destination(scope: Scope, settings: Settings) -> int:
    """Write the header; its length, or -1 where it is cut off."""
    size = _size(scope, "dstopt")
    if size < 0:
        return -1
    scope.write("DSTOPT ")
    if settings.verbose and not _Options(scope.sub(2, size - 2), settings, None).show():
        scope.truncated()
        return -1
    return size


def _size(scope: Scope, protocol: str) -> int:
    """The length of a header that says it in units of 8 bytes; -1, with the mark, if cut off."""
    scope.page.protocol = protocol
    size = (scope.u8(1) + 1) * 8
    if scope.has(0, size):
        return size
    scope.truncated()
    return -1


class _Options:
    """The walk over one header's options; `jumbo` is the payload length that one of them gave."""

    def __init__(self, scope: Scope, settings: Settings, payload: int | None) -> None:
        self.scope = scope
        self.verbose = settings.verbose
        self.settings = settings
        self.payload = payload
        self.jumbo = 0
        self.seen = False

    def show(self) -> bool:
        """Write all options; False where one does not fit."""
        scope, offset = self.scope, 0
        while offset < scope.length:
            size = 1
            kind = scope.u8(offset)
            if kind != _PAD1:
                if offset + 1 >= scope.length:
                    return False
                size = scope.u8(offset + 1) + 2
            if offset + size > scope.length:
                return False
            if not self._one(kind, offset, size):
                return False
            offset += size
        if self.verbose and scope.length:
            scope.write(" ")
        return True

    def _one(self, kind: int, offset: int, size: int) -> bool:
        write = self.scope.write
        if kind == _ALERT:
            return self._alert(offset, size)
        if kind == _JUMBO:
            return self._long(offset, size)
        if kind == _HOME:
            return self._home(offset, size)
        if self.verbose:
            if kind == _PAD1:
                write("(pad1)")
            elif kind == _PADN:
                write("(padn)")
            else:
                write(f"(opt_type 0x{kind:02x}: len={size - 2})")
        return True

    def _fits(self, name: str, offset: int, size: int, least: int, exact: bool) -> bool:
        """Whether an option has the length it must have; the mark where it has not."""
        if self.scope.length - offset < least:
            self.scope.write(f"({name}: trunc)")
            return False
        if size < least or (exact and size != least):
            self.scope.write(f"({name}: invalid len {size - 2})")
            return False
        return True

    def _alert(self, offset: int, size: int) -> bool:
        if not self._fits("rtalert", offset, size, 4, True):
            return False
        if self.verbose:
            self.scope.write(f"(rtalert: 0x{self.scope.u16(offset + 2):04x}) ")
        return True

    def _long(self, offset: int, size: int) -> bool:
        """A jumbogram's length counts once, in a hop-by-hop header, if the IP header has none."""
        if not self._fits("jumbo", offset, size, 6, True):
            return False
        length, why = self.scope.u32(offset + 2), ""
        if self.seen:
            why = " - already seen"
        elif self.payload is None:
            why = " - not a hop-by-hop option"
        elif self.payload:
            why = " - payload len != 0"
        elif length < _JUMBO_LEAST:
            why = " - < 65536"
        else:
            self.jumbo = length
        self.seen = True
        if self.verbose:
            self.scope.write(f"(jumbo: {length}{why}) ")
        return True

    def _home(self, offset: int, size: int) -> bool:
        if not self._fits("homeaddr", offset, size, _HOME_LEAST, False):
            return False
        if not self.verbose:
            return True
        scope = self.scope
        scope.write(f"(homeaddr: {self.settings.host(scope.octets(offset + 2, 16))}")
        if size > _HOME_LEAST and not _sub_options(
            scope.sub(offset + _HOME_LEAST, size - _HOME_LEAST)
        ):
            return False
        scope.write(")")
        return True


def _sub_options(scope: Scope) -> bool:
    """Write the options within an option; False where one does not fit."""
    offset = 0
    while offset < scope.length:
        kind, size = scope.u8(offset), 1
        if kind != _PAD1:
            if offset + 1 >= scope.length:
                return False
            size = scope.u8(offset + 1) + 2
        if offset + size > scope.length:
            return False
        if kind == _PAD1:
            scope.write(", pad1")
        elif kind == _PADN:
            scope.write(", padn")
        else:
            scope.write(f", sopt_type 0x{kind:02x}: len={size - 2}")
        offset += size
    return True


def show_routing(scope: Scope, settings: Settings) -> int:
    """Write a routing header (RFC 2460, RFC 6275, RFC 8754); its length, or -1 if it is bad."""
    scope.page.protocol = "rt6"
    write = scope.write
    write("RT6")
    size = scope.u8(1)
    write(f" (len={size}")
    kind = scope.u8(2)
    write(f", type={kind}")
    if kind == 0:
        write(" [Deprecated]")
    write(f", segleft={scope.u8(3)}")
    if kind in (0, 2):
        if scope.u32(4) or settings.verbose:
            write(f", rsv=0x{scope.u32(4):x}")
    elif kind == 4:
        write(f", last-entry={scope.u8(4)}")
        if scope.u8(5) or settings.verbose:
            write(f", flags=0x{scope.u8(5):x}")
        write(f", tag={scope.u16(6):x}")
    else:
        write(" (unknown type)")
        scope.invalid()
        return -1
    if size % 2:
        write(f" (invalid length {size})")
        scope.invalid()
        return -1
    for number in range(size // 2):
        write(f", [{number}]{settings.host(scope.octets(8 + number * 16, 16))}")
    write(") ")
    return (size + 1) * 8

"""Generic routing encapsulation: RFC 2784, RFC 2890, with the routes of RFC 1701; PPTP's form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump.internet import ip, ip6
from netshell.classic.dump.numbers import ETHERTYPES
from netshell.classic.dump.settings import address
from netshell.classic.dump.text import bits

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

_SUM, _ROUTES, _KEY, _SEQUENCE, _ACK = 0x8000, 0x4000, 0x2000, 0x1000, 0x0080
_FLAGS = {
    _SUM: "checksum present",
    _ROUTES: "routing present",
    _KEY: "key present",
    _SEQUENCE: "sequence# present",
    0x0800: "source routing present",
    _ACK: "ack present",
}
_PPP = 0x880B
_FAMILY_IP, _FAMILY_AS = 0x0800, 0xFFFE


class _Short(Exception):
    """A field was not captured, or does not fit the declared length."""


def show(
    scope: Scope, settings: Settings, state: State, network: Scope, fragmented: bool, ttl: int
) -> None:
    """Write the header and what is inside."""
    scope.page.protocol = "gre"
    try:
        _need(scope, 0, 2)
        version = scope.u16(0) & 7
        scope.write(f"GREv{version}")
        if version == 0:
            _show(scope, settings, state)
        elif version == 1:
            _show_enhanced(scope, settings, state)
        else:
            scope.write(" ERROR: unknown-version")
    except _Short:
        scope.truncated()


def _need(scope: Scope, offset: int, count: int) -> None:
    if not scope.has(offset, count) or scope.length - offset < count:
        raise _Short


def _flags(scope: Scope, settings: Settings) -> int:
    """The flags, written with -v; behind them must be the protocol."""
    flags = scope.u16(0)
    if settings.verbose:
        scope.write(f", Flags [{bits(_FLAGS, flags, 'none')}]")
    _need(scope, 2, 2)
    return flags


def _end(scope: Scope, settings: Settings) -> None:
    if settings.link_header:
        kind = scope.u16(2)
        scope.write(f", proto {ETHERTYPES.get(kind, 'unknown')} (0x{kind:04x})")
    scope.write(f", length {scope.length}")


def _show(scope: Scope, settings: Settings, state: State) -> None:
    write = scope.write
    flags = _flags(scope, settings)
    kind, offset = scope.u16(2), 4
    if flags & (_SUM | _ROUTES):
        _need(scope, offset, 2)
        if settings.verbose:
            write(f", sum 0x{scope.u16(offset):x}")
        _need(scope, offset + 2, 2)
        write(f", off 0x{scope.u16(offset + 2):x}")
        offset += 4
    if flags & _KEY:
        _need(scope, offset, 4)
        write(f", key=0x{scope.u32(offset):x}")
        offset += 4
    if flags & _SEQUENCE:
        _need(scope, offset, 4)
        write(f", seq {scope.u32(offset)}")
        offset += 4
    if flags & _ROUTES:
        offset = _routes(scope, offset)
    _end(scope, settings)
    write("\n\t" if settings.verbose else ": ")
    inside = scope.sub(offset, scope.length - offset)
    if kind == 0x0800:
        ip.show(inside, settings, state)
    elif kind == 0x86DD:
        ip6.show(inside, settings, state)
    elif kind == 0x8847:
        from netshell.classic.dump.links import mpls

        mpls.show(inside, settings, state)
    elif kind == 0x6558:
        from netshell.classic.dump.links import ethernet

        ethernet.show(inside, settings, state)
    elif kind == 0x00FE:
        from netshell.classic.dump.links import osi

        osi.show(inside, settings, state)
    else:
        write(f"gre-proto-0x{kind:x}")


def _show_enhanced(scope: Scope, settings: Settings, state: State) -> None:
    """PPTP's (RFC 2637 section 4.1)."""
    write = scope.write
    flags = _flags(scope, settings)
    kind, offset = scope.u16(2), 4
    for bit, name in ((_KEY, "call"), (_SEQUENCE, "seq"), (_ACK, "ack")):
        if flags & bit:
            _need(scope, offset, 4)
            number = scope.u32(offset)
            write(f", {name} {number & 0xFFFF if bit == _KEY else number}")
            offset += 4
    if not flags & _SEQUENCE:
        write(", no-payload")
    _end(scope, settings)
    if not flags & _SEQUENCE:
        return
    write("\n\t" if settings.verbose else ": ")
    if kind == _PPP:
        from netshell.classic.dump.links import ppp

        ppp.show(scope.sub(offset, scope.length - offset), settings, state)
    else:
        write(f"gre-proto-0x{kind:x}")


def _routes(scope: Scope, offset: int) -> int:
    """Source routes; where they end."""
    while True:
        _need(scope, offset, 4)
        family, at, size = scope.u16(offset), scope.u8(offset + 2), scope.u8(offset + 3)
        offset += 4
        if family == 0 and size == 0:
            return offset
        if family in (_FAMILY_IP, _FAMILY_AS):
            scope.write(f", (rtaf={'ip' if family == _FAMILY_IP else 'asn'}")
            whole = _route(scope, offset, 4 if family == _FAMILY_IP else 2, at, size)
            scope.write(")")
            if not whole:
                raise _Short
        else:
            scope.write(f", (rtaf=0x{family:x})")
        if scope.length - offset < size:
            raise _Short
        offset += size


def _route(scope: Scope, offset: int, width: int, at: int, size: int) -> bool:
    """One route; False where it is cut off."""
    write = scope.write
    if at % width:
        write(f", badoffset={at}")
    elif size % width:
        write(f", badlength={size}")
    elif at >= size:
        write(f", badoff/len={at}/{size}")
    else:
        for place in range(0, size, width):
            start = offset + place
            if not scope.has(start, width) or scope.length - start < width:
                return False
            octets = scope.octets(start, width)
            text = address(octets) if width == 4 else f"{int.from_bytes(octets, 'big'):x}"
            write(f" {'*' if place == at else ''}{text}")
    return True

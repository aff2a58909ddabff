"""Linux's cooked headers, which captures on all interfaces have: DLT_LINUX_SLL and _SLL2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump import hardware
from netshell.classic.dump.links import ethertype
from netshell.classic.dump.numbers import ETHERTYPES

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

HEADER = 16
HEADER2 = 20
_WAYS = {0: "In", 1: "B", 2: "M", 3: "P", 4: "Out"}
_MOST_LENGTH = 1500
_IPX, _LLC, _VLAN = 1, 4, 0x8100


def show(scope: Scope, settings: Settings, state: State) -> int:
    """Write a packet with a header of the first version; how long its headers are."""
    scope.page.protocol = "sll"
    scope.need(0, HEADER)
    way, size, kind = scope.u16(0), scope.u16(4), scope.u16(14)

    def header(tags: int = 0) -> None:
        scope.page.protocol = "sll"
        scope.write(f"{_WAYS.get(way, '?'):>3} ")
        _source(scope, size, kind, settings, 6, tags)

    if settings.link_header:
        header()
    known, length = _carried(scope, HEADER, kind, settings, state)
    if not known:
        if not settings.link_header:
            header(length - HEADER)
        _dump(scope, length, settings)
    return length


def show2(scope: Scope, settings: Settings, state: State) -> int:
    """Write a packet with a header of the second version; how long its headers are."""
    scope.page.protocol = "sll2"
    scope.need(0, HEADER2)
    kind, index, way, size = scope.u16(0), scope.u32(4), scope.u8(10), scope.u8(11)
    scope.write(f"{settings.interface(index) or '?':<5} {_WAYS.get(way, '?'):<3} ")

    def header(tags: int = 0) -> None:
        scope.page.protocol = "sll2"
        scope.write(f"ifindex {index} ")
        _source(scope, size, kind, settings, 12, tags)

    if settings.link_header:
        header()
    known, length = _carried(scope, HEADER2, kind, settings, state)
    if not known:
        if not settings.link_header:
            header(length - HEADER2)
        _dump(scope, length, settings)
    return length


def _source(scope: Scope, size: int, kind: int, settings: Settings, offset: int, tags: int) -> None:
    """Who sent the packet, what it carries, and its length without VLAN tags of `tags` bytes."""
    write = scope.write
    if size == 6:
        write(f"{hardware.ethernet(scope.octets(offset, 6), settings)} ")
    if settings.quiet:
        return
    if kind == _IPX:
        write("802.3")
    elif kind == _LLC:
        write("802.2")
    else:
        name = ETHERTYPES.get(kind, "Unknown") if kind > _MOST_LENGTH else "Unknown"
        write(f"ethertype {name} (0x{kind:04x})")
    write(f", length {scope.length - tags}: ")


def _dump(scope: Scope, offset: int, settings: Settings) -> None:
    if not settings.suppress:
        scope.dump(offset, scope.left(offset))


def _carried(
    scope: Scope, offset: int, kind: int, settings: Settings, state: State
) -> tuple[bool, int]:
    """Write what is carried; whether it is known, and how long the headers are."""
    while kind == _VLAN:
        left = scope.left(offset)
        if left < 4:
            scope.enter("vlan").truncated()
            return True, offset + left
        if settings.link_header:
            scope.write(f"{hardware.vlan(scope.u16(offset))}, ")
        kind = scope.u16(offset + 2)
        if kind <= _MOST_LENGTH:
            kind = _LLC
        if not settings.quiet:
            scope.write(f"ethertype {ETHERTYPES.get(kind, 'Unknown')}, ")
        offset += 4
    inside = scope.sub(offset, scope.length - offset)
    captured = scope.left(offset)
    if kind > _MOST_LENGTH:
        return ethertype.show(kind, inside, captured, settings, state, None), offset
    if kind == _IPX:
        from netshell.classic.dump.links import ipx

        ipx.show(inside, settings)
        return True, offset
    if kind == _LLC:
        from netshell.classic.dump.links import llc

        header = llc.show(inside, captured, settings, state, None)
        if header >= 0:
            return True, offset + header
    _dump(scope, offset, settings)
    return True, offset

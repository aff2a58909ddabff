"""IPv6 headers and the extension headers between them and what they carry (RFC 8200)."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from netshell.classic.dump.internet import demux
from netshell.classic.dump.numbers import PROTOCOLS
from netshell.classic.dump.text import named

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

HEADER = 40
_HEADER = Struct("!IHBB16s16s").unpack_from
_NAMED_WITH_PORTS = (6, 17, 33, 132)  # these write the addresses themselves
_HOP_BY_HOP, _ROUTING, _FRAGMENT, _DESTINATION = 0, 43, 44, 60
_MOBILITY = (62, 135)
_EXTENSIONS = (_HOP_BY_HOP, _ROUTING, _FRAGMENT, _DESTINATION, *_MOBILITY)


def show(scope: Scope, settings: Settings, state: State) -> None:
    """Write an IPv6 packet and what it carries."""
    scope.page.protocol = "ip6"
    write = scope.write
    if scope.at + HEADER > scope.end:
        scope.truncated()
        return
    if scope.length < HEADER:
        write(f"truncated-ip6 {scope.length}")
        return
    if not settings.link_header:
        write("IP6 ")
    flow, payload, following, hops, src, dst = _HEADER(scope.data, scope.at)
    if flow >> 28 != 6:
        write(f"version error: {flow >> 28} != 6")
        return
    if payload:
        length = payload + HEADER
        if scope.length < length:
            write(f"truncated-ip6 - {length - scope.length} bytes missing!")
    else:
        length = scope.length + HEADER  # a jumbogram, perhaps: an option will tell
    if settings.verbose:
        write("(")
        if flow & 0x0FF00000:
            write(f"class 0x{flow >> 20 & 0xFF:02x}, ")
        if flow & 0x000FFFFF:
            write(f"flowlabel 0x{flow & 0xFFFFF:05x}, ")
        name = named(PROTOCOLS, following, "unknown")
        write(f"hlim {hops}, next-header {name} ({following}) payload length: {payload}) ")
    network = scope.cut(0, length)
    if not network.left():
        return
    if following not in _NAMED_WITH_PORTS:
        write(f"{settings.host(src)} > {settings.host(dst)}: ")
    if following in _EXTENSIONS:
        _extensions(scope, network, settings, state)
        return
    if payload == 0:
        # No length and no option that gives one: nothing is carried.
        network.end = min(scope.end, scope.at + HEADER)
        carried = network.sub(HEADER, 0)
    else:
        carried = network.sub(HEADER, payload)
    demux.show(carried, settings, state, network, following, False, hops)


def _extensions(scope: Scope, network: Scope, settings: Settings, state: State) -> None:
    """Walk through the extension headers to what is carried, and write both."""
    from netshell.classic.dump.internet import ip6_options

    payload, following = network.u16(4), network.u8(6)
    length, offset, advance = network.length, 0, HEADER
    fragmented, jumbo, before, hops_seen = False, False, 255, False
    while advance > 0 and network.left(offset):
        if length < advance:
            network.truncated()
            return
        offset += advance
        length -= advance
        if following == _HOP_BY_HOP:
            if before != 255:
                write = network.write
                if hops_seen:
                    write("[The Hop-by-Hop Options header was already found]")
                else:
                    write("[The Hop-by-Hop Options header don't follow the IPv6 header]")
                network.invalid()
                return
            advance, found = ip6_options.show_hop_by_hop(network.sub(offset), settings, payload)
            hops_seen = True
            if found:
                payload, jumbo = found, True
            if payload == 0:
                network.write("[No valid Jumbo Payload Hop-by-Hop option found]")
                network.invalid()
                return
        elif following == _DESTINATION:
            advance = ip6_options.show_destination(network.sub(offset), settings)
        elif following == _FRAGMENT:
            advance = _fragment(network, offset, settings)
            if network.left(offset + advance) == 0:
                return
            fragmented = True
        elif following in _MOBILITY:
            from netshell.classic.dump.internet import mobility

            mobility.show(network.sub(offset), settings)
            return
        elif following == _ROUTING:
            if not network.has(offset):
                network.truncated()
                return
            advance = ip6_options.show_routing(network.sub(offset), settings)
        else:
            _carried(
                scope,
                network,
                offset,
                length,
                payload if jumbo else None,
                following,
                settings,
                state,
                fragmented,
            )
            return
        if advance < 0:
            return
        before, following = following, network.u8(offset)
        network.page.protocol = "ip6"


def _carried(
    scope: Scope,
    network: Scope,
    offset: int,
    length: int,
    jumbo: int | None,
    following: int,
    settings: Settings,
    state: State,
    fragmented: bool,
) -> None:
    """Write what stands behind the extension headers."""
    if jumbo is not None:
        total = jumbo + HEADER
        if total < offset:
            network.truncated()
            return
        if scope.length < total:
            network.write(f"truncated-ip6 - {total - scope.length} bytes missing!")
        network = scope.cut(0, total)
        length = total - offset
    elif network.u16(4) == 0:
        network.truncated()  # extension headers, but no payload for them to be in
        return
    carried = network.sub(offset, length)
    demux.show(carried, settings, state, network, following, fragmented, network.u8(7))


def _fragment(network: Scope, offset: int, settings: Settings) -> int:
    """The fragment header; its length, or -1 where this is not the first fragment."""
    network.page.protocol = "frag6"
    header = network.sub(offset)
    ident = f"0x{header.u32(4):08x}:" if settings.verbose else ""
    start = header.u16(2) & 0xFFF8
    size = (HEADER + network.u16(4) - offset - 8) & 0xFFFFFFFFFFFFFFFF
    network.write(f"frag ({ident}{start}|{size})")
    if start:
        return -1
    network.write(" ")
    return 8

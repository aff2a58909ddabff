"""Ethernet frames: addresses with -e, VLAN tags, then a type or, in IEEE 802.3, a length."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump import hardware
from netshell.classic.dump.internet import ip
from netshell.classic.dump.links import ethertype
from netshell.classic.dump.numbers import ETHERTYPES

if TYPE_CHECKING:
    from netshell.classic.dump.links.link import Ends
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

HEADER = 14
_MOST_LENGTH = 1500  # more is a type: IEEE 802.3 section 3.2.6
_TAGS = (0x8100, 0x88A8, 0x9100, 0x9200)
_JUMBO = 0x8870


def show(scope: Scope, settings: Settings, state: State, captured: int | None = None) -> int:
    """Write a frame; how many bytes its header had.

    `captured` is how many of the frame's bytes were captured, where that is not what can be read.
    """
    page = scope.page
    page.protocol = "ether"
    write, length = scope.write, scope.length
    if captured is None:
        captured = scope.end - scope.at
    if length < captured:
        write(f"[length {length} < caplen {captured}]")
        scope.invalid()
        return length
    if captured < HEADER:
        scope.truncated()
        return captured
    kind = scope.u16(12)
    if kind == 0x0800 and not settings.link_header:
        ip.show(scope.sub(HEADER, length - HEADER), settings, state)
        return HEADER
    frame = scope.data[scope.at : scope.at + 12]
    ends = (frame[6:], frame[:6])
    if settings.link_header:
        write(addresses(frame, settings))
    header, printed = HEADER, False
    while kind in _TAGS:
        left = min(captured, length) - header
        if left < 4:
            page.protocol = "vlan"
            scope.truncated()
            return header + left
        tag, inner = scope.u16(header), scope.u16(header + 2)
        if settings.link_header:
            write(type_text(kind, settings))
            write(", " if printed else f", length {length}: ")
            printed = True
            write(f"{hardware.vlan(tag)}, ")
        kind = inner
        header += 4
    inside = scope.sub(header, length - header)
    if kind <= _MOST_LENGTH:
        return header + _length(inside, captured - header, kind, printed, settings, state, ends)
    if kind == _JUMBO:
        return header + _llc(inside, captured - header, settings, state, ends)
    if settings.link_header:
        write(type_text(kind, settings))
        write(", " if printed else f", length {length}: ")
    if not ethertype.show(kind, inside, captured - header, settings, state, ends):
        if not settings.link_header:
            write(addresses(frame, settings))
            write(f"{type_text(kind, settings)}, length {length}: ")
        if not settings.suppress:
            inside.dump(0, captured - header)
    return header


def addresses(frame: bytes, settings: Settings) -> str:
    """Who sends a frame to whom, by its first 12 bytes."""
    source = hardware.ethernet(frame[6:12], settings)
    return f"{source} > {hardware.ethernet(frame[:6], settings)}, "


def type_text(kind: int, settings: Settings) -> str:
    """An EtherType: its name and number, or with -q one of them.

    >>> from netshell.classic.dump.settings import Settings
    >>> type_text(0x0800, Settings())
    'ethertype IPv4 (0x0800)'
    """
    name = ETHERTYPES.get(kind)
    if settings.quiet:
        return name or f"Unknown Ethertype (0x{kind:04x})"
    return f"ethertype {name or 'Unknown'} (0x{kind:04x})"


def _length(
    inside: Scope,
    captured: int,
    kind: int,
    printed: bool,
    settings: Settings,
    state: State,
    ends: Ends,
) -> int:
    """An IEEE 802.3 frame: an LLC header follows the length."""
    length = inside.length
    if kind < length:
        length = kind
        captured = min(captured, length)
    inside = inside.cut(0, length)
    if settings.link_header:
        inside.write("802.3")
        if not printed:
            inside.write(f", length {length}: ")
    return _llc(inside, captured, settings, state, ends)


def _llc(inside: Scope, captured: int, settings: Settings, state: State, ends: Ends) -> int:
    """What follows a length; how many bytes of it are headers."""
    from netshell.classic.dump.links import llc

    header = llc.show(inside, captured, settings, state, ends)
    if header < 0:
        if not settings.suppress:
            inside.dump(0, captured)
        return -header
    return header

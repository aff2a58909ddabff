"""Cisco's HDLC frames, as serial links of routers have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump.internet import ip, ip6
from netshell.classic.dump.numbers import ETHERTYPES
from netshell.classic.dump.text import named

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

_HEADER = 4
_CASTS = {0x0F: "unicast", 0x8F: "bcast"}


def show(scope: Scope, settings: Settings, state: State) -> int:
    """Write a frame; how long its header is."""
    scope.page.protocol = "chdlc"
    write, length = scope.write, scope.length
    if length < _HEADER:
        scope.truncated()
        return scope.left()
    kind = scope.u16(2)
    if settings.link_header:
        name = ETHERTYPES.get(kind, "Unknown")
        write(f"{named(_CASTS, scope.u8(0), '0x%02x')}, ethertype {name} (0x{kind:04x})")
        write(f", length {length}: ")
    inside = scope.sub(_HEADER, length - _HEADER)
    if kind == 0x0800:
        ip.show(inside, settings, state)
    elif kind == 0x86DD:
        ip6.show(inside, settings, state)
    elif kind in (0x8847, 0x8848):
        from netshell.classic.dump.links import mpls

        mpls.show(inside, settings, state)
    elif kind == 0xFEFE and inside.length >= 2:
        from netshell.classic.dump.links import osi

        shift = 1 if inside.u8(1) in (0x81, 0x82, 0x83) else 0
        osi.show(inside.sub(shift), settings, state)
    elif not settings.link_header:
        write(f"unknown CHDLC protocol (0x{kind:04x})")
    return _HEADER

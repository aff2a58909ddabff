"""VXLAN (RFC 7348), its extension for other protocols (draft-ietf-nvo3-vxlan-gpe-01), and OTV."""

from __future__ import annotations

from netshell.classic.dump.internet import ip, ip6
from netshell.classic.dump.links import ethernet
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope, bits

_HEADER = 8
_IDENTIFIED = 0x08
_GPE_FLAGS = {0x08: "I", 0x04: "P", 0x02: "B", 0x01: "O"}


def show(scope: Scope, settings: Settings, state: State) -> None:
    """The network's number and the frame."""
    scope.enter("vxlan").write("VXLAN")
    if scope.length < _HEADER:
        scope.invalid()
        return
    flags = scope.u8(0)
    scope.write(f", flags [{'I' if flags & _IDENTIFIED else 'invalid'}] (0x{flags:02x}), ")
    scope.write(f"vni {scope.u24(4)}\n")
    scope.need(7, 1)
    ethernet.show(scope.sub(_HEADER), settings, state)


def show_generic(scope: Scope, settings: Settings, state: State) -> None:
    """The network's number and a packet or frame."""
    scope.enter("vxlan_gpe").write("VXLAN-GPE, ")
    if scope.length < _HEADER:
        scope.write(f" (len {scope.length} < {_HEADER})")
        scope.invalid()
        return
    scope.write(f"flags [{bits(_GPE_FLAGS, scope.u8(0), 'none', '')}], ")
    inside, network = scope.u8(3), scope.u24(4)
    scope.need(7, 1)
    scope.write(f"vni {network}")
    scope.write("\n    " if settings.verbose else ": ")
    payload = scope.sub(_HEADER)
    if inside == 1:
        ip.show(payload, settings, state)
    elif inside == 2:
        ip6.show(payload, settings, state)
    elif inside == 3:
        ethernet.show(payload, settings, state)
    else:
        scope.write("ERROR: unknown-next-protocol")
        scope.invalid()


def show_otv(scope: Scope, settings: Settings, state: State) -> None:
    """Overlay Transport Virtualization (draft-hasmit-otv-04); Linux's first port of VXLAN, too."""
    scope.enter("otv").write("OTV, ")
    if scope.length < _HEADER:
        scope.write(f"[length {scope.length} < {_HEADER}]")
        scope.invalid()
        scope.need(0, scope.length)
        return
    flags = scope.u8(0)
    scope.write(f"flags [{'I' if flags & _IDENTIFIED else '.'}] (0x{flags:02x}), ")
    scope.write(f"overlay {scope.u24(1)}, ")
    scope.write(f"instance {scope.u24(4)}\n")
    scope.need(7, 1)
    ethernet.show(scope.sub(_HEADER), settings, state)

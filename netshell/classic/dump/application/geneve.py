"""GENEVE (RFC 8926; tcpdump knows draft-gross-geneve-02): tunnelled frames and their options."""

from __future__ import annotations

from netshell.classic.dump.links import ethernet, ethertype
from netshell.classic.dump.numbers import ETHERTYPES
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope, bits, named

_HEADER = 8
_FRAME = 0x6558
_FLAGS = {
    **{0x80: "O", 0x40: "C", 0x20: "R1", 0x10: "R2", 0x08: "R3", 0x04: "R4", 0x02: "R5"},
    0x01: "R6",
}
_CLASSES = {
    0x0100: "Linux",
    0x0101: "Open vSwitch",
    0x0102: "Open Virtual Networking (OVN)",
    0x0103: "In-band Network Telemetry (INT)",
    0x0104: "VMware",
}
_CRITICAL = 0x80


def show(scope: Scope, settings: Settings, state: State) -> None:
    """The network's number, the options (with -v each), and what is inside."""
    scope.enter("geneve").write("Geneve")
    if scope.length < _HEADER:
        scope.write(f" [length {scope.length} < {_HEADER}]")
        scope.invalid()
        return
    scope.need(0, _HEADER)
    first, kind, reserved = scope.u8(0), scope.u16(2), scope.u8(7)
    if first >> 6:
        scope.write(f" ERROR: unknown-version {first >> 6}")
        return
    scope.write(f", Flags [{bits(_FLAGS, scope.u8(1), 'none', '')}], vni 0x{scope.u24(4):x}")
    if reserved:
        scope.write(f", rsvd 0x{reserved:x}")
    if settings.link_header:
        scope.write(f", proto {named(ETHERTYPES, kind, 'unknown')} (0x{kind:04x})")
    size = (first & 0x3F) * 4
    if scope.length - _HEADER < size:
        scope.write(f" truncated-geneve - {size - (scope.length - _HEADER)} bytes missing")
        return
    scope.need(_HEADER, size)
    if size:
        scope.write(", options [")
        if settings.verbose:
            _options(scope, settings, _HEADER, _HEADER + size)
        else:
            scope.write(f"{size} bytes")
        scope.write("]")
    scope.write("\n\t" if settings.verbose else ": ")
    inside = scope.sub(_HEADER + size)
    if not ethertype.show(kind, inside, inside.left(), settings, state, None):
        if kind == _FRAME:
            ethernet.show(inside, settings, state)
        else:
            scope.write(f"geneve-proto-0x{kind:x}")


def _options(scope: Scope, settings: Settings, at: int, stop: int) -> None:
    separator = ""
    while at < stop:
        group, kind, size = scope.u16(at), scope.u8(at + 2), 4 + (scope.u8(at + 3) & 0x1F) * 4
        critical = "(C)" if kind & _CRITICAL else ""
        scope.write(
            f"{separator}class {_group(group)} (0x{group:x}) type 0x{kind:x}{critical} len {size}"
        )
        separator = ", "
        if size > stop - at:
            scope.write(" [bad length]")
            return
        if settings.verbose > 1 and size > 4:
            scope.write(f" data {scope.octets(at + 4, size - 4).hex(' ', 4)}")
        at += size


def _group(number: int) -> str:
    """Who a class of options belongs to."""
    if number <= 0xFF:
        return "Standard"
    if number >= 0xFFF0:
        return "Experimental"
    return _CLASSES.get(number, "Unknown")

"""Slow protocols (IEEE 802.3 annex 57A): link aggregation and its marker; OAM's first lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump import hardware
from netshell.classic.dump.text import bits, named

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

_LACP, _MARKER, _OAM = 1, 2, 3
_NAMES = {_LACP: "LACP", _MARKER: "MARKER", _OAM: "OAM"}
_FIELDS = {
    (_LACP, 0): "Terminator",
    (_LACP, 1): "Actor Information",
    (_LACP, 2): "Partner Information",
    (_LACP, 3): "Collector Information",
    (_MARKER, 0): "Terminator",
    (_MARKER, 1): "Marker Information",
}
_SIZES = {(_LACP, 1): 20, (_LACP, 2): 20, (_LACP, 3): 16, (_MARKER, 1): 16}
_STATES = {
    0x01: "Activity",
    0x02: "Timeout",
    0x04: "Aggregation",
    0x08: "Synchronization",
    0x10: "Collecting",
    0x20: "Distributing",
    0x40: "Default",
    0x80: "Expired",
}
_OAM_FLAGS = {
    0x0001: "Link Fault",
    0x0002: "Dying Gasp",
    0x0004: "Critical Event",
    0x0008: "Local Evaluating",
    0x0010: "Local Stable",
    0x0020: "Remote Evaluating",
    0x0040: "Remote Stable",
}
_OAM_CODES = {
    0x00: "Information",
    0x01: "Event Notification",
    0x02: "Variable Request",
    0x03: "Variable Response",
    0x04: "Loopback Control",
    0xFE: "Vendor Private",
}


def show(scope: Scope, settings: Settings, state: State) -> None:
    """Write a message."""
    scope.page.protocol = "slow"
    write, length = scope.write, scope.length
    kind = scope.u8(0) if length else 0
    if length < 1 or (kind in (_LACP, _MARKER) and length < 2):
        write("\n\t\t packet is too short" if settings.verbose else " (packet is too short)")
        return
    name = named(_NAMES, kind, "unknown (%u)")
    if kind in (_LACP, _MARKER):
        version = scope.u8(1)
        if version != 1:
            write(f"{name} version {version} packet not supported")
            return
        write(f"{name}v1, length {length}")
        if settings.verbose:
            _fields(scope.sub(2, length - 2), kind, settings)
        return
    write(f"{name}, length {length}")
    if kind != _OAM:
        scope.unknown("\n\t", 0, length)
    elif settings.verbose:
        if length < 4:
            write("\n\t\t packet is too short")
            return
        if not scope.has(1, 3):
            scope.truncated()
            return
        code = named(_OAM_CODES, scope.u8(3), "Unknown (%u)")
        write(f"\n\tCode {code} OAM PDU, Flags [{bits(_OAM_FLAGS, scope.u16(1), 'none')}]")


def _fields(scope: Scope, protocol: int, settings: Settings) -> None:
    """The fields of link aggregation, one a line."""
    write, offset = scope.write, 0
    while offset < scope.length:
        if scope.length - offset < 2:
            write("\n\t\t packet is too short")
            return
        kind, size = scope.u8(offset), scope.u8(offset + 1)
        name = _FIELDS.get((protocol, kind), "Unknown")
        write(f"\n\t{name} TLV (0x{kind:02x}), length {size}")
        if kind == 0:
            return
        if size < 2:
            write("\n\t    ERROR: illegal length - should be >= 2")
            return
        if scope.length - offset < size:
            write("\n\t\t packet is too short")
            return
        if not scope.has(offset, size):
            scope.truncated()
            return
        due = _SIZES.get((protocol, kind))
        if due is None:
            if settings.verbose <= 1:
                scope.unknown("\n\t  ", offset + 2, size - 2)
        elif size != due:
            write(f"\n\t    ERROR: illegal length - should be {due}")
        else:
            _field(scope.sub(offset + 2, size - 2), protocol, kind, settings)
        if settings.verbose > 1:
            scope.unknown("\n\t  ", offset + 2, size - 2)
        offset += size


def _field(value: Scope, protocol: int, kind: int, settings: Settings) -> None:
    write = value.write
    if protocol == _MARKER:
        system = hardware.ethernet(value.octets(2, 6), settings)
        write(f"\n\t  Request System {system}, Request Port {value.u16(0)}")
        write(f", Request Transaction ID 0x{value.u32(8):08x}")
    elif kind == 3:
        write(f"\n\t  Max Delay {value.u16(0)}")
    else:
        system = hardware.ethernet(value.octets(2, 6), settings)
        write(f"\n\t  System {system}, System Priority {value.u16(0)}, Key {value.u16(8)}")
        write(f", Port {value.u16(12)}, Port Priority {value.u16(10)}")
        write(f"\n\t  State Flags [{bits(_STATES, value.u8(14), 'none')}]")

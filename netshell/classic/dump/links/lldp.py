"""LLDP (IEEE 802.1AB): the fields every switch sends; with -v one a line.

What other organizations than IEEE add is named by whose it is and dumped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump import hardware
from netshell.classic.dump.links import lldp_private
from netshell.classic.dump.numbers import FAMILIES, OUIS
from netshell.classic.dump.text import bits

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

_CHASSIS, _PORT, _TIME, _PORT_TEXT, _NAME, _TEXT, _CAPABLE, _MANAGEMENT = range(1, 9)
_PRIVATE = 127
_NAMES = {
    0: "End",
    _CHASSIS: "Chassis ID",
    _PORT: "Port ID",
    _TIME: "Time to Live",
    _PORT_TEXT: "Port Description",
    _NAME: "System Name",
    _TEXT: "System Description",
    _CAPABLE: "System Capabilities",
    _MANAGEMENT: "Management Address",
    _PRIVATE: "Organization specific",
}
_CHASSIS_KINDS = {
    1: "Chassis component",
    2: "Interface alias",
    3: "Port component",
    4: "MAC address",
    5: "Network address",
    6: "Interface name",
    7: "Local",
}
_PORT_KINDS = {
    1: "Interface alias",
    2: "Port component",
    3: "MAC address",
    4: "Network Address",
    5: "Interface Name",
    6: "Agent circuit ID",
    7: "Local",
}
_CAPABILITIES = {
    1: "Other",
    2: "Repeater",
    4: "Bridge",
    8: "WLAN AP",
    16: "Router",
    32: "Telephone",
    64: "Docsis",
    128: "Station Only",
}
_NUMBERINGS = {2: "Interface Index", 3: "System Port Number"}
_WIDTHS = {1: 4, 2: 16, 6: 6}  # of the addresses of a family


class _Short(Exception):
    """A field is shorter than it has to be."""


def show(scope: Scope, settings: Settings, state: State) -> None:
    """Write an announcement; without -v, its length and the system's name."""
    scope.page.protocol = "lldp"
    write, verbose = scope.write, settings.verbose
    write(f"LLDP, length {scope.length}")
    offset = 0
    try:
        while scope.length - offset >= 2:
            if not scope.has(offset, 2):
                raise _Short
            kind, size = scope.u16(offset) >> 9, scope.u16(offset) & 0x1FF
            offset += 2
            if verbose:
                write(f"\n\t{_NAMES.get(kind, 'Unknown')} TLV ({kind}), length {size}")
            if not kind or not size:
                break
            if not scope.has(offset, size) or scope.length - offset < size:
                raise _Short
            known = True
            if verbose or kind == _NAME:
                known = _field(scope.sub(offset, size), kind, settings)
            if verbose > 1 or (verbose and not known):
                scope.unknown("\n\t  ", offset, size)
            offset += size
    except _Short:
        scope.truncated()


def _field(field: Scope, kind: int, settings: Settings) -> bool:
    """Write one field; False where its bytes are to be dumped."""
    write, size = field.write, field.length
    if kind == _CHASSIS:
        return _identity(field, _CHASSIS_KINDS, 4, 5, settings)
    if kind == _PORT:
        return _identity(field, _PORT_KINDS, 3, 4, settings)
    if kind == _TIME:
        _need(field, 2)
        write(f": TTL {field.u16(0)}s")
    elif kind in (_PORT_TEXT, _NAME, _TEXT):
        write("\n\t  " if kind == _TEXT else ": ")
        field.string(0, size)
    elif kind == _CAPABLE:
        _need(field, 4)
        for name, offset in (("System ", 0), ("Enabled", 2)):
            flags = field.u16(offset)
            write(f"\n\t  {name} Capabilities [{bits(_CAPABILITIES, flags, 'none')}]")
            write(f" (0x{flags:04x})")
    elif kind == _MANAGEMENT:
        _management(field, settings)
    elif kind == _PRIVATE:
        _need(field, 3)
        vendor = field.u24(0)
        write(f": OUI {OUIS.get(vendor, 'Unknown')} (0x{vendor:06x})")
        if vendor in (lldp_private.BRIDGING, lldp_private.ETHERNET):
            return lldp_private.show(field, vendor)
        return False
    else:
        return False
    return True


def _need(field: Scope, size: int) -> None:
    if field.length < size:
        raise _Short


def _identity(
    field: Scope, kinds: dict[int, str], mac: int, network: int, settings: Settings
) -> bool:
    """What a chassis or a port is called."""
    _need(field, 2)
    kind = field.u8(0)
    field.write(f"\n\t  Subtype {kinds.get(kind, 'Unknown')} ({kind}): ")
    if kind == mac:
        _need(field, 7)
        field.write(hardware.ethernet(field.octets(1, 6), settings))
    elif kind == network:
        field.write(_address(field.sub(1, field.length - 1), settings))
    elif kind in kinds:
        field.string(1, field.length - 1)
    else:
        return False
    return True


def _address(field: Scope, settings: Settings) -> str:
    """An address behind its family."""
    _need(field, 1)
    family = field.u8(0)
    name = f"AFI {FAMILIES.get(family, 'Unknown')} ({family})"
    width = _WIDTHS.get(family)
    if width is None:
        return f"{name}, no AF printer !"
    _need(field, 1 + width)
    octets = field.octets(1, width)
    return f"{name}: {hardware.ethernet(octets, settings) if width == 6 else settings.host(octets)}"


def _management(field: Scope, settings: Settings) -> None:
    """Where a system is managed."""
    _need(field, 1)
    size = field.u8(0)
    _need(field, 1 + size)
    text = _address(field.sub(1, size), settings)
    field.write(f"\n\t  Management Address length {size}, {text}")
    offset = 1 + size
    _need(field, offset + 5)
    kind, number = field.u8(offset), field.u32(offset + 1)
    name = _NUMBERINGS.get(kind, "Unknown")
    field.write(f"\n\t  {name} Interface Numbering ({kind}): {number}")
    offset += 5
    if offset < field.length:
        size = field.u8(offset)
        _need(field, offset + 1 + size)
        if size:
            field.write(f"\n\t  OID length {size}")
            field.string(offset + 1, size)

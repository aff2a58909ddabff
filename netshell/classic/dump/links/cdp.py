"""Cisco's discovery protocol: what switches and phones tell of themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from netshell.classic.dump.text import bits, escaped

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.text import Scope

_HEADER = 4
_DEVICE = 1
_CAPABILITIES = {
    0x01: "Router",
    0x02: "Transparent Bridge",
    0x04: "Source Route Bridge",
    0x08: "L2 Switch",
    0x10: "L3 capable",
    0x20: "IGMP snooping",
    0x40: "L1 capable",
}
_IPV6 = bytes.fromhex("aaaa03000000 86dd")


def show(scope: Scope, settings: Settings) -> None:
    """Write an announcement; without -v, the device's name alone."""
    scope.page.protocol = "cdp"
    write, verbose, length = scope.write, settings.verbose, scope.length
    if length < _HEADER:
        write(f" (packet length {length} < {_HEADER})")
        _invalid(scope, 0)
        return
    write(f"CDPv{scope.u8(0)}, ttl: {scope.u8(1)}s")
    checksum = scope.u16(2)
    if verbose:
        write(f", checksum: 0x{checksum:04x} (unverified), length {length}")
    offset = _HEADER
    while offset < length:
        left = length - offset
        if left < 4:
            write(f" (remaining packet length {left} < 4)")
            _invalid(scope, offset)
            return
        kind, size = scope.u16(offset), scope.u16(offset + 2)
        field = _FIELDS.get(kind)
        name = field[0] if field else "unknown field type"
        if size < 4:
            if verbose:
                write(f"\n\t{name} (0x{kind:02x}), TLV length: {_bytes(size)} (too short)")
            else:
                write(f", {name} TLV length {size} too short")
            _invalid(scope, offset)
            return
        if size > left:
            write(f" (TLV length {size} > {left})")
            _invalid(scope, offset)
            return
        size -= 4
        if verbose:
            write(f"\n\t{name} (0x{kind:02x}), value length: {_bytes(size)}: ")
        elif kind == _DEVICE:
            write(", Device-ID ")
        _field(scope.sub(offset + 4, size), kind, settings)
        offset += 4 + size
    if not verbose:
        write(f", length {length}")


def _bytes(count: int) -> str:
    return f"{count} byte{'' if count == 1 else 's'}"


def _invalid(scope: Scope, offset: int) -> None:
    scope.invalid()
    scope.need(offset, scope.length - offset)


def _field(value: Scope, kind: int, settings: Settings) -> None:
    """Write a field's value, or dump it where nobody knows it or does not want to."""
    field = _FIELDS.get(kind)
    if field is not None or kind in (0, 0x0C, 0x0D):
        _, printer, least, most = field or ("", None, -1, -1)
        if (least > 0 and value.length < least) or (0 < most < value.length):
            value.write(" (malformed TLV)")
        elif settings.verbose or kind == _DEVICE:
            if printer is not None:
                printer(value, settings)
            else:
                value.need(0, value.length)
            return
    value.need(0, value.length)
    value.unknown("\n\t  ", 0, value.length)


def _all(value: Scope, offset: int = 0) -> None:
    """All characters of a value."""
    octets = value.rest(offset, value.length - offset)
    value.write(escaped(octets))
    value.need(offset, value.length - offset)


def _string(value: Scope, settings: Settings) -> None:
    value.write("'")
    _all(value)
    value.write("'")


def _version(value: Scope, settings: Settings) -> None:
    lines = value.rest(0, value.length).split(b"\n")
    value.write("\n\t  " + "\n\t  ".join([escaped(line) for line in lines]))
    value.need(0, value.length)


def _capability(value: Scope, settings: Settings) -> None:
    flags = value.u32(0)
    value.write(f"(0x{flags:08x}): {bits(_CAPABILITIES, flags, 'none')}")


def _number(value: Scope, settings: Settings) -> None:
    value.write(str(value.u16(0)))


def _duplex(value: Scope, settings: Settings) -> None:
    value.write("full" if value.u8(0) else "half")


def _voice(value: Scope, settings: Settings) -> None:
    if value.length == 2:
        value.write(f"unknown 0x{value.u16(0):04x}")
    else:
        value.write(f"app {value.u8(0)}, vlan {value.u16(1)}")


def _power(value: Scope, settings: Settings) -> None:
    number = int.from_bytes(value.octets(0, value.length), "big")
    value.write(f"{number / 1000:.2f}W")


def _mtu(value: Scope, settings: Settings) -> None:
    value.write(f"{value.u32(0)} bytes")


def _byte(value: Scope, settings: Settings) -> None:
    value.write(f"0x{value.u8(0):02x}")


def _location(value: Scope, settings: Settings) -> None:
    value.write(f"0x{value.u8(0):02x}")
    if value.length > 1:
        value.write("/")
        _all(value, 1)


def _prefixes(value: Scope, settings: Settings) -> None:
    if value.length % 5:
        value.write(f" [length {value.length} is not a multiple of 5]")
        value.need(0, value.length)
        return
    value.write(f" IPv4 Prefixes ({value.length // 5}):")
    for offset in range(0, value.length, 5):
        a, b, c, d, width = value.octets(offset, 5)
        value.write(f" {a}.{b}.{c}.{d}/{width}")


def _addresses(value: Scope, settings: Settings) -> None:
    """A list of addresses, each behind its protocol."""
    write, length, offset, missing = value.write, value.length, 4, ""
    if length < 4:
        write(" (not enough space for num)")
        value.need(0, length)
        return
    count = value.u32(0)
    while count and not missing:
        missing, offset = _address(value, offset, count, settings)
        count -= 1
        if count and not missing:
            write(" ")
    if missing:
        write(f" (not enough space for {missing})")
        value.need(offset, max(length - offset, 0))
    elif offset < length:
        write(f" ({length - offset} bytes of stray data)")


def _address(value: Scope, offset: int, number: int, settings: Settings) -> tuple[str, int]:
    """One address; what it has no space for, and where it ends."""
    length, write = value.length, value.write
    if length - offset < 2:
        return "PT+PL", offset
    kind, size = value.u8(offset), value.u8(offset + 1)
    offset += 2
    if length - offset < size + 2:
        return "P+AL", offset
    width = value.u16(offset + size)
    protocol = value.rest(offset, size)
    start = offset + size + 2
    version = 0
    if kind == 1 and protocol == b"\xcc" and width == 4:
        version = 4
    elif kind == 2 and protocol == _IPV6 and width == 16:
        version = 6
    if not version:
        write(f"pt=0x{kind:02x}, pl={size}, pb={''.join(f' {octet:02x}' for octet in protocol)}")
        write(f", al={width}, a=")
    if length - start < width:
        return "A", start
    octets = value.rest(start, width)
    if version:
        value.need(start, width)
        write(f"IPv{version} ({number}) {settings.host(octets)}")
    else:
        write("".join(f" {octet:02x}" for octet in octets))
        value.need(start, width)
    return "", start + width


_Printer = Callable[["Scope", "Settings"], None]
_FIELDS: dict[int, tuple[str, _Printer | None, int, int]] = {
    0x01: ("Device-ID", _string, -1, -1),
    0x02: ("Address", _addresses, -1, -1),
    0x03: ("Port-ID", _string, -1, -1),
    0x04: ("Capability", _capability, 4, 4),
    0x05: ("Version String", _version, -1, -1),
    0x06: ("Platform", _string, -1, -1),
    0x07: ("Prefixes", _prefixes, -1, -1),
    0x08: ("Protocol-Hello option", None, -1, -1),
    0x09: ("VTP Management Domain", _string, -1, -1),
    0x0A: ("Native VLAN ID", _number, 2, 2),
    0x0B: ("Duplex", _duplex, 1, 1),
    0x0E: ("ATA-186 VoIP VLAN assignment", _voice, 3, 3),
    0x0F: ("ATA-186 VoIP VLAN request", _voice, 2, 3),
    0x10: ("power consumption", _power, 1, 3),
    0x11: ("MTU", _mtu, 4, 4),
    0x12: ("AVVID trust bitmap", _byte, 1, 1),
    0x13: ("AVVID untrusted ports CoS", _byte, 1, 1),
    0x14: ("System Name", _string, -1, -1),
    0x15: ("System Object ID (not decoded)", None, -1, -1),
    0x16: ("Management Addresses", _addresses, 4, -1),
    0x17: ("Physical Location", _location, 1, -1),
}
"""By type: name, printer, and the least and most bytes of its value (-1: any)."""

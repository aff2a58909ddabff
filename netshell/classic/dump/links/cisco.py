"""What Cisco's switches send each other: DTP, UDLD, and what a VTP message is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump import hardware
from netshell.classic.dump.text import bits, escaped, named

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.text import Scope

_DTP = {1: "Domain", 2: "Status", 3: "DTP type", 4: "Neighbor"}
_DTP_SIZES = {2: 5, 3: 5, 4: 10}
_DEVICE, _PORT, _ECHO, _INTERVAL, _TIMEOUT, _NAME, _NUMBER = range(1, 8)
_UDLD = {
    _DEVICE: "Device-ID TLV",
    _PORT: "Port-ID TLV",
    _ECHO: "Echo TLV",
    _INTERVAL: "Message Interval TLV",
    _TIMEOUT: "Timeout Interval TLV",
    _NAME: "Device Name TLV",
    _NUMBER: "Sequence Number TLV",
}
_UDLD_SIZES = {_INTERVAL: 1, _TIMEOUT: 1, _NUMBER: 4}
_UDLD_CODES = {0: "Reserved", 1: "Probe message", 2: "Echo message", 3: "Flush message"}
_UDLD_FLAGS = {1: "RT", 2: "RSY", **{1 << bit: f"MBZ-{bit}" for bit in range(2, 8)}}
_VTP = {
    1: "Summary advertisement",
    2: "Subset advertisement",
    3: "Advertisement request",
    4: "Join message",
}
_VTP_HEADER = 36


def _invalid(scope: Scope, offset: int) -> None:
    scope.invalid()
    scope.need(offset, max(scope.length - offset, 0))


def show_trunking(scope: Scope, settings: Settings) -> None:
    """Write a message of the dynamic trunking protocol."""
    scope.page.protocol = "dtp"
    write, length = scope.write, scope.length
    if length < 1:
        write("[zero packet length]")
        _invalid(scope, 0)
        return
    write(f"DTPv{scope.u8(0)}, length {length}")
    offset = 1
    while settings.verbose and offset < length:
        if length - offset < 4:
            write(f"[{length - offset} bytes remaining]")
            _invalid(scope, offset)
            return
        kind, size = scope.u16(offset), scope.u16(offset + 2)
        if kind == 0:
            return
        write(f"\n\t{_DTP.get(kind, 'Unknown')} (0x{kind:04x}) TLV, length {size}")
        if size < 4 or size > length - offset:
            write(f"[invalid TLV length {size}]")
            _invalid(scope, offset)
            return
        if _DTP_SIZES.get(kind, size) != size:
            _invalid(scope, offset)
            return
        if kind == 1:
            write(", ")
            scope.string(offset + 4, size - 4)
        elif kind == 4:
            write(f", {hardware.ethernet(scope.octets(offset + 4, 6), settings)}")
        elif kind in _DTP:
            write(f", 0x{scope.u8(offset + 4):x}")
        else:
            scope.need(offset, size)
        offset += size


def show_one_way(scope: Scope, settings: Settings) -> None:
    """Write a message of unidirectional link detection (RFC 5171)."""
    scope.page.protocol = "udld"
    write, length = scope.write, scope.length
    if length < 4:
        _invalid(scope, 0)
        return
    version, code, flags = scope.u8(0) >> 5, scope.u8(0) & 0x1F, scope.u8(1)
    write(f"UDLDv{version}, Code {_UDLD_CODES.get(code, 'Reserved')} ({code:x})")
    write(f", Flags [{bits(_UDLD_FLAGS, flags, 'none')}] (0x{flags:02x}), length {length}")
    if not settings.verbose:
        scope.need(2, length - 2)
        return
    write(f"\n\tChecksum 0x{scope.u16(2):04x} (unverified)")
    offset = 4
    while offset < length:
        if length - offset < 4:
            _invalid(scope, offset)
            return
        kind, size = scope.u16(offset), scope.u16(offset + 2)
        offset += 4
        write(f"\n\t{_UDLD.get(kind, 'Unknown')} (0x{kind:04x}) TLV, length {size}")
        size -= 4
        if size <= 0 or length - offset < size or _UDLD_SIZES.get(kind, size) != size:
            _invalid(scope, offset)
            return
        if kind in (_DEVICE, _PORT, _NAME):
            write(", ")
            scope.string(offset, size)
        elif kind == _ECHO:
            write(f", {escaped(scope.rest(offset, size))}")
            scope.need(offset, size)
        elif kind in (_INTERVAL, _TIMEOUT):
            write(f", {scope.u8(offset)}s")
        elif kind == _NUMBER:
            write(f", {scope.u32(offset)}")
        else:
            scope.need(offset, size)
        offset += size


def show_vlans(scope: Scope, settings: Settings) -> None:
    """Write what a message of the VLAN trunking protocol is."""
    scope.page.protocol = "vtp"
    if scope.length < _VTP_HEADER:
        _invalid(scope, 0)
        return
    if not scope.has(0, _VTP_HEADER):
        scope.truncated()
        return
    kind = scope.u8(1)
    scope.write(f"VTPv{scope.u8(0)}, Message {named(_VTP, kind, 'Unknown message type')}")
    scope.write(f" (0x{kind:02x}), length {scope.length}")
    scope.need(0, scope.length)

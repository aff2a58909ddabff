"""What Realtek's switches send each other: remote control, loop detection, tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump import hardware
from netshell.classic.dump.text import named

if TYPE_CHECKING:
    from netshell.classic.dump.links.link import Ends
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.text import Scope

_CONTROL = 0x01
_NAMES = {
    0x02: "REP",
    0x03: "RLDP",
    0x23: "RLDP",
    0x04: "Realtek 8-byte DSA tag",
}
_TAGS = {0x90: "Realtek RTL8306 4-byte DSA tag", 0xA0: "Realtek RTL8366RB 4-byte DSA tag"}
_HELLO, _GET, _SET = 0, 1, 2
_OPERATIONS = {_HELLO: "hello", _GET: "get", _SET: "set"}


def show(scope: Scope, settings: Settings, ends: Ends | None) -> None:
    """Write a message; its ends too, where the link header is known."""
    scope.page.protocol = "rtl"
    if ends is not None:
        source = hardware.ethernet(ends[0], settings)
        scope.write(f"{source} > {hardware.ethernet(ends[1], settings)}, ")
    kind = scope.u8(0)
    if kind == _CONTROL:
        _control(scope, settings)
    else:
        unknown = f"Realtek unknown type 0x{kind:02x}"
        scope.write(_NAMES.get(kind) or _TAGS.get(kind & 0xF0) or unknown)


def _control(scope: Scope, settings: Settings) -> None:
    """Remote control: registers read and written."""
    scope.page.protocol = "rrcp"
    write, first = scope.write, scope.u8(1)
    reply, operation = bool(first & 0x80), first & 0x7F
    name = named(_OPERATIONS, operation, "unknown opcode (0x%02x)")
    write(f"RRCP {'reply' if reply else 'query'}: {name}")
    if operation in (_GET, _SET):
        register = int.from_bytes(scope.octets(4, 2), "little")
        value = int.from_bytes(scope.octets(6, 4), "little")
        write(f" addr=0x{register:04x}, data=0x{value:08x}")
    write(f", auth=0x{scope.u16(2):04x}")
    if operation == _HELLO and reply:
        address = hardware.ethernet(scope.octets(6, 6), settings)
        write(
            f" downlink_port={scope.u8(4)}, uplink_port={scope.u8(5)}, uplink_mac={address}"
            f", vendor_id={scope.u32(14):08x} ,chip_id={scope.u16(12):04x} "
        )
    elif operation in (_GET, _SET):
        write(f", cookie=0x{scope.u32(14):08x}{scope.u32(10):08x} ")

"""ARP and its relatives (RFC 826, RFC 903, RFC 2390), over Ethernet, Frame Relay and ATM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump import hardware
from netshell.classic.dump.numbers import ETHERTYPES
from netshell.classic.dump.text import named

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

_IPV4, _TRAILER = 0x0800, 0x1000
_FRAME_RELAY, _ATM = 15, 19
_REQUEST, _REPLY, _REVERSE_REQUEST, _REVERSE_REPLY = 1, 2, 3, 4
_INVERSE_REQUEST, _INVERSE_REPLY, _NAK = 8, 9, 10
_OPERATIONS = {
    _REQUEST: "Request",
    _REPLY: "Reply",
    _REVERSE_REQUEST: "Reverse Request",
    _REVERSE_REPLY: "Reverse Reply",
    _INVERSE_REQUEST: "Inverse Request",
    _INVERSE_REPLY: "Inverse Reply",
    _NAK: "NACK Reply",
}
_HARDWARE = {
    1: "Ethernet",
    6: "TokenRing",
    7: "ArcNet",
    _FRAME_RELAY: "FrameRelay",
    23: "Strip",
    24: "IEEE 1394",
    _ATM: "ATM",
    32: "InfiniBand",
}


def show(scope: Scope, settings: Settings, state: State, captured: int) -> None:
    """Write a message; `captured` bytes of it are dumped where its operation is unknown."""
    scope.page.protocol = "arp"
    scope.need(0, 8)
    kind, protocol, operation = scope.u16(0), scope.u16(2), scope.u16(6)
    if kind == _ATM:
        _show_atm(scope, settings, captured)
        return
    size, width = scope.u8(4), scope.u8(5)
    scope.need(8 + 2 * size + width, width)
    write = scope.write
    if not settings.link_header:
        write("ARP, ")
    known = protocol in (_IPV4, _TRAILER) and width == 4 and size > 0
    if not known or settings.verbose:
        hardware_name = named(_HARDWARE, kind, "Unknown Hardware (%u)")
        protocol_name = named(ETHERTYPES, protocol, "Unknown Protocol (0x%04x)")
        write(f"{hardware_name} (len {size}), {protocol_name} (len {width})")
        if not settings.verbose:
            write(f", length {scope.length}")
            return
        write(", ")
    write(f"{named(_OPERATIONS, operation, 'Unknown (%u)')} ")
    names = _Names(scope, settings, kind, protocol, size, width)
    if operation == _REQUEST:
        asked = scope.octets(8 + size + width, size)
        target = f" ({names.target()})" if any(asked) else ""
        write(f"who-has {names.target_address()}{target} tell {names.sender_address()}")
    elif operation == _REPLY:
        write(f"{names.sender_address()} is-at {names.sender()}")
    elif operation in (_REVERSE_REQUEST, _INVERSE_REQUEST):
        write(f"who-is {names.target()} tell {names.sender()}")
    elif operation == _REVERSE_REPLY:
        write(f"{names.target()} at {names.target_address()}")
    elif operation == _INVERSE_REPLY:
        write(f"{names.sender()} at {names.sender_address()}")
    else:
        scope.dump(0, captured)
        return
    write(f", length {scope.length}")


class _Names:
    """The four addresses of a message, as text."""

    def __init__(
        self, scope: Scope, settings: Settings, kind: int, protocol: int, size: int, width: int
    ) -> None:
        self.scope = scope
        self.settings = settings
        self.kind = kind
        self.protocol = protocol
        self.size = size
        self.width = width

    def sender(self) -> str:
        return self._hardware(8)

    def target(self) -> str:
        return self._hardware(8 + self.size + self.width)

    def sender_address(self) -> str:
        return self._address(8 + self.size)

    def target_address(self) -> str:
        return self._address(8 + 2 * self.size + self.width)

    def _hardware(self, offset: int) -> str:
        octets = self.scope.octets(offset, self.size)
        if self.kind == _FRAME_RELAY and octets:
            return _circuit(octets)
        return hardware.link(octets, self.settings)

    def _address(self, offset: int) -> str:
        if self.protocol not in (_IPV4, _TRAILER):
            return "<wrong proto type>"
        if self.width != 4:
            return "<wrong len>"
        return self.settings.host(self.scope.octets(offset, 4))


def _circuit(octets: bytes) -> str:
    """A Frame Relay address: its DLCI (Q.922 section 3.2); its last byte is odd."""
    last = next((at for at, octet in enumerate(octets[:4]) if octet & 1), None)
    if last == 0:
        return "<Invalid DLCI>"
    if last is None:
        return "<Invalid DLCI>" if len(octets) >= 4 else "<Truncated>"
    number = (octets[0] & 0xFC) << 2 | octets[1] >> 4
    if last == 3:
        number = number << 7 | octets[2] >> 1
    if last >= 2:
        number = number << 6 | octets[last] >> 2
    return f"DLCI {number}"


def _show_atm(scope: Scope, settings: Settings, captured: int) -> None:
    """ATM ARP (RFC 2225 section 8): addresses of two parts, each with a length of its own."""
    scope.need(0, 12)
    write = scope.write
    kind, protocol, operation = scope.u16(0), scope.u16(2), scope.u16(6)
    number, part, width = scope.u8(4) & 0x3F, scope.u8(5) & 0x3F, scope.u8(8)
    number2, part2, width2 = scope.u8(9) & 0x3F, scope.u8(10) & 0x3F, scope.u8(11)
    sender = 12
    sender_address = sender + number + part
    target = sender_address + width
    target_address = target + number2 + part2
    scope.need(target_address, width2)
    if not settings.link_header:
        write("ARP, ")
    known = protocol in (_IPV4, _TRAILER) and width == 4 and width2 == 4
    if not known or settings.verbose:
        hardware_name = named(_HARDWARE, kind, "Unknown Hardware (%u)")
        protocol_name = named(ETHERTYPES, protocol, "Unknown Protocol (0x%04x)")
        write(f"{hardware_name}, {protocol_name} (len {width}/{width2})")
        if not settings.verbose:
            write(f", length {scope.length}")
            return
        write(", ")
    write(f"{named(_OPERATIONS, operation, 'Unknown (%u)')} ")

    def end_point(at: int, size: int, more: int) -> str:
        if not size:
            return "<No address>"
        text = scope.octets(at, size).hex(":")
        return f"{text},{scope.octets(at + size, more).hex(':')}" if more else text

    def address(at: int, size: int, name: str) -> str:
        if protocol not in (_IPV4, _TRAILER):
            return "<wrong proto type>"
        return settings.host(scope.octets(at, 4)) if size == 4 else f"<wrong {name}>"

    source = address(sender_address, width, "splen")
    if operation == _REQUEST:
        write(f"who-has {address(target_address, width2, 'tplen')}")
        write(f" ({end_point(target, number2, part2)})" if number2 else "")
        write(f" tell {source}")
    elif operation == _REPLY:
        write(f"{source} is-at {end_point(sender, number, part)}")
    elif operation == _INVERSE_REQUEST:
        write(f"who-is {end_point(target, number2, part2)}")
        write(f" tell {end_point(sender, number, part)}")
    elif operation == _INVERSE_REPLY:
        write(f"{end_point(sender, number, part)}at {source}")
    elif operation == _NAK:
        write(f"for {source}")
    else:
        scope.dump(0, captured)
        return
    write(f", length {scope.length}")

"""IEEE 802.2 LLC headers, and the SNAP headers behind some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump import hardware
from netshell.classic.dump.internet import ip
from netshell.classic.dump.links import ethertype
from netshell.classic.dump.numbers import ETHERTYPES, OUIS
from netshell.classic.dump.text import named

if TYPE_CHECKING:
    from netshell.classic.dump.links.link import Ends
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

_UI, _XID = 0x03, 0xAF
_UNNUMBERED = 0x03  # both bits: no sequence numbers, and a control field of one byte
_POLL, _NUMBERED_POLL = 0x10, 0x0100
_XID_FORMAT = 0x81
_SNAP, _STP, _IP, _IPX, _OSI, _GLOBAL = 0xAA, 0x42, 0x06, 0xE0, 0xFE, 0xFF
_POINTS = {
    0x00: "Null",
    _GLOBAL: "Global",
    0x02: "802.1B I",
    0x03: "802.1B G",
    _IP: "IP",
    0x04: "SNA",
    0x0E: "ProWay NM",
    _STP: "STP",
    0x4E: "RS511",
    0x7E: "ISO8208",
    0x8E: "ProWay",
    _SNAP: "SNAP",
    _IPX: "IPX",
    0xF0: "NetBeui",
    _OSI: "OSI",
}
_COMMANDS = {
    _UI: "ui",
    0xE3: "test",
    _XID: "xid",
    0x63: "ua",
    0x43: "disc",
    0x0F: "dm",
    0x6F: "sabme",
    0x87: "frmr",
}
_FLAGS = {
    0: "Command",
    1: "Response",
    _POLL: "Poll",
    1 | _POLL: "Final",
    _NUMBERED_POLL: "Poll",
    1 | _NUMBERED_POLL: "Final",
}
_SUPERVISORY = ("Receiver Ready", "Receiver not Ready", "Reject", "?")
_ETHERNET, _CISCO_BRIDGE, _CISCO, _BRIDGED, _APPLETALK = 0, 0x0000F8, 0x00000C, 0x0080C2, 0x080007
_CISCO_NAMES = {
    0x2000: "CDP",
    0x2003: "VTP",
    0x2004: "DTP",
    0x0111: "UDLD",
    0x010B: "PVST",
    0x010C: "VLAN Bridge",
}
_BRIDGED_NAMES = {
    0x0001: "Ethernet + FCS",
    0x0007: "Ethernet w/o FCS",
    0x0002: "802.4 + FCS",
    0x0008: "802.4 w/o FCS",
    0x0003: "Token Ring + FCS",
    0x0009: "Token Ring w/o FCS",
    0x0004: "FDDI + FCS",
    0x000A: "FDDI w/o FCS",
    0x0005: "802.6 + FCS",
    0x000B: "802.6 w/o FCS",
    0x000E: "BPDU",
}
_NAMES: dict[int, dict[int, str]] = {
    _ETHERNET: ETHERTYPES,
    _CISCO_BRIDGE: ETHERTYPES,
    _APPLETALK: ETHERTYPES,
    _CISCO: _CISCO_NAMES,
    _BRIDGED: _BRIDGED_NAMES,
}
_SNAP_HEADER = 5
_PAD = 2  # before a bridged Ethernet frame: RFC 2684 section 5.2


def show(scope: Scope, captured: int, settings: Settings, state: State, ends: Ends | None) -> int:
    """Write what follows; how long the headers are, negative where nobody knows what follows."""
    scope.page.protocol = "llc"
    write, length = scope.write, scope.length
    if captured < 3 or length < 3:
        return _short(scope, captured)
    to, source, control = scope.u8(0), scope.u8(1), scope.u8(2)
    unnumbered = control & _UNNUMBERED == _UNNUMBERED
    header = 3
    if not unnumbered:
        if captured < 4 or length < 4:
            return _short(scope, captured)
        control |= scope.u8(3) << 8
        header = 4
    if source == to == _GLOBAL:
        if settings.link_header:
            write("IPX 802.3: ")
        from netshell.classic.dump.links import ipx

        ipx.show(scope, settings)
        return 0
    if settings.link_header:
        who = f"LLC, dsap {_POINTS.get(to & ~1, 'Unknown')} (0x{to & ~1:02x}) "
        who += "Group" if to & 1 else "Individual"
        who += f", ssap {_POINTS.get(source & ~1, 'Unknown')} (0x{source & ~1:02x}) "
        who += "Response" if source & 1 else "Command"
        write(f"{who}, ctrl 0x{control:0{2 if unnumbered else 4}x}: ")
    response = source & 1
    to &= ~1
    source &= ~1
    inside = scope.sub(header, length - header)
    captured -= header
    if source == to and control == _UI:
        if source == _SNAP:
            known = show_snap(inside, captured, settings, state, ends)
            return (header + _SNAP_HEADER) * (1 if known else -1)
        if source == _STP:
            from netshell.classic.dump.links import stp

            stp.show(inside, settings)
            return header
        if source == _IP:
            ip.show(inside, settings, state)
            return header
        if source == _IPX:
            if settings.link_header:
                write("IPX 802.2: ")
            from netshell.classic.dump.links import ipx

            ipx.show(inside, settings)
            return header
        if source == _OSI:
            from netshell.classic.dump.links import osi

            osi.show(inside, settings, state)
            return header
    if not settings.link_header:
        _who(scope, source, to, settings, ends)
    if unnumbered:
        return _unnumbered(inside, captured, header, response, control)
    return _numbered(inside, header, response, control)


def _short(scope: Scope, captured: int) -> int:
    """Mark and dump a header that is cut off."""
    scope.truncated()
    scope.dump(0, captured)
    return min(captured, scope.length)


def _who(scope: Scope, source: int, to: int, settings: Settings, ends: Ends | None) -> None:
    """Who sends to whom, where the link header was not written."""
    to_name = named(_POINTS, to, "Unknown DSAP 0x%02x")
    from_text = to_text = ""
    if ends is not None:
        from_text = f"{hardware.ethernet(ends[0], settings)} "
        to_text = f"{hardware.ethernet(ends[1], settings)} "
    if source != to:
        from_text += f"{named(_POINTS, source, 'Unknown SSAP 0x%02x')} "
    arrow = "> " if from_text else ""
    scope.write(f"{from_text}{arrow}{to_text}{to_name} ")


def _unnumbered(inside: Scope, captured: int, header: int, response: int, control: int) -> int:
    """U frames."""
    command = named(_COMMANDS, control & 0xEF, "%02x")
    flags = _FLAGS[response | control & _POLL]
    length = inside.length
    inside.write(f"Unnumbered, {command}, Flags [{flags}], length {length + header}")
    if control & ~_POLL == _XID:
        if length == 0:
            return header
        if captured < 1:
            inside.truncated()
            return header
        if inside.u8(0) == _XID_FORMAT:
            if captured < 3 or length < 3:
                inside.truncated()
                inside.dump(0, captured)
            else:
                inside.write(f": {inside.u8(1):02x} {inside.u8(2):02x}")
            return header
    return -header


def _numbered(inside: Scope, header: int, response: int, control: int) -> int:
    """S and I frames."""
    flags = _FLAGS[response | control & _NUMBERED_POLL]
    end = f"rcv seq {control >> 9 & 0x7F}, Flags [{flags}], length {inside.length + header}"
    if control & 1:
        inside.write(f"Supervisory, {_SUPERVISORY[control >> 2 & 3]}, {end}")
        return header
    inside.write(f"Information, send seq {control >> 1 & 0x7F}, {end}")
    return -header


def show_snap(
    scope: Scope, captured: int, settings: Settings, state: State, ends: Ends | None
) -> bool:
    """Write a SNAP header (RFC 1042) and what follows; False where nobody knows what it is."""
    scope.page.protocol = "snap"
    write, length = scope.write, scope.length
    if not scope.has(0, 5) or captured < 5 or length < 5:
        scope.truncated()
        return True
    vendor, kind = scope.u24(0), scope.u16(3)
    name = _NAMES.get(vendor, {}).get(kind, "Unknown")
    vendor_name = OUIS.get(vendor, "Unknown")
    if settings.link_header:
        what = "pid" if vendor else "ethertype"
        write(f"oui {vendor_name} (0x{vendor:06x}), {what} {name} (0x{kind:04x})")
        write(f", length {length - 5}: ")
    inside = scope.sub(5, length - 5)
    if _snap_carried(inside, vendor, kind, captured - 5, settings, state, ends):
        return True
    if not settings.link_header:
        if ends is not None:
            source = hardware.ethernet(ends[0], settings)
            write(f"{source} > {hardware.ethernet(ends[1], settings)} ")
        if vendor == 0:
            write(f"SNAP, ethertype {name} (0x{kind:04x}), length {length - 5}: ")
        else:
            write(f"SNAP, oui {vendor_name} (0x{vendor:06x}), pid {name} (0x{kind:04x})")
            write(f", length {length - 5}: ")
    return False


def _snap_carried(
    inside: Scope,
    vendor: int,
    kind: int,
    captured: int,
    settings: Settings,
    state: State,
    ends: Ends | None,
) -> bool:
    """Write what is behind a SNAP header; False where nobody knows what it is."""
    if vendor in (_ETHERNET, _CISCO_BRIDGE):
        return ethertype.show(kind, inside, captured, settings, state, ends)
    if vendor == _CISCO:
        if kind == 0x2000:
            from netshell.classic.dump.links import cdp

            cdp.show(inside, settings)
            return True
        if kind in (0x2003, 0x2004, 0x0111):
            from netshell.classic.dump.links import cisco

            show_one = {
                0x2003: cisco.show_vlans,
                0x2004: cisco.show_trunking,
                0x0111: cisco.show_one_way,
            }[kind]
            show_one(inside, settings)
            return True
        if kind in (0x010B, 0x010C):
            from netshell.classic.dump.links import stp

            stp.show(inside, settings)
            return True
    if vendor == _BRIDGED:
        if kind in (1, 7):
            from netshell.classic.dump.links import ethernet

            if not inside.has(0, _PAD):
                inside.truncated()
                return True
            frame = inside.sub(_PAD, inside.length - _PAD)
            ethernet.show(frame, settings, state, captured - _PAD)
            return True
        if kind == 0x0E:
            from netshell.classic.dump.links import stp

            stp.show(inside, settings)
            return True
    return False

"""PPP frames: protocols, authentication (RFC 1661, RFC 1334, RFC 1994), escapes (RFC 1662)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump.internet import ip, ip6
from netshell.classic.dump.text import Scope, bits, escaped, named

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State

PROTOCOLS = {
    0x0021: "IP",
    0x0023: "OSI",
    0x0025: "NS",
    0x0027: "DECNET",
    0x0029: "APPLE",
    0x002B: "IPX",
    0x002D: "VJC IP",
    0x002F: "VJNC IP",
    0x0031: "BRPDU",
    0x0033: "STII",
    0x0035: "VINES",
    0x0281: "MPLS",
    0x0283: "MPLS",
    0x00FD: "Compressed",
    0x003D: "MLPPP",
    0x0057: "IP6",
    0x0201: "HELLO",
    0x0231: "LUXCOM",
    0x0233: "SNS",
    0x8021: "IPCP",
    0x8023: "OSICP",
    0x8025: "NSCP",
    0x8027: "DECNETCP",
    0x8029: "APPLECP",
    0x802B: "IPXCP",
    0x8033: "STIICP",
    0x8035: "VINESCP",
    0x8057: "IP6CP",
    0x8281: "MPLSCP",
    0xC021: "LCP",
    0xC023: "PAP",
    0xC025: "LQM",
    0xC223: "CHAP",
    0xC227: "EAP",
    0xC027: "SPAP",
    0xC123: "Old-SPAP",
    0xC02B: "BACP",
    0xC02D: "BAP",
    0xC03D: "MLPPP-CP",
    0x80FD: "CCP",
}
"""The names of PPP protocol numbers (IANA)."""
_CONTROL = (0xC021, 0x8021, 0x8023, 0x8281, 0x8057, 0x80FD, 0xC02B)
_IPV4 = (0x0021, 0x002F, 0x0800)  # as such, uncompressed by Van Jacobson, and by EtherType
_IPV6 = (0x0057, 0x86DD)
_MULTILINK, _CHAP, _PAP, _BAP = 0x003D, 0xC223, 0xC023, 0xC02D
_DIRECTIONS = {0x0003: "In  ", 0x0103: "Out ", 0xFF03: ""}
_PARTS = {0x80: "begin", 0x40: "end"}
_CHAP_CODES = {
    1: "Challenge",
    2: "Response",
    3: "Success",
    4: "Fail",
}
_PAP_CODES = {
    1: "Auth-Req",
    2: "Auth-ACK",
    3: "Auth-NACK",
}


def show(scope: Scope, settings: Settings, state: State) -> int:
    """Write a frame, with or without address and control field; how long its header is."""
    scope.page.protocol = "ppp"
    length, offset = scope.length, 0
    if length < 2:
        scope.truncated()
        return 0
    first = scope.u16(0)
    if first in _DIRECTIONS:
        if settings.link_header:
            scope.write(_DIRECTIONS[first])
        offset = 2
    if length - offset < 2:
        scope.truncated()
        return 0
    if scope.u8(offset) & 1:  # one byte: RFC 1661 section 6.5
        protocol = scope.u8(offset)
        offset += 1
    else:
        protocol = scope.u16(offset)
        offset += 2
    if settings.link_header:
        name = PROTOCOLS.get(protocol, "unknown")
        scope.write(f"{name} (0x{protocol:04x}), length {length}")
        if name == "unknown":
            return offset
        scope.write(": ")
    _carried(protocol, scope.sub(offset, length - offset), settings, state)
    return offset


def show_link(scope: Scope, settings: Settings, state: State) -> int:
    """Write a packet of DLT_PPP; how long its header is."""
    scope.page.protocol = "ppp"
    if scope.left() < 4:
        scope.truncated()
        return scope.left()
    show(scope, settings, state)
    return 4


def show_serial(scope: Scope, settings: Settings, state: State) -> int:
    """Write a packet of DLT_PPP_SERIAL: PPP in HDLC-like frames."""
    scope.page.protocol = "ppp_hdlc"
    write = scope.write
    if scope.left() < 2 or (scope.left() < 4 and scope.u8(0) not in (0x0F, 0x8F)):
        scope.truncated()
        return scope.left()
    address = scope.u8(0)
    if address in (0x0F, 0x8F):
        from netshell.classic.dump.links import chdlc

        return chdlc.show(scope, settings, state)
    if settings.link_header:
        write(f"{address:02x} {scope.u8(1):02x} {scope.length} ")
    if address != 0xFF:
        write(f"unknown addr {scope.u8(2):02x}; ctrl {scope.u8(3):02x}")
        return 2
    protocol = scope.u16(2)
    write(f"{named(PROTOCOLS, protocol, 'unknown PPP protocol (0x%04x)')}: ")
    _carried(protocol, scope.sub(4, scope.length - 4), settings, state)
    return 4


def _carried(protocol: int, scope: Scope, settings: Settings, state: State) -> None:
    """Write what a frame carries."""
    if protocol & 0xFF00 == 0x7E00:
        _escaped(scope.sub(-1, scope.length), settings, state)
    elif protocol in _CONTROL:
        from netshell.classic.dump.links import ppp_control

        ppp_control.show(scope, protocol, settings)
    elif protocol == _MULTILINK:
        _multilink(scope, settings)
    elif protocol == _CHAP:
        _challenge(scope)
    elif protocol == _PAP:
        _password(scope)
    elif protocol in _IPV4:
        ip.show(scope, settings, state)
    elif protocol in _IPV6:
        ip6.show(scope, settings, state)
    elif protocol in (0x0281, 0x0283):
        from netshell.classic.dump.links import mpls

        mpls.show(scope, settings, state)
    elif protocol == 0x0023:
        from netshell.classic.dump.links import osi

        osi.show(scope, settings, state)
    elif protocol in (0x002B, 0x8137):
        from netshell.classic.dump.links import ipx

        ipx.show(scope, settings)
    elif protocol == 0x00FD:
        scope.write("compressed PPP data")
    elif protocol != _BAP:
        scope.write(f"{named(PROTOCOLS, protocol, 'unknown PPP protocol (0x%04x)')} ")
        scope.unknown("\n\t", 0, scope.length)


def _escaped(scope: Scope, settings: Settings, state: State) -> None:
    """Bytes that came with their escapes: take those out, then guess what is inside."""
    raw = scope.rest()
    if not raw or not scope.length:
        return
    parts = raw.split(b"\x7d")
    plain = parts[0] + b"".join(
        [bytes([part[0] ^ 0x20]) + part[1:] if part else b"" for part in parts[1:]]
    )
    if b"\x7d\x7d" in raw:  # an escaped escape: split() has seen two
        plain = _unescaped(raw)
    inside = Scope(plain, 0, len(plain), len(plain), scope.page)
    if inside.length < 1:
        scope.truncated()
    elif inside.u8(0) == 0x21:
        ip.show(inside.sub(1), settings, state)
    elif inside.u8(0) == 0x57:
        ip6.show(inside.sub(1), settings, state)
    elif inside.length < 2:
        scope.truncated()
    else:
        protocol, offset = inside.u16(0), 2
        if protocol == 0xFF03:
            if inside.length < 4:
                scope.truncated()
                return
            protocol, offset = inside.u16(2), 4
        if protocol & 0xFF00 == 0x7E00:
            scope.write(f"(protocol 0x{protocol:04x} invalid)")
        else:
            _carried(protocol, inside.sub(offset), settings, state)


def _unescaped(raw: bytes) -> bytes:
    plain, offset = bytearray(), 0
    while offset < len(raw):
        octet = raw[offset]
        offset += 1
        if octet == 0x7D:
            if offset >= len(raw):
                break
            octet = raw[offset] ^ 0x20
            offset += 1
        plain.append(octet)
    return bytes(plain)


def _multilink(scope: Scope, settings: Settings) -> None:
    """A part of a packet sent over several links (RFC 1990)."""
    if not settings.link_header:
        scope.write("MLPPP, ")
    if scope.length < 2 or not scope.has(0, 2):
        scope.write("[|mlppp]")
        return
    number = scope.u16(0)
    parts = bits(_PARTS, number >> 8 & 0xC0, "none")
    scope.write(f"seq 0x{number & 0xFFF:03x}, Flags [{parts}], length {scope.length}")


def _text(scope: Scope, offset: int, count: int) -> int:
    """Write characters; where they end."""
    scope.write(escaped(scope.rest(offset, count)))
    scope.need(offset, count)
    return offset + count


def _begin(scope: Scope, name: str, codes: dict[int, str]) -> int:
    """The header of an authentication packet; its code, or 0 where it is cut off."""
    if scope.length < 1:
        scope.write(f"[|{name.lower()}]")
        return 0
    if scope.length < 4:
        scope.write(f"[|{name.lower()} 0x{scope.u8(0):02x}]")
        return 0
    code = scope.u8(0)
    scope.write(f"{name}, {codes.get(code, 'unknown')} (0x{code:02x})")
    scope.write(f", id {scope.u8(1)}")
    scope.u16(2)
    return code


def _challenge(scope: Scope) -> None:
    """CHAP (RFC 1994 section 4)."""
    write, length = scope.write, scope.length
    code = _begin(scope, "CHAP", _CHAP_CODES)
    if code in (1, 2):
        if length < 5 or length - 5 < scope.u8(4):
            return
        size = scope.u8(4)
        write(", Value ")
        write(scope.rest(5, size).hex())
        scope.need(5, size)
        write(", Name ")
        _text(scope, 5 + size, (scope.u16(2) - 5 - size) & 0xFFFFFFFF)
    elif code in (3, 4):
        write(", Msg ")
        _text(scope, 4, (scope.u16(2) - 4) & 0xFFFFFFFF)


def _password(scope: Scope) -> None:
    """PAP (RFC 1334 section 2)."""
    write = scope.write
    code = _begin(scope, "PAP", _PAP_CODES)
    if not code:
        return
    length = scope.u16(2)
    if length > scope.length:
        write(f", length {length} > packet size")
    elif length < 4:
        write(f", length {length} < PAP header length")
    elif code in (1, 2, 3):
        if length < (6 if code == 1 else 5):
            write("[|pap]")
            return
        size = scope.u8(4)
        if length - 5 < size:
            return
        write(", Peer " if code == 1 else ", Msg ")
        offset = _text(scope, 5, size)
        if code == 1 and length - offset >= 1:
            size = scope.u8(offset)
            if length - offset - 1 >= size:
                write(", Name ")
                _text(scope, offset + 1, size)

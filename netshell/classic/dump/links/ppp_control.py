"""PPP's control protocols and their options: LCP, IPCP, IP6CP, CCP, BACP.

RFC 1661, RFC 1332, RFC 1877, RFC 5072, RFC 1962, RFC 2125.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump import hardware
from netshell.classic.dump.links.ppp import PROTOCOLS
from netshell.classic.dump.numbers import OUIS
from netshell.classic.dump.text import named

if TYPE_CHECKING:
    from collections.abc import Callable

    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.text import Scope

_LCP, _IPCP, _IP6CP, _CCP, _BACP = 0xC021, 0x8021, 0x8057, 0x80FD, 0xC02B
_CODES = {
    0: "Vendor-Extension",
    1: "Conf-Request",
    2: "Conf-Ack",
    3: "Conf-Nack",
    4: "Conf-Reject",
    5: "Term-Request",
    6: "Term-Ack",
    7: "Code-Reject",
    8: "Prot-Reject",
    9: "Echo-Request",
    10: "Echo-Reply",
    11: "Disc-Req",
    12: "Ident",
    13: "Time-Rem",
    14: "Reset-Req",
    15: "Reset-Ack",
}
_LCP_OPTIONS = (
    "Vend-Ext",
    "MRU",
    "ACCM",
    "Auth-Prot",
    "Qual-Prot",
    "Magic-Num",
    "deprecated(6)",
    "PFC",
    "ACFC",
    "FCS-Alt",
    "SDP",
    "Num-Mode",
    "deprecated(12)",
    "Call-Back",
    "deprecated(14)",
    "deprecated(15)",
    "deprecated(16)",
    "MRRU",
    "12-Bit seq #",
    "End-Disc",
    "Proprietary",
    "DCE-Id",
    "MP+",
    "Link-Disc",
    "LCP-Auth-Opt",
    "COBS",
    "Prefix-elision",
    "Multilink-header-Form",
    "I18N",
    "SDL-over-SONET/SDH",
    "PPP-Muxing",
)
_IPCP_OPTIONS = {
    1: "IP-Addrs",
    2: "IP-Comp",
    3: "IP-Addr",
    4: "Home-Addr",
    129: "Pri-DNS",
    130: "Pri-NBNS",
    131: "Sec-DNS",
    132: "Sec-NBNS",
}
_CCP_OPTIONS = {
    0: "OUI",
    1: "Pred-1",
    2: "Pred-2",
    3: "Puddle",
    16: "HP-PPC",
    17: "Stac-LZS",
    18: "MPPC",
    19: "Gand-FZA",
    20: "V.42bis",
    21: "BSD-Comp",
    23: "LZS-DCP",
    24: "MVRCA",
    25: "DEC",
    26: "Deflate",
    255: "Reserved",
}
_ALGORITHMS = {
    5: "MD5",
    128: "MS-CHAPv1",
    129: "MS-CHAPv2",
}
_CALLBACKS = {
    0: "UserAuth",
    1: "DialString",
    2: "LocalID",
    3: "E.164",
    4: "X.500",
    6: "CBCP",
}
_COMPRESSIONS = {0x002D: "VJ-Comp", 0x0061: "IP Header Compression"}
_SUBOPTIONS = {1: "RTP-Compression", 2: "Enhanced RTP-Compression"}
_HEADER_COMPRESSION = 14


def show(scope: Scope, protocol: int, settings: Settings) -> None:
    """Write a packet of a control protocol, and with -v its options."""
    write = scope.write
    name = named(PROTOCOLS, protocol, "unknown ctrl-proto (0x%04x)")
    write(f"{name}, ")
    if scope.length < 4 or not scope.has(0, 2):
        write(f"[|{name}]")
        return
    code = scope.u8(0)
    write(f"{_CODES.get(code, 'Unknown Opcode')} (0x{code:02x}), id {scope.u8(1)}")
    write(f", length {scope.length + 2}")
    if not settings.verbose:
        return
    length = scope.u16(2)
    if length < 4:
        write(f"\n\tencoded length {length} (< 4))")
        return
    if length > scope.length:
        write(f"\n\tencoded length {length} (> packet length {scope.length}))")
        return
    write(f"\n\tencoded length {length} (=Option(s) length {length - 4})")
    if length == 4:
        return
    if settings.verbose > 1:
        scope.sub(-2).unknown("\n\t", 0, 6)
    if code in (1, 2, 3, 4):
        _options(scope, protocol, length, settings)
    else:
        _body(scope, code, length, name, settings)


def _body(scope: Scope, code: int, length: int, name: str, settings: Settings) -> None:
    """What packets have that carry no options."""
    write = scope.write
    if code == 0:
        if length >= 11:
            write(f"\n\t  Magic-Num 0x{scope.u32(4):08x}")
            vendor = scope.u24(8)
            write(f" Vendor: {OUIS.get(vendor, 'Unknown')} ({vendor})")
    elif code == 8:
        if length >= 6:
            protocol = scope.u16(4)
            rejected = PROTOCOLS.get(protocol, "unknown")
            write(f"\n\t  Rejected {rejected} Protocol (0x{protocol:04x})")
            if length > 6:
                write("\n\t  Rejected Packet")
                scope.unknown("\n\t    ", 6, length - 2)
    elif code in (9, 10, 11, 12):
        if length >= 8:
            write(f"\n\t  Magic-Num 0x{scope.u32(4):08x}")
            if length > 8 and code == 12:
                write("\n\t  Message\n\t    ")
                if not scope.printable(8, length - 4):
                    write(f"[|{name}]")
            elif length > 8:
                write("\n\t  -----trailing data-----")
                if scope.has(8, length - 8):
                    scope.unknown("\n\t  ", 8, length - 8)
                else:
                    write(f"[|{name}]")
    elif code == 13:
        if length >= 12:
            write(f"\n\t  Magic-Num 0x{scope.u32(4):08x}")
            write(f", Seconds-Remaining {scope.u32(8)}s")
    elif code not in (5, 6, 7) and settings.verbose <= 1:
        scope.sub(-2).unknown("\n\t  ", 0, length + 2)


def _options(scope: Scope, protocol: int, length: int, settings: Settings) -> None:
    """All options of a packet."""
    reader = _READERS.get(protocol)
    if reader is None:
        return
    offset, left = 4, length - 4
    while left:
        # Each option may be as long as the whole packet: tcpdump looks at no more.
        advance = _option(scope.sub(offset, length), protocol, reader, settings)
        if not advance:
            return
        if left < advance:
            scope.write(f" [remaining options length {left} < {advance}]")
            scope.invalid()
            return
        left -= advance
        offset += advance


_BOGUS = " (length bogus, should be {} {})"


def _option(scope: Scope, protocol: int, reader: Reader, settings: Settings) -> int:
    """Write one option; its length, or 0 where the walk ends."""
    write = scope.write
    if scope.length < 2:
        return 0
    if not scope.has(0, 2):
        write(f"[|{_SHORT_NAMES[protocol]}]")
        return 0
    kind, size = scope.u8(0), scope.u8(1)
    if scope.length < size:
        return 0
    names = _OPTION_NAMES[protocol]
    if protocol == _LCP and kind not in names:
        write(f"\n\tunknown LCP option 0x{kind:02x}")
        return size if size >= 2 else 0
    name = names.get(kind, "unknown" if protocol in (_IPCP, _IP6CP) else "Unknown")
    write(f"\n\t  {name} Option (0x{kind:02x}), length {size}")
    if size < 2:
        write(_BOGUS.format(">=", 2))
        return 0
    end = reader(scope.sub(0, size), kind, settings)
    if end is None:
        if settings.verbose < 2:
            scope.unknown("\n\t    ", 2, size - 2)
    elif end >= 0:
        return end
    if settings.verbose > 1:
        # tcpdump dumps from where its reader went on to: that is behind some sub-options.
        shift = 0 if end is None else _GO_ON - end
        scope.unknown("\n\t    ", 2 + shift, size - 2)
    return size


# What an option's reader answers: that it has written it (less for each byte that it went on),
# None where it does not know it, or where to go on behind a complaint.
_GO_ON = -1


def _exactly(option: Scope, size: int, end: int) -> int:
    """_GO_ON where an option has the length it must have; else `end`, behind the complaint."""
    if option.length == size:
        return _GO_ON
    option.write(_BOGUS.format("=", size))
    return end


def _least(option: Scope, size: int, end: int) -> int:
    """As _exactly, but the option may be longer."""
    if option.length >= size:
        return _GO_ON
    option.write(_BOGUS.format(">=", size))
    return end


def _lcp(option: Scope, kind: int, settings: Settings) -> int | None:
    write, size = option.write, option.length
    if kind == 0:
        end = _least(option, 6, size)
        if end == _GO_ON:
            vendor = option.u24(2)
            write(f": Vendor: {OUIS.get(vendor, 'Unknown')} ({vendor})")
        return end
    if kind in (1, 17, 23):
        end = _exactly(option, 4, size if kind == 1 else 0)
        if end == _GO_ON:
            number = option.u16(2)
            write(f": 0x{number:04x}" if kind == 23 else f": {number}")
        return end
    if kind in (2, 5):
        end = _exactly(option, 6, size if kind == 2 else 0)
        if end == _GO_ON:
            write(f": 0x{option.u32(2):08x}")
        return end
    if kind == 3:
        return _authentication(option)
    if kind == 4:
        end = _least(option, 4, 0)
        if end == _GO_ON:
            write(": LQR" if option.u16(2) == 0xC025 else ": unknown")
        return end
    if kind == 13:
        end = _least(option, 3, 0)
        if end == _GO_ON:
            operation = option.u8(2)
            name = _CALLBACKS.get(operation, "Unknown")
            write(f": : Callback Operation {name} ({operation})")
        return end
    if kind == 19:
        return _discriminator(option, settings)
    return _GO_ON if kind in (7, 8) else None


def _authentication(option: Scope) -> int:
    end = _least(option, 4, option.length)
    if end == _GO_ON:
        protocol = option.u16(2)
        option.write(f": {PROTOCOLS.get(protocol, 'Unknown Auth Proto (0x04x)')}")
        if protocol == 0xC223:
            option.write(f", {named(_ALGORITHMS, option.u8(4), 'Unknown Auth Alg %u')}")
        elif protocol not in (0xC023, 0xC227, 0xC027, 0xC123):
            option.unknown("\n\t", 0, option.length)
    return end


def _discriminator(option: Scope, settings: Settings) -> int:
    """Which end point a link leads to (RFC 1990 section 5.1.3)."""
    end = _least(option, 3, 0)
    if end != _GO_ON:
        return end
    kind, write = option.u8(2), option.write
    if kind == 2:
        end = _exactly(option, 7, 0)
        if end == _GO_ON:
            write(f": IPv4 {settings.host(option.octets(3, 4))}")
    elif kind == 3:
        end = _exactly(option, 9, 0)
        if end == _GO_ON:
            write(f": MAC {hardware.ethernet(option.octets(3, 6), settings)}")
    else:
        names = {0: "Null", 1: "Local", 4: "Magic-Num-Block", 5: "PSNDN"}
        write(f": {names.get(kind, f'Unknown class {kind}')}")
    return end


def _ipcp(option: Scope, kind: int, settings: Settings) -> int | None:
    write, host = option.write, settings.host
    if kind == 1:
        end = _exactly(option, 10, option.length)
        if end == _GO_ON:
            write(f": src {host(option.octets(2, 4))}, dst {host(option.octets(6, 4))}")
        return end
    if kind == 2:
        return _compression(option)
    if kind in _IPCP_OPTIONS:
        end = _exactly(option, 6, 0)
        if end == _GO_ON:
            write(f": {host(option.octets(2, 4))}")
        return end
    return None


def _compression(option: Scope) -> int:
    """How IP headers are compressed (RFC 1332 section 3.2, RFC 3544)."""
    write = option.write
    end = _least(option, 4, 0)
    if end != _GO_ON:
        return end
    protocol = option.u16(2)
    write(f": {_COMPRESSIONS.get(protocol, 'Unknown')} (0x{protocol:02x}):")
    if protocol != 0x0061:
        return _GO_ON
    end = _least(option, _HEADER_COMPRESSION, 0)
    if end != _GO_ON:
        return end
    if not option.has(2, _HEADER_COMPRESSION):
        write("[|ipcp]")
        return 0
    tcp, other, period, time, size = (option.u16(offset) for offset in (4, 6, 8, 10, 12))
    write(f"\n\t    TCP Space {tcp}, non-TCP Space {other}")
    write(f", maxPeriod {period}, maxTime {time}, maxHdr {size}")
    left, offset = option.length - _HEADER_COMPRESSION, _HEADER_COMPRESSION
    if left > 0:
        write(f"\n\t      Suboptions, length {left}")
    while left >= 2:
        if not option.has(offset, 2):
            write("[|ipcp]")
            return 0
        kind, span = option.u8(offset), option.u8(offset + 1)
        if not kind or not span:
            break
        write(f"\n\t\t{_SUBOPTIONS.get(kind, 'Unknown')} Suboption #{kind}, length {span}")
        if left < span:
            write(f" [remaining suboptions length {left} < {span}]")
            option.invalid()
            break
        left -= span
        offset += span
    return _GO_ON - (offset if option.length > _HEADER_COMPRESSION else 0)


def _ip6cp(option: Scope, kind: int, settings: Settings) -> int | None:
    if kind != 1:
        return None
    end = _exactly(option, 10, option.length)
    if end == _GO_ON:
        if not option.has(2, 8):
            option.write("[|ip6cp]")
            return 0
        option.write(f": {option.octets(2, 8).hex(':', -2)}")
    return end


def _ccp(option: Scope, kind: int, settings: Settings) -> int | None:
    write = option.write
    if kind not in (21, 24, 26):
        return None
    end = _least(option, 3 if kind == 21 else 4, option.length)
    if end != _GO_ON:
        return end
    first = option.u8(2)
    if kind == 21:
        write(f": Version: {first >> 5}, Dictionary Bits: {first & 0x1F}")
        return end
    second = option.u8(3)
    if kind == 24:
        write(f": Features: {first >> 6}, PxP: {'Enabled' if first & 0x20 else 'Disabled'}")
        write(f", History: {first & 0x1F}, #CTX-ID: {second}")
    else:
        method = "zlib" if first & 0x0F == 8 else "unknown"
        write(f": Window: {first >> 4}K, Method: {method} (0x{first & 0x0F:x})")
        write(f", MBZ: {second >> 2}, CHK: {second & 3}")
    return end


def _bacp(option: Scope, kind: int, settings: Settings) -> int | None:
    if kind != 1:
        return None
    end = _exactly(option, 6, option.length)
    if end == _GO_ON:
        option.write(f": Magic-Num 0x{option.u32(2):08x}")
    return end


if TYPE_CHECKING:
    Reader = Callable[[Scope, int, Settings], int | None]
_READERS: dict[int, Reader] = {
    _LCP: _lcp,
    _IPCP: _ipcp,
    _IP6CP: _ip6cp,
    _CCP: _ccp,
    _BACP: _bacp,
}
_OPTION_NAMES: dict[int, dict[int, str]] = {
    _LCP: dict(enumerate(_LCP_OPTIONS)),
    _IPCP: _IPCP_OPTIONS,
    _IP6CP: {1: "Interface-ID"},
    _CCP: _CCP_OPTIONS,
    _BACP: {1: "Favored-Peer"},
}
_SHORT_NAMES = {_LCP: "lcp", _IPCP: "ipcp", _IP6CP: "ip6cp", _CCP: "ccp", _BACP: "bacp"}

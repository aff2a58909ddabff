"""IPv4 headers (RFC 791), and IP of either version where only the first byte tells which."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from netshell.classic.dump import sums
from netshell.classic.dump.internet import demux
from netshell.classic.dump.numbers import PROTOCOL_WORDS, PROTOCOLS
from netshell.classic.dump.text import Truncated, bits, named

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

HEADER = 20
_HEADER = Struct("!BBHHHBBH4s4s").unpack_from
_OFFSET = 0x1FFF
_MORE = 0x2000
_FLAGS = {_MORE: "+", 0x4000: "DF", 0x8000: "rsvd"}
_ECN = ("", ",ECT(1)", ",ECT(0)", ",CE")
_NAMED_WITH_PORTS = (6, 17, 33, 132)  # these write the addresses themselves
_END, _NOP, _ROUTE, _STAMP, _LOOSE, _STRICT, _ALERT = 0, 1, 7, 68, 131, 137, 148
_OPTIONS = {
    _END: "EOL",
    _NOP: "NOP",
    _STAMP: "timestamp",
    130: "security",
    _ROUTE: "RR",
    _STRICT: "SSRR",
    _LOOSE: "LSRR",
    _ALERT: "RA",
    82: "traceroute",
}
_STAMPS = {0: "TSONLY", 1: "TS+ADDR", 3: "PRESPEC"}


def show(scope: Scope, settings: Settings, state: State) -> None:
    """Write an IPv4 packet and what it carries."""
    scope.page.protocol = "ip"
    version = scope.u8(0) >> 4
    write = scope.write
    if version != 4:
        if version == 6:
            write("IP6, wrong link-layer encapsulation")
        else:
            write(f"IP{version}")
        scope.invalid()
        return
    if not settings.link_header:
        write("IP ")
    if scope.at + HEADER > scope.end:
        scope.truncated()
        return
    if scope.length < HEADER:
        write(f"truncated-ip {scope.length}")
        return
    first, tos, total, ident, fragment, ttl, protocol, _, src, dst = _HEADER(scope.data, scope.at)
    header = (first & 0x0F) * 4
    if header < HEADER:
        write(f"bad-hlen {header}")
        return
    if scope.length < total:
        write(f"truncated-ip - {total - scope.length} bytes missing! ")
    if total < header:
        write(f"bad-len {total}")
        return
    network = scope.cut(0, total)
    if settings.verbose:
        write(f"(tos 0x{tos:x}{_ECN[tos & 3]}")
        if ttl:
            write(f", ttl {ttl}")
        flags = bits(_FLAGS, fragment & ~_OFFSET, "none")
        write(f", id {ident}, offset {(fragment & _OFFSET) * 8}, flags [{flags}]")
        write(f", proto {named(PROTOCOLS, protocol, 'unknown')} ({protocol})")
        write(f", length {scope.u16(2)}")
        if not _verbose_end(network, header, settings):
            write(f"{settings.host(src)} > {settings.host(dst)}: ")
            scope.truncated()
            return
    if fragment & _OFFSET:
        if settings.quiet > 1:
            return
        write(f"{settings.host(src)} > {settings.host(dst)}:")
        word = None if settings.numeric else PROTOCOL_WORDS.get(protocol)
        write(f" {word}" if word else f" ip-proto-{protocol}")
        return
    if protocol not in _NAMED_WITH_PORTS:
        write(f"{settings.host(src)} > {settings.host(dst)}: ")
    if not network.has(0, header):
        write(f" [remaining caplen({network.left()}) < header length({header})]")
        raise Truncated
    payload = network.sub(header, total - header)
    demux.show(payload, settings, state, network, protocol, bool(fragment & _MORE), ttl)


def show_any(scope: Scope, settings: Settings, state: State) -> None:
    """Write a packet of IPv4 or IPv6, by its first byte."""
    scope.page.protocol = "ipn"
    if scope.length < 1:
        scope.write(f"truncated-ip {scope.length}")
        return
    version = scope.u8(0) >> 4
    if version == 4:
        show(scope, settings, state)
    elif version == 6:
        from netshell.classic.dump.internet import ip6

        ip6.show(scope, settings, state)
    else:
        scope.write(f"unknown ip {version}")


def _verbose_end(network: Scope, header: int, settings: Settings) -> bool:
    """Options, checksum and the end of the line; False where the options were cut off."""
    write, whole = network.write, True
    if header > HEADER:
        write(", options (")
        whole = _options(network, header, settings)
        if not whole:
            write(" [truncated-option]")
        write(")")
    if settings.checksums and network.has(0, header):
        found = sums.checksum(network.octets(0, header))
        if found:
            field = network.u16(10)
            write(f", bad cksum {field:x} (->{sums.expected(field, found):x})!")
    write(")\n    ")
    return whole


def _options(network: Scope, header: int, settings: Settings) -> bool:
    """Write the header's options; False where they were cut off by the capture."""
    write, offset, separator = network.write, HEADER, ""
    while offset < header:
        write(separator)
        separator = ","
        kind = network.u8(offset)
        write(named(_OPTIONS, kind, "unknown %u"))
        size = 1
        if kind not in (_NOP, _END):
            size = network.u8(offset + 1)
            if size < 2:
                write(f" [bad length {size}]")
                return True
        if size > header - offset:
            write(f" [bad length {size}]")
            return True
        if not network.has(offset, size):
            return False
        if kind == _END:
            return True
        if kind == _STAMP:
            if not _stamps(network.sub(offset, size), settings):
                return False
        elif kind in (_ROUTE, _STRICT, _LOOSE):
            if not _route(network.sub(offset, size), settings):
                return False
        elif kind == _ALERT:
            if size < 4:
                write(f" [bad length {size}]")
            elif network.u16(offset + 2):
                write(f" value {network.u16(offset + 2)}")
        offset += size
    return True


def _route(option: Scope, settings: Settings) -> bool:
    """Write a route, recorded or to be followed; False where it is cut off."""
    write, size = option.write, option.length
    if size < 3:
        write(f" [bad length {size}]")
        return True
    if (size + 1) & 3:
        write(f" [bad length {size}]")
    pointer = (option.u8(2) - 1) & 0xFFFFFFFF  # one that points nowhere is very large
    if pointer < 3 or (pointer + 1) & 3 or pointer > size + 1:
        write(f" [bad ptr {option.u8(2)}]")
    for place in range(3, size, 4):
        if not option.has(place, 4):
            return False
        write(f" {settings.host(option.octets(place, 4))}")
        if pointer > place:
            write(",")
    return True


def _stamps(option: Scope, settings: Settings) -> bool:
    """Write an internet timestamp option; False where it is cut off."""
    write, size = option.write, option.length
    if size < 4:
        write(f"[bad length {size}]")
        return True
    write(" TS{")
    flags = option.u8(3)
    hop = 8 if flags & 0x0F else 4
    if (size - 4) & (hop - 1):
        write(f"[bad length {size}]")
    pointer = (option.u8(2) - 1) & 0xFFFFFFFF  # one that points nowhere is very large
    if pointer < 4 or (pointer - 4) & (hop - 1) or pointer > size + 1:
        write(f"[bad ptr {option.u8(2)}]")
    place = 0
    if flags & 0x0F not in _STAMPS:
        write(f"[bad ts type {flags & 0x0F}]")
    else:
        write(_STAMPS[flags & 0x0F])
        place = 4
        while place < size:
            if not option.has(place, hop):
                return False
            mark = " ^ " if pointer == place else " "
            host = settings.host(option.octets(place, 4)) if hop == 8 else ""
            write(f"{mark}{option.u32(place + hop - 4)}@{host}")
            place += hop
    write(" ^ " if pointer == place else "")
    write(f" [{flags >> 4} hops not recorded]}} " if flags >> 4 else "}")
    return True

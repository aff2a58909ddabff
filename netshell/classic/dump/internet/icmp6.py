"""ICMPv6 (RFC 4443) with neighbor discovery (RFC 4861) and multicast listeners (RFC 3810)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump import sums
from netshell.classic.dump.internet import listeners
from netshell.classic.dump.text import bits, named

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

PROTOCOL = 58
_UNREACHABLE, _TOO_BIG, _EXCEEDED, _PARAMETER = 1, 2, 3, 4
_REQUEST, _REPLY, _QUERY, _REPORT, _DONE = 128, 129, 130, 131, 132
_RS, _RA, _NS, _NA, _REDIRECT = 133, 134, 135, 136, 137
_RENUMBERING, _NODE_QUERY, _NODE_REPLY, _REPORT2 = 138, 139, 140, 143
_AGENT_REQUEST, _AGENT_REPLY, _PREFIX_REQUEST, _PREFIX_REPLY, _RPL = 144, 145, 146, 147, 155
_NAMES = {
    _UNREACHABLE: "destination unreachable",
    _TOO_BIG: "packet too big",
    _EXCEEDED: "time exceeded in-transit",
    _PARAMETER: "parameter problem",
    _REQUEST: "echo request",
    _REPLY: "echo reply",
    _QUERY: "multicast listener query",
    _REPORT: "multicast listener report",
    _DONE: "multicast listener done",
    _RS: "router solicitation",
    _RA: "router advertisement",
    _NS: "neighbor solicitation",
    _NA: "neighbor advertisement",
    _REDIRECT: "redirect",
    _RENUMBERING: "router renumbering",
    141: "inverse neighbor solicitation",
    142: "inverse neighbor advertisement",
    _REPORT2: "multicast listener report v2",
    _AGENT_REQUEST: "ha discovery request",
    _AGENT_REPLY: "ha discovery reply",
    _PREFIX_REQUEST: "mobile router solicitation",
    _PREFIX_REPLY: "mobile router advertisement",
    _NODE_QUERY: "who-are-you request",
    _NODE_REPLY: "who-are-you reply",
    201: "mtrace message",
    200: "mtrace response",
    _RPL: "RPL",
}
_LENGTH_FIRST = (_RS, _RA, _NS, _NA, _REDIRECT, _AGENT_REPLY, _PREFIX_REPLY)  # with -v
_UNREACHABLES = {
    0: "unreachable route",
    1: " unreachable prohibited",
    2: "beyond scope",
    3: "unreachable address",
    4: "unreachable port",
}
_PARAMETERS = {
    0: "erroneous",
    1: "next header",
    2: "option",
    3: "incomplete header chain",
}
_TRANSPORTS = {6: "tcp", 17: "udp"}
_RA_FLAGS = {0x80: "managed", 0x40: "other stateful", 0x20: "home agent", 0x02: "ipv6 only"}
_NA_FLAGS = {1 << 31: "router", 1 << 30: "solicited", 1 << 29: "override"}
_QUOTED = 8


def show(
    scope: Scope, settings: Settings, state: State, network: Scope, fragmented: bool, ttl: int
) -> None:
    """Write a message."""
    scope.page.protocol = "icmp6"
    write, length = scope.write, scope.length
    if length == 0:
        write("ICMP6, length 0")
        scope.invalid()
        return
    if settings.verbose and not fragmented and scope.has(0, length):
        field = scope.u16(2)
        found = sums.transport(network, scope.octets(0, length), PROTOCOL)
        if found:
            write(f"[bad icmp6 cksum 0x{field:04x} -> 0x{sums.expected(field, found):04x}!] ")
        else:
            write("[icmp6 sum ok] ")
    kind = scope.u8(0)
    write(f"ICMP6, {named(_NAMES, kind, 'unknown icmp6 type (%u)')}")
    if settings.verbose and kind in _LENGTH_FIRST:
        write(f", length {length}")
    code = scope.u8(1)
    if _body(scope, kind, code, settings) and not settings.verbose:
        write(f", length {length}")


def _body(scope: Scope, kind: int, code: int, settings: Settings) -> bool:
    """Write what is in a message; whether its length follows."""
    write = scope.write
    if kind in (_REQUEST, _REPLY):
        write(f", id {scope.u16(4)}, seq {scope.u16(6)}")
    elif kind == _NS:
        write(f", who has {settings.host(scope.octets(8, 16))}")
        return _options(scope, 24, settings)
    elif kind == _NA:
        write(f", tgt is {settings.host(scope.octets(8, 16))}")
        if settings.verbose:
            write(f", Flags [{bits(_NA_FLAGS, scope.u32(4), 'none')}]")
        return _options(scope, 24, settings)
    elif kind == _RS:
        return _options(scope, 8, settings)
    elif kind == _RA:
        if settings.verbose:
            _router(scope)
        return _options(scope, 16, settings)
    elif kind == _REDIRECT:
        write(f", {settings.host(scope.octets(24, 16))}")
        write(f" to {settings.host(scope.octets(8, 16))}")
        return _options(scope, 40, settings)
    elif kind == _UNREACHABLE:
        return _unreachable(scope, code, settings)
    elif kind == _TOO_BIG:
        write(f", mtu {scope.u32(4)}")
    elif kind == _EXCEEDED:
        if code == 0:
            write(f" for {settings.host(scope.octets(_QUOTED + 24, 16))}")
        else:
            write(" (reassembly)" if code == 1 else f", unknown code ({code})")
    elif kind == _PARAMETER:
        if not scope.has(_QUOTED + 24, 16):
            scope.truncated()
            return False
        if code in _PARAMETERS:
            write(f", {_PARAMETERS[code]} - octet {scope.u32(4)}")
        else:
            write(f", code-#{code}")
    elif kind == _QUERY:
        _query(scope, settings)
    elif kind in (_REPORT, _DONE):
        _listener(scope, settings)
    elif kind == _REPORT2:
        _report(scope, settings)
    elif kind in (_PREFIX_REQUEST, _AGENT_REQUEST):
        write(f", id 0x{scope.u16(4):04x}")
    elif kind in (_AGENT_REPLY, _PREFIX_REPLY):
        return _mobile(scope, kind, settings)
    elif kind == _RENUMBERING:
        from netshell.classic.dump.internet import icmp6_rare

        icmp6_rare.show_renumbering(scope, settings)
    elif kind in (_NODE_QUERY, _NODE_REPLY):
        from netshell.classic.dump.internet import icmp6_rare

        icmp6_rare.show_node(scope, settings)
    elif kind == _RPL:
        from netshell.classic.dump.internet import rpl

        rpl.show(scope.sub(4, scope.length - 4), code, settings)
    elif kind not in (141, 142):
        write(f", length {scope.length}")
        if settings.verbose <= 1:
            scope.unknown("\n\t", 0, scope.length)
        return False
    return True


def _options(scope: Scope, offset: int, settings: Settings) -> bool:
    """Write options with -v; False, behind the mark, where they are cut off."""
    if not settings.verbose:
        return True
    from netshell.classic.dump.internet import icmp6_options

    if icmp6_options.show(scope.sub(offset, scope.length - offset), settings):
        return True
    scope.truncated()
    return False


def _router(scope: Scope) -> None:
    """The fields of a router advertisement (RFC 4861 section 4.2, RFC 4191)."""
    from netshell.classic.dump.internet.icmp6_options import PREFERENCES

    flags = scope.u8(5)
    scope.write(
        f"\n\thop limit {scope.u8(4)}, Flags [{bits(_RA_FLAGS, flags, 'none')}]"
        f", pref {PREFERENCES[flags >> 3 & 3]}, router lifetime {scope.u16(6)}s"
        f", reachable time {scope.u32(8)}ms, retrans timer {scope.u32(12)}ms"
    )


def _unreachable(scope: Scope, code: int, settings: Settings) -> bool:
    write, host = scope.write, settings.host
    write(f", {named(_UNREACHABLES, code, 'unknown unreach code (%u)')}")
    if code in (0, 1, 3):
        write(f" {host(scope.octets(_QUOTED + 24, 16))}")
    elif code == 2:
        destination = host(scope.octets(_QUOTED + 24, 16))
        write(f" {destination}, source address {host(scope.octets(_QUOTED + 8, 16))}")
    elif code == 4:
        found = _upper(scope.sub(_QUOTED))
        if found is None:
            scope.truncated()
            return False
        protocol, port = found
        name = f"{_TRANSPORTS[protocol]} port {settings.port(protocol, port)}"
        write(f", {host(scope.octets(_QUOTED + 24, 16))} {name}")
    elif settings.verbose <= 1:
        scope.unknown("\n\t", 0, scope.length)
        return False
    return True


def _upper(quoted: Scope) -> tuple[int, int] | None:
    """Protocol and destination port of the packet that an error is about, if they are there."""
    if not quoted.has(6):
        return None
    following, offset, size = quoted.u8(6), 0, 40
    while quoted.left(offset):
        offset += size
        if following in _TRANSPORTS:
            return (following, quoted.u16(offset + 2)) if quoted.has(offset + 2, 2) else None
        if following in (0, 43, 60):
            if not quoted.has(offset + 1):
                return None
            following, size = quoted.u8(offset), (quoted.u8(offset + 1) + 1) * 8
        elif following == 44:
            if not quoted.has(offset + 2, 2) or quoted.u16(offset + 2) & 0xFFF8:
                return None
            following, size = quoted.u8(offset), 8
        elif following == 51:
            if not quoted.has(offset + 1):
                return None
            following, size = quoted.u8(offset), (quoted.u8(offset + 1) + 2) * 4
        else:
            return None
    return None


def _listener(scope: Scope, settings: Settings) -> None:
    """A message of MLD (RFC 2710)."""
    if scope.has(0, 24):
        delay = f"max resp delay: {scope.u16(4)} "
        scope.write(f"{delay}addr: {settings.host(scope.octets(8, 16))}")


def _query(scope: Scope, settings: Settings) -> None:
    """A query of MLD, version 1 or 2 by its length (RFC 3810 section 8.1)."""
    write, length = scope.write, scope.length
    if length == 24:
        _listener(scope, settings)
        return
    if length < 28:
        write(f" unknown-version (len {length}) ")
        return
    write(" v2")
    delay = scope.u16(4)
    if delay >= 32768:
        delay = (delay & 0x0FFF | 0x1000) << ((delay >> 12 & 7) + 3)
    if settings.verbose:
        write(f" [max resp delay={delay}]")
    write(f" [gaddr {settings.host(scope.octets(8, 16))}")
    if settings.verbose:
        flags = scope.u8(24)
        write(f"{' sflag' if flags & 8 else ''}{f' robustness={flags & 7}' if flags & 7 else ''}")
        interval = scope.u8(25)
        if interval >= 128:
            interval = (interval & 0x0F | 0x10) << ((interval >> 4 & 7) + 3)
        write(f" qqi={interval}")
    listeners.sources_asked(scope, settings, 28, 16)


def _report(scope: Scope, settings: Settings) -> None:
    """A report of MLDv2: what is listened to, a record for each group."""
    if scope.length < 8:
        scope.write(f" [invalid len {scope.length}]")
        return
    listeners.groups(scope, settings, 16, " [v2-report-#%u]")


def _mobile(scope: Scope, kind: int, settings: Settings) -> bool:
    """Replies of mobile IPv6's home agents (RFC 6275 section 6.5), with -v."""
    if not settings.verbose:
        return True
    scope.write(f", id 0x{scope.u16(4):04x}")
    if kind == _AGENT_REPLY:
        for offset in range(8, scope.length, 16):
            scope.write(f", {settings.host(scope.octets(offset, 16))}")
        return True
    flags = scope.u16(6)
    if flags & 0xC000:
        scope.write(f" {'M' if flags & 0x8000 else ''}{'O' if flags & 0x4000 else ''}")
    return _options(scope, 8, settings)

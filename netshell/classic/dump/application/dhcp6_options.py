"""The options of DHCPv6 (RFC 8415 and IANA's list), each in parentheses.

``_OPTIONS`` says what they are called, ``_DATA`` how those are written that tcpdump looks into.
A writer is given where the data begins and its size, all of which is there; it returns False where
what it writes is cut off by its own size.
"""

from __future__ import annotations

from collections.abc import Callable

from netshell.classic.dump.application import dhcp6
from netshell.classic.dump.application.domain_name import name
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope, escaped, named

# fmt: off
_OPTIONS = {
    1: "client-ID", 2: "server-ID", 3: "IA_NA", 4: "IA_TA", 5: "IA_ADDR", 6: "option-request",
    7: "preference", 8: "elapsed-time", 9: "relay-message", 11: "authentication",
    12: "server-unicast", 13: "status-code", 14: "rapid-commit", 15: "user-class",
    16: "vendor-class", 17: "vendor-specific-info", 18: "interface-ID",
    19: "reconfigure-message", 20: "reconfigure-accept", 21: "SIP-servers-domain",
    22: "SIP-servers-address", 23: "DNS-server", 24: "DNS-search-list", 25: "IA_PD",
    26: "IA_PD-prefix", 27: "NIS-server", 28: "NIS+-server", 29: "NIS-domain-name",
    30: "NIS+-domain-name", 31: "SNTP-servers", 32: "lifetime", 33: "BCMCS-domain-name",
    34: "BCMCS-server", 36: "Geoconf-Civic", 37: "Remote-ID", 38: "Subscriber-ID",
    39: "Client-FQDN", 40: "PANA-agent", 41: "POSIX-timezone", 42: "POSIX-tz-database",
    43: "Echo-request-option", 44: "Lease-query", 45: "LQ-client-data", 46: "Clt-time",
    47: "LQ-relay-data", 48: "LQ-client-link", 56: "NTP-server", 64: "AFTR-Name",
    112: "MUD-URL",
}
_STATUS = {
    0: "Success", 1: "UnspecFail", 2: "NoAddrsAvail", 3: "NoBinding", 4: "NotOnLink",
    5: "UseMulticast", 6: "NoPrefixAvail", 7: "UnknownQueryType", 8: "MalformedQuery",
    9: "NotConfigured", 10: "NotAllowed",
}
# fmt: on

Show = Callable[[Scope, Settings, State, int, int], bool]


def show_options(scope: Scope, settings: Settings, state: State, at: int, stop: int) -> None:
    """The options from `at` to `stop`, both offsets in `scope`."""
    while at < stop:
        if stop - at < 4:
            scope.truncated()
            return
        code, size = scope.u16(at), scope.u16(at + 2)
        if stop - at < 4 + size:
            scope.truncated()
            return
        scope.write(f" ({named(_OPTIONS, code, 'opt_%u')}")
        if not scope.has(at + 4, size):
            scope.truncated()
            return
        show = _DATA.get(code)
        if show is not None and not show(scope, settings, state, at + 4, size):
            scope.truncated()
            return
        scope.write(")")
        at += 4 + size


def _unique_id(scope: Scope, settings: Settings, state: State, at: int, size: int) -> bool:
    """A DUID: by link address and time, by enterprise, by link address."""
    kind = scope.u16(at) if size >= 2 else 0
    least = {0: 2, 1: 8, 2: 10, 3: 4}.get(kind, 2)
    if size < least:
        scope.write(" ?")
    elif kind == 1:
        scope.write(f" hwaddr/time type {scope.u16(at + 2)} time {scope.u32(at + 4)} ")
        scope.write(scope.octets(at + 8, size - 8).hex())
    elif kind == 2:
        scope.write(f" vid {scope.octets(at + 2, 8).hex()}")
    elif kind == 3:
        scope.write(f" hwaddr type {scope.u16(at + 2)} {scope.octets(at + 4, size - 4).hex()}")
    else:
        scope.write(f" type {kind}")
    return True


def _exactly(count: int, form: Callable[[int], str]) -> Show:
    """A number of `count` bytes, written by `form`."""

    def show(scope: Scope, settings: Settings, state: State, at: int, size: int) -> bool:
        if size != count:
            scope.write(" ?")
        else:
            scope.write(f" {form(int.from_bytes(scope.octets(at, size), 'big'))}")
        return True

    return show


def _containing(fixed: int, form: Callable[[Scope, Settings, int], str]) -> Show:
    """`fixed` bytes that `form` writes, and options behind them."""

    def show(scope: Scope, settings: Settings, state: State, at: int, size: int) -> bool:
        if size < fixed:
            scope.write(" ?")
        else:
            scope.write(form(scope, settings, at))
            show_options(scope, settings, state, at + fixed, at + size)
        return True

    return show


def _association(scope: Scope, settings: Settings, at: int) -> str:
    return f" IAID:{scope.u32(at)} T1:{scope.u32(at + 4)} T2:{scope.u32(at + 8)}"


def _temporary_association(scope: Scope, settings: Settings, at: int) -> str:
    return f" IAID:{scope.u32(at)}"


def _address(scope: Scope, settings: Settings, at: int) -> str:
    host = settings.host(scope.octets(at, 16))
    return f" {host} pltime:{scope.u32(at + 16)} vltime:{scope.u32(at + 20)}"


def _prefix(scope: Scope, settings: Settings, at: int) -> str:
    host = settings.host(scope.octets(at + 9, 16))
    return f" {host}/{scope.u8(at + 8)} pltime:{scope.u32(at)} vltime:{scope.u32(at + 4)}"


def _lease_query(scope: Scope, settings: Settings, at: int) -> str:
    kind = named({1: "by-address", 2: "by-clientID"}, scope.u8(at), "type_%u")
    return f" {kind} {settings.host(scope.octets(at + 1, 16))}"


def _nothing(scope: Scope, settings: Settings, at: int) -> str:
    return ""


def _requested(scope: Scope, settings: Settings, state: State, at: int, size: int) -> bool:
    """The codes of options that are asked for."""
    if size % 2:
        scope.write(" ?")
    for step in range(at, at + size, 2) if size % 2 == 0 else ():
        scope.write(f" {named(_OPTIONS, scope.u16(step), 'opt_%u')}")
    return True


def _relayed(scope: Scope, settings: Settings, state: State, at: int, size: int) -> bool:
    """A message in the message: its own parenthesis is never closed."""
    scope.write(" (")
    dhcp6.show(scope.cut(at, size), settings, state)
    return True


def _authentication(scope: Scope, settings: Settings, state: State, at: int, size: int) -> bool:
    """RFC 3118: protocol, algorithm, replay detection, and what the protocol adds."""
    if size < 11:
        scope.write(" ?")
        return True
    protocol = scope.u8(at)
    scope.write(
        f" proto: {named({2: 'delayed', 3: 'reconfigure'}, protocol, '%u')}"
        f", alg: {named({1: 'HMAC-MD5'}, scope.u8(at + 1), '%u')}"
        f", RDM: {named({0: 'mono'}, scope.u8(at + 2), '%u')}"
        f", RD: {scope.octets(at + 3, 8).hex(' ', 2)}"
    )
    at, size = at + 11, size - 11
    if protocol == 2 and (not size or size >= 20):
        if size:
            realm = size - 20
            if realm:
                scope.write(f", realm: {scope.octets(at, realm).hex()}")
            at += realm
            scope.write(f", key ID: {scope.u32(at):08x}")
            scope.write(f", HMAC-MD5: {scope.octets(at + 4, 16).hex(' ', 4)}")
    elif protocol == 3 and size == 17:
        kind = {1: " reconfig-key", 2: " type: HMAC-MD5"}.get(scope.u8(at), " type: ??")
        scope.write(f"{kind} value: {scope.octets(at + 1, 16).hex(' ', 4)}")
    else:
        scope.write(" ??")
    return True


def _reconfigure(scope: Scope, settings: Settings, state: State, at: int, size: int) -> bool:
    if size != 1:
        scope.write(" ?")
    else:
        kind = scope.u8(at)
        scope.write(f" for {({5: 'renew', 11: 'inf-req'}).get(kind, f'???({kind:02x})')}")
    return True


def _addresses(scope: Scope, settings: Settings, state: State, at: int, size: int) -> bool:
    if size % 16:
        scope.write(" ?")
        return True
    for step in range(at, at + size, 16):
        scope.write(f" {settings.host(scope.octets(step, 16))}")
    return True


def _names(scope: Scope, settings: Settings, state: State, at: int, size: int) -> bool:
    """Names as DNS has them; a pointer, which none should have, counts from the option's end."""
    stop = at + size
    while at < stop:
        scope.write(" ")
        behind = name(scope, at, stop)
        if behind is None:
            return False
        at = behind
    return True


def _status(scope: Scope, settings: Settings, state: State, at: int, size: int) -> bool:
    if size < 2:
        scope.write(" ?")
    else:
        code = scope.u16(at)
        scope.write(f" {named(_STATUS, code, 'code%u') if code < 256 else 'INVALID code'}")
    return True


def _opaque(fixed: int, form: Callable[[Scope, Settings, int], str]) -> Show:
    """`fixed` bytes that `form` writes, and the first ten of those behind."""

    def show(scope: Scope, settings: Settings, state: State, at: int, size: int) -> bool:
        if size < fixed:
            scope.write(" ?")
        else:
            octets = scope.octets(at + fixed, min(size - fixed, 10))
            scope.write(f" {form(scope, settings, at)}{octets.hex()}...")
        return True

    return show


def _enterprise(scope: Scope, settings: Settings, at: int) -> str:
    return f"{scope.u32(at)} "


def _relay(scope: Scope, settings: Settings, at: int) -> str:
    return f"{settings.host(scope.octets(at, 16))} "


def _time_servers(scope: Scope, settings: Settings, state: State, at: int, size: int) -> bool:
    """RFC 5908: options of its own, addresses or names."""
    if size < 4:
        scope.write(" ?")
        return True
    stop = at + size
    while at < stop - 4:
        code, inner = scope.u16(at), scope.u16(at + 2)
        at += 4
        if at + inner > stop:
            return False
        scope.write(f" subopt:{code}")
        if code in (1, 2) and inner == 16:
            scope.write(f" {settings.host(scope.octets(at, 16))}")
        elif code == 3:
            scope.write(" ")
            if name(scope, at, at + inner) is None:
                return False
        else:
            scope.write(" ?")
        at += inner
    return True


def _tunnel_end(scope: Scope, settings: Settings, state: State, at: int, size: int) -> bool:
    """AFTR-Name (RFC 6334): labels, without compression."""
    if size < 3:
        scope.write(" ?")
        return True
    scope.write(" ")
    left = size
    while left:
        span = scope.u8(at)
        if not span:
            break
        at += 1
        if span >= left - 1:
            scope.write(" ?")
            break
        _padded(scope, at, span)
        at, left = at + span, left - span - 1
        if scope.u8(at):
            scope.write(".")
    return True


def _string(scope: Scope, settings: Settings, state: State, at: int, size: int) -> bool:
    if size < 5:
        scope.write(" ?")
    else:
        scope.write(" ")
        _padded(scope, at, size)
    return True


def _padded(scope: Scope, at: int, size: int) -> None:
    """A text up to a zero, if there is one."""
    scope.write(escaped(scope.octets(at, size).partition(b"\0")[0]))


_number = _exactly(4, str)

_DATA: dict[int, Show] = {
    1: _unique_id,
    2: _unique_id,
    3: _containing(12, _association),
    4: _containing(4, _temporary_association),
    5: _containing(24, _address),
    6: _requested,
    7: _exactly(1, str),
    8: _exactly(2, str),
    9: _relayed,
    11: _authentication,
    13: _status,
    18: _opaque(0, _nothing),
    19: _reconfigure,
    21: _names,
    22: _addresses,
    23: _addresses,
    24: _names,
    25: _containing(12, _association),
    26: _containing(25, _prefix),
    27: _addresses,
    28: _addresses,
    31: _addresses,
    32: _number,
    34: _addresses,
    37: _opaque(4, _enterprise),
    38: _opaque(0, _nothing),
    40: _addresses,
    41: _string,
    42: _string,
    43: _requested,
    44: _containing(17, _lease_query),
    45: _containing(0, _nothing),
    46: _number,
    47: _opaque(16, _relay),
    48: _addresses,
    56: _time_servers,
    64: _tunnel_end,
    112: _string,
}

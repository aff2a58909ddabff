"""The options of neighbor discovery (RFC 4861 section 4.6, RFC 4191, RFC 6275, RFC 8106)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump.application.domain_name import name
from netshell.classic.dump.text import bits, named

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.text import Scope

PREFERENCES = ("medium", "high", "rsv", "low")
"""Of a router or a route, by two bits (RFC 4191 section 2.1)."""
_SOURCE, _TARGET, _PREFIX, _REDIRECTED, _MTU = 1, 2, 3, 4, 5
_INTERVAL, _AGENT, _ROUTE, _SERVERS, _SEARCH = 7, 8, 24, 25, 31
_NAMES = {
    _SOURCE: "source link-address",
    _TARGET: "destination link-address",
    _PREFIX: "prefix info",
    _REDIRECTED: "redirected header",
    _MTU: "mtu",
    _SERVERS: "rdnss",
    _SEARCH: "dnssl",
    _INTERVAL: "advertisement interval",
    _AGENT: "homeagent information",
    _ROUTE: "route info",
}
_PREFIX_FLAGS = {0x80: "onlink", 0x40: "auto", 0x20: "router"}


def show(scope: Scope, settings: Settings) -> bool:
    """Write the options, one a line; False where they are cut off or contradict themselves."""
    offset = 0
    while scope.left(offset):
        if not scope.has(offset + 1):
            return False
        if offset >= scope.length:
            return True
        kind, units = scope.u8(offset), scope.u8(offset + 1)
        size = units * 8
        if units == 0 or not scope.has(offset, size):
            return False
        scope.write(
            f"\n\t  {named(_NAMES, kind, 'unknown')} option ({kind}), length {size} ({units}): "
        )
        if kind == _REDIRECTED:
            scope.unknown("\n\t    ", 0, size)
        elif kind not in _NAMES:
            if settings.verbose <= 1:
                scope.unknown("\n\t  ", offset + 2, size - 2)
                return True
        elif not _one(scope, kind, offset, units, settings):
            return False
        if settings.verbose > 1:
            scope.unknown("\n\t    ", offset + 2, size - 2)
        offset += size
    return True


def _one(scope: Scope, kind: int, offset: int, units: int, settings: Settings) -> bool:
    """Write one option's text; False where it contradicts itself."""
    write, host = scope.write, settings.host
    if kind in (_SOURCE, _TARGET):
        write(scope.octets(offset + 2, units * 8 - 2).hex(":"))
    elif kind == _PREFIX:
        prefix = host(scope.octets(offset + 16, 16))
        flags = bits(_PREFIX_FLAGS, scope.u8(offset + 3), "none")
        write(
            f"{prefix}/{scope.u8(offset + 2)}{'badlen' if units != 4 else ''}"
            f", Flags [{flags}], valid time {_lifetime(scope.u32(offset + 4))}"
        )
        write(f", pref. time {_lifetime(scope.u32(offset + 8))}")
    elif kind == _MTU:
        write(f" {scope.u32(offset + 4)}{'bad option length' if units != 1 else ''}")
    elif kind == _SERVERS:
        write(f" lifetime {scope.u32(offset + 4)}s,")
        for place in range(offset + 8, offset + 8 + (units - 1) // 2 * 16, 16):
            write(f" addr: {host(scope.octets(place, 16))}")
    elif kind == _SEARCH:
        return _domains(scope, offset, units * 8)
    elif kind == _INTERVAL:
        write(f" {scope.u32(offset + 4)}ms")
    elif kind == _AGENT:
        write(f" preference {scope.u16(offset + 4)}, lifetime {scope.u16(offset + 6)}")
    else:
        return _route(scope, offset, units, settings)
    return True


def _domains(scope: Scope, offset: int, size: int) -> bool:
    """Domains to search names in (RFC 8106 section 5.2)."""
    scope.write(f" lifetime {scope.u32(offset + 4)}s, domain(s):")
    place: int | None = offset + 8
    while place is not None and place < offset + size and scope.u8(place):
        scope.write(" ")
        place = name(scope, place)
    return place is not None


def _route(scope: Scope, offset: int, units: int, settings: Settings) -> bool:
    """A route (RFC 4191 section 2.3)."""
    lifetime = _lifetime(scope.u32(offset + 4))
    if units > 3:
        return False
    prefix = scope.octets(offset + 8, units * 8 - 8).ljust(16, b"\0")
    scope.write(f" {settings.host(prefix)}/{scope.u8(offset + 2)}")
    preference = PREFERENCES[scope.u8(offset + 3) >> 3 & 3]
    scope.write(f", pref={preference}, lifetime={lifetime}")
    return True


def _lifetime(seconds: int) -> str:
    return "infinity" if seconds == 0xFFFFFFFF else f"{seconds}s"

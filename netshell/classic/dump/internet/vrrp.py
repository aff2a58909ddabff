"""VRRP, version 2 and 3 (RFC 3768, RFC 5798)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump import sums
from netshell.classic.dump.text import named

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

PROTOCOL = 112
_AUTHENTICATIONS = {0: "none", 1: "simple", 2: "ah"}


def show(
    scope: Scope, settings: Settings, state: State, network: Scope, fragmented: bool, ttl: int
) -> None:
    """Write an advertisement."""
    scope.page.protocol = "vrrp"
    write = scope.write
    write("VRRP")
    version, kind = scope.u8(0) >> 4, scope.u8(0) & 0x0F
    write(f"v{version}, {named({1: 'Advertisement'}, kind, 'unknown type (%u)')}")
    if ttl != 255:
        write(f", (ttl {ttl})")
    if version not in (2, 3) or kind != 1:
        return
    write(f", vrid {scope.u8(1)}, prio {scope.u8(2)}")
    method = 0
    if version == 2:
        method = scope.u8(4)
        write(f", authtype {named(_AUTHENTICATIONS, method)}")
        write(f", intvl {scope.u8(5)}s, length {scope.length}")
    else:
        write(f", intvl {scope.u16(4) & 0x0FFF}cs, length {scope.length}")
    if settings.verbose:
        _details(scope, settings, network, version, method)


def _details(scope: Scope, settings: Settings, network: Scope, version: int, method: int) -> None:
    write, count = scope.write, scope.u8(3)
    if scope.has(0, scope.length):
        octets = scope.octets(0, scope.length)
        wrong = sums.checksum(octets) if version == 2 else sums.transport(network, octets, PROTOCOL)
        if wrong:
            write(f", (bad vrrp cksum {scope.u16(6):x})")
    write(f", addrs({count}):" if count > 1 else ", addrs:")
    width = 4 if network.u8(0) >> 4 == 4 else 16
    offset = 8
    for number in range(count):
        write(f"{',' if number else ' '}{settings.host(scope.octets(offset, width))}")
        offset += width
    if version == 2 and method == 1:
        write(' auth "')
        scope.string(offset, 8)
        write('"')

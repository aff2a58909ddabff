"""UDP datagrams (RFC 768): addresses, lengths that contradict each other, checksums with -vv."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump import sums
from netshell.classic.dump.application import ports

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

HEADER = 8
PROTOCOL = 17
_JUMBO = 65535  # longer ones have no length of their own: RFC 2675


def show(
    scope: Scope, settings: Settings, state: State, network: Scope, fragmented: bool, ttl: int
) -> None:
    """Write a datagram, from the addresses on."""
    scope.page.protocol = "udp"
    write = scope.write
    there = scope.end - scope.at
    if there < 4:
        write(_addresses(network, settings, None))
        scope.truncated()
        return
    sport, dport = scope.u16(0), scope.u16(2)
    write(_addresses(network, settings, (sport, dport)))
    length = scope.length
    if length < HEADER:
        write(f"truncated-udp {length}")
        return
    if there < 6:
        scope.truncated()
        return
    declared = scope.u16(4)
    if declared == 0 and length > _JUMBO:
        declared = length
    if declared < HEADER:
        write(f"truncated-udplength {declared}")
        return
    declared -= HEADER
    length = min(length - HEADER, declared)
    if there < HEADER:
        scope.truncated()
        return
    if settings.verbose and settings.checksums and not fragmented:
        _checksum(scope, settings, network, length)
    if not settings.quiet:
        printer = ports.over_udp(sport, dport)
        if printer is not None:
            state.network = network
            printer(scope.sub(HEADER, length), settings, state)
            return
    if declared > length and not fragmented:
        write(f"UDP, bad length {declared} > {length}")
    else:
        write(f"UDP, length {declared}")


def _addresses(network: Scope, settings: Settings, between: tuple[int, int] | None) -> str:
    """Who sends to whom; only the ports where other headers stand between IP and UDP."""
    data, at = network.data, network.at
    if data[at] >> 4 == 6:
        source, destination = data[at + 8 : at + 24], data[at + 24 : at + 40]
        direct = data[at + 6] == PROTOCOL
    else:
        source, destination = data[at + 12 : at + 16], data[at + 16 : at + 20]
        direct = data[at + 9] == PROTOCOL
    if between is None:
        return f"{settings.host(source)} > {settings.host(destination)}: " if direct else ""
    sport, dport = (settings.port(PROTOCOL, port) for port in between)
    if not direct:
        return f"{sport} > {dport}: "
    return f"{settings.host(source)}.{sport} > {settings.host(destination)}.{dport}: "


def _checksum(scope: Scope, settings: Settings, network: Scope, length: int) -> None:
    """Over IPv4 only with -vv; over IPv6, where there must be one, with -v already."""
    whole = scope.has(HEADER, length)
    field = scope.u16(6)
    if network.data[network.at] >> 4 == 4:
        if settings.verbose < 2:
            return
        if not field:
            scope.write("[no cksum] ")
            return
    if whole:
        found = sums.transport(network, scope.octets(0, HEADER + length), PROTOCOL)
        if found:
            should = sums.expected(field, found)
            scope.write(f"[bad udp cksum 0x{field:04x} -> 0x{should:04x}!] ")
        else:
            scope.write("[udp sum ok] ")

"""What an IP packet carries, by its protocol number: one visible table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from netshell.classic.dump.numbers import PROTOCOL_WORDS, PROTOCOLS

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

Carried = Callable[["Scope", "Settings", "State", "Scope", bool, int], None]
"""A printer of what IP carries: its scope, settings, state, the scope of the IP header, whether
this is the first of several fragments, and the time to live (hop limit)."""

_AH = 51


def show(
    scope: Scope,
    settings: Settings,
    state: State,
    network: Scope,
    protocol: int,
    fragmented: bool,
    ttl: int,
) -> None:
    """Write what a packet carries. An authentication header may stand before it, or several."""
    while protocol == _AH:
        from netshell.classic.dump.internet import ipsec

        if not scope.has(0):
            scope.enter("ah").truncated()
            return
        protocol = scope.u8(0)
        advance = ipsec.show_ah(scope, settings)
        if advance <= 0:
            return
        # The declared length wraps as tcpdump's does: it is written where nothing else is known.
        scope = scope.sub(advance, (scope.length - advance) & 0xFFFFFFFF)
    carried = (_CARRIED or _table()).get(protocol)
    if carried is not None:
        version = network.data[network.at] >> 4
        only = _ONLY.get(protocol, version)
        if version != only:
            scope.write(f"[{PROTOCOLS[protocol]} requires IPv{only}]")
            scope.invalid()
            return
        carried(scope, settings, state, network, fragmented, ttl)
        return
    word = None if settings.numeric else PROTOCOL_WORDS.get(protocol)
    scope.write(f" {word}" if word else f" ip-proto-{protocol}")
    scope.write(f" {scope.length}")


_ONLY = {1: 4, 2: 4, 58: 6, 143: 6}  # ICMP and IGMP are IPv4's, ICMPv6 and Ethernet IPv6's
_CARRIED: dict[int, Carried] = {}


def _table() -> dict[int, Carried]:
    """Protocol number -> printer. Filled at first use: tunnels lead back here."""
    if not _CARRIED:
        from netshell.classic.dump.internet import carried

        _CARRIED.update(carried.CARRIED)
    return _CARRIED

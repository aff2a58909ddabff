"""Which printer shows what an IP packet carries: one visible table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump.internet import (
    dccp,
    gre,
    icmp,
    icmp6,
    igmp,
    ip,
    ip6,
    ipsec,
    routing,
    sctp,
    tcp,
    udp,
    vrrp,
)

if TYPE_CHECKING:
    from netshell.classic.dump.internet.demux import Carried
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope


def _ipv4(
    scope: Scope, settings: Settings, state: State, network: Scope, fragmented: bool, ttl: int
) -> None:
    ip.show(scope, settings, state)


def _ipv6(
    scope: Scope, settings: Settings, state: State, network: Scope, fragmented: bool, ttl: int
) -> None:
    ip6.show(scope, settings, state)


def _ethernet(
    scope: Scope, settings: Settings, state: State, network: Scope, fragmented: bool, ttl: int
) -> None:
    from netshell.classic.dump.links import ethernet

    ethernet.show(scope, settings, state)


def _nothing(
    scope: Scope, settings: Settings, state: State, network: Scope, fragmented: bool, ttl: int
) -> None:
    scope.write("no next header")


def _disk(
    scope: Scope, settings: Settings, state: State, network: Scope, fragmented: bool, ttl: int
) -> None:
    scope.write(f" nd {scope.length}")


CARRIED: dict[int, Carried] = {
    1: icmp.show,
    2: igmp.show,
    4: _ipv4,
    6: tcp.show,
    17: udp.show,
    33: dccp.show,
    41: _ipv6,
    46: routing.show_rsvp,
    47: gre.show,
    50: ipsec.show_esp,
    58: icmp6.show,
    59: _nothing,
    77: _disk,
    88: routing.show_eigrp,
    89: routing.show_ospf,
    103: routing.show_pim,
    108: ipsec.show_compressed,
    112: vrrp.show,
    132: sctp.show,
    143: _ethernet,
}
"""By protocol number (IANA)."""

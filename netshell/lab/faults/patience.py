"""A sender that takes its time before it sends again: the route's least retransmission timeout.

TCP sends again after 200 ms or less on a fast wire. Where a step is to stay as it is while somebody
thinks about it, the route to the other host gets a ``rto_min`` (ip-route(8)) of its own; it holds
for connections that are opened afterwards. Runs inside a host, over rtnetlink(7).
"""

from __future__ import annotations

import ipaddress
import socket
import struct

from netshell.lab import link

_RTM_NEWROUTE = 24
_NLM_F_REPLACE, _NLM_F_CREATE = 0x100, 0x400
_RTA_DST, _RTA_OIF, _RTA_PREFSRC, _RTA_METRICS = 1, 4, 7, 8
_RTAX_LOCK, _RTAX_RTO_MIN = 1, 13  # milliseconds; TCP heeds it only where it is locked
_TABLE_MAIN, _PROTO_KERNEL, _SCOPE_LINK, _UNICAST = 254, 2, 253, 1
_RTMSG = struct.Struct("=BBBBBBBBI")

LONG_MS = 100_000


def wait_long(iface: str, own: str, network: str) -> None:
    """Send again only after :data:`LONG_MS`, to any host of a network ("10.77.0.0/24")."""
    there = ipaddress.ip_network(network)
    head = _RTMSG.pack(
        socket.AF_INET, there.prefixlen, 0, 0, _TABLE_MAIN, _PROTO_KERNEL, _SCOPE_LINK, _UNICAST, 0
    )
    metrics = link.attribute(_RTAX_LOCK, struct.pack("=I", 1 << _RTAX_RTO_MIN))
    metrics += link.attribute(_RTAX_RTO_MIN, struct.pack("=I", LONG_MS))
    body = (
        head
        + link.attribute(_RTA_DST, there.network_address.packed)
        + link.attribute(_RTA_PREFSRC, socket.inet_aton(own))
        + link.attribute(_RTA_OIF, struct.pack("=I", socket.if_nametoindex(iface)))
        + link.attribute(_RTA_METRICS, metrics)
    )
    link.request(_RTM_NEWROUTE, _NLM_F_CREATE | _NLM_F_REPLACE, body)

"""``iface_for``: which interface leads to a host, as the kernel answers for each packet."""

from __future__ import annotations

import dataclasses
from ipaddress import IPv4Address, IPv6Address

from netshell import host as machine
from netshell.errors import BadArgument
from netshell.host.routes import Route
from netshell.lookup.system import addresses, literal_address


def iface_for(
    host: str | IPv4Address | IPv6Address | Route,
    *,
    source: str = "",
    mark: int = 0,
    uid: int | None = None,
) -> Route:
    """The interface, gateway and source address that packets to a host take.

    ``host`` is an address or a name. Of a name, each address is asked
    about: the first that can be reached is the answer, all of them are its
    ``candidates``, and the view says so where they differ. ``source``,
    ``mark`` and ``uid`` are what policy rules may look at besides (Linux).

    The answer's ``str()`` is the interface's name. An address that no route
    leads to, or that a blackhole, unreachable or prohibit route stops, is
    an answer too: its ``iface`` is empty, its ``usable`` false, and its
    ``kind`` says why.

    >>> str(iface_for("127.0.0.1"))
    'lo'
    >>> iface_for("example.org").gateway
    '192.0.2.1'

    Raises NotFound for a name without addresses, BadArgument for a
    link-local IPv6 address that could be on several interfaces (write it
    with its scope: ``fe80::1%eth0``). On Linux the answer is that of
    ``ip route get`` (ip-route(8)).
    """
    if isinstance(host, Route):
        host = host.destination
    if not isinstance(host, str | IPv4Address | IPv6Address) or not str(host).strip():
        raise BadArgument(f"host {host!r}", next_step='use an address or a name: "192.0.2.1"')
    if not isinstance(source, str):
        raise BadArgument(f"source {source!r}", next_step='use an address: "192.0.2.1"')
    literal = literal_address(str(host).strip())
    if literal is not None:
        return machine.find_route(literal, source, mark, uid)
    # A source decides the family: a name's other addresses cannot be reached from it.
    found = addresses(host, (6 if ":" in source else 4) if source else 0)
    routes = tuple(machine.find_route(address, source, mark, uid) for address in found)
    chosen = next((route for route in routes if route.usable), routes[0])
    return dataclasses.replace(chosen, candidates=routes, host=str(host).strip())

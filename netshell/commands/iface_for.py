"""``iface_for``: which interface leads to a host, as the kernel answers for each packet."""

from __future__ import annotations

import dataclasses
from typing import Any

from netshell import host as machine
from netshell.errors import BadArgument
from netshell.host.routes import Route


def iface_for(host: Any, *, source: str = "", mark: int = 0, uid: int | None = None) -> Route:
    """The interface, gateway and source address that packets to a host take.

    ``host`` is an address or a name; of a name each address is asked about, the first that can be
    reached is the answer, and all of them are its ``candidates``. ``source``, ``mark`` and
    ``uid`` are what policy rules may look at besides (Linux).

    The answer's ``str()`` is the interface's name. An address that no route leads to, or that a
    blackhole, unreachable or prohibit route stops, is an answer too: its ``iface`` is empty and
    its ``kind`` says why.

    >>> str(iface_for("127.0.0.1"))
    'lo'

    Raises NotFound for a name without addresses, BadArgument for a link-local IPv6 address that
    could be on several interfaces (write it with its scope: ``fe80::1%eth0``). On Linux the
    answer is that of ``ip route get`` (ip-route(8)).
    """
    if isinstance(host, Route):
        host = host.destination
    if host is None or host == "" or isinstance(host, bool | int):
        raise BadArgument(f"host {host!r}", next_step='use an address or a name: "192.0.2.1"')
    from netshell.lookup.system import addresses

    found = addresses(host)
    routes = tuple(machine.route(address, source, mark, uid) for address in found)
    if len(routes) == 1 and routes[0].destination == str(host):
        return routes[0]
    chosen = next((route for route in routes if route.usable), routes[0])
    return dataclasses.replace(chosen, candidates=routes, host=_name(host, found))


def _name(host: Any, found: tuple[str, ...]) -> str:
    name = str(host).strip()
    return "" if name.strip("[]") in found else name

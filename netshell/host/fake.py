"""A machine given as data: for tests, and for trying a verb on sockets that are not there.

with host.pretend(Fake(sockets=[...], interfaces=[...], routes={"0.0.0.0/0": Route(...)})):
    conns()
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_network

from netshell.errors import BadArgument
from netshell.host.interfaces import Interface
from netshell.host.routes import Route
from netshell.host.sockets import PlainRows, Socket, SocketRows, Wanted


class Fake:
    """A stated world: its sockets, interfaces and routes, by prefix; the longest match answers."""

    def __init__(
        self,
        sockets: Sequence[Socket] = (),
        interfaces: Sequence[Interface] = (),
        routes: Mapping[str, Route] | None = None,
        unseen: int = 0,
    ) -> None:
        self._sockets = sockets
        self._interfaces = list(interfaces)
        table = {ip_network(prefix): route for prefix, route in (routes or {}).items()}
        self._routes = sorted(table.items(), key=lambda item: item[0].prefixlen, reverse=True)
        self._unseen = unseen

    def list_sockets(self, wanted: Wanted) -> SocketRows:
        """Those of the stated sockets that are wanted."""
        kept = [socket for socket in self._sockets if wanted.matches(socket)]
        return PlainRows(kept, self._unseen, denied=self._unseen > 0)

    def list_interfaces(self) -> list[Interface]:
        """The stated interfaces."""
        return list(self._interfaces)

    def find_route(
        self, address: str, source: str = "", mark: int = 0, uid: int | None = None
    ) -> Route:
        """The stated route of the longest prefix that holds the address, else kind "none".

        Raises BadArgument for what is no address.
        """
        try:
            ip = ip_address(address.partition("%")[0])
        except ValueError:
            raise BadArgument("not an address", where=repr(address)) from None
        for link in self._interfaces:
            if address in {each.address for each in link.addresses}:
                loopback = next((each for each in self._interfaces if each.loopback), link)
                return Route(
                    address, loopback.name, address, mtu=loopback.mtu, kind="local", on_link=True
                )
        for network, route in self._routes:
            if ip.version == network.version and ip in network:
                return dataclasses.replace(route, destination=address)
        return Route(address, "", kind="none")

    def interface_names(self) -> list[str]:
        """The stated interfaces' names."""
        return [interface.name for interface in self._interfaces]

    def addresses(self) -> list[str]:
        """The stated interfaces' addresses."""
        return [each.address for link in self._interfaces for each in link.addresses]

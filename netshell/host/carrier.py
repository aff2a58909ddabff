"""Which interface carries a socket: the step people do by hand, from the address to the interface.

A socket is carried by the interface that has its local address, with these exceptions, in order:
bound to an interface (SO_BINDTODEVICE, or a link-local peer) by that one; bound to any address, by
all of them ("*"); between two addresses of this machine, by loopback; and where the address leaves
it open (it lives on loopback, on several interfaces, or on none), by the kernel's route to the
peer. The portable back end shares this; only where the table and the route come from differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from netshell.host.sockets import ANYWHERE


class Carriers:
    """The addresses of this machine at one moment, and what they say about sockets."""

    def __init__(
        self,
        addresses: Iterable[tuple[str, str]],
        names: Mapping[int, str],
        loopback: str,
        route: Callable[[str, str], str],
    ) -> None:
        """``addresses`` are pairs of address and interface; ``names`` are by index; ``route``
        answers (peer, local address) with an interface's name, "" if nothing leads there."""
        self._by_address: dict[str, set[str]] = {}
        for address, iface in addresses:
            self._by_address.setdefault(address, set()).add(iface)
        self._names = names
        self._loopback = loopback
        self._route = route
        self.known: dict[tuple[str, str], str] = {}
        """Answers so far, by local and remote address, of sockets that are not bound."""

    def __call__(self, local: str, remote: str, bound: int = 0) -> str:
        """The interface's name; "*" for any, "" if it cannot be known.

        ``local`` and ``remote`` are addresses as text (``remote`` "*" without a peer); ``bound``
        is the index of the interface that the socket is bound to, or 0.
        """
        if bound:
            return self._names.get(bound, str(bound))
        name = self.known.get((local, remote))
        if name is None:
            name = self.known[local, remote] = self._find(local, remote)
        return name

    def _find(self, local: str, remote: str) -> str:
        if local in ANYWHERE and remote == "*":
            return "*"
        if self._own(remote) and (self._own(local) or local in ANYWHERE):
            return self._loopback
        holders = self._by_address.get(local, ())
        if len(holders) == 1:
            (name,) = holders
            if name != self._loopback or remote == "*":
                return name
        elif local.startswith("127."):
            return self._loopback
        return self._route(remote, local) if remote != "*" else ""

    def _own(self, address: str) -> bool:
        return address in self._by_address or address.startswith("127.")

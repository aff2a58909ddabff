"""What a route is here: the kernel's answer to "how would a packet get there", for one address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from netshell.results import Result
from netshell.view import Block, Cell, Column, Note, Span, Table

Kind = Literal[
    "unicast",
    "local",
    "broadcast",
    "anycast",
    "multicast",
    "blackhole",
    "unreachable",
    "prohibit",
    "throw",
    "nat",
    "none",
]
"""ip-route(8)'s types, and "none" where no route matches."""

REFUSALS: dict[str, str] = {
    "blackhole": "a blackhole route: packets are dropped without a word",
    "unreachable": "an unreachable route: packets are refused (host unreachable)",
    "prohibit": "a prohibit route: packets are refused (administratively prohibited)",
    "none": "no route: the network is unreachable",
}
"""The kinds that lead nowhere, and what happens to a packet."""

KINDS: dict[str, str] = {
    "unicast": "the usual one, to a host directly or through a gateway",
    "local": "to an address of this machine itself",
    "broadcast": "to all hosts of a link at once",
    "anycast": "to an address that several machines have",
    "multicast": "to a group of hosts",
    "throw": "this table has no answer, and the next rule's table is asked",
    "nat": "to an address that is translated (not in today's kernels)",
}
"""The kinds that lead somewhere, or on."""

_COLUMNS = (
    Column("destination", shrink=True, least=15),
    Column("interface", shrink=True, least=15),
    Column("source", keep=1, shrink=True, least=15),
    Column("gateway", shrink=True, least=15),
    Column("table", keep=2),
    Column("mtu", "right", keep=3),
)


class Hop(NamedTuple):
    """One of several ways that a multipath route spreads its traffic over."""

    iface: str
    gateway: str
    weight: int

    def __str__(self) -> str:
        via = f"via {self.gateway} " if self.gateway else ""
        return f"{via}dev {self.iface} weight {self.weight}"


@dataclass(frozen=True, slots=True, repr=False)
class Route(Result):
    """Where packets to one address go. ``str()`` is the interface's name.

    A route that leads nowhere (``kind`` "blackhole", "unreachable", "prohibit" or "none") has no
    ``iface``; its ``str()`` is its kind, which is no interface's name.
    """

    destination: str
    """The address asked about."""
    iface: str
    source: str = ""
    """The address that a socket gets if it does not choose one."""
    gateway: str = ""
    """The next hop's address (of either family); "" if the destination is on the link."""
    table: str = ""
    """The routing table that answered, by name ("main", "local") or number."""
    mtu: int = 0
    """The largest packet, by the route if it sets one, else by the interface; 0 unknown."""
    candidates: tuple[Route, ...] = ()
    """Of a name: the answer for each of its addresses, in the order they would be tried."""
    kind: Kind = "unicast"
    on_link: bool = False
    """Whether the destination is reached without a gateway."""
    metric: int = 0
    """The route's priority: lower wins; 0 is the highest."""
    prefix: str = ""
    """The entry of the table that matched, such as "10.0.0.0/8" or "default"."""
    hops: tuple[Hop, ...] = ()
    """All ways of a multipath route; the one taken depends on the packet."""
    host: str = ""
    """The name asked about; "" if it was an address."""

    @property
    def usable(self) -> bool:
        """Whether a packet would leave (or stay on loopback) rather than be refused or dropped."""
        return bool(self.iface)

    def __str__(self) -> str:
        return self.iface or self.kind

    def __repr__(self) -> str:
        return Result.__str__(self)

    def view(self) -> Sequence[Block]:
        rows = self.candidates or (self,)
        table = Table(_COLUMNS, [_row(route) for route in rows], title=self.host)
        return (table, *self._notes(rows))

    def _notes(self, rows: Sequence[Route]) -> list[Note]:
        notes = []
        ways: dict[str, list[str]] = {}
        for route in rows:
            ways.setdefault(str(route), []).append(route.destination)
        if len(ways) > 1:
            parts = (f"{way} to {', '.join(found)}" for way, found in ways.items())
            notes.append(Note(f"The answers differ: {'; '.join(parts)}.", "warn"))
        for kind in dict.fromkeys(route.kind for route in rows if route.kind in REFUSALS):
            to = ", ".join(route.destination for route in rows if route.kind == kind)
            notes.append(Note(f"{to}: {REFUSALS[kind]}.", "bad"))
        for hops in dict.fromkeys(route.hops for route in rows if route.hops):
            ways_out = "; ".join(map(str, hops))
            notes.append(Note(f"One of {len(hops)} ways, chosen per flow: {ways_out}."))
        return notes


def _row(route: Route) -> list[Cell]:
    way: Cell = route.iface if route.usable else Span(route.kind, "bad")
    gateway = route.gateway
    if not gateway and route.usable:
        gateway = "this machine" if route.kind == "local" else "on link"
    mtu = str(route.mtu) if route.mtu else ""
    return [route.destination, way, route.source, gateway, route.table, mtu]

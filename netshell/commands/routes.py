"""The routing table as a result."""

from __future__ import annotations

from collections.abc import Sequence

from netshell.host.procnet import TableRoute
from netshell.results import Records
from netshell.view import Cell, Column


class RouteTable(Records[TableRoute]):
    """The main routing table: where packets go if no rule says otherwise."""

    heads = (
        Column("destination", shrink=True, least=15),
        Column("gateway", shrink=True, least=15),
        Column("interface", shrink=True, least=15),
        Column("metric", "right", keep=1),
    )
    empty = "no routes"
    called = "routes"

    def row(self, record: TableRoute) -> Sequence[Cell]:
        to = f"{record.destination}/{record.prefix}"
        return to, record.gateway, record.iface, str(record.metric)

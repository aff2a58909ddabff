"""``ifaces``: the interfaces of this machine, their addresses and what passed through them."""

from __future__ import annotations

from collections.abc import Sequence

from netshell import host
from netshell.errors import BadArgument, NotFound
from netshell.host.interfaces import Interface
from netshell.results import Records
from netshell.view import Block, Cell, Column, Lines, Span, Table

_COUNTERS = (
    Column(""),
    Column("bytes", "right"),
    Column("packets", "right"),
    Column("errors", "right"),
    Column("dropped", "right"),
)


class Interfaces(Records[Interface]):
    """Interfaces as a table, one line an address; a single one also with its counters."""

    heads = (
        Column("interface", shrink=True, least=15),
        Column("state"),
        Column("address", shrink=True, least=43),
        Column("mac", keep=2),
        Column("mtu", "right", keep=1),
        Column("rx", "right", keep=3),
        Column("tx", "right", keep=3),
        Column("errors", "right", keep=5),
        Column("dropped", "right", keep=5),
        Column("kind", keep=4, shrink=True),
    )
    empty = "no interfaces"
    called = "interfaces"

    def row(self, record: Interface) -> Sequence[Cell]:
        counted = record.counters
        return (
            Span(record.name, "key"),
            _state(record),
            str(record.addresses[0]) if record.addresses else "",
            record.mac,
            str(record.mtu),
            size(counted.rx_bytes),
            size(counted.tx_bytes),
            str(counted.rx_errors + counted.tx_errors),
            str(counted.rx_dropped + counted.tx_dropped),
            record.kind,
        )

    def view(self) -> Sequence[Block]:
        rows: list[Sequence[Cell]] = []
        for record in self:
            rows.append(self.row(record))
            blank = [""] * (len(self.heads) - 3)
            rows += [["", "", str(address), *blank] for address in record.addresses[1:]]
        if len(self) != 1:
            return (Table(self.heads, rows, empty=self.empty),)
        # One interface has room for everything: the counters as a table of their own.
        table = Table(self.heads[:5], [row[:5] for row in rows])
        return (table, *_details(self[0]))


def _details(interface: Interface) -> Sequence[Block]:
    counted = interface.counters
    lines: list[list[Cell]] = [[Span("flags  ", "quiet"), ", ".join(interface.flags)]]
    if interface.kind:
        lines.append([Span("kind   ", "quiet"), interface.kind])
    if interface.master:
        lines.append([Span("part of  ", "quiet"), interface.master])
    received = (
        counted.rx_bytes,
        counted.rx_packets,
        counted.rx_errors,
        counted.rx_dropped,
    )
    sent = (counted.tx_bytes, counted.tx_packets, counted.tx_errors, counted.tx_dropped)
    counters = Table(
        _COUNTERS,
        [["received", *map(str, received)], ["sent", *map(str, sent)]],
    )
    return (Lines(lines), counters)


def ifaces(name: str | None = None) -> Interfaces:
    """The interfaces, or one of them: addresses, MAC, MTU and counters.

    >>> ifaces("lo")[0].mtu > 0
    True

    Raises NotFound for a name that no interface has, naming those there are.
    """
    if name is not None and not isinstance(name, str):
        raise BadArgument(f"interface {name!r}", why="not a name", next_step='as in ifaces("lo")')
    found = host.list_interfaces()
    if name is None:
        return Interfaces(found)
    chosen = [interface for interface in found if interface.name == name]
    if not chosen:
        names = ", ".join(interface.name for interface in found) or "none"
        raise NotFound(f"no interface {name!r}", next_step=f"there are {names}")
    return Interfaces(chosen)


def size(count: int) -> str:
    """A byte count in at most seven cells, in powers of 1000.

    >>> size(999), size(1234567)
    ('999 B', '1.23 MB')
    """
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB", "PB", "EB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{count} B" if unit == "B" else f"{value:.3g} {unit}"


def _state(interface: Interface) -> Span:
    if "UP" not in interface.flags:
        return Span("down", "quiet")
    if interface.up:
        return Span("up", "good")
    return Span(interface.state or "no link", "warn")

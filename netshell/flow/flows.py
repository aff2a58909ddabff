"""Flows as users hold them: records made when they are looked at, over the columns of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from netshell.errors import BadArgument
from netshell.flow.flow import KNOWN_BY, Flow
from netshell.flow.key import Endpoint
from netshell.flow.source import Source
from netshell.flow.table import NEVER, FlowColumns
from netshell.packet.ip import PROTOCOLS, address_text, protocol_name
from netshell.packet.tcp import Flags, flags_text
from netshell.results import Data, Records
from netshell.view import Block, Cell, Column, Note, Table

SHOWN = 40  # flows a table shows of itself when it has more

_ORDERS = ("bytes", "packets", "start", "duration", "rtt")


class FlowRows(Sequence[Flow]):
    """Chosen rows of flow columns as records, each made when it is asked for."""

    def __init__(self, columns: FlowColumns, source: Source, chosen: NDArray[np.intp]) -> None:
        self.columns = columns
        self.source = source
        self.chosen = chosen

    def __len__(self) -> int:
        return len(self.chosen)

    def __iter__(self) -> Iterator[Flow]:
        return map(self._flow, self.chosen.tolist())

    @overload
    def __getitem__(self, index: int) -> Flow: ...
    @overload
    def __getitem__(self, index: slice) -> FlowRows: ...
    def __getitem__(self, index: int | slice) -> Flow | FlowRows:
        if isinstance(index, slice):
            return self.taken(self.chosen[index])
        return self._flow(int(self.chosen[index]))

    def taken(self, chosen: NDArray[np.intp]) -> FlowRows:
        """The same columns, other rows of them."""
        return FlowRows(self.columns, self.source, chosen)

    def _flow(self, row: int) -> Flow:
        columns = self.columns
        proto = int(columns.proto[row])
        syn, answer, ack = (
            None if value == NEVER else int(value)
            for value in (columns.syn_ns[row], columns.syn_ack_ns[row], columns.ack_ns[row])
        )
        is_tcp = proto == 6 and columns.client_port[row] >= 0
        start = int(columns.first_ns[row])
        return Flow(
            number=row,
            proto=_proto_name(proto),
            client=_endpoint(columns.client[row], columns.client_port[row]),
            server=_endpoint(columns.server[row], columns.server_port[row]),
            known_by=KNOWN_BY[columns.known_by[row]],
            client_packets=int(columns.packets_out[row]),
            server_packets=int(columns.packets_back[row]),
            client_bytes=int(columns.bytes_out[row]),
            server_bytes=int(columns.bytes_back[row]),
            start_ns=start,
            duration_s=(int(columns.last_ns[row]) - start) / 1e9,
            client_flags=Flags(int(columns.flags_out[row])) if is_tcp else None,
            server_flags=Flags(int(columns.flags_back[row])) if is_tcp else None,
            handshake_rtt_ms=_apart_ms(syn, ack),
            server_rtt_ms=_apart_ms(syn, answer),
            client_rtt_ms=_apart_ms(answer, ack),
            source=self.source,
        )


class Flows(Records[Flow]):
    """Conversations, in the order of their first packets.

    >>> cap.flows[0]
    >>> cap.flows.top(10)
    >>> cap.flows.where(port=443, host="10.0.0.0/8")
    """

    heads = (
        Column("#", "right", keep=2),
        Column("proto"),
        Column("client", shrink=True, least=18, tail=6),
        Column("server", shrink=True, least=18, tail=6),
        Column("packets", "right"),
        Column("bytes", "right"),
        Column("sent", "right", keep=4),
        Column("received", "right", keep=4),
        Column("duration", "right", keep=1),
        Column("rtt", "right", keep=3),
        Column("flags", keep=5),
        Column("known by", keep=6),
    )
    empty = "no flows"
    called = "flows"
    table_name = "flows"

    def row(self, record: Flow) -> Sequence[Cell]:
        rtt = record.handshake_rtt_ms
        return (
            str(record.number),
            record.proto,
            str(record.client),
            str(record.server),
            f"{record.packets:,}",
            f"{record.bytes:,}",
            f"{record.client_bytes:,}",
            f"{record.server_bytes:,}",
            f"{record.duration_s:.3f} s",
            "" if rtt is None else f"{rtt:.3g} ms",
            "" if record.flags is None else str(record.flags),
            record.known_by,
        )

    def view(self) -> Sequence[Block]:
        shown = [self.row(record) for record in self._rows[:SHOWN]]
        blocks: list[Block] = [Table(self.heads, shown, empty=self.empty)]
        if len(self) > SHOWN:
            left = len(self) - SHOWN
            blocks.append(Note(f"… {left:,} flows left out; [a:b], .top(n) and .where() choose"))
        return (*blocks, *self.notes())

    def data(self) -> Iterator[Mapping[str, Data]] | None:
        rows = self._rows
        return iter([_fields(rows.columns, rows.chosen)]) if isinstance(rows, FlowRows) else None

    def top(self, count: int = 10, by: str = "bytes") -> Flows:
        """The ``count`` greatest by "bytes" (default), "packets", "duration", "rtt" or "start".

        >>> cap.flows.top(5, by="packets")

        Raises BadArgument for another order.
        """
        if count < 0:
            raise BadArgument("bad count", where=str(count), next_step="use 0 flows or more")
        rows = self._table
        order = np.argsort(-_order(rows.columns, by)[rows.chosen], kind="stable")
        return Flows(rows.taken(rows.chosen[order[:count]]))

    def sort(self, by: str = "start", reverse: bool = False) -> Flows:
        """All of them, the smallest first, by one of the orders that :meth:`top` knows.

        >>> cap.flows.sort("duration", reverse=True)
        """
        rows = self._table
        key = _order(rows.columns, by)[rows.chosen]
        return Flows(rows.taken(rows.chosen[np.argsort(-key if reverse else key, kind="stable")]))

    def where(
        self,
        port: int | None = None,
        host: str | None = None,
        proto: str | int | None = None,
        known_by: str | None = None,
    ) -> Flows:
        """Those with a port, an address or network at either end, a protocol ("tcp", 17).

        >>> cap.flows.where(port=443, proto="tcp")

        Raises BadArgument for a value that cannot be meant.
        """
        rows = self._table
        columns = rows.columns
        mask = np.ones(len(columns), np.bool_)
        if port is not None:
            if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port < 65536:
                raise BadArgument(f"port {port!r}", next_step="use a number from 0 to 65535")
            mask &= (columns.client_port == port) | (columns.server_port == port)
        if host is not None:
            mask &= _within(columns, host)
        if proto is not None:
            mask &= columns.proto == _number(proto)
        if known_by is not None:
            if known_by not in KNOWN_BY:
                raise BadArgument(
                    f"known_by {known_by!r}", next_step=f"one of {', '.join(map(repr, KNOWN_BY))}"
                )
            mask &= columns.known_by == KNOWN_BY.index(known_by)
        return Flows(rows.taken(rows.chosen[mask[rows.chosen]]))

    @property
    def _table(self) -> FlowRows:
        """The rows as columns; flows picked by hand have none."""
        if not isinstance(self._rows, FlowRows):
            raise BadArgument("these flows have no table", next_step="use the capture's .flows")
        return self._rows


def flows_of(columns: FlowColumns, source: Source) -> Flows:
    """All flows of a table; ``source`` gives the packets again when a flow's are wanted."""
    return Flows(FlowRows(columns, source, np.arange(len(columns))))


def _fields(columns: FlowColumns, chosen: NDArray[np.intp]) -> dict[str, Data]:
    """The fields of :class:`Flow` as arrays."""
    found = {name: getattr(columns, name)[chosen] for name in FlowColumns.__slots__}
    no_flags = (found["proto"] != 6) | (found["client_port"] < 0)

    def coded(values: NDArray[Any], text: Callable[[int], str], missing: Any = None) -> Data:
        kinds, codes = np.unique(values, return_inverse=True)
        return Data(codes.astype(np.int32), missing, [text(kind) for kind in kinds.tolist()])

    def addresses(values: NDArray[np.uint8]) -> Data:
        packed = np.ascontiguousarray(values).view("V16").ravel()
        return coded(packed, lambda value: address_text(bytes(value)))

    def apart(earlier: str, later: str) -> Data:
        missing = (found[earlier] == NEVER) | (found[later] == NEVER)
        return Data(np.where(missing, 0, found[later] - found[earlier]) / 1e6, missing)

    return {
        "number": Data(chosen),
        "proto": coded(found["proto"], _proto_name),
        "client_address": addresses(found["client"]),
        "client_port": Data(np.maximum(found["client_port"], 0)),
        "server_address": addresses(found["server"]),
        "server_port": Data(np.maximum(found["server_port"], 0)),
        "known_by": Data(found["known_by"].astype(np.int32), texts=KNOWN_BY),
        "client_packets": Data(found["packets_out"]),
        "server_packets": Data(found["packets_back"]),
        "client_bytes": Data(found["bytes_out"]),
        "server_bytes": Data(found["bytes_back"]),
        "start": Data(found["first_ns"], is_time=True),
        "duration_s": Data((found["last_ns"] - found["first_ns"]) / 1e9),
        "client_flags": coded(found["flags_out"], flags_text, no_flags),
        "server_flags": coded(found["flags_back"], flags_text, no_flags),
        "handshake_rtt_ms": apart("syn_ns", "ack_ns"),
        "server_rtt_ms": apart("syn_ns", "syn_ack_ns"),
        "client_rtt_ms": apart("syn_ack_ns", "ack_ns"),
    }


def _endpoint(address: NDArray[np.uint8], port: Any) -> Endpoint:
    return Endpoint(address_text(address.tobytes()), max(int(port), 0))


def _apart_ms(earlier: int | None, later: int | None) -> float | None:
    return None if earlier is None or later is None else (later - earlier) / 1e6


def _order(columns: FlowColumns, by: str) -> NDArray[Any]:
    if by == "bytes":
        return columns.bytes_out + columns.bytes_back
    if by == "packets":
        return columns.packets
    if by == "start":
        return columns.first_ns
    if by == "duration":
        return columns.last_ns - columns.first_ns
    if by == "rtt":
        seen = (columns.syn_ns != NEVER) & (columns.ack_ns != NEVER)
        return np.where(seen, columns.ack_ns - columns.syn_ns, -1)
    raise BadArgument(f"order {by!r}", next_step=f"one of {', '.join(_ORDERS)}")


def _proto_name(number: int) -> str:
    return protocol_name(number).lower() if number >= 0 else "ip"


def _number(proto: str | int) -> int:
    if isinstance(proto, int) and not isinstance(proto, bool):
        return proto
    for number, name in PROTOCOLS.items():
        if isinstance(proto, str) and name.lower() == proto.lower():
            return number
    raise BadArgument(
        f"protocol {proto!r}", next_step='a number, or a name such as "tcp", "udp", "icmp"'
    )


def _within(columns: FlowColumns, host: str) -> NDArray[np.bool_]:
    """Which flows have an end in an address or a network."""
    try:
        network = ip_network(str(host), strict=False)
    except ValueError as error:
        raise BadArgument(
            f"host {host!r}",
            why=str(error),
            next_step='use an address or a network: "10.0.0.1", "10.0.0.0/8"',
        ) from error
    wanted, mask = _octets(network.network_address), _octets(network.netmask)
    if isinstance(network, IPv4Network):
        mask[:12] = 0xFF
    found = np.zeros(len(columns), np.bool_)
    for ends in (columns.client, columns.server):
        found |= (ends & mask == wanted).all(axis=1)
    found &= columns.ip_version == (6 if isinstance(network, IPv6Network) else 4)
    return found


def _octets(address: IPv4Address | IPv6Address) -> NDArray[np.uint8]:
    whole = address.packed if address.version == 6 else b"\0" * 10 + b"\xff\xff" + address.packed
    return np.frombuffer(whole, np.uint8).copy()

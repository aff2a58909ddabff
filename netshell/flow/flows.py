"""Flows as users hold them: records made when they are looked at, over the columns of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import InitVar, dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from netshell.errors import BadArgument
from netshell.flow.key import Endpoint
from netshell.flow.table import NEVER, FlowColumns, packets_of
from netshell.packet.table import Columns
from netshell.packet.tcp import Flags
from netshell.results import Records
from netshell.view import Block, Cell, Column, Note, Table

KNOWN_BY = ("SYN", "SYN,ACK", "port", "first packet")
"""How a flow's client is known, the surest first, in the order of netshell.flow.table."""

PROTOS = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 33: "dccp", 41: "ipv6", 47: "gre", 50: "esp",
          51: "ah", 58: "icmpv6", 89: "ospf", 103: "pim", 112: "vrrp", 132: "sctp",
          136: "udplite"}  # fmt: skip
"""Names of IP protocols (IANA), as tcpdump's filters and /etc/protocols have them."""

SHOWN = 40  # flows a table shows of itself when it has more

Source = Callable[[], Iterable[tuple[int, Columns]]]
"""The packets that flows were made of: columns, each with the number of its first packet."""

_ORDERS = ("bytes", "packets", "start", "duration", "rtt")


@dataclass(frozen=True)
class Flow:
    """One conversation: what went between two endpoints, from the first packet to the last.

    Counts and flags come for each way: ``client_...`` is what the client sent. Bytes are those of
    whole frames. The times of the handshake are None where it was not seen whole.
    """

    number: int  # in the capture, by first packet, from 0
    proto: str
    client: Endpoint
    server: Endpoint
    known_by: str  # how the client is known: "SYN", "SYN,ACK", "port", "first packet"
    client_packets: int
    server_packets: int
    client_bytes: int
    server_bytes: int
    start_ns: int
    duration_s: float
    client_flags: Flags | None  # all flags seen, None without TCP
    server_flags: Flags | None
    handshake_rtt_ms: float | None  # SYN to ACK: the whole way and back
    server_rtt_ms: float | None  # SYN to SYN,ACK: from the capture's place to the server and back
    client_rtt_ms: float | None  # SYN,ACK to ACK: from there to the client and back
    find: InitVar[Callable[[], NDArray[np.intp]] | None] = None

    def __post_init__(self, find: Callable[[], NDArray[np.intp]] | None) -> None:
        object.__setattr__(self, "_find", find)

    @property
    def packets(self) -> int:
        """Both ways."""
        return self.client_packets + self.server_packets

    @property
    def bytes(self) -> int:
        """Both ways."""
        return self.client_bytes + self.server_bytes

    @property
    def flags(self) -> Flags | None:
        """Every TCP flag seen, either way."""
        if self.client_flags is None or self.server_flags is None:
            return None
        return self.client_flags | self.server_flags

    @property
    def numbers(self) -> NDArray[np.intp]:
        """The numbers of its packets in the capture, found now."""
        find: Callable[[], NDArray[np.intp]] | None = self.__dict__["_find"]
        return np.zeros(0, np.intp) if find is None else find()


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
            proto=PROTOS.get(proto, str(proto) if proto >= 0 else "ip"),
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
            find=lambda: self._numbers(row),
        )

    def _numbers(self, row: int) -> NDArray[np.intp]:
        found = [packets_of(part, start, self.columns, row) for start, part in self.source()]
        return np.concatenate(found) if found else np.zeros(0, np.intp)


class Flows(Records[Flow]):
    """Conversations, in the order of their first packets.

    >>> cap.flows[0]
    >>> cap.flows.top(10)
    >>> cap.flows.where(port=443, host="10.0.0.0/8")
    """

    columns = (
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
        blocks: list[Block] = [Table(self.columns, shown, empty=self.empty)]
        if len(self) > SHOWN:
            left = len(self) - SHOWN
            blocks.append(Note(f"… {left:,} flows left out; [a:b], .top(n) and .where() choose"))
        return (*blocks, *self.notes())

    def records(self) -> Sequence[Flow]:
        return self._rows

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


def _endpoint(address: NDArray[np.uint8], port: Any) -> Endpoint:
    value = IPv6Address(address.tobytes())
    return Endpoint(str(value.ipv4_mapped or value), max(int(port), 0))


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


def _number(proto: str | int) -> int:
    if isinstance(proto, int) and not isinstance(proto, bool):
        return proto
    for number, name in PROTOS.items():
        if isinstance(proto, str) and name == proto.lower():
            return number
    raise BadArgument(
        f"protocol {proto!r}", next_step=f"a number, or one of {', '.join(PROTOS.values())}"
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

"""One conversation, as users hold it: who, how much each way, when, and the handshake's times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import InitVar, dataclass, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, cast, overload

import numpy as np
from numpy.typing import NDArray

from netshell.errors import BadArgument, Unavailable, brief
from netshell.flow.amounts import ms
from netshell.flow.detailed import Detailed
from netshell.flow.given import yes_or_no
from netshell.flow.held import let_go
from netshell.flow.key import Endpoint
from netshell.packet.tcp import Flags
from netshell.results import Result, Single, rendered

if TYPE_CHECKING:
    from netshell.flow.dialogue import Followed
    from netshell.flow.findings import Findings
    from netshell.flow.growing import LiveLadder
    from netshell.flow.handshake import Handshake
    from netshell.flow.kept import DetailTable
    from netshell.flow.ladder import FlowLadder
    from netshell.flow.plot import FlowPlot
    from netshell.flow.segments import Segments
    from netshell.flow.source import Source
    from netshell.flow.states import States
    from netshell.flow.stream import Stream
    from netshell.flow.teardown import Teardown
    from netshell.protocols.messages import Messages
    from netshell.protocols.queries import Queries

KNOWN_BY = ("SYN", "SYN,ACK", "port", "first packet")
"""How a flow's client is known, the surest first, in the order of netshell.flow.table."""

SURE = {
    "SYN": "sent the SYN",
    "SYN,ACK": "was sent the SYN,ACK",
    "port": "likely: the other port is a service's",
    "first packet": "a guess: sent the first packet seen",
}
"""The same in words."""


@dataclass(frozen=True, repr=False)
class Flow(Detailed, Single):
    """One conversation: what went between two endpoints, from the first packet to the last.

    Counts and flags come for each way: ``client_...`` is what the client sent. Bytes are those of
    whole frames. The times of the handshake are None where it was not seen whole. What the TCP
    segments tell beyond is worked out when it is asked for: :class:`Detailed`.
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
    source: InitVar[Source | None] = None
    details: InitVar[DetailTable | None] = None

    def __post_init__(self, source: Source | None, details: DetailTable | None) -> None:
        object.__setattr__(self, "_source", source)
        object.__setattr__(self, "_details", details)
        object.__setattr__(self, "_segments", None)

    def __getstate__(self) -> dict[str, Any]:
        """Pickled, or copied: with the capture's packets of this moment."""
        return {**self.__dict__, "_segments": None}

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
        from netshell.flow.segments import packets_in

        source: Source | None = self.__dict__["_source"]
        return np.zeros(0, np.intp) if source is None else packets_in(source, self.number)[0]

    @property
    def origin(self) -> Source:
        """Where its packets are. Raises Unavailable for a flow made by hand."""
        source: Source | None = self.__dict__["_source"]
        if source is None:
            raise Unavailable(
                "this flow has no packets",
                why="it was made by hand",
                next_step="take one of a capture's .flows",
            )
        return source

    @property
    def findings(self) -> Findings:
        """What is remarkable about its TCP segments; the same as among the capture's findings.

        >>> cap.flows[0].findings

        Raises Unavailable for a flow made by hand.
        """
        from netshell.flow.findings import find

        found = find(self.segments)
        if not len(self.segments) and (gone := let_go(self)):
            found.empty = f"no findings: {gone}"
        return found

    @property
    def segments(self) -> Segments:
        """Its TCP segments as arrays, found again once the capture has grown.

        Raises Unavailable for a flow made by hand.
        """
        from netshell.flow.segments import segments_of

        source, total = self.origin, self.origin.total
        kept: tuple[int, Segments] | None = self.__dict__["_segments"]
        if kept is None or kept[0] != total:
            kept = total, segments_of(source, source.flows, self.number)
            object.__setattr__(self, "_segments", kept)
        return kept[1]

    def stream(self, side: str) -> Stream:
        """The bytes that the "client" or the "server" sent over TCP, put together.

        >>> flow.stream("server").data, flow.stream("client").gaps

        Raises BadArgument for another side, or a flow that is not TCP.
        """
        from netshell.flow.stream import stream

        return stream(self, side)

    def follow(
        self,
        side: str | None = None,
        *,
        raw: bool = False,
        lines: int | None = 20,
        reveal: bool = False,
    ) -> Followed[Any]:
        """What both sides said: message by message where their protocol is read, else turn by turn
        (UDP: datagram by datagram).

        >>> flow.follow(), flow.follow("server", raw=True, lines=None)

        ``side`` shows that side only, ``raw`` bytes in hex, ``lines`` so many of each message or
        turn (None: all). Passwords and the like are masked unless ``reveal``; ``stream(side)`` has
        the bytes as they came. Iterates as messages, or as turns with their bytes. Raises
        BadArgument where there is nothing to follow.
        """
        from netshell.flow.dialogue import follow

        return follow(self, side, raw, lines, reveal)

    @property
    def name(self) -> str:
        """What the client knew the server by: what it asked DNS for, of what the capture has.

        The name in the last DNS answer with the server's address that the client got before; else
        in anybody's; else what the capture's file says of the address. Empty where nothing tells,
        and for a flow made by hand.

        >>> cap.flows[3].name
        """
        source: Source | None = self.__dict__["_source"]
        if source is None:
            return ""
        return source.name(self.client.address, self.server.address, self.start_ns)

    @property
    def messages(self) -> Messages:
        """What both sides said, read by the protocol that they speak: HTTP, DNS, TLS, PostgreSQL,
        MySQL or Redis, on any port. None if it is another one.

        >>> flow.messages, flow.messages.slowest(5)

        The same as among the capture's ``.messages``. Raises Unavailable for a flow made by hand.
        """
        return cast("Messages", self.origin.messages(self.number))

    def queries(self, *, reveal: bool = False) -> Queries:
        """The SQL among them: how long each statement took, its rows, its error.

        >>> flow.queries(), flow.queries().slowest(5), flow.queries().transactions()

        Passwords in them are masked unless ``reveal``. Raises Unavailable for a flow made by hand.
        """
        return cast("Queries", self.origin.queries(self.number, yes_or_no(reveal, "reveal")))

    @overload
    def ladder(self, fold: bool = True, *, live: Literal[False] = False) -> FlowLadder: ...
    @overload
    def ladder(self, fold: bool = True, *, live: Literal[True]) -> LiveLadder: ...
    def ladder(self, fold: bool = True, *, live: bool = False) -> FlowLadder | LiveLadder:
        """Both ends as columns, an arrow for each packet, states and findings beside it.

        >>> flow.ladder(), flow.ladder().save("flow.svg"), flow.ladder(live=True)

        Runs of ordinary data are told in one line, unless ``fold`` is False. With ``live`` it
        grows while the capture runs. Raises Unavailable for a flow made by hand.
        """
        if yes_or_no(live, "live"):
            from netshell.flow.growing import LiveLadder

            return LiveLadder(self, fold)
        from netshell.flow.ladder import ladder_of

        return ladder_of(self, fold)

    def plot(self, kind: str, side: str | None = None) -> FlowPlot:
        """A picture over time: "sequence" (tcptrace's), "throughput", "rtt" or "window".

        >>> flow.plot("sequence"), flow.plot("rtt", side="client").save("rtt.svg")

        Of what one side sent; the one that sent more unless said ("rtt": the one whose data was
        acknowledged from farther away). Raises BadArgument for another kind or side, or a flow
        that is not TCP.
        """
        from netshell.flow.plot import plot_of

        return plot_of(self, kind, side)

    @property
    def states(self) -> States:
        """The state of both ends after each packet (RFC 9293); Unavailable if made by hand."""
        from netshell.flow.states import states_of

        found = states_of(self.segments)
        if not len(self.segments) and (gone := let_go(self)):
            found.empty = gone
        return found

    @property
    def handshake(self) -> Handshake:
        """How it was opened: packets, times, options. Raises Unavailable if made by hand."""
        from netshell.flow.handshake import handshake_of

        return handshake_of(self.segments)

    @property
    def teardown(self) -> Teardown:
        """How it was closed: by whom, how, and why. Raises Unavailable if made by hand."""
        from netshell.flow.teardown import teardown_of

        found = teardown_of(self.segments)
        if not len(self.segments) and (gone := let_go(self)):
            return replace(found, why=gone)
        return found

    def detail(self, name: str) -> Any:
        """One field of what its segments tell, None where it is not known.

        >>> flow.detail("longest_wait_ms")

        Raises BadArgument for a field there is not, Unavailable for a flow made by hand.
        """
        told = self._told()
        if not isinstance(name, str) or name not in told:
            from netshell.flow.given import nearest

            words = name if isinstance(name, str) else ""
            raise BadArgument(f"detail {brief(name)}", next_step=nearest(words, told))
        return told[name]

    def json(self) -> str:
        return str(rendered("json", Plainly(self.whole())))

    def whole(self) -> dict[str, Any]:
        """Every field by name, with what its segments tell where the packets are at hand."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        found |= {"packets": self.packets, "bytes": self.bytes}
        source: Source | None = self.__dict__["_source"]
        if source is not None and source.lasting:
            found["name"] = self.name
            found |= self._told()
            found["rtt_ms"] = self.rtt_ms
            found["retransmitted_packets"] = self.retransmitted_packets
        return found

    def _told(self) -> Mapping[str, Any]:
        """All details. Raises Unavailable for a flow made by hand."""
        details: DetailTable | None = self.__dict__["_details"]
        if details is None:
            from netshell.flow.kept import DetailTable

            details = DetailTable(self.origin)
            object.__setattr__(self, "_details", details)
        return details.one(self.number)

    def __str__(self) -> str:
        return (
            f"{self.proto} {self.client} > {self.server}, {_counted(self.packets, 'packet')}, "
            f"{self.bytes:,} bytes, {self.duration_s:.3f} s"
        )

    def facts(self) -> Iterable[tuple[str, str]]:
        start = datetime.fromtimestamp(self.start_ns // 10**9, UTC)
        yield "flow", f"{self.number}, {self.proto}"
        yield "client", f"{self.client} ({SURE[self.known_by]})"
        yield "server", str(self.server)
        yield "name", self.name
        yield (
            "sent",
            f"{_counted(self.client_packets, 'packet')}, {_counted(self.client_bytes, 'byte')}",
        )
        yield (
            "received",
            f"{_counted(self.server_packets, 'packet')}, {_counted(self.server_bytes, 'byte')}",
        )
        yield "start", f"{start:%Y-%m-%d %H:%M:%S}.{self.start_ns % 10**9:09} UTC"
        yield "duration", f"{self.duration_s:.6f} s"
        yield (
            "flags",
            ""
            if self.flags is None
            else (f"{self.client_flags} sent, {self.server_flags} received"),
        )
        yield "handshake", ms(self.handshake_rtt_ms)
        yield "SYN to SYN,ACK", ms(self.server_rtt_ms)
        yield "SYN,ACK to ACK", ms(self.client_rtt_ms)
        source: Source | None = self.__dict__["_source"]
        if self.proto == "tcp" and source is not None and source.lasting:  # else: a pass for it
            from netshell.flow.facts import facts

            yield from facts(self._told())


class Plainly(Result):
    """Records that are data and nothing else."""

    def __init__(self, records: Any) -> None:
        self._records = records

    def records(self) -> Any:
        return self._records


def _counted(count: int, unit: str) -> str:
    return f"{count:,} {unit}{'' if count == 1 else 's'}"

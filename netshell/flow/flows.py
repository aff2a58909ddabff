"""Flows as users hold them: records made when they are looked at, over the columns of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from netshell.columns import as_asked
from netshell.errors import BadArgument, brief
from netshell.flow.arrays import fields
from netshell.flow.called import checked_call
from netshell.flow.flow import Flow, Plainly
from netshell.flow.flow_rows import FlowRows
from netshell.flow.given import is_word, nearest, whole_number
from netshell.flow.kept import DetailTable
from netshell.flow.source import Source
from netshell.flow.table import FlowColumns
from netshell.results import Data, Records, rendered
from netshell.view import Block, Cell, Column, Note, Table
from netshell.view.blocks import text_of

if TYPE_CHECKING:
    from netshell.flow.asked import Asked
    from netshell.flow.watching import Watch

SHOWN = 40  # flows a table shows of itself when it has more


Step = Callable[["Flows"], "Flows"]
"""Chooses and orders flows."""


class _Picked:
    """The step that takes flows by their numbers."""

    def __init__(self, numbers: NDArray[np.intp]) -> None:
        self._numbers = numbers

    def __call__(self, flows: Flows) -> Flows:
        return Flows(flows._table.taken(self._numbers))


class Flows(Records[Flow]):
    """Conversations, in the order of their first packets.

    >>> cap.flows[0]
    >>> cap.flows.top(10)
    >>> cap.flows.where(port=443, host="10.0.0.0/8")
    """

    heads = (
        Column("#", "right", keep=2),
        Column("proto", keep=8),
        Column("client", shrink=True, least=18, whole=6, wrap=True),
        Column("server", shrink=True, least=18, whole=6, wrap=True),
        Column("name", keep=15, shrink=True, least=12),
        Column("packets", "right", keep=7),
        Column("bytes", "right", keep=1),
        Column("sent", "right", keep=11),
        Column("received", "right", keep=12),
        Column("duration", "right", keep=5),
        Column("rtt", "right", keep=6),
        Column("wait", "right", keep=3),
        Column("resent", "right", keep=9),
        Column("findings", "right", keep=1),
        Column("ended", shrink=True, least=7, keep=4, whole=6, wrap=True),
        Column("flags", keep=14),
        Column("client by", keep=13),
    )
    empty = "no flows"
    called = "flows"
    is_brief = True
    table_name = "flows"

    def __init__(
        self,
        rows: Sequence[Flow] = (),
        steps: Sequence[Step] = (),
        is_ordered: bool = False,
        asked: Asked = (),
    ) -> None:
        super().__init__(rows)
        self._steps = tuple(steps)  # how they were chosen from all flows of their capture
        self._is_ordered = is_ordered  # otherwise than by their first packets
        self._asked = asked
        self._has_details = self._has_names = False

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled, or copied: these flows, with the capture's packets of this moment."""
        steps = self._steps
        if steps and isinstance(self._rows, FlowRows):
            steps = (_Picked(self._rows.chosen),)  # no more come: what chose them may stay behind
        return type(self), (self._rows, steps, self._is_ordered, self._asked)

    def row(self, record: Flow) -> Sequence[Cell]:
        from netshell.flow import shown
        from netshell.flow.asked import ms

        guess = "?" if record.known_by == "first packet" else ""
        has_details = record.flags is not None and self._has_details
        return (
            str(record.number),
            record.proto,
            shown.endpoint(f"{record.client}{guess}"),
            shown.endpoint(str(record.server)),
            record.name if self._has_names else "",
            f"{record.packets:,}",
            f"{record.bytes:,}",
            f"{record.client_bytes:,}",
            f"{record.server_bytes:,}",
            f"{record.duration_s:.3f} s",
            ms(record.rtt_ms if has_details else record.handshake_rtt_ms),
            ms(record.longest_wait_ms) if has_details else "",
            _many(record.retransmitted_packets) if has_details else "",
            _many(record.finding_count) if has_details else "",
            shown.ending(record.ended) if has_details else "",
            "" if record.flags is None else str(record.flags),
            record.known_by,
        )

    def view(self) -> Sequence[Block]:
        few = self.with_rows(self._rows[:SHOWN])
        blocks = list(few.table())
        if len(self) > SHOWN:
            left = len(self) - SHOWN
            blocks.append(Note(f"… {left:,} flows left out; [a:b], .top(n) and .where() choose"))
        return (*blocks, *self.notes())

    def table(self, details: bool = True) -> Sequence[Block]:
        """The table of all of them, without what needs their segments if not ``details``."""
        self._has_details = details and isinstance(self._rows, FlowRows) and self._rows.prepare()
        rows = list(self._rows)
        is_at_hand = isinstance(self._rows, FlowRows) and self._rows.source.lasting
        self._has_names = is_at_hand and any(record.name for record in rows)
        from netshell.flow import asked, shown

        places = [
            place
            for place, head in enumerate(self.heads)
            if (self._has_details or head.name not in _DETAILED)
            and (self._has_names or head.name != "name")
        ]
        named = asked.columns(self._asked)
        more = asked.added(self._asked, self._has_details)
        lines = []
        for record in rows:
            cells = self.row(record)
            lines.append(
                [
                    *(
                        text_of(cells[place]) if self.heads[place].name in named else cells[place]
                        for place in places
                    ),
                    *(say(record) for _, say in more),
                ]
            )
        heads = shown.ranked([self.heads[place] for place in places], lines)
        heads = [*asked.kept(heads, self._asked), *(column for column, _ in more)]
        table = Table(tuple(heads), lines, empty=self.empty)
        always = [head.name for head in heads if head.name in named or head.name in self._asked]
        blocks: list[Block] = [as_asked("flows", table, always)]
        if any(flow.known_by == "first packet" for flow in rows):
            blocks.append(Note("? who is the client is a guess: no SYN seen, nor a known port"))
        if any(flow.proto in _WITH_PORTS and not _has_ports(flow) for flow in rows):
            blocks.append(Note("* no port to see: later fragments without the first one before "
                               "them, or a header that was cut"))  # fmt: skip
        return blocks

    def with_rows(self, rows: Sequence[Flow]) -> Flows:
        if not isinstance(rows, FlowRows):
            return Flows(rows)
        # A flow keeps its number.
        return self._chosen(rows.chosen, _Picked(rows.chosen))

    def data(self) -> Iterator[Mapping[str, Data]] | None:
        rows = self._rows
        return iter([fields(rows)]) if isinstance(rows, FlowRows) else None

    def json(self) -> str:
        if isinstance(self._rows, FlowRows):
            self._rows.prepare()  # all at once
        return str(rendered("json", Plainly([flow.whole() for flow in self._rows])))

    @checked_call
    def top(self, count: int = 10, by: str = "bytes") -> Flows:
        """The ``count`` greatest by "bytes" (default), "packets", "duration", "retransmitted",
        "findings", "throughput", "payload", "sent", "received", "start", "last" or what
        :meth:`slowest` takes.

        >>> cap.flows.top(5, by="packets")

        Raises BadArgument for another order.
        """
        from netshell.flow import choice

        count = whole_number(count, "bad count", "use 0 flows or more")
        rows = self._table
        key = choice.order(rows.columns, rows.details, rows.chosen, by)
        chosen = rows.chosen[np.argsort(-key, kind="stable")[:count]]
        return self._chosen(chosen, lambda flows: flows.top(count, by), by)

    @checked_call
    def sort(self, by: str = "start", reverse: bool = False) -> Flows:
        """All of them, the smallest first, by one of the orders that :meth:`top` knows.

        >>> cap.flows.sort("duration", reverse=True)
        """
        from netshell.flow import choice

        rows = self._table
        key = choice.order(rows.columns, rows.details, rows.chosen, by)
        chosen = rows.chosen[np.argsort(-key if reverse else key, kind="stable")]
        return self._chosen(chosen, lambda flows: flows.sort(by, reverse), by)

    @checked_call
    def slowest(self, count: int = 10, by: str = "wait") -> Flows:
        """The ``count`` flows that kept somebody waiting longest; those of unknown time are out.

        >>> cap.flows.slowest(), cap.flows.slowest(5, by="rtt")

        ``by`` is "wait" (default): the longest time from what the client sent to the server's next
        byte. It holds the network's time and the server's; "rtt" (the handshake's round trip, else
        the least of data) and "data rtt" are the network's part, "first byte" is the first wait,
        "handshake" the handshake's round trip, "duration" the whole flow. Raises BadArgument.
        """
        from netshell.flow import choice

        if not is_word(by) or by not in choice.SLOW:
            raise BadArgument(f"slowest by {brief(by)}", next_step=nearest(by, choice.SLOW))
        rows = self._table
        known = choice.order(rows.columns, rows.details, rows.chosen, by) >= 0
        slow = Flows(rows.taken(rows.chosen[known])).top(count, by)
        return self._chosen(slow._table.chosen, lambda flows: flows.slowest(count, by), by)

    @checked_call
    def where(
        self,
        port: int | Iterable[int] | None = None,
        host: str | None = None,
        proto: str | int | None = None,
        known_by: str | None = None,
        *,
        client: str | None = None,
        server: str | None = None,
        finding: str | None = None,
        ended: str | None = None,
        state: str | None = None,
    ) -> Flows:
        """Those of which all is true that is asked for.

        >>> cap.flows.where(port=443, finding="retransmission")
        >>> cap.flows.where(host="10.0.0.0/8", ended="RST", state="close-wait")

        ``port`` (or several) and ``host`` (an address or a network) at either end, ``client`` and
        ``server`` as ``host`` at that one; ``finding`` is a kind that one of its packets has,
        ``ended`` words of how it ended, ``state`` one that either end is in (as its end tells).
        Raises BadArgument for a value that cannot be meant.
        """
        from netshell.flow import choice

        rows = self._table
        columns, details = rows.columns, rows.details
        masks = []
        if port is not None:
            masks.append(choice.with_port(columns, port))
        for wanted, ends in (
            (host, ("client", "server")), (client, ("client",)), (server, ("server",))
        ):  # fmt: skip
            if wanted is not None:
                masks.append(choice.with_host(columns, wanted, *ends))
        if proto is not None:
            masks.append(choice.with_proto(columns, proto))
        if known_by is not None:
            masks.append(choice.known_as(columns, known_by))
        chosen = rows.chosen
        for mask in masks:
            chosen = chosen[mask[chosen]]
        # What takes longer, of those that are left.
        if finding is not None:
            chosen = chosen[choice.with_finding(details, chosen, finding)]
        if ended is not None:
            chosen = chosen[choice.ended_so(details, chosen, ended)]
        if state is not None:
            chosen = chosen[choice.in_state(rows.source, columns, chosen, state)]
        by = {"proto": proto, "known_by": known_by, "findings": finding, "ended": ended}
        return self._chosen(
            chosen,
            lambda flows: flows.where(
                port, host, proto, known_by, client=client, server=server, finding=finding,
                ended=ended, state=state,
            ),
            asked=[name for name, value in by.items() if value is not None],
        )  # fmt: skip

    @checked_call
    def watch(self, by: str = "bytes") -> Watch:
        """These flows again and again while their capture runs, the greatest ``by`` first.

        >>> cap.flows.watch(), cap.flows.where(port=443).watch("packets")

        At netshell's prompt, the table is drawn in one place until the capture stops or Ctrl-C
        ends the watch; elsewhere nothing is drawn, and it returns at once. What they were chosen
        by is applied again each time: flows that begin meanwhile appear. ``by`` is an order that
        :meth:`top` knows; chosen by top() or sort(), they keep that order. Raises BadArgument.
        """
        from netshell.flow import choice
        from netshell.flow.watching import Watch

        rows, steps = self._table, self._steps
        if not is_word(by) or by not in choice.ORDERS:
            raise BadArgument(f"order {brief(by)}", next_step=nearest(by, choice.ORDERS))

        def now() -> Flows:
            flows = flows_of(rows.source.flows, rows.source, rows.details)
            for step in steps:
                flows = step(flows)
            return flows if self._is_ordered else flows.top(len(flows), by)

        return Watch(rows.source, now)

    def _chosen(
        self, chosen: NDArray[np.intp], step: Step, by: str = "", asked: Sequence[str] = ()
    ) -> Flows:
        """Some of these, in the order ``by``, chosen by what is ``asked``; the step chooses them
        from all flows of another moment."""
        from netshell.flow.asked import with_order

        wanted = (*self._asked, *asked)
        wanted = with_order(wanted, by) if by else wanted
        rows = self._table.taken(chosen)
        return Flows(rows, (*self._steps, step), bool(by) or self._is_ordered, wanted)

    @property
    def _table(self) -> FlowRows:
        """The rows as columns; flows picked by hand have none."""
        if not isinstance(self._rows, FlowRows):
            raise BadArgument("these flows have no table", next_step="use the capture's .flows")
        return self._rows


def flows_of(columns: FlowColumns, source: Source, details: DetailTable | None = None) -> Flows:
    """All flows of a table; ``source`` gives the packets again when a flow's are wanted.

    ``details`` are those of the source as far as they are known already.
    """
    return Flows(FlowRows(columns, source, np.arange(len(columns)), details))


_DETAILED = ("wait", "resent", "findings", "ended")  # columns that need the segments
_WITH_PORTS = ("tcp", "udp", "sctp")


def _has_ports(flow: Flow) -> bool:
    return bool(flow.client.port or flow.server.port)


def _many(count: int | None) -> str:
    return f"{count:,}" if count else ""

"""A capture's queries: its statements, with what else the capture knows of them.

That is the way to the server and back, of each flow's handshake, else of acknowledgments that were
sent at once, and who the client is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from netshell.flow.findings.running import Running
from netshell.flow.flow import Flow
from netshell.flow.flows import Flows, flows_of
from netshell.flow.given import yes_or_no
from netshell.flow.kept import DetailTable
from netshell.flow.round_trips import clean
from netshell.flow.source import Source
from netshell.protocols.api import Message
from netshell.protocols.queries import Queries, queries_of
from netshell.protocols.queries_live import LiveQueries, place_of
from netshell.protocols.query import Query, query_of
from netshell.protocols.secret import revealed
from netshell.protocols.statement import Statement

if TYPE_CHECKING:
    from netshell.capture.capture import Capture
    from netshell.capture.owners import Owners
    from netshell.capture.packets import InMemory
    from netshell.capture.spoken import Spoken

_MEASURED = 64
"""Flows without a handshake whose data is looked at for the way's time."""


class Knowing:
    """What is known of the flows that queries are in, each asked about once."""

    def __init__(self, source: Source, owners: Owners | None = None) -> None:
        self._source, self._owners = source, owners
        self._details = DetailTable(source)
        self._table: Flows | None = None
        self._total = -1  # packets that are counted in it
        self._flows: dict[int, Flow] = {}
        self._ways: dict[tuple[int, str], float | None] = {}
        self._measured = 0

    def network(self, message: Message) -> float | None:
        """The time from here to whom it was said, and back, in ms."""
        place = message.flow, message.side
        if place not in self._ways:
            self._ways[place] = self._way(*place)
        return self._ways[place]

    def _way(self, number: int, side: str) -> float | None:
        flow = self._flow(number)
        if flow is None:
            return None
        if side == "client" and flow.server_rtt_ms is not None:
            return flow.server_rtt_ms
        if not self._source.lasting or self._measured >= _MEASURED:
            return None
        self._measured += 1
        found = clean(Running(flow.segments), by_client=side == "client")
        return None if found is None else found / 1e6

    def process(self, message: Message) -> str:
        """Who its client is, or else its server, as far as it is on this machine."""
        if self._owners is None:
            return ""
        found = self._flow(message.flow)
        if found is None:
            return ""
        who = self._owners.of(found.client, found.server, found.start_ns)
        if who or not self._source.running:
            return who
        self._owners.look(self._source.flows)  # it may be a connection of just now
        return self._owners.of(found.client, found.server, found.start_ns)

    def _flow(self, number: int) -> Flow | None:
        if number not in self._flows:
            total = self._source.total
            if self._table is None or total != self._total:
                self._table = flows_of(self._source.flows, self._source, self._details)
                self._total = total
            if not 0 <= number < len(self._table):
                return None
            self._flows[number] = self._table[number]
        return self._flows[number]


def of_capture(
    capture: Capture,
    source: InMemory,
    statement: object,
    is_live: object,
    reveal: object,
    which: Mapping[str, Any],
) -> Queries | LiveQueries:
    """What :meth:`Capture.queries` gives. Raises BadArgument."""
    spoken, reveal = capture.spoken, yes_or_no(reveal, "reveal")
    if yes_or_no(is_live, "live"):
        return live(spoken, source, capture.owners, reveal, chosen(statement, which))
    is_over = not source.running
    messages = spoken.messages(source)
    kept = spoken.queries
    if kept is not None and is_over and kept[0] is messages and kept[1] == reveal:
        found = kept[2]
    else:
        waiting = () if is_over else spoken.readings.waiting()
        found = queries(messages, source, capture.owners, reveal, waiting)
        spoken.queries = (messages, reveal, found) if is_over else None
    return found if statement is None and not which else found.where(statement, **which)


def chosen(statement: object, which: Mapping[str, Any]) -> Callable[[Query], bool]:
    """Whether a query is wanted. Raises BadArgument, also for arguments that there are none of."""
    from netshell.protocols.queries_chosen import wanted

    Queries().where(statement, **which)  # says in one line what is wrong with them
    return wanted(statement, **which)


def queries(
    messages: Iterable[Message],
    source: Source,
    owners: Owners | None = None,
    reveal: bool = False,
    waiting: Iterable[Message] = (),
) -> Queries:
    """The statements among messages; those of them that are ``waiting`` run by now."""
    knows = Knowing(source, owners)
    open_ones = {place_of(each) for each in waiting}
    until_ns = source.until_ns

    def running(message: Statement) -> float | None:
        if until_ns is None or message.duration_s is not None or place_of(message) not in open_ones:
            return None
        return max(until_ns - message.time_ns, 0) / 1e9

    given = list(messages)
    found = queries_of(given, knows.network, knows.process, reveal, running)
    return Queries(found.records(), [*getattr(messages, "remarks", ()), *_encrypted(given)])


def _encrypted(messages: Iterable[Message]) -> Iterator[str]:
    """What cannot be read, for it is encrypted: SQL as it begins, or where it is usually spoken."""
    in_tls: dict[int, bool] = {}
    in_sql: set[int] = set()
    for each in messages:
        if each.protocol == "tls":
            port = each.ends[1].port if each.ends is not None else 0
            in_tls[each.flow] = port in _PORTS
        elif each.protocol in _SQL:
            in_sql.add(each.flow)
    count = sum(1 for flow, is_usual in in_tls.items() if is_usual or flow in in_sql)
    if count:
        which, it = (
            ("1 connection is", "it") if count == 1 else (f"{count:,} connections are", "them")
        )
        yield f"{which} encrypted (TLS): the SQL in {it} cannot be read"


_SQL = ("postgres", "mysql")
_PORTS = (5432, 6432, 3306)  # PostgreSQL, PgBouncer, MySQL


def live(
    spoken: Spoken,
    source: InMemory,
    owners: Owners | None,
    reveal: bool,
    wanted: Callable[[Query], bool],
) -> LiveQueries:
    """Those that come."""
    from netshell.capture.spoken import Hearing

    knows = Knowing(source, owners)

    def make(message: Statement) -> Query:
        given = revealed(message) if reveal else message
        return query_of(given, knows.network, knows.process)

    def waiting(least_s: float) -> Iterator[tuple[Statement, Query]]:
        if not spoken.advance(source):  # what seems to wait was answered, it may be
            return
        found = spoken.readings.waiting()
        until_ns = source.until_ns
        if until_ns is None or not source.running:
            return
        for each in found:
            running_s = max(until_ns - each.time_ns, 0) / 1e9
            if isinstance(each, Statement) and each.duration_s is None and running_s >= least_s:
                given = revealed(each) if reveal else each
                yield each, query_of(given, knows.network, knows.process, running_s)

    return LiveQueries(Hearing(spoken, source), make, waiting, wanted)

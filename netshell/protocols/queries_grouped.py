"""Statements that differ in their values only, counted together: pg_stat_statements from the wire.

A group is one fingerprint in one database of one protocol.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, fsum, sqrt
from typing import Any, Literal

from netshell.errors import BadArgument
from netshell.errors import brief as named
from netshell.flow.asked import ms
from netshell.flow.called import checked_call
from netshell.flow.given import is_word, nearest, whole_number
from netshell.protocols.line import brief
from netshell.protocols.queries import Queries, said_only
from netshell.protocols.query import Query, clock, values_line
from netshell.results import Data, Records, Single
from netshell.view import Block, Cell, Column, Lines, Note, Span, clean

EXAMPLES = 5
"""So many sets of values are kept of a group."""


@dataclass(frozen=True, kw_only=True, repr=False)
class QueryGroup(Single):
    """One statement, whatever its values. Times in seconds, of those calls that were answered; of
    statements answered in one go, each has an equal share of their time."""

    statement: str  # normalised
    fingerprint: str
    calls: int
    total_s: float
    mean_s: float | None
    min_s: float | None
    max_s: float | None
    p95_s: float | None  # the nearest rank: 95 % of the calls took no longer
    stddev_s: float | None  # of all of them, not of a sample
    rows: int
    errors: int
    share: float  # of the time of all groups, 0 to 1
    network_s: float | None  # of the total, on the way; None where no way was measured
    first_ns: int  # when it was sent first, and last
    last_ns: int
    together: int = 0  # calls whose times are such shares: nobody can know them
    running: int = 0  # calls that are not answered yet
    running_s: float | None = None  # for how long the longest of these runs
    database: str = ""
    protocol: str = ""
    users: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()  # addresses, the most active first
    processes: tuple[str, ...] = ()
    parameters: tuple[tuple[Any, ...], ...] = ()  # some sets of values it was called with
    example: str = ""  # one statement as sent: the slowest

    def __str__(self) -> str:
        return clean(f"{self.calls:,} × {ms((self.mean_s or 0.0) * 1e3)} {brief(self.statement)}")

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "calls", f"{self.calls:,}"
        yield "total", f"{ms(self.total_s * 1e3)}, {self.share:.1%} of the time of all"
        yield "of which network", "" if self.network_s is None else ms(self.network_s * 1e3)
        yield "mean", _ms(self.mean_s)
        yield "least, p95, most", ", ".join(map(_ms, (self.min_s, self.p95_s, self.max_s)))
        yield "standard deviation", _ms(self.stddev_s)
        yield "rows", f"{self.rows:,}"
        yield "errors", f"{self.errors:,}" if self.errors else ""
        if self.running:
            yield "running", f"{self.running:,}, the longest for {_ms(self.running_s)}"
        if self.together:
            yield (
                "together",
                f"{self.together:,} calls were answered in one go with others: each counts with an "
                "equal share of their time",
            )
        yield "first, last", f"{clock(self.first_ns)}, {clock(self.last_ns)}"
        yield "database", self.database
        yield "users", ", ".join(self.users)
        yield "clients", ", ".join(self.clients)
        yield "processes", ", ".join(self.processes)
        for values in self.parameters:
            yield "values", values_line(values)
        yield "fingerprint", self.fingerprint

    def view(self) -> Sequence[Block]:
        from netshell.protocols.query_layout import laid_out

        dialect: Literal["mysql", "postgres"] = "mysql" if self.protocol == "mysql" else "postgres"
        lines, _ = laid_out(self.statement, dialect)
        return (*super().view(), Lines(["", *(Span(line, "sql") for line in lines)]))


ORDERS = ("total", "calls", "mean", "max", "rows", "errors")


class QueryGroups(Records[QueryGroup]):
    """Groups of queries, by default those first that took most time in all."""

    heads = (
        Column("calls", "right"),
        Column("total", "right"),
        Column("share", "right", keep=4),
        Column("mean", "right"),
        Column("p95", "right", keep=3),
        Column("max", "right", keep=5),
        Column("min", "right", keep=7),
        Column("stddev", "right", keep=8),
        Column("network", "right", keep=6),
        Column("rows", "right", keep=2),
        Column("errors", "right", keep=1),
        Column("running", "right"),
        Column("database", shrink=True, least=6, keep=9),
        Column("clients", "right", keep=10),
        Column("statement", shrink=True, least=44),
    )
    empty = "no queries"
    called = "groups"
    table_name = "groups"

    def row(self, record: QueryGroup) -> Sequence[Cell]:
        return (
            f"{record.calls:,}",
            ms(record.total_s * 1e3),
            f"{record.share:.1%}",
            _ms(record.mean_s),
            _ms(record.p95_s),
            _ms(record.max_s),
            _ms(record.min_s),
            _ms(record.stddev_s),
            _ms(record.network_s),
            f"{record.rows:,}",
            Span(f"{record.errors:,}", "bad") if record.errors else "",
            Span(f"{record.running:,}: {_ms(record.running_s)}", "warn") if record.running else "",
            record.database,
            f"{len(record.clients):,}",
            Span(brief(record.statement) or "(not seen)", "sql"),
        )

    def view(self) -> Sequence[Block]:
        return (*said_only(self.heads, [self.row(each) for each in self], self.empty),
                *self.notes())  # fmt: skip

    def notes(self) -> Sequence[Block]:
        shared = sum(each.together for each in self)
        if not shared:
            return ()
        calls = f"{shared:,} call{'' if shared == 1 else 's'}"
        return (Note(f"{calls} answered in one go with others: an equal share of the time each"),)

    def data(self) -> Iterator[Mapping[str, Data]] | None:
        from netshell.protocols.queries_data import grouped

        return iter([grouped(list(self))])

    @checked_call
    def top(self, count: int = 10, by: str = "total") -> QueryGroups:
        """The greatest by "total" time, "calls", "mean" or "max" time, "rows" or "errors".

        >>> cap.queries().grouped().top(5, by="calls")

        Raises BadArgument for another order.
        """
        count = whole_number(count, "bad count", "use 0 groups or more")
        if not is_word(by) or by not in ORDERS:
            raise BadArgument(f"order {named(by)}", next_step=nearest(by, ORDERS))
        field = f"{by}_s" if by in ("total", "mean", "max") else by
        rows = sorted(self, key=lambda each: -(getattr(each, field) or 0))
        return type(self)(rows[:count])


def grouped(queries: Iterable[Query]) -> QueryGroups:
    """The groups of some queries."""
    found: dict[tuple[str, str, str], list[Query]] = {}
    for each in queries:
        found.setdefault((each.protocol, each.database, each.fingerprint), []).append(each)
    everything = fsum(each.share_s or 0.0 for group in found.values() for each in group)
    groups = [_group(Queries(each), everything) for each in found.values()]
    groups.sort(key=lambda each: (-each.total_s - (each.running_s or 0.0), -each.calls))
    return QueryGroups(groups)


def _group(queries: Queries, everything: float) -> QueryGroup:
    times = sorted(each.share_s for each in queries if each.share_s is not None)
    count, total = len(times), fsum(times)
    mean = total / count if count else None
    ways = [each.network_s / each.together for each in queries if each.network_s is not None]
    running = [each.running_s for each in queries if each.running_s is not None]
    first = queries[0]
    slowest = max(queries, key=lambda each: each.share_s or -1.0)
    values = dict.fromkeys(_hashable(each) for each in queries if each.parameters)
    return QueryGroup(
        statement=first.normalised,
        fingerprint=first.fingerprint,
        calls=len(queries),
        total_s=total,
        mean_s=mean,
        min_s=times[0] if times else None,
        max_s=times[-1] if times else None,
        p95_s=times[ceil(0.95 * count) - 1] if times else None,
        stddev_s=None if mean is None else sqrt(fsum((each - mean) ** 2 for each in times) / count),
        rows=sum(each.rows or 0 for each in queries),
        errors=sum(1 for each in queries if each.error or each.code),
        share=total / everything if everything else 0.0,
        network_s=fsum(ways) if ways else None,
        first_ns=min(each.time_ns for each in queries),
        last_ns=max(each.time_ns for each in queries),
        together=sum(1 for each in queries if each.together > 1 and each.duration_s is not None),
        running=len(running),
        running_s=max(running, default=None),
        database=first.database,
        protocol=first.protocol,
        users=_often(each.user for each in queries),
        clients=_often(each.client.address for each in queries),
        processes=_often(each.process for each in queries),
        parameters=tuple(values)[:EXAMPLES],
        example=slowest.statement,
    )


def _hashable(query: Query) -> tuple[Any, ...]:
    """Its values; what cannot be compared by its hash as text."""
    try:
        hash(query.parameters)
    except TypeError:
        return tuple(map(str, query.parameters))
    return query.parameters


def _often(texts: Iterable[str]) -> tuple[str, ...]:
    """Each once, the most frequent first, empty ones left out."""
    counts: dict[str, int] = {}
    for text in texts:
        if text:
            counts[text] = counts.get(text, 0) + 1
    return tuple(sorted(counts, key=lambda text: -counts[text]))


def _ms(seconds: float | None) -> str:
    return "" if seconds is None else ms(seconds * 1e3)

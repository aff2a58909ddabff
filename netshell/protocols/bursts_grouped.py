"""The same loop about a query, again and again: once for each request that a server answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import fsum

from netshell.flow.asked import ms
from netshell.protocols.bursts import Burst
from netshell.protocols.line import brief
from netshell.protocols.queries import said_only
from netshell.protocols.query import clock
from netshell.results import Records, Single
from netshell.view import Block, Cell, Column, Lines, Span, clean


@dataclass(frozen=True, kw_only=True, repr=False)
class Loop(Single):
    """One statement that was executed in a row, in one or more bursts."""

    statement: str  # normalised
    bursts: int
    count: int  # executions, in all of them
    most: int  # in one of them
    spent_s: float  # waiting for answers
    network_s: float | None  # of that, on the way
    before: str  # the statement that it likely goes over: the one of the costliest burst
    connections: int
    processes: tuple[str, ...]
    first_ns: int
    last_ns: int
    database: str = ""
    protocol: str = ""
    fingerprint: str = ""

    def __str__(self) -> str:
        return clean(f"{self.bursts:,} × {self.most:,} {brief(self.statement)}")

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "bursts", f"{self.bursts:,}, on {self.connections:,} connections"
        yield "executed", f"{self.count:,} times, up to {self.most:,} in a row"
        yield "waited", ms(self.spent_s * 1e3)
        yield "of which network", "" if self.network_s is None else ms(self.network_s * 1e3)
        yield "likely goes over", brief(self.before)
        yield "first, last", f"{clock(self.first_ns)}, {clock(self.last_ns)}"
        yield "processes", ", ".join(self.processes)
        yield "database", self.database

    def view(self) -> Sequence[Block]:
        return (*super().view(), Lines(["", Span(brief(self.statement, 2000), "sql")]))


class Loops(Records[Loop]):
    """Loops, those first that cost most time."""

    heads = (
        Column("bursts", "right"),
        Column("times", "right"),
        Column("most", "right", keep=2),
        Column("waited", "right"),
        Column("network", "right", keep=5),
        Column("database", shrink=True, least=6, keep=6),
        Column("statement", shrink=True, least=36),
        Column("behind", shrink=True, least=20, keep=3),
    )
    empty = "no statement was executed again and again in a row"
    called = "loops"
    table_name = "loops"

    def row(self, record: Loop) -> Sequence[Cell]:
        return (
            f"{record.bursts:,}",
            f"{record.count:,}",
            f"{record.most:,}",
            ms(record.spent_s * 1e3),
            "" if record.network_s is None else ms(record.network_s * 1e3),
            record.database,
            Span(brief(record.statement), "sql"),
            Span(brief(record.before), "sql"),
        )

    def view(self) -> Sequence[Block]:
        rows = [self.row(each) for each in self]
        return (*said_only(self.heads, rows, self.empty), *self.notes())


def loops(bursts: Iterable[Burst]) -> Loops:
    """Bursts of the same statement, in one database, together."""
    found: dict[tuple[str, str, str], list[Burst]] = {}
    for each in bursts:
        found.setdefault((each.protocol, each.database, each.fingerprint), []).append(each)
    made = [_loop(each) for each in found.values()]
    return Loops(sorted(made, key=lambda each: (-each.spent_s, -each.count)))


def _loop(bursts: Sequence[Burst]) -> Loop:
    costliest = max(bursts, key=lambda each: each.spent_s)
    ways = [each.network_s for each in bursts if each.network_s is not None]
    return Loop(
        statement=costliest.statement,
        bursts=len(bursts),
        count=sum(each.count for each in bursts),
        most=max(each.count for each in bursts),
        spent_s=fsum(each.spent_s for each in bursts),
        network_s=fsum(ways) if ways else None,
        before=costliest.before,
        connections=len({each.flow for each in bursts}),
        processes=tuple(dict.fromkeys(each.process for each in bursts if each.process)),
        first_ns=min(each.time_ns for each in bursts),
        last_ns=max(each.time_ns for each in bursts),
        database=costliest.database,
        protocol=costliest.protocol,
        fingerprint=costliest.fingerprint,
    )

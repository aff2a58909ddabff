"""Transactions, as the server tells their state, and how long they were idle.

Between two statements of a transaction, the server waits for the client, with its locks held:
"idle in transaction". It is seen in no list of slow queries, as no query is slow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import fsum
from typing import Any

from netshell.flow.asked import ms
from netshell.flow.key import Endpoint
from netshell.protocols.line import brief
from netshell.protocols.queries import Queries, said_only
from netshell.protocols.query import NOWHERE, Query, clock
from netshell.results import Records, Single
from netshell.view import Block, Cell, Column, Span

_OPEN = ("in transaction", "failed")


@dataclass(frozen=True, kw_only=True, repr=False)
class Transaction(Single):
    """One transaction, from the statement that opened it to the one that ended it."""

    time_ns: int
    duration_s: float  # to the end, or to what was seen last
    idle_s: float  # of that, between statements: the server waited for the client
    longest_idle_s: float
    idle_after: str  # the statement before the longest one
    idle_before: str  # and behind it
    statements: int
    rows: int
    errors: int
    ended: str  # the statement that ended it; "" while it is open
    is_whole: bool  # whether its beginning was seen
    flow: int
    client: Endpoint = NOWHERE
    process: str = ""
    user: str = ""
    database: str = ""
    protocol: str = ""
    queries: Queries = field(default_factory=Queries, compare=False)

    def __str__(self) -> str:
        return (
            f"{self.statements:,} statements in {ms(self.duration_s * 1e3)}, "
            f"idle {ms(self.idle_s * 1e3)}, {self.ended or 'still open'}"
        )

    def records(self) -> dict[str, Any]:
        return {
            name: getattr(self, name) for name in self.__dataclass_fields__ if name != "queries"
        }

    def facts(self) -> Iterator[tuple[str, str]]:
        began = clock(self.time_ns, True)
        yield "began", began if self.is_whole else f"before {began}, unseen"
        yield "lasted", ms(self.duration_s * 1e3)
        yield "idle", ms(self.idle_s * 1e3)
        yield "longest", ms(self.longest_idle_s * 1e3) if self.longest_idle_s else ""
        yield "after", brief(self.idle_after)
        yield "before", brief(self.idle_before)
        yield "ended by", self.ended or "nothing: still open"
        yield "errors", f"{self.errors:,}" if self.errors else ""
        yield "client", "" if self.client == NOWHERE else str(self.client)
        yield "process", self.process
        yield "user", self.user
        yield "database", self.database

    def view(self) -> Sequence[Block]:
        return (*super().view(), *self.queries.view())


class Transactions(Records[Transaction]):
    """Transactions, those first that were idle longest."""

    heads = (
        Column("began", keep=5),
        Column("lasted", "right"),
        Column("idle", "right"),
        Column("longest", "right", keep=3),
        Column("statements", "right", keep=2),
        Column("errors", "right", keep=4),
        Column("client", shrink=True, least=15, tail=6, keep=8),
        Column("process", shrink=True, least=10, keep=6),
        Column("database", shrink=True, least=6, keep=9),
        Column("ended", shrink=True, least=10),
        Column("idle after", shrink=True, least=24),
    )
    empty = "no transactions of more than one statement"
    called = "transactions"
    table_name = "transactions"

    def row(self, record: Transaction) -> Sequence[Cell]:
        is_idle = record.idle_s > record.duration_s / 2 and record.idle_s > _LONG_S
        return (
            clock(record.time_ns),
            ms(record.duration_s * 1e3),
            Span(ms(record.idle_s * 1e3), "warn" if is_idle else ""),
            ms(record.longest_idle_s * 1e3) if record.longest_idle_s else "",
            f"{record.statements:,}",
            Span(f"{record.errors:,}", "bad") if record.errors else "",
            str(record.client),
            record.process,
            record.database,
            record.ended or Span("still open", "warn"),
            Span(brief(record.idle_after), "sql"),
        )

    def view(self) -> Sequence[Block]:
        return (*said_only(self.heads, [self.row(each) for each in self], self.empty),
                *self.notes())  # fmt: skip

    def records(self) -> Sequence[Any]:
        return [each.records() for each in self]


_LONG_S = 0.1


def transactions(queries: Iterable[Query]) -> Transactions:
    """The transactions among some queries, as far as their states are known."""
    flows: dict[int, list[Query]] = {}
    for each in queries:
        flows.setdefault(each.flow, []).append(each)
    found: list[Transaction] = []
    for said in flows.values():
        said.sort(key=lambda each: each.time_ns)
        found += _of_one(said)
    found.sort(key=lambda each: (-each.idle_s, -each.duration_s))
    return Transactions(found)


def _of_one(said: Sequence[Query]) -> Iterator[Transaction]:
    members: list[Query] = []
    is_whole, state = True, ""
    for each in said:
        if each.transaction in _OPEN:
            if not members:
                is_whole = bool(state) or _begins(each)
            members.append(each)
        elif members and each.transaction:
            yield _transaction([*members, each], is_whole, brief(each.statement, 60))
            members = []
        elif members:
            members.append(each)  # its state is not known, as of one without an answer
        state = each.transaction or state
    if members:
        yield _transaction(members, is_whole, "")


def _begins(query: Query) -> bool:
    return query.normalised.partition(" ")[0] in ("BEGIN", "START")


def _transaction(members: Sequence[Query], is_whole: bool, ended: str) -> Transaction:
    first = members[0]
    pauses = [
        (max(after.time_ns - before.end_ns, 0) / 1e9, before, after)
        for before, after in pairwise(members)
        if before.duration_s is not None
    ]
    longest = max(pauses, key=lambda each: each[0], default=None)
    end = max(each.end_ns for each in members)
    return Transaction(
        time_ns=first.time_ns,
        duration_s=(end - first.time_ns) / 1e9,
        idle_s=fsum(each[0] for each in pauses),
        longest_idle_s=longest[0] if longest else 0.0,
        idle_after=longest[1].statement if longest else "",
        idle_before=longest[2].statement if longest else "",
        statements=len(members),
        rows=sum(each.rows or 0 for each in members),
        errors=sum(1 for each in members if each.error or each.code),
        ended=ended,
        is_whole=is_whole,
        flow=first.flow,
        client=first.client,
        process=first.process,
        user=first.user,
        database=first.database,
        protocol=first.protocol,
        queries=Queries(members),
    )

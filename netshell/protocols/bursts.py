"""Loops about queries: the same statement many times in a row on one connection ("N+1").

An ORM that loads lazily asks for a list, and then, row by row, for what belongs to each. Seen from
the wire, these are equal statements with other values, one right after the other, maybe in turn
with a few others. Each of them is quick; together they take the time, most of it on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import fsum
from typing import TYPE_CHECKING, Any

from netshell.errors import BadArgument
from netshell.errors import brief as named
from netshell.flow.asked import ms
from netshell.flow.given import whole_number
from netshell.flow.key import Endpoint
from netshell.protocols.line import brief
from netshell.protocols.normal import literals
from netshell.protocols.queries import Queries, said_only
from netshell.protocols.query import NOWHERE, Query, clock, value_and_type
from netshell.results import Records, Single
from netshell.view import Block, Cell, Column, Lines, Note, Span, clean

if TYPE_CHECKING:
    from netshell.protocols.bursts_grouped import Loops

BETWEEN = 3
"""So many other statements may stand between one and the next: loops about a few of them."""
BEFORE = 8
"""So many statements are looked at for the one that a loop goes over."""

_CONTROL = frozenset(
    (
        "begin", "start", "commit", "rollback", "savepoint", "release", "set", "show", "end",
        "abort", "discard", "deallocate", "close", "prepare", "reset", "use",
    )
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, repr=False)
class Burst(Single):
    """One statement, executed many times in a row."""

    statement: str  # normalised
    count: int
    over_s: float  # from the first one's beginning to the last one's end
    trips: int  # waits for an answer: statements answered in one go have one
    spent_s: float  # waiting for answers
    network_s: float | None  # of that, on the way; None where that was not measured
    varied: tuple[str, ...]  # of the values that were not always the same, some
    kinds: int  # different sets of values: 1 if it was the same each time
    before: str  # the statement that it likely goes over, as sent; "" if none was seen
    before_rows: int | None  # what that one gave
    time_ns: int
    flow: int
    client: Endpoint = NOWHERE
    process: str = ""
    database: str = ""
    protocol: str = ""
    fingerprint: str = ""
    tags: dict[str, str] = field(default_factory=dict, hash=False)
    queries: Queries = field(default_factory=Queries, compare=False)

    def __str__(self) -> str:
        return clean(f"{self.count:,} × in {ms(self.over_s * 1e3)} {brief(self.statement)}")

    def records(self) -> dict[str, Any]:
        return {
            name: value
            for name, value in ((name, getattr(self, name)) for name in self.__dataclass_fields__)
            if name != "queries"
        }

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "executed", f"{self.count:,} times over {ms(self.over_s * 1e3)}"
        yield "round trips", f"{self.trips:,}"
        yield "waited", ms(self.spent_s * 1e3)
        yield "of which network", "" if self.network_s is None else ms(self.network_s * 1e3)
        yield "values", self.values
        given = "" if self.before_rows is None else f" ({self.before_rows:,} rows)"
        yield "likely goes over", f"{brief(self.before)}{given}" if self.before else ""
        yield "began", clock(self.time_ns)
        yield "client", "" if self.client == NOWHERE else str(self.client)
        yield "process", self.process
        yield "database", self.database
        yield "flow", str(self.flow)
        yield "tags", ", ".join(f"{name}={value}" for name, value in self.tags.items())

    def view(self) -> Sequence[Block]:
        statement = Lines(["", Span(brief(self.statement, 2000), "sql")])
        return (*super().view(), statement, Note(self.advice))

    @property
    def values(self) -> str:
        """What varied, in a line."""
        if self.kinds <= 1:
            return "the same each time"
        more = ", …" if self.kinds > len(self.varied) else ""
        return f"{self.kinds:,} different: {', '.join(self.varied)}{more}"

    @property
    def advice(self) -> str:
        """What to do about it."""
        if self.kinds <= 1:
            return "The same answer each time: ask once and keep it."
        if self.statement.startswith("INSERT"):
            return "One INSERT with several rows, or COPY, needs a round trip instead of one each."
        return "One query with a join, or with all the values in a list, needs a round trip only."


class Bursts(Records[Burst]):
    """Loops about queries, those first that cost most time."""

    heads = (
        Column("times", "right"),
        Column("over", "right"),
        Column("waited", "right", keep=2),
        Column("network", "right", keep=5),
        Column("began", keep=6),
        Column("client", shrink=True, least=15, tail=6, keep=8),
        Column("process", shrink=True, least=10, keep=4),
        Column("database", shrink=True, least=6, keep=9),
        Column("statement", shrink=True, least=30),
        Column("values", shrink=True, least=14, keep=1),
        Column("behind", shrink=True, least=20, keep=3),
    )
    empty = "no statement was executed again and again in a row"
    called = "bursts"
    table_name = "bursts"

    def of_nothing(self) -> Bursts:
        """The same ones, said to be those of no queries at all."""
        self.empty = Queries.empty
        return self

    def row(self, record: Burst) -> Sequence[Cell]:
        varied = "same each time" if record.kinds <= 1 else ", ".join(record.varied)
        return (
            f"{record.count:,}",
            ms(record.over_s * 1e3),
            ms(record.spent_s * 1e3),
            "" if record.network_s is None else ms(record.network_s * 1e3),
            clock(record.time_ns),
            str(record.client),
            record.process,
            record.database,
            Span(brief(record.statement), "sql"),
            varied,
            Span(brief(record.before), "sql"),
        )

    def view(self) -> Sequence[Block]:
        return (*said_only(self.heads, [self.row(each) for each in self], self.empty),
                *self.notes())  # fmt: skip

    def notes(self) -> Sequence[Block]:
        if not len(self):
            return ()
        times = sum(each.trips for each in self)
        spent = fsum(each.spent_s for each in self)
        kinds = len({each.fingerprint for each in self})
        again = ", .grouped() joins like ones" if kinds < len(self) else ""
        text = f"{times:,} round trips, {ms(spent * 1e3)} of waiting; [0] tells more{again}"
        return (Note(text),)

    def grouped(self) -> Loops:
        """The same statement's bursts together: a loop that each request makes is one.

        >>> cap.queries().n_plus_one().grouped()
        """
        from netshell.protocols.bursts_grouped import loops

        return loops(self)

    def records(self) -> Sequence[Any]:
        return [each.records() for each in self]


def bursts(queries: Iterable[Query], least: int = 5, within_s: float = 0.1) -> Bursts:
    """The loops among some queries. Raises BadArgument for bounds that make no sense."""
    least = whole_number(least, "least", "use 2 times or more", least=2)
    if isinstance(within_s, bool) or not isinstance(within_s, int | float) or not within_s >= 0:
        raise BadArgument(f"within_s {named(within_s)}", next_step="use seconds, as 0.1")
    flows: dict[int, list[Query]] = {}
    for each in queries:
        flows.setdefault(each.flow, []).append(each)
    found: list[Burst] = []
    for said in flows.values():
        said.sort(key=lambda each: each.time_ns)
        found += _of_one(said, least, round(min(within_s, 1e9) * 1e9))
    found.sort(key=lambda each: (-each.spent_s, -each.count))
    return Bursts(found) if flows else Bursts().of_nothing()


def _of_one(said: Sequence[Query], least: int, within_ns: int) -> Iterator[Burst]:
    """Those of one connection, whose statements are in order."""
    work = [each for each in said if (each.statement or each.name) and not _is_control(each)]
    runs: dict[str, list[int]] = {}  # places of the latest run of each statement
    whole: list[list[int]] = []
    for place, each in enumerate(work):
        run = runs.get(each.fingerprint)
        if run is not None:
            last = run[-1]
            if place - last - 1 <= BETWEEN and each.time_ns - work[last].end_ns <= within_ns:
                run.append(place)
                continue
        runs[each.fingerprint] = run = [place]
        whole.append(run)
    many = [run for run in whole if _trips([work[place] for place in run]) >= least]
    repeated = {work[run[0]].fingerprint for run in many}
    for run in many:
        yield _burst(work, run, repeated)


def _trips(queries: Sequence[Query]) -> int:
    """How often was waited for an answer: once for all that were answered in one go."""
    return len({each.batch or (each.flow, place) for place, each in enumerate(queries)})


def _is_control(query: Query) -> bool:
    return query.normalised.partition(" ")[0].lower() in _CONTROL


def _burst(work: Sequence[Query], run: Sequence[int], repeated: set[str]) -> Burst:
    members = [work[place] for place in run]
    first, last = members[0], members[-1]
    values = [each.parameters or literals(each.statement, each.dialect) for each in members]
    before = _before(work, run[0], len(run), repeated)
    ways = [each.network_s / each.together for each in members if each.network_s is not None]
    return Burst(
        statement=first.normalised,
        count=len(members),
        over_s=(last.end_ns - first.time_ns) / 1e9,
        trips=_trips(members),
        spent_s=fsum(each.share_s or 0.0 for each in members),
        network_s=fsum(ways) if ways else None,
        varied=_varied(values),
        kinds=len({repr(each) for each in values}),
        before="" if before is None else before.said,
        before_rows=None if before is None else before.rows,
        time_ns=first.time_ns,
        flow=first.flow,
        client=first.client,
        process=first.process,
        database=first.database,
        protocol=first.protocol,
        fingerprint=first.fingerprint,
        tags=first.tags,
        queries=Queries(members),
    )


def _before(work: Sequence[Query], place: int, count: int, repeated: set[str]) -> Query | None:
    """The statement that a loop goes over: of those before it, the one that gave as many rows; else
    the one right before, if it is none of a loop itself."""
    near = [
        each
        for each in reversed(work[max(place - BEFORE, 0) : place])
        if each.fingerprint not in repeated
    ]
    return next((each for each in near if each.rows == count), near[0] if near else None)


_SHOWN = 5


def _varied(values: Sequence[Sequence[Any]]) -> tuple[str, ...]:
    """The first different values at the places where they were not always the same."""
    size = min(map(len, values), default=0)
    places = [at for at in range(size) if len({repr(each[at]) for each in values}) > 1]
    texts: dict[str, None] = {}
    for each in values:
        shown = [_text(each[at]) for at in places]
        if shown:
            texts[shown[0] if len(shown) == 1 else f"({', '.join(shown)})"] = None
        if len(texts) == _SHOWN:
            break
    return tuple(texts)


def _text(value: Any) -> str:
    # What stood in the statement is written as SQL already.
    text = value if isinstance(value, str) and value[:1] in "'\"-.0123456789" else None
    return brief(text if text is not None else value_and_type(value)[0], 40)

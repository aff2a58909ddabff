"""Every SQL statement of a capture in one table: what was executed, how long it took, what failed.

>>> cap.queries().slowest(10)
>>> cap.queries().where(database="shop", min_duration_s=0.1).grouped()
>>> cap.queries().n_plus_one()
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from netshell.columns import as_asked
from netshell.errors import BadArgument
from netshell.errors import brief as named
from netshell.flow.asked import ms
from netshell.flow.called import checked_call
from netshell.flow.given import is_word, nearest, whole_number
from netshell.protocols.api import Message
from netshell.protocols.line import brief
from netshell.protocols.messages import without_time
from netshell.protocols.queries_made import Made
from netshell.protocols.query import Query, clock, query_of, values_line
from netshell.protocols.secret import revealed
from netshell.protocols.statement import Statement
from netshell.results import Data, Records
from netshell.view import Block, Cell, Column, Note, Span, Table
from netshell.view.blocks import text_of

if TYPE_CHECKING:
    from netshell.protocols.bursts import Bursts
    from netshell.protocols.queries_grouped import QueryGroups
    from netshell.protocols.queries_transactions import Transactions


ORDERS = ("duration", "server", "rows")

SHOWN = 200
"""Queries a table shows of itself when it has more."""


class Queries(Records[Query]):
    """Executed statements, in the order they were sent."""

    heads = (
        Column("time", keep=1, shrink=True, least=8, whole=2),
        Column("took", "right"),
        Column("network", "right", keep=7),
        Column("rows", "right", keep=2),
        Column("database", keep=6),
        Column("user", keep=8),
        Column("client", keep=3),
        Column("process", keep=4),
        Column("statement", shrink=True, least=31, whole=3, room=60),
        Column("parameters", shrink=True, least=12, keep=5),
        Column("problem", shrink=True, least=40, wrap=True),
    )
    empty = "no queries"
    called = "queries"
    table_name = "queries"

    def __init__(self, rows: Sequence[Query] = (), remarks: Sequence[str] = ()) -> None:
        """``remarks`` are what is to be said of all of them: why there are no more."""
        super().__init__(rows)
        self.remarks = tuple(remarks)

    def row(self, record: Query) -> Sequence[Cell]:
        problem = "" if record.problem == record.took else brief(record.problem)
        return (
            Span(moment := clock(record.time_ns), short=moment[:8]),
            Span(record.took, "" if record.duration_s is not None else "warn"),
            ms(record.network_ms),
            "" if record.rows is None else f"{record.rows:,}",
            record.database,
            record.user,
            str(record.client),
            record.process,
            Span(brief(record.said), record.style),
            values_line(record.parameters),
            Span(problem, "bad" if record.error or record.code else "warn"),
        )

    def view(self) -> Sequence[Block]:
        rows = [self.row(record) for record in self[:SHOWN]]
        said = said_only(self.heads, rows, self.empty)[0]
        table = as_asked("queries", said)
        if table is not said:  # somebody wants to see them
            return (table, *self.notes())
        table, same = _without_same(table)
        return (table, *([Note(f"the same in all: {same}")] if same else []), *self.notes())

    def notes(self) -> Sequence[Block]:
        notes = [Note(text, "warn") for text in self.remarks]
        if len(self) > SHOWN:
            left = len(self) - SHOWN
            text = "queries left out; [a:b], .slowest(n), .where() and .grouped() choose"
            notes.insert(0, Note(f"… {left:,} {text}"))
        said = self._said()
        unknown = sum(
            1 for each in said if each.kind.lower().endswith("execute") and not each.statement
        )
        if unknown:
            what = "statement was" if unknown == 1 else "statements were"
            notes.append(
                Note(f"{unknown:,} prepared {what} not seen: prepared before the capture began")
            )
        if any(each.together > 1 and each.duration_s is not None for each in said):
            text = (
                "took 5 ms for 3: three statements answered in one go, single times are not known"
            )
            notes.append(Note(text))
        return notes

    def _said(self) -> Sequence[Query | Statement]:
        """What they are made of, where they are not made yet: it knows as much of itself."""
        return self._rows.statements if isinstance(self._rows, Made) else self._rows

    def _told(self) -> Iterable[Query | Statement]:
        """The same for choosing: each says here what it says there."""
        return self._rows.told() if isinstance(self._rows, Made) else self._rows

    def _taken(self, places: Sequence[int]) -> Queries:
        rows = self._rows
        if isinstance(rows, Made):
            return self.with_rows(rows.taken(places))
        return self.with_rows([rows[place] for place in places])

    # --- choosing ---

    @checked_call
    def slowest(self, count: int = 10) -> Queries:
        """Those that took longest, the slowest first; also those that run by now. Of statements
        that were answered in one go, the first stands for all: nobody knows what each took.

        >>> cap.queries().slowest(3)
        """
        count = whole_number(count, "bad count", "use 0 queries or more")
        batches: set[tuple[int, int]] = set()
        known, unknown = [], 0
        for place, each in enumerate(self._told()):
            took = each.duration_s
            if took is None:
                took = each.running_s
            elif each.together > 1:
                begin_ns = each.since_ns if isinstance(each, Statement) else each.begin_ns
                batch = each.flow, begin_ns
                if batch in batches:
                    continue
                batches.add(batch)
            if took is not None:
                known.append((-took, place))
            else:
                unknown += 1
        known.sort()
        made = self._taken([place for _, place in known[:count]])
        if unknown and len(made) < count:
            made.remarks += (without_time(unknown, "query"),)
        return made

    @checked_call
    def top(self, count: int = 10, by: str = "duration") -> Queries:
        """The ``count`` greatest by "duration" (default: :meth:`slowest`), "server" (of that, the
        server's part) or "rows".

        >>> cap.queries().top(5, by="rows")

        Those of which it is not known are out. Raises BadArgument for another order.
        """
        if not is_word(by) or by not in ORDERS:
            raise BadArgument(f"order {named(by)}", next_step=nearest(by, ORDERS))
        if by == "duration":
            return self.slowest(count)
        count = whole_number(count, "bad count", "use 0 queries or more")
        found = []
        for place, each in enumerate(self):
            value = each.rows if by == "rows" else each.server_s
            if value is not None:
                found.append((-value, place))
        found.sort()
        return self._taken([place for _, place in found[:count]])

    @checked_call
    def where(
        self,
        statement: object = None,
        *,
        database: str | None = None,
        user: str | None = None,
        client: str | None = None,
        server: str | None = None,
        error: bool | str | None = None,
        min_duration_s: float | None = None,
        process: str | None = None,
        application: str | None = None,
        protocol: str | None = None,
    ) -> Queries:
        """Those of which all is true that is asked for.

        >>> cap.queries().where("orders update", database="shop")
        >>> cap.queries().where(error="23505"), cap.queries().where(min_duration_s=0.1)

        ``statement`` is words that are all in it, in any order and case, or a regular expression
        (a text with one of ``\\ ^ [ ] { } | .*``, or a compiled one). ``client`` and ``server`` are
        an address or a network, with ``:port`` or without; ``error`` True for any, False for none,
        or a code or words of it; ``process`` and ``application`` are a part of its name. Raises
        BadArgument.
        """
        from netshell.protocols.queries_chosen import wanted

        is_wanted = wanted(
            statement, database=database, user=user, client=client, server=server, error=error,
            min_duration_s=min_duration_s, process=process, application=application,
            protocol=protocol,
        )  # fmt: skip
        if client is not None or server is not None or process is not None:
            return self.with_rows([each for each in self if is_wanted(each)])
        chosen = [place for place, each in enumerate(self._told()) if is_wanted(each)]
        return self._taken(chosen)

    @property
    def errors(self) -> Queries:
        """Those that failed."""
        told = enumerate(self._told())
        return self._taken([place for place, each in told if each.error or each.code])

    # --- put together ---

    @checked_call
    def grouped(self) -> QueryGroups:
        """The same statements with other values together, as pg_stat_statements has them; those
        that took most time in all come first.

        >>> cap.queries().grouped().top(5, by="calls")
        """
        from netshell.protocols.queries_grouped import grouped

        return grouped(self)

    @checked_call
    def n_plus_one(self, least: int = 5, within_s: float = 0.1) -> Bursts:
        """The same statement again and again on one connection, ``least`` times at least: a loop
        about a query, as lazily loading ORMs make them.

        >>> cap.queries().n_plus_one()

        Between one and the next, there are at most ``within_s`` seconds and a few other
        statements. Raises BadArgument.
        """
        from netshell.protocols.bursts import bursts

        return bursts(self, least, within_s)

    @checked_call
    def transactions(self) -> Transactions:
        """Transactions with how long the client left them idle, the idlest first.

        >>> cap.queries().transactions()
        """
        from netshell.protocols.queries_transactions import transactions

        return transactions(self)

    def with_rows(self, rows: Sequence[Query]) -> Queries:
        # Of some, it is not asked why there are no more; of none, it is.
        return type(self)(rows, () if rows else self.remarks)

    def data(self) -> Iterator[Mapping[str, Data]] | None:
        from netshell.protocols.queries_data import fields

        return iter([fields(list(self))])


def queries_of(
    messages: Iterable[Message],
    network: Callable[[Statement], float | None] = lambda message: None,
    process: Callable[[Statement], str] = lambda message: "",
    reveal: bool = False,
    running: Callable[[Statement], float | None] = lambda message: None,
) -> Queries:
    """The statements among messages, in the order they were sent; nothing masked with ``reveal``.
    ``running``: for how long one waits for its answer by now."""
    statements = [each for each in messages if isinstance(each, Statement)]
    statements.sort(key=lambda each: each.time_ns)

    def make(message: Statement) -> Query:
        given = revealed(message) if reveal else message
        return query_of(given, network, process, running(message))

    return Queries(Made(statements, make, is_plain=not reveal))


_SAME = ("network", "database", "user", "client", "process")  # who and where, not what


def _without_same(table: Table) -> tuple[Table, str]:
    """A table without the columns that say the same in each of its rows, and what they say."""
    same = {
        place: text_of(table.rows[0][place])
        for place, head in enumerate(table.columns)
        if head.name in _SAME and len({text_of(row[place]) for row in table.rows}) == 1
    }
    if len(table.rows) < 2 or not same:
        return table, ""
    left = [place for place in range(len(table.columns)) if place not in same]
    rows = [[row[place] for place in left] for row in table.rows]
    said = ", ".join(f"{table.columns[place].name} {text}" for place, text in same.items())
    return replace(table, columns=tuple(table.columns[i] for i in left), rows=rows), said


def said_only(heads: Sequence[Column], rows: Sequence[Sequence[Cell]], empty: str) -> tuple[Table]:
    """A table without the columns that have nothing to say in any of its rows."""
    shown = [
        place
        for place, head in enumerate(heads)
        if head.name == "took" or any(text_of(row[place]) for row in rows)
    ]
    return (Table(tuple(heads[i] for i in shown), [[row[i] for i in shown] for row in rows],
                  empty=empty),)  # fmt: skip

"""Queries as they come, while their capture runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from netshell.protocols.api import Message
from netshell.protocols.line import brief
from netshell.protocols.live import LiveMessages, Origin
from netshell.protocols.queries import Queries
from netshell.protocols.query import Query, clock, values_line
from netshell.protocols.statement import Statement
from netshell.view import Block, Cell, Column, Lines, Note, Span, Style, Table

LONG_S = 1.0
"""What runs longer is worth a word."""

_WHO, _VALUES = 16, 10  # cells, so that lines stand below each other

_HEADS = (
    Column("time", keep=3),
    Column("took", "right"),
    Column("rows", "right", keep=2),
    Column("who", keep=4),
    Column("statement", shrink=True, least=24),
    Column("parameters", shrink=True, least=_VALUES, keep=1),
)
_INDENT = 14  # of what stands below the statement: behind the time


class LiveQueries(LiveMessages):
    """The statements of a capture, each once it was answered, until the capture or :meth:`stop`
    ends it.

    >>> for query in sniff_host("db1", 5432).queries(live=True): print(query)  # doctest: +SKIP

    At netshell's prompt they are printed above it. Iterated, it gives those there are as
    :class:`~netshell.protocols.query.Query`, and waits for the next; Ctrl-C ends it, not the
    capture. :attr:`waiting` are those that run now.
    """

    def __init__(
        self,
        origin: Origin,
        make: Callable[[Statement], Query],
        waiting: Callable[[], Queries],
        wanted: Callable[[Query], bool] = lambda query: True,
    ) -> None:
        """``make`` makes a message a query, ``waiting`` gives those that are not answered."""
        self._make, self._waiting, self._is_wanted = make, waiting, wanted
        self._last: tuple[Message, Query] | None = None  # made to be looked at, and given out then
        super().__init__(origin, (self._is_asked_for,), self._drawn, "queries")

    @property
    def waiting(self) -> Queries:
        """Those that run now, the longest first: took says "running 3.2 s"."""
        waiting = self._waiting() if self._origin.running else ()
        found = [each for each in waiting if self._is_wanted(each)]
        return Queries(sorted(found, key=lambda each: each.time_ns))

    def _is_asked_for(self, message: Message) -> bool:
        return isinstance(message, Statement) and self._is_wanted(self._query(message))

    def _query(self, message: Message) -> Query:
        last = self._last
        if last is not None and last[0] is message:
            return last[1]
        assert isinstance(message, Statement)
        query = self._make(message)
        self._last = message, query
        return query

    def __iter__(self) -> Iterator[Query]:  # type: ignore[override]  # they are made of messages
        return map(self._query, super().__iter__())

    def _drawn(self, message: Message) -> Sequence[Block]:
        return lines(self._query(message))

    def view(self) -> Sequence[Block]:
        blocks = list(super().view())
        if self.running:
            long = [each for each in self.waiting if (each.running_s or 0.0) >= LONG_S]
            if long:
                blocks = [*Queries(long).view(), *blocks]
                blocks.append(Note(f"not answered for more than {LONG_S:.0f} s", "warn"))
        return blocks


def lines(query: Query) -> Sequence[Block]:
    """A query in a line, which stands below others like it; what went wrong in one of its own."""
    who = query.process or query.application or str(query.client)
    if len(who) > _WHO:
        who = f"{who[: _WHO - 7]}…{who[-6:]}"  # a port, or a process's number, stays
    rows = "" if query.rows is None else f"{query.rows:,}"
    row: Sequence[Cell] = (
        clock(query.time_ns),
        query.took.rjust(8),
        rows.rjust(6),
        who.ljust(_WHO),
        Span(brief(query.statement) or f"({query.kind})", "sql"),
        values_line(query.parameters, 40).ljust(_VALUES),
    )
    table = Table(_HEADS, [row], has_head=False)
    if not query.problem:
        return (table,)
    style: Style = "bad" if query.error or query.code else "warn"
    return table, Lines([Span(f"{'':{_INDENT}}{brief(query.problem)}", style)])

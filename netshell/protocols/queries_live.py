"""Queries as they come, while their capture runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from netshell.protocols.api import Message
from netshell.protocols.live import LiveMessages, Origin
from netshell.protocols.queries import Queries
from netshell.protocols.query import Query, clock, one_line
from netshell.protocols.statement import Statement
from netshell.view import Block, Cell, Column, Note, Span, Table

LONG_S = 1.0
"""What runs longer is worth a word."""

_HEADS = (
    Column("time", keep=3),
    Column("took", "right"),
    Column("rows", "right", keep=2),
    Column("who", keep=4),
    Column("statement", shrink=True, least=24),
    Column("problem", shrink=True, least=20),
)
_WHO = 22  # cells


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
        found = [each for each in self._waiting() if self._is_wanted(each)]
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
        return (line(self._query(message)),)

    def view(self) -> Sequence[Block]:
        blocks = list(super().view())
        if self.running:
            long = [each for each in self.waiting if (each.running_s or 0.0) >= LONG_S]
            if long:
                blocks = [*Queries(long).view(), *blocks]
                blocks.append(Note(f"not answered for more than {LONG_S:.0f} s", "warn"))
        return blocks


def line(query: Query) -> Table:
    """A query in a line, which stands below others like it."""
    who = query.process or query.application or str(query.client)
    rows = "" if query.rows is None else f"{query.rows:,}"
    row: Sequence[Cell] = (
        clock(query.time_ns),
        query.took.rjust(8),
        rows.rjust(6),
        one_line(who, _WHO).ljust(_WHO),
        Span(one_line(query.statement) or f"({query.kind})", "sql"),
        Span(query.problem, "bad" if query.error or query.code else "warn"),
    )
    count = len(row) if query.problem else len(row) - 1
    return Table(_HEADS[:count], [row[:count]], has_head=False)

"""Queries as they come, while their capture runs."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from netshell.protocols.api import Message
from netshell.protocols.line import brief
from netshell.protocols.live import Cursor, LiveMessages, Origin
from netshell.protocols.messages import Wanted
from netshell.protocols.queries import Queries
from netshell.protocols.query import NOWHERE, Query, clock, values_line
from netshell.protocols.statement import Statement
from netshell.view import Block, Cell, Column, Lines, Note, Span, Style, Table
from netshell.view.blocks import text_of

LONG_S = 1.0
"""What runs longer is worth a word."""
_LOOK_S = 0.2
"""How often is looked for such."""

_CLIENT, _PROCESS, _APPLICATION, _STATEMENT, _VALUES = 15, 16, 12, 51, 10
"""Cells, so that lines stand below each other. In 80, a statement is told rather than whose it is,
and the second rather than its thousandth."""
_SECOND = 8

_HEADS = {
    each.name: each
    for each in (
        Column("time", keep=1, shrink=True, least=_SECOND),
        Column("took", "right"),
        Column("rows", "right", keep=2),
        Column("client", keep=3),
        Column("process", keep=5),
        Column("application", keep=6),
        Column("statement", shrink=True, least=_STATEMENT),
        Column("parameters", shrink=True, least=_VALUES, keep=4),
    )
}
_INDENT = 14  # of what stands below the statement: behind the time

Waiting = Iterable[tuple[Statement, Query]]
"""Messages that are not answered yet, as queries that run."""


class LiveQueries(LiveMessages):
    """The statements of a capture, each once it was answered, until the capture or :meth:`stop`
    ends it: first those there are. What runs for more than a second comes once before, with
    ``running_s``.

    >>> for query in sniff_host("db1", 5432).queries(live=True): print(query)  # doctest: +SKIP

    At netshell's prompt they are printed above it. Iterated, it gives each as
    :class:`~netshell.protocols.query.Query`, and waits for the next; Ctrl-C ends it, not the
    capture. :attr:`waiting` are those that run now.
    """

    def __init__(
        self,
        origin: Origin,
        make: Callable[[Statement], Query],
        waiting: Callable[[float], Waiting],
        wanted: Callable[[Query], bool] = lambda query: True,
    ) -> None:
        """``make`` makes a message a query, ``waiting`` gives those that are not answered for so
        many seconds."""
        self._make, self._waiting, self._is_wanted = make, waiting, wanted
        self._last: tuple[Message, Query] | None = None  # made to be looked at, and given out then
        self._running: dict[int, tuple[Message, Query]] = {}  # the same of those that run
        self._columns: tuple[str, ...] = ()  # what the lines drawn so far have
        self._seen = set(_HEADS) - {"process", "application"}  # shown once anything is in them
        super().__init__(origin, (self._is_asked_for,), self._drawn, "queries")

    @property
    def waiting(self) -> Queries:
        """Those that run now, the longest first: took says "running 3.2 s"."""
        while not self.stopped:  # of what was read only, nobody knows what was answered since
            self._origin.since(sys.maxsize)
            if not self._origin.is_behind:
                break
        found = [query for _, query in self._running_for(0.0)]
        return Queries(sorted(found, key=lambda each: each.time_ns))

    def _running_for(self, least_s: float) -> list[tuple[Statement, Query]]:
        waiting = self._waiting(least_s) if self.running else ()
        return [each for each in waiting if self._is_wanted(each[1])]

    def running_long(self, told: set[_Place]) -> tuple[list[Message], set[_Place]]:
        """Those that run for long by now and were not told, and the places of all such."""
        long = {place_of(message): (message, query) for message, query in self._running_for(LONG_S)}
        new: list[Message] = []
        for place, (message, query) in long.items():
            if place not in told:
                self._running[id(message)] = message, query
                new.append(message)
        return new, set(long)

    def cursor(self) -> Cursor:
        return _Cursor(self, self._origin, self._wanted)

    def _is_asked_for(self, message: Message) -> bool:
        return isinstance(message, Statement) and self._is_wanted(self._query(message))

    def _query(self, message: Message) -> Query:
        runs = self._running.pop(id(message), None)
        if runs is not None:
            return runs[1]
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
        query = self._query(message)
        self._seen |= {name for name in ("process", "application") if getattr(query, name)}
        columns = tuple(name for name in _HEADS if name in self._seen)
        is_new, self._columns = columns != self._columns, columns
        return lines(query, columns, has_head=is_new)

    def view(self) -> Sequence[Block]:
        blocks = list(super().view())
        if self.running:
            long = [query for _, query in self._running_for(LONG_S)]
            if long:
                long.sort(key=lambda each: each.time_ns)
                blocks = [*Queries(long).view(), *blocks]
                blocks.append(Note(f"not answered for more than {LONG_S:.0f} s", "warn"))
        return blocks


class _Cursor(Cursor):
    """Takes what was answered, and once each what runs for long."""

    def __init__(self, live: LiveQueries, origin: Origin, wanted: Sequence[Wanted]) -> None:
        super().__init__(origin, wanted)
        self._live = live
        self._told: set[_Place] = set()
        self._next = 0.0  # when to look again

    def take(self) -> list[Message]:
        """Those that are new."""
        found = super().take()
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _LOOK_S
            running, self._told = self._live.running_long(self._told)
            found += running
        return found


_Place = tuple[int, str, int]


def place_of(message: Message) -> _Place:
    """Where it began, which tells it from all others of its capture."""
    return message.flow, message.side, message.parts[0].begin


def lines(
    query: Query, columns: Iterable[str] = tuple(_HEADS), has_head: bool = False
) -> Sequence[Block]:
    """A query in a line, which stands below others like it; what went wrong in one of its own."""
    cells: dict[str, Cell] = {
        "time": Span(moment := clock(query.time_ns), short=moment[:_SECOND]),
        "took": query.took.rjust(9),
        "rows": ("" if query.rows is None else f"{query.rows:,}").rjust(6),
        "client": _short("" if query.client == NOWHERE else str(query.client), _CLIENT),
        "process": _short(query.process, _PROCESS),
        "application": _short(query.application, _APPLICATION),
        "statement": Span(brief(query.said).ljust(_STATEMENT), query.style),
        "parameters": values_line(query.parameters, 40).ljust(_VALUES),
    }
    shown = tuple(columns)
    heads = tuple(_HEADS[name] for name in shown)
    rows: list[Sequence[Cell]] = [[cells[name] for name in shown]]
    if has_head:  # as a row of its own: beside one row, nobody needs what is not shown
        rows.insert(0, [_headed(name, cells[name]) for name in shown])
    table = Table(heads, rows, has_head=False)
    if not query.problem:
        return (table,)
    style: Style = "bad" if query.error or query.code else "warn"
    return table, Lines([Span(f"{'':{_INDENT}}{brief(query.problem)}", style)])


def _headed(name: str, cell: Cell) -> Cell:
    size = min(len(text_of(cell)), _STATEMENT)
    text = name.rjust(size) if _HEADS[name].align == "right" else name.ljust(size)
    return Span(text, "head", short=text[:_SECOND] if name == "time" else "")


def _short(text: str, size: int) -> str:
    """In so many cells; a port, or a process's number, stays."""
    return text.ljust(size) if len(text) <= size else f"{text[: size - 7]}…{text[-6:]}"

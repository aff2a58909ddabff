"""What every verb returns: typed records that show themselves.

:class:`Result` is anything with a ``view()``; :class:`Records` is a table of frozen dataclasses.
How a result is drawn is not decided here: ``netshell.render`` sits above this layer and offers its
renderers through :data:`RENDER`, so the pure layers never import it.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import wraps
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, overload

from netshell.errors import BadArgument, BadIndex, NoneOfThese, NoRow, Unavailable, brief
from netshell.view import Block, Column, Span, Table, clean, draw
from netshell.view.glyphs import fits

T = TypeVar("T")

RENDER: dict[str, Callable[..., Any]] = {}
"""Renderers by name ("screen", "html", "json", "pandas", ...), filled by ``netshell.render``."""


def _alone(method: Callable[[Any], T]) -> Callable[[Any], T]:
    """A method that says in one line that it takes no arguments."""

    @wraps(method)
    def call(self: Any, *given: object, **named: object) -> T:
        if given or named:
            name = method.__name__
            raise BadArgument(f"{name}() takes no arguments", next_step=f"it is called as {name}()")
        return method(self)

    return call


class Result:
    """Something that shows itself: plain with ``print``, coloured at the prompt, as a page in a
    notebook, and as data with :meth:`json`."""

    __slots__ = ()

    def view(self) -> Sequence[Block]:
        """The blocks this result is shown as."""
        raise TypeError(f"{type(self).__name__} has no view")

    def __str__(self) -> str:
        return _plain(self)

    def __repr__(self) -> str:
        return str(self)

    def records(self) -> Any:
        """The data behind the view: a dataclass, or a sequence of them."""
        return self

    @_alone
    def json(self) -> str:
        """The data as JSON text; times in the unit that the field's name says."""
        return str(rendered("json", self))

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(RENDER["screen"](self)) if "screen" in RENDER else repr(self))

    def _repr_html_(self) -> str | None:
        return str(RENDER["html"](self)) if "html" in RENDER else None


def _plain(result: Result) -> str:
    """A result as plain text, in characters that standard output can show: print() shows it."""
    return draw(result.view(), ascii=not fits(getattr(sys.stdout, "encoding", None) or "utf-8"))


class Single(Result):
    """One record by itself: ``str()`` is a line, ``repr()`` and the prompt show :meth:`facts`.

    A dataclass needs ``repr=False`` to be shown so, and a ``__str__`` of one line. Inside of a
    list or a tuple at the prompt, a record is its line.
    """

    __slots__ = ()

    def facts(self) -> Iterable[tuple[str, str]]:
        """What it is, in words: the name of each fact and its text; empty ones are left out."""
        raise TypeError(f"{type(self).__name__} has no facts")

    def view(self) -> Sequence[Block]:
        rows = [(Span(name, "key"), text) for name, text in self.facts() if text]
        return (Table(_FACTS, rows),)

    def __repr__(self) -> str:
        return _plain(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        if printer.indentation:
            printer.text(clean(self))
        else:
            super()._repr_pretty_(printer, cycle)


_FACTS = (Column("field"), Column("value", shrink=True, least=20, wrap=True))


class Data(NamedTuple):
    """One column of a result as an array of N values, without a Python object for each.

    With ``texts``, the values are places in it; ``missing`` marks values that are none; ``is_time``
    says that they are nanoseconds since 1970-01-01 UTC.
    """

    values: Any
    missing: Any = None
    texts: Sequence[str] | None = None
    is_time: bool = False


class Tabular(Result):
    """A result that turns into a data frame, a file of columns, or the answer to an SQL query.

    All of it needs the ``frames`` extra, and raises Unavailable with the command that installs it.
    """

    __slots__ = ()

    table_name = "rows"
    """What the result is called in an SQL query."""

    def data(self) -> Iterator[Mapping[str, Data]] | None:
        """Stretch by stretch, the columns by name; None if there are only :meth:`records`."""
        return None

    @_alone
    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame``, one column a field. Raises Unavailable without the extra."""
        return rendered("pandas", self)

    @_alone
    def to_polars(self) -> Any:
        """A ``polars.DataFrame``, one column a field. Raises Unavailable without the extra."""
        return rendered("polars", self)

    @_alone
    def to_arrow(self) -> Any:
        """A ``pyarrow.Table``, one column a field. Raises Unavailable without the extra."""
        return rendered("arrow", self)

    def to_parquet(self, path: Any) -> Any:
        """Write a Parquet file, one column a field, and return its path.

        >>> read("web.pcap").to_parquet("web.parquet")

        Raises BadArgument, NotPermitted, NotFound, and Unavailable without the extra.
        """
        return rendered("parquet", self, path)

    def sql(self, query: str) -> Any:
        """What a query says (DuckDB's SQL) about this result, which is the table ``rows``.

        >>> read("web.pcap").sql("select dst, count(*) from packets group by 1 order by 2 desc")

        Of a capture, it is the table ``packets``. Raises BadArgument with DuckDB's words for a
        wrong query, and Unavailable without the extra.
        """
        return rendered("sql", self, query)


R = TypeVar("R", covariant=True)


class Row(Protocol):
    """What a table needs of its records: nothing but being a dataclass."""

    __dataclass_fields__: Any


class Records(Tabular, Sequence[R], Generic[R]):
    """A table of records: iterates, indexes and slices as frozen dataclasses.

    Subclasses name the columns (``heads``) and say how a record becomes a row. ``.to_pandas()``,
    ``.to_polars()`` and ``.to_arrow()`` need the ``frames`` extra.
    """

    heads: tuple[Column, ...] = ()
    """What stands above each column when the table is shown."""
    empty = "nothing"
    called = "rows"
    """What several of its records are called, in messages."""
    is_brief = False
    """Whether :meth:`view` leaves out the most of many by itself, and says so."""

    def __init__(self, rows: Sequence[R] = ()) -> None:
        self._rows = rows

    def row(self, record: Any) -> Sequence[Any]:
        """One record as cells, in the order of ``heads``."""
        raise TypeError(f"{type(self).__name__} has no rows")

    def view(self) -> Sequence[Block]:
        return (
            Table(self.heads, [self.row(record) for record in self], empty=self.empty),
            *self.notes(),
        )

    def notes(self) -> Sequence[Block]:
        """What is to be said beside the table; nothing unless a subclass has something."""
        return ()

    def records(self) -> Sequence[R]:
        return self._rows

    def with_rows(self, rows: Sequence[R]) -> Records[R]:
        """The same kind of result over other rows (slices and filters use it)."""
        return type(self)(rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[R]:
        return iter(self._rows)

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> Records[R]: ...
    def __getitem__(self, index: int | slice) -> R | Records[R]:
        if isinstance(index, slice):
            return self.with_rows(self._rows[stretch(index, self.called)])
        return self._rows[place(index, len(self._rows), self.called)]

    def __contains__(self, value: object) -> bool:
        # An array compares with anything, and gives no answer that is true or false.
        return any(row is value or (row == value) is True for row in self)

    def index(self, value: Any, start: int = 0, stop: int | None = None) -> int:
        """The place of the first row that is, or equals, a value. Raises NoneOfThese, a ValueError,
        where there is none."""
        for at, row in list(enumerate(self))[slice(start, stop)]:
            if row is value or (row == value) is True:
                return at
        raise NoneOfThese(
            f"{brief(value)} is none of these {self.called}",
            next_step="give one that was taken from them",
        )

    def count(self, value: Any) -> int:
        """How many rows are, or equal, a value."""
        return sum(row is value or (row == value) is True for row in self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Records) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


def place(index: object, count: int, called: str) -> int:
    """The index of one of ``count`` rows, as a number from 0.

    Raises NoRow, an IndexError, for one that is not there, BadIndex, a TypeError, for what is no
    number: both say it in the words of the result, not of the list inside it.
    """
    try:
        number = operator.index(index)  # type: ignore[arg-type]
    except TypeError:
        raise BadIndex(
            f"{called} have numbers",
            why=f"take one as [0], some as [:5], not [{brief(index)}]",
            next_step="a field of all is [row.field for row in ...]",
        ) from None
    if not -count <= number < count:
        named = str(number) if abs(number) < _LONG else "a huge number"
        raise NoRow(f"no such row: {named} of {count} {called}")
    return number % count


def stretch(index: slice, called: str) -> slice:
    """A slice that any rows can be taken with, as it is. Raises BadIndex, a TypeError."""
    try:
        index.indices(0)
    except (TypeError, ValueError):  # ValueError: a step of 0
        parts = index.start, index.stop, index.step
        begin, end, step = ("" if part is None else brief(part) for part in parts)
        raise BadIndex(
            f"{called} [{begin}:{end}{':' if step else ''}{step}]",
            why="a slice is of whole numbers, its step is not 0",
            next_step="take some as [:5], [-5:], [10:20], [::2]",
        ) from None
    return index


_LONG = 10**18  # numbers that are too long for a line


def rendered(name: str, result: Result, *arguments: Any) -> Any:
    """A result through the renderer of that name. Raises Unavailable where none is loaded."""
    if name not in RENDER:
        raise Unavailable(
            f"cannot render as {name}",
            why="no renderer is loaded",
            next_step="import netshell.render",
        )
    return RENDER[name](result, *arguments)

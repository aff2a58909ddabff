"""SQL over results, through DuckDB, which reads their arrays as they are made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from netshell.errors import BadArgument, NetshellError
from netshell.render.frames import batches, needed
from netshell.results import Tabular
from netshell.view import Block, Column, Note, Table

SHOWN = 40  # rows a result shows of itself


class Rows(Tabular):
    """What a query answered: iterates and indexes as tuples, ``.names`` are the columns'."""

    def __init__(self, table: Any) -> None:
        self._table = table
        self.names: tuple[str, ...] = tuple(table.column_names)

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for batch in self._table.to_batches():
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        number = index + len(self) if index < 0 else index
        if not 0 <= number < len(self):
            raise IndexError(f"row {index} of {len(self)}")
        return tuple(column[number].as_py() for column in self._table.columns)

    def records(self) -> Any:
        return [dict(zip(self.names, row, strict=True)) for row in self]

    def to_arrow(self) -> Any:
        return self._table

    def view(self) -> Sequence[Block]:
        numeric = [str(kind).startswith(_NUMBERS) for kind in self._table.schema.types]
        columns = [
            Column(name, "right" if right else "left")
            for name, right in zip(self.names, numeric, strict=True)
        ]
        shown = Rows(self._table.slice(0, SHOWN))
        rows = [["" if value is None else str(value) for value in row] for row in shown]
        blocks: list[Block] = [Table(tuple(columns), rows, empty="no rows")]
        if len(self) > SHOWN:
            blocks.append(Note(f"… {len(self) - SHOWN:,} rows left out"))
        return blocks


_NUMBERS = ("int", "uint", "double", "float", "decimal")


def ask(result: Any, query: str) -> Rows:
    """The answer to a query; the result is its table ``result.table_name``.

    Raises BadArgument with DuckDB's words, Unavailable without DuckDB or pyarrow.
    """
    library = needed("duckdb", "cannot ask in SQL")
    needed("pyarrow", "cannot ask in SQL")
    source = batches(result)
    with library.connect() as connection:
        # A query sees this table and files, but not the variables of whoever asks.
        connection.execute("set python_enable_replacements = false")
        connection.register(result.table_name, source)
        try:
            answer = connection.sql(query)
            if answer is None:
                raise BadArgument("cannot ask", why="the query has no answer", next_step="select")
            return Rows(answer.to_arrow_table())
        except library.Error as error:
            cause = error.__cause__ or error.__context__
            if isinstance(cause, NetshellError):
                raise cause from None
            raise refused(str(error), result.table_name) from None


def refused(words: str, table: str) -> BadArgument:
    """DuckDB's first line; where it misses a table, which one there is."""
    line = next(iter(words.strip().splitlines()), "DuckDB refused")
    step = ""
    if missed := _NO_TABLE.search(line):
        step = f"the table here is {table}"
        if other := _OTHERS.get(missed[1].lower(), ""):
            step += f"; {other}"
    return BadArgument("cannot ask", why=line.rstrip("!"), next_step=step)


_NO_TABLE = re.compile(r"Table with name (\S+) does not exist")
_OTHERS = {
    "flows": 'ask about flows as cap.flows.sql("select ... from flows")',
    "findings": 'ask about findings as cap.findings.sql("select ... from findings")',
    "packets": 'ask about packets as cap.sql("select ... from packets")',
}

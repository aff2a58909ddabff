"""The columns of a table that the profile asks for, in its order."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from netshell.settings import in_force
from netshell.view import Table


def asked(table: str) -> tuple[str, ...]:
    """The columns that a table is to have, by name; none: those that say something."""
    return in_force().columns.get(table, ())


def as_asked(table: str, shown: Table, always: Collection[str] = ()) -> Table:
    """A table with the columns that were asked for, and those ``always`` there behind them.

    Where it is narrow, the last of them leaves first. A column that it does not have, since there
    is nothing to say in it, is left out.
    """
    names = asked(table)
    if not names:
        return shown
    places = {column.name: place for place, column in enumerate(shown.columns)}
    taken = [places[name] for name in dict.fromkeys((*names, *always)) if name in places]
    if not taken:
        return shown
    return replace(
        shown,
        columns=tuple(
            replace(shown.columns[place], keep=0 if shown.columns[place].name in always else rank)
            for rank, place in enumerate(taken)
        ),
        rows=[[row[place] for place in taken] for row in shown.rows],
    )

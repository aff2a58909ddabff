"""Statements as queries, each made when it is looked at first: a table shows few of many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

from netshell.protocols.query import Query
from netshell.protocols.statement import Statement
from netshell.protocols.uncollected import uncollected

_MANY = 1000
"""Queries of which so many are made at once that looking for garbage meanwhile only costs."""


class Made(Sequence[Query]):
    """Queries of statements that change no more."""

    def __init__(self, statements: Sequence[Statement], make: Callable[[Statement], Query]) -> None:
        self.statements = statements
        """What they are made of, in the same order."""
        self._make = make
        self._made: list[Query | None] = [None] * len(statements)
        self._missing = len(statements)

    def __len__(self) -> int:
        return len(self.statements)

    def __iter__(self) -> Iterator[Query]:
        return iter(self[:])

    @overload
    def __getitem__(self, index: int) -> Query: ...
    @overload
    def __getitem__(self, index: slice) -> list[Query]: ...
    def __getitem__(self, index: int | slice) -> Query | list[Query]:
        if isinstance(index, slice):
            places = range(*index.indices(len(self)))
            with uncollected(self._missing > _MANY and len(places) > _MANY):
                return [self._at(place) for place in places]
        return self._at(range(len(self))[index])

    def _at(self, place: int) -> Query:
        query = self._made[place]
        if query is None:
            query = self._made[place] = self._make(self.statements[place])
            self._missing -= 1
        return query

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (self[:],)  # by itself, without its capture

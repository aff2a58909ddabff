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

    def __init__(
        self,
        statements: Sequence[Statement],
        make: Callable[[Statement], Query],
        is_plain: bool = True,
    ) -> None:
        """``is_plain``: a query says of its statement what the message says, nothing else."""
        self.statements = statements
        """What they are made of, in the same order."""
        self._make, self._is_plain = make, is_plain
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

    def told(self) -> Iterator[Query | Statement]:
        """Each, or what it is made of, where that was answered and says as much: its statement,
        error, time, and what the client called itself."""
        for place, statement in enumerate(self.statements):
            query = self._made[place]
            if query is None and self._is_plain and statement.duration_s is not None:
                yield statement
            else:
                yield self._at(place)

    def taken(self, places: Sequence[int]) -> Made:
        """Some of them; what was not made yet is made when somebody looks."""
        some = Made([self.statements[place] for place in places], self._make, self._is_plain)
        some._made = [self._made[place] for place in places]
        some._missing = some._made.count(None)
        return some

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (self[:],)  # by itself, without its capture

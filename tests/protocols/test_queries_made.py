"""Queries are made of statements when somebody looks at them, and once each."""

from __future__ import annotations

import pickle

from queried import START_NS

from netshell.protocols.api import Part
from netshell.protocols.queries import SHOWN, Queries, queries_of
from netshell.protocols.queries_made import Made
from netshell.protocols.query import Query, query_of
from netshell.protocols.statement import Statement


def statement(number: int) -> Statement:
    begin = START_NS + number * 1_000_000
    parts = (Part("client", 0, 9, begin, begin), Part("server", 0, 9, begin, begin + 500_000))
    return Statement(kind="Query", parts=parts, statement=f"select {number}", rows=1)


STATEMENTS = [statement(number) for number in range(1500)]


class Making:
    """Makes queries, and notes of what."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def __call__(self, message: Statement) -> Query:
        self.made.append(message.statement)
        return query_of(message)


def test_a_table_makes_what_it_shows() -> None:
    making = Making()
    queries = Queries(Made(STATEMENTS, making))
    assert len(queries) == len(STATEMENTS)
    assert making.made == []
    assert f"… {len(STATEMENTS) - SHOWN:,} queries left out" in str(queries)
    assert making.made == [each.statement for each in STATEMENTS[:SHOWN]]


def test_each_is_made_once() -> None:
    making = Making()
    queries = Queries(Made(STATEMENTS, making))
    assert queries[-1] is queries[1499] is queries[1400:][-1]
    assert list(queries)[1499] is queries[-1]
    assert len(queries.where("select")) == len(STATEMENTS)
    assert sorted(making.made) == sorted(each.statement for each in STATEMENTS)


def test_they_are_in_the_order_of_their_time() -> None:
    assert [each.statement for each in queries_of(reversed(STATEMENTS))] == [
        each.statement for each in STATEMENTS
    ]


def test_a_pickle_has_them_all() -> None:
    queries = queries_of(STATEMENTS[:20])
    assert pickle.loads(pickle.dumps(queries)) == queries


def test_what_is_chosen_is_made_when_it_is_looked_at() -> None:
    """What statements say themselves is not asked of queries."""
    making = Making()
    queries = Queries(Made(STATEMENTS, making))
    chosen = queries.where("1400", error=False, min_duration_s=0.0001)
    slowest = queries.slowest(3)
    assert len(chosen) == 1 and len(slowest) == 3 and len(queries.errors) == 0
    assert making.made == []
    assert chosen[0].statement == "select 1400" and slowest[0].statement == "select 0"
    assert making.made == ["select 1400", "select 0"]
    assert len(queries.where("1401", client="10.0.0.0/8")) == 0  # that is not in a statement
    assert len(making.made) > 1000


def test_what_is_revealed_is_chosen_by_what_was_hidden() -> None:
    making = Making()
    queries = Queries(Made(STATEMENTS, making, is_plain=False))
    assert len(queries.where("1400")) == 1 and len(making.made) == len(STATEMENTS)

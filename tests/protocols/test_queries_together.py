"""Queries that were answered in one go, that run by now, or whose text was not seen."""

from __future__ import annotations

import json
import re

import pytest
from queried import START_NS, query

from netshell.protocols.api import Part, Place
from netshell.protocols.queries import Queries, queries_of
from netshell.protocols.query import Query
from netshell.protocols.statement import Statement


def together(statements: list[str], at_s: float = 0.0, took_s: float = 0.3) -> list[Query]:
    """Statements sent one behind the other, and answered in one go."""
    begin = START_NS + round(at_s * 1e9)
    return [
        query(at_s + number / 1000, text, (), took_s, together=len(statements), since_ns=begin)
        for number, text in enumerate(statements)
    ]


THREE = together(["select 1", "select 2 from b", "select pg_sleep(0.3)"])
ALONE = query(1.0, "select 4 from c", (), 0.05)


def test_a_time_of_several_is_said_to_be_one() -> None:
    queries = Queries([*THREE, ALONE])
    assert [each.took for each in queries] == ["300 ms for 3"] * 3 + ["50 ms"]
    assert "300 ms for 3 together select 1" in str(THREE[0])
    text = repr(THREE[1])
    assert "300 ms for 3 together = network 200 µs + server 300 ms" in text
    assert "what each took is not known" in text
    assert "single times are not known" in str(queries)
    assert "single times" not in str(Queries([ALONE]))
    assert {each.end_ns for each in THREE} == {START_NS + 300_000_000}


def test_the_slowest_has_them_once() -> None:
    again = together(["select 1", "select 2 from b"], at_s=2.0, took_s=0.2)
    slowest = Queries([*THREE, ALONE, *again]).slowest(3)
    assert [each.statement for each in slowest] == ["select 1", "select 1", "select 4 from c"]
    assert [each.together for each in slowest] == [3, 2, 1]


def test_groups_give_each_an_equal_share() -> None:
    groups = Queries([*THREE, ALONE]).grouped()
    assert [group.total_s for group in groups] == pytest.approx([0.1, 0.1, 0.1, 0.05])
    assert sum(group.share for group in groups) == pytest.approx(1.0)
    assert sum(group.network_s or 0.0 for group in groups) == pytest.approx(0.0004)
    assert [group.together for group in groups] == [1, 1, 1, 0]
    assert "3 calls answered in one go with others" in str(groups)
    assert "an equal share" in repr(groups[0])


def test_a_pipeline_is_one_round_trip() -> None:
    five = together([f"select a from t where id = {each}" for each in range(5)])
    assert not len(Queries(five).n_plus_one())
    pipelines = [
        each
        for number in range(6)
        for each in together(
            [f"select a from t where id = {2 * number + one}" for one in (0, 1)], number * 0.01,
            0.004,
        )
    ]  # fmt: skip
    (burst,) = Queries(pipelines).n_plus_one()
    assert (burst.count, burst.trips) == (12, 6)
    assert burst.spent_s == pytest.approx(0.024)
    assert burst.spent_s <= burst.over_s
    assert "6 round trips" in str(Queries(pipelines).n_plus_one())


def test_a_message_of_several_makes_such_queries() -> None:
    parts = (Part("client", 0, 9, START_NS + 5, START_NS + 6),
             Part("server", 0, 9, START_NS + 90, START_NS + 100))  # fmt: skip
    span = START_NS, START_NS + 100
    made = Statement(
        kind="Query", parts=parts, statement="select 1", together=2, batch_ns=span,
        first_row_ns=START_NS + 90,
    )  # fmt: skip
    alone = Statement(kind="Query", parts=parts, statement="select 2", first_row_ns=START_NS + 90)
    first, other = queries_of([made, alone])
    assert (first.together, first.begin_ns, first.end_ns) == (2, *span)
    assert first.batch == (-1, START_NS)
    assert first.first_row_s is None
    assert (other.batch, other.begin_ns) == (None, START_NS + 5)
    assert other.first_row_s == pytest.approx(85e-9)


# --- not seen ---


def execution(name: str, flow: int, at_s: float = 0.0) -> Statement:
    begin, end = START_NS + round(at_s * 1e9), START_NS + round(at_s * 1e9) + 1_000_000
    parts = (Part("client", 0, 9, begin, begin), Part("server", 0, 9, end, end))
    made = Statement(kind="Execute", parts=parts, statement="", name=name, rows=1)
    object.__setattr__(made, "_talk", Place(flow, None, ()))
    return made


def test_statements_not_seen_are_told_apart_by_their_names() -> None:
    names = [("_pg3_0", 1), ("_pg3_1", 1), ("_pg3_0", 1), ("_pg3_0", 2), ("\x1b[31m", 2)]
    queries = queries_of([execution(*each) for each in names])
    text = str(queries)
    assert text.count("(statement _pg3_0, not seen)") == 3
    assert "(statement _pg3_1, not seen)" in text
    assert "\x1b" not in text
    assert re.search(r"prepared as +_pg3_0\n", repr(queries[0]))
    assert json.loads(queries.json())[0]["name"] == "_pg3_0"
    groups = {(group.statement, group.calls) for group in queries.grouped()}
    assert ("(statement _pg3_0, not seen)", 2) in groups
    assert ("(statement _pg3_1, not seen)", 1) in groups
    with_escape = query(0, "select '\x1b[31m\u202e'", took_s=0.001)
    every = Queries([with_escape] * 6)
    said = [with_escape, *every.grouped(), *every.n_plus_one(), *every.n_plus_one().grouped()]
    assert not any("\x1b" in str(each) or "\u202e" in str(each) for each in said)
    assert len(queries.grouped()) == 4  # another connection's may be another statement
    assert "(statement _pg3_0, not seen)" in str(queries.grouped())


def test_loops_about_statements_not_seen_are_found() -> None:
    two = [execution(f"s{each % 2}", 1, each * 0.002) for each in range(12)]
    bursts = queries_of(two).n_plus_one()
    assert [(burst.statement, burst.count) for burst in bursts] == [
        ("(statement s0, not seen)", 6),
        ("(statement s1, not seen)", 6),
    ]


# --- running ---


def test_groups_tell_what_runs() -> None:
    runs = query(0.0, "SELECT pg_sleep(30)", (), None, rows=None, running_s=29.5)
    queries = Queries([ALONE, runs, query(2.0, "SELECT pg_sleep(2)", (), 0.001)])
    first = queries.grouped()[0]
    assert (first.calls, first.running, first.running_s) == (2, 1, 29.5)
    assert first.total_s == pytest.approx(0.001)
    assert "1: 29.500 s" in str(queries.grouped())
    assert re.search(r"running +1, the longest for 29\.500 s", repr(first))
    assert "running" not in str(Queries([ALONE]).grouped())

"""Loops about queries, and transactions left idle."""

from __future__ import annotations

import json

import pytest
from queried import query

from netshell.errors import BadArgument
from netshell.protocols.queries import Queries
from netshell.protocols.query import Query
from netshell.view import cells, draw

LIST = "SELECT id, customer FROM orders WHERE state = 'open'"
ONE = "SELECT name FROM customers WHERE id = $1"


def lazily(count: int, at_s: float = 0.0, pause_s: float = 0.001, flow: int = 0) -> list[Query]:
    """A list, and a query for each of its rows."""
    made = [query(at_s, LIST, (), 0.003, rows=count, flow=flow)]
    for number in range(count):
        begin = at_s + 0.01 + number * (0.001 + pause_s)
        made.append(query(begin, ONE, (number * 7,), 0.001, flow=flow))
    return made


def test_a_lazy_list_is_found_with_its_list() -> None:
    (burst,) = Queries(lazily(20)).n_plus_one()
    assert burst.count == 20
    assert burst.statement == "SELECT name FROM customers WHERE id = ?"
    assert burst.spent_s == pytest.approx(0.020)
    assert burst.over_s == pytest.approx(0.039)
    assert burst.network_s == pytest.approx(0.004)
    assert burst.before == LIST
    assert burst.before_rows == 20
    assert burst.kinds == 20
    assert burst.varied == ("0", "7", "14", "21", "28")
    assert len(burst.queries) == 20
    assert "join" in burst.advice


def test_the_list_may_stand_farther_back() -> None:
    """The statement with as many rows, not the one right before."""
    said = lazily(6)
    said.insert(1, query(0.005, "SELECT count(*) FROM orders", rows=1))
    (burst,) = Queries(said).n_plus_one()
    assert burst.before == LIST


def test_values_in_the_statement_vary_too() -> None:
    said = [
        query(i / 100, f"SELECT * FROM t WHERE id = {i} AND k = 'x'", protocol="mysql")
        for i in range(5)
    ]
    (burst,) = Queries(said).n_plus_one()
    assert burst.varied == ("0", "1", "2", "3", "4")
    assert burst.before == ""


def test_the_same_each_time_needs_no_asking() -> None:
    (burst,) = Queries([query(i / 100, "SELECT now()") for i in range(6)]).n_plus_one()
    assert burst.kinds == 1
    assert burst.varied == ()
    assert "keep it" in burst.advice


def test_inserts_one_by_one() -> None:
    said = [query(i / 100, "INSERT INTO t VALUES ($1)", (i,)) for i in range(9)]
    (burst,) = Queries(said).n_plus_one()
    assert "several rows" in burst.advice


def test_a_loop_about_two_statements_goes_over_the_list_before_it() -> None:
    made = [query(0, LIST, (), rows=6)]
    for number in range(6):
        made.append(query(0.01 + number / 100, ONE, (number,)))
        made.append(query(0.015 + number / 100, "SELECT * FROM items WHERE o = $1", (number,)))
    bursts = Queries(made).n_plus_one()
    assert [(each.count, each.before) for each in bursts] == [(6, LIST), (6, LIST)]


def test_what_is_no_loop() -> None:
    few = lazily(4)
    slowly = lazily(20, pause_s=0.2)
    elsewhere = [query(i / 1000, ONE, (i,), flow=i) for i in range(20)]
    # Requests one after the other, each of more than a few statements.
    requests = [
        query(i * 0.01 + j * 0.001, f"SELECT c{j} FROM t{j} WHERE id = $1", (i,))
        for i in range(20)
        for j in range(5)
    ]
    ends = [query(i / 1000, each) for i in range(20) for each in ("BEGIN", "COMMIT")]
    for said in (few, slowly, elsewhere, requests, ends, []):
        assert len(Queries(said).n_plus_one()) == 0, said[:3]
    assert len(Queries(slowly).n_plus_one(within_s=0.3)) == 1
    assert len(Queries(few).n_plus_one(least=4)) == 1


def test_transactions_do_not_hide_a_loop() -> None:
    said = []
    for number in range(8):
        for step, text in enumerate(("BEGIN", f"UPDATE t SET a = 1 WHERE id = {number}", "COMMIT")):
            said.append(query(number / 100 + step / 1000, text))
    (burst,) = Queries(said).n_plus_one()
    assert burst.count == 8


def test_without_queries_it_says_that_there_are_none() -> None:
    assert str(Queries().n_plus_one()) == "no queries"
    assert "again and again" in str(Queries(lazily(2)).n_plus_one())


def test_bounds() -> None:
    for wrong in ({"least": 1}, {"least": "x"}, {"within_s": -1}, {"within_s": "x"}, {"lest": 3}):
        with pytest.raises(BadArgument):
            Queries(lazily(9)).n_plus_one(**wrong)  # type: ignore[arg-type]
    assert len(Queries(lazily(9)).n_plus_one(within_s=float("inf"))) == 1


@pytest.mark.parametrize("width", [80, 140])
def test_bursts_fit_and_are_data(width: int) -> None:
    bursts = Queries(lazily(20) + lazily(7, 5.0, flow=1)).n_plus_one()
    lines = draw(bursts.view(), width).split("\n")
    assert all(cells(line) <= width for line in lines)
    assert "27 round trips" in "\n".join(lines)
    first, second = json.loads(bursts.json())
    assert (first["count"], second["count"]) == (20, 7)
    assert "queries" not in first
    assert "20 different: 0, 7" in repr(bursts[0])


def test_a_loop_of_each_request_is_one() -> None:
    said = [each for flow in range(3) for each in lazily(5 + flow, flow * 2.0, flow=flow)]
    said += [query(9 + i / 100, "SELECT now()", took_s=0.0001) for i in range(6)]
    bursts = Queries(said).n_plus_one()
    assert len(bursts) == 4
    assert ".grouped()" in str(bursts)
    first, second = bursts.grouped()
    assert (first.bursts, first.count, first.most, first.connections) == (3, 18, 7, 3)
    assert first.spent_s == pytest.approx(0.018)
    assert first.network_s == pytest.approx(0.0036)
    assert first.before == LIST
    assert first.last_ns - first.first_ns == 4_000_000_000
    assert (second.statement, second.bursts) == ("SELECT now()", 1)
    lines = draw(bursts.grouped().view(), 80).split("\n")
    assert all(cells(line) <= 80 for line in lines)
    assert "3 × 7 SELECT name" in str(first)
    assert json.loads(bursts.grouped().json())[0]["count"] == 18


# --- transactions ---


def held(flow: int = 0, ended: str = "COMMIT") -> list[Query]:
    """A transaction that waits two seconds for its client."""
    state = "in transaction"
    return [
        query(0.0, "BEGIN", transaction=state, rows=None, flow=flow),
        query(0.002, "UPDATE t SET a = 1", transaction=state, flow=flow),
        query(2.003, "SELECT 1", transaction=state, flow=flow),
        query(2.005, ended, rows=None, flow=flow),
    ]


def test_idle_in_transaction() -> None:
    (found,) = Queries(held()).transactions()
    assert found.idle_s == pytest.approx(2.002)
    assert found.longest_idle_s == pytest.approx(2.0)
    assert (found.idle_after, found.idle_before) == ("UPDATE t SET a = 1", "SELECT 1")
    assert found.duration_s == pytest.approx(2.006)
    assert (found.statements, found.rows, found.ended) == (4, 2, "COMMIT")
    assert found.is_whole
    assert len(found.queries) == 4


def test_transactions_by_connection_the_idlest_first() -> None:
    short = [
        query(1.0, "BEGIN", transaction="in transaction", flow=1),
        query(1.1, "SELECT broken", transaction="failed", error="no", code="42703", flow=1),
        query(1.2, "ROLLBACK", flow=1),
    ]
    first, second = Queries([*short, *held(ended="ROLLBACK")]).transactions()
    assert (first.flow, first.ended) == (0, "ROLLBACK")
    assert (second.flow, second.errors) == (1, 1)


def test_open_and_unseen_ends() -> None:
    (still,) = Queries(held()[:2]).transactions()
    assert still.ended == ""
    assert "still open" in str(still)
    (amid,) = Queries(held()[1:]).transactions()
    assert not amid.is_whole
    assert len(Queries([query(0, "SELECT 1")]).transactions()) == 0
    assert json.loads(Queries(held()).transactions().json())[0]["statements"] == 4


@pytest.mark.parametrize("width", [80, 140])
def test_transactions_fit(width: int) -> None:
    lines = draw(Queries(held()).transactions().view(), width).split("\n")
    assert all(cells(line) <= width for line in lines)
    assert "idle after" in lines[0]

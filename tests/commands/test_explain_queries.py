"""``explain``: executed statements, and what is put together of them."""

from __future__ import annotations

from dataclasses import replace

from queried import START_NS, query

from netshell import explain
from netshell.protocols.queries import Queries


def test_the_networks_share_is_told_where_it_is_known() -> None:
    one = query(0, "SELECT 1", (), 0.0309, network_ms=0.014)
    assert "It took 30.9 ms: 14 µs of that on the network, 30.9 ms at the server." in str(
        explain(one)
    )
    unknown = str(explain(replace(one, network_ms=None)))
    assert "It took 30.9 ms." in unknown
    assert "How much of it the network took is not known" in unknown


def test_what_runs_runs() -> None:
    text = str(explain(query(0, "SELECT 1", (), None, running_s=1.25, lacking="no answer")))
    assert "It runs: 1.250 s up to now" in text
    assert "pg_stat_activity" in text
    assert "no answer" not in text and "It took" not in text
    lost = str(explain(query(0, "SELECT 1", (), None, lacking="no answer")))
    assert "What is not there of it: no answer." in lost


def test_of_several_none_is_accused() -> None:
    three = [
        query(each / 1000, f"SELECT {each} FROM t{each}", (), 0.2, together=3, since_ns=START_NS)
        for each in range(3)
    ]
    text = str(explain(three[1]))
    assert "in one go with 2 others: 200 ms for all 3" in text
    assert "nobody can tell" in text and "It took" not in text
    group = Queries(three).grouped()[0]
    assert "1 were answered in one go with others" in str(explain(group))


def test_what_was_not_seen_has_its_name() -> None:
    unseen = query(0, "", name="_pg3_0", kind="Execute")
    explained = explain(unseen)
    assert explained.subject == "(statement _pg3_0, not seen)"
    assert "prepared as _pg3_0 before the capture began" in str(explained)


def test_loops_groups_and_transactions() -> None:
    loop = [query(each / 100, f"SELECT a FROM t WHERE id = {each}", (), 0.002) for each in range(6)]
    queries = Queries([query(-0.01, "SELECT id FROM list", (), 0.001, rows=6), *loop])
    bursts = queries.n_plus_one()
    text = str(explain(bursts[0]))
    assert "The same statement 6 times in 52 ms on one connection (10.0.0.7:51234" in text
    assert "waited 6 times for an answer, 12 ms in all, 1.2 ms on the network" in text
    assert "over the rows of SELECT id FROM list, which gave 6 rows" in text
    assert "To do: One query with a join" in text
    assert text == str(explain(bursts))
    assert "1 loop on 1 connection executed it 6 times" in str(explain(bursts.grouped()))
    group = str(explain(queries.grouped()[0]))
    assert "Executed 6 times: 12 ms in all, 92.3% of the time" in group
    assert "95 % no longer than 2 ms" in group
    held = Queries(
        [
            query(0, "BEGIN", (), 0.001, transaction="in transaction"),
            query(0.1, "UPDATE t SET a = 1", (), 0.001, transaction="in transaction"),
            query(5, "COMMIT", (), 0.001),
        ]
    ).transactions()
    text = str(explain(held[0]))
    assert "The longest pause, 4.899 s, was after UPDATE t SET a = 1." in text
    assert "holds its locks" in text

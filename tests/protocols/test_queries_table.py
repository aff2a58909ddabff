"""The table of queries: what it chooses, groups, shows and gives as data."""

from __future__ import annotations

import json
import math
import re
import statistics

import pytest
from queried import START_NS, query

from netshell.errors import BadArgument
from netshell.flow.key import Endpoint
from netshell.protocols.queries import SHOWN, Queries
from netshell.protocols.query_layout import MOST_LINES, laid_out
from netshell.protocols.secret import Masked
from netshell.view import cells, draw

ORDERS = (
    "SELECT o.id, o.total FROM orders o JOIN customers c ON c.id = o.customer WHERE c.name = $1"
)

QUERIES = Queries(
    [
        query(0.0, ORDERS, ("Ann",), 0.012, rows=20, process="python3[77]"),
        query(0.1, "UPDATE orders SET total = 5 WHERE id = 1", (), 0.002, user="batch",
              application="psql"),
        query(0.2, "INSERT INTO orders VALUES (1, 2)", (), 0.001, rows=None, code="23505",
              error='duplicate key value violates unique constraint "orders_pkey"'),
        query(0.3, "SELECT pg_sleep(30)", (), None, rows=None, running_s=29.5, flow=1,
              client=Endpoint("2001:db8::7", 40000)),
        query(0.4, "SELECT * FROM t", (), None, rows=None, lacking="no answer", flow=2),
        query(0.5, "SELECT `a` FROM t", (), 0.5, "mysql", database="other", code="1146 (42S02)",
              error="Table 'other.t' doesn't exist", server=Endpoint("10.0.0.2", 3306)),
    ]
)  # fmt: skip


def statements(queries: Queries) -> list[str]:
    return [each.statement.split()[0] + str(round((each.time_ns - START_NS) / 1e8))
            for each in queries]  # fmt: skip


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ({"statement": "orders update"}, ["UPDATE1"]),
        ({"statement": "ORDERS"}, ["SELECT0", "UPDATE1", "INSERT2"]),
        ({"statement": r"^select .* from t$"}, ["SELECT4", "SELECT5"]),
        ({"statement": re.compile("pg_.leep")}, ["SELECT3"]),
        ({"statement": "pg_sleep(30)"}, ["SELECT3"]),
        ({"database": "other"}, ["SELECT5"]),
        ({"user": "batch"}, ["UPDATE1"]),
        ({"client": "2001:db8::/32"}, ["SELECT3"]),
        ({"client": "[2001:db8::7]:40000"}, ["SELECT3"]),
        ({"client": "10.0.0.7:51235"}, []),
        ({"server": ":3306"}, ["SELECT5"]),
        ({"server": "10.0.0.0/24", "protocol": "mysql"}, ["SELECT5"]),
        ({"error": True}, ["INSERT2", "SELECT5"]),
        ({"error": False}, ["SELECT0", "UPDATE1", "SELECT3", "SELECT4"]),
        ({"error": "23505"}, ["INSERT2"]),
        ({"error": "23"}, ["INSERT2"]),
        ({"error": 1146}, ["SELECT5"]),
        ({"error": "42S02"}, ["SELECT5"]),
        ({"error": "unique orders_pkey"}, ["INSERT2"]),
        ({"min_duration_s": 0.01}, ["SELECT0", "SELECT3", "SELECT5"]),
        ({"process": "python3"}, ["SELECT0"]),
        ({"process": "[77]"}, ["SELECT0"]),
        ({"application": "psql"}, ["UPDATE1"]),
    ],
)
def test_where(which: dict[str, object], expected: list[str]) -> None:
    assert statements(QUERIES.where(**which)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "which",
    [
        {"statement": "["}, {"statement": 5}, {"client": "ten"}, {"client": "10.0.0.0/99"},
        {"min_duration_s": -1}, {"min_duration_s": "1"}, {"min_duration_s": math.nan},
        {"error": ""}, {"application": 1}, {"database": 1}, {"databse": "x"},
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_told_in_a_line(which: dict[str, object]) -> None:
    with pytest.raises(BadArgument) as raised:
        QUERIES.where(**which)  # type: ignore[arg-type]
    assert "\n" not in str(raised.value)


def test_slowest_has_what_runs_and_not_what_is_lost() -> None:
    assert statements(QUERIES.slowest(3)) == ["SELECT3", "SELECT5", "SELECT0"]
    assert len(QUERIES.slowest(99)) == 5
    assert statements(QUERIES.errors) == ["INSERT2", "SELECT5"]
    with pytest.raises(BadArgument):
        QUERIES.slowest(-1)


def test_the_servers_part_of_the_time() -> None:
    assert QUERIES[0].server_s == pytest.approx(0.0118)
    quick = query(0, "SELECT 1", (), 0.0001)
    assert (quick.server_s, quick.network_s) == (0, 0.0001)
    assert query(0, "SELECT 1", (), 0.1, network_ms=None).server_s is None


@pytest.mark.parametrize("width", [66, 80, 140])
def test_lines_fit_and_the_statement_has_the_room(width: int) -> None:
    lines = draw(QUERIES.view(), width).split("\n")
    assert all(cells(line) <= width for line in lines)
    head = lines[0].index("statement")
    assert "took" in lines[0]
    rows = [line for line in lines[1:] if line.startswith("22:13:20.")]  # to the millisecond
    assert len(rows) == len(QUERIES) and all(line[head:].strip() for line in rows)
    joined = "\n".join(lines)
    assert "running 29.5 s" in joined and joined.count("no answer") == 1
    assert "\n    23505 duplicate key value violates unique constraint" in joined
    assert lines[-1] == "the same in all: network 200 µs"


@pytest.mark.parametrize(("width", "least"), [(80, 40), (100, 60), (140, 60), (200, 90)])
def test_the_statement_has_room_before_others(width: int, least: int) -> None:
    long = f"{ORDERS} AND o.state IN ('a', 'b') AND o.created > now() ORDER BY o.created"
    for clients in (1, 3):
        some = [
            query(each / 1e3, long, (each,), user=f"user{each % 2}", process="python3[20123]",
                  client=Endpoint("10.0.0.7", 50_000 + each % clients))
            for each in range(4)
        ]  # fmt: skip
        for queries in (Queries(some), Queries(some).slowest(3)):
            head, first, *lines = draw(queries.view(), width).split("\n")
            cut = first[head.index("statement") :].partition("…")[0].partition("  ")[0]
            assert long.startswith(cut) and len(cut) >= min(least, len(long)) - 1
            assert first.startswith("22:13:20.00")
            same = "the same in all: network 200 µs, database shop"
            assert any(line.startswith(same) for line in lines) and "database" not in head


def test_columns_that_say_the_same_are_told_below() -> None:
    one, other = query(0, "SELECT 1"), query(1, "SELECT 2", user="batch")
    text = draw(Queries([one, other]).view(), 140)
    assert text.split("\n")[0].split() == ["time", "took", "rows", "user", "statement"]
    assert text.endswith("\nthe same in all: network 200 µs, database shop, client 10.0.0.7:51234")
    alone = draw(Queries([one]).view(), 140)
    assert "same" not in alone and "shop" in alone


def test_the_greatest_by_another_order() -> None:
    assert statements(QUERIES.top(2)) == statements(QUERIES.slowest(2))
    assert statements(QUERIES.top(2, "server")) == ["SELECT5", "SELECT0"]
    assert statements(QUERIES.top(1, by="rows")) == ["SELECT0"]
    for by in ("size", 5):
        with pytest.raises(BadArgument, match="one of 'duration', 'server', 'rows'"):
            QUERIES.top(1, by)  # type: ignore[arg-type]


def test_those_of_unknown_time_are_told_where_all_others_are_shown() -> None:
    told = "1 query is left out: how long it took is not known"
    assert told in draw(QUERIES.slowest(10**30).view(), 80)
    assert "left out" not in draw(QUERIES.slowest(2).view(), 80)


def test_of_very_many_the_first_are_shown() -> None:
    many = Queries([query(each, f"SELECT {each}") for each in range(SHOWN + 7)])
    text = str(many)
    assert f"SELECT {SHOWN - 1}" in text and f"SELECT {SHOWN}" not in text
    assert "… 7 queries left out" in text
    assert len(json.loads(many.json())) == SHOWN + 7
    assert "left out" not in str(many[:SHOWN])


def test_when_and_what_stay_at_80_columns() -> None:
    for queries in (QUERIES[:3], QUERIES.errors, QUERIES.slowest(3)):
        head, *lines = draw(queries.view(), 80).split("\n")
        assert head.startswith("time") and head.endswith("statement")
        assert lines[0].startswith("22:13:20.")
        assert "client" in "".join(lines)  # left out, or the same in all: it is told


def test_a_whole_query_shows_everything() -> None:
    statement = f"{ORDERS} AND o.state IN ('a', 'b') ORDER BY o.created LIMIT 10"
    shown = query(
        0.0, statement, ("it's", None, b"\0"), 0.012, first_row_s=0.010, rows=3, tag="SELECT 3",
        process="python3[77]",
    )  # fmt: skip
    text = repr(shown)
    assert "12 ms = network 200 µs + server to the first row 9.8 ms + the rows 2 ms" in text
    assert re.search(r"client +10\.0\.0\.7:51234\n", text)
    assert re.search(r"process +python3\[77\]\n", text)
    assert "\nFROM orders o\n  JOIN customers c ON c.id = o.customer\nWHERE c.name = $1\n" in text
    assert "\n    AND o.state IN ('a', 'b')\nORDER BY o.created\nLIMIT 10\n" in text
    assert re.search(r"\$1 +'it''s' +text\n\$2 +NULL\n\$3 +\\x00 +1 bytes?", text)
    assert re.search(r"packets +4, 5\n", text)


def test_long_lines_are_divided_before_clauses() -> None:
    lines, left = laid_out(
        "SELECT DISTINCT ON (a) a, (SELECT max(b) FROM u WHERE c AND d) FROM t LEFT OUTER JOIN v "
        "ON v.a = t.a WHERE x BETWEEN 1 AND 2 AND y IS DISTINCT FROM z OR w GROUP BY a",
        "postgres",
    )
    assert (lines, left) == (
        [
            "SELECT DISTINCT ON (a) a, (SELECT max(b) FROM u WHERE c AND d)",
            "FROM t",
            "  LEFT OUTER JOIN v ON v.a = t.a",
            "WHERE x BETWEEN 1 AND 2",
            "    AND y IS DISTINCT FROM z",
            "    OR w",
            "GROUP BY a",
        ],
        0,
    )
    created = (
        "CREATE OR REPLACE USER somebody IDENTIFIED BY 'a password' REQUIRE SSL PASSWORD EXPIRE"
    )
    assert laid_out(created, "mysql") == ([created], 0)
    many, left = laid_out("a\n" * 500, "mysql")
    assert (len(many), left) == (MOST_LINES, 600)


def test_lines_of_a_statement_stay_its_own() -> None:
    text = repr(query(0, "\n    select a,\n\t   b\r\n    from t\n"))
    assert "\nselect a,\n" in text
    assert text.endswith("\nfrom t")


def test_what_was_never_answered_is_told_apart_from_what_was_skipped() -> None:
    lost = query(0, "SELECT 1", (), None, lacking="no answer")
    skipped = query(0, "SELECT 1", (), None, lacking="skipped: an error came before it")
    runs = query(0, "SELECT 1", (), None, lacking="no answer", running_s=3.21)
    assert [each.took for each in (lost, skipped, runs)] == ["no answer", "", "running 3.2 s"]
    assert runs.problem == ""


def test_statements_that_were_prepared_before_are_told() -> None:
    unseen = [query(0, "", kind=kind) for kind in ("Execute", "COM_STMT_EXECUTE", "Query")]
    text = str(Queries(unseen))
    assert "2 prepared statements were not seen" in text
    assert "(Execute)" in text
    assert "not seen" not in str(Queries(unseen[2:]))


def test_secrets_stay_masked() -> None:
    statement = Masked("ALTER ROLE a PASSWORD '***'", "ALTER ROLE a PASSWORD 'hunter2'")
    queries = Queries([query(0, statement, (Masked("***", "hunter2"),))])
    groups = queries.grouped()
    texts = [str(queries), repr(queries[0]), queries.json(), queries[0].json(),
             str(groups), groups.json(), repr(groups[0])]  # fmt: skip
    assert not any("hunter2" in text for text in texts)
    assert queries[0].statement.whole == "ALTER ROLE a PASSWORD 'hunter2'"  # type: ignore[attr-defined]


def test_hostile_text_is_shown_harmless() -> None:
    nasty = query(0, "select '\x1b[31m\u202e'", ("\x1b]0;x\x07",), error="\x1b[2J", code="1")
    for text in (str(Queries([nasty])), repr(nasty), Queries([nasty])._repr_html_() or ""):
        assert "\x1b" not in text
        assert "\u202e" not in text


# --- grouped ---


def test_groups_are_like_those_of_pg_stat_statements() -> None:
    times = [0.001 * (1 + i % 20) for i in range(100)]
    queries = Queries(
        [query(i, f"SELECT * FROM t WHERE id = {i}", (), took) for i, took in enumerate(times)]
        + [query(200, "SELECT 1", (), 0.5, database="other"), query(201, "SELECT 1", (), 0.1)]
        + [query(202, "select 2", (), 0.3, error="no", code="42601", rows=None)]
    )
    groups = queries.grouped()
    assert [each.statement for each in groups] == [
        "SELECT * FROM t WHERE id = ?", "SELECT ?", "SELECT ?",
    ]  # fmt: skip
    first = groups[0]
    assert first.calls == 100
    assert first.total_s == pytest.approx(sum(times))
    assert first.mean_s == pytest.approx(statistics.fmean(times))
    assert first.stddev_s == pytest.approx(statistics.pstdev(times))
    assert first.p95_s == pytest.approx(sorted(times)[94])
    assert (first.min_s, first.max_s) == (0.001, 0.02)
    assert first.rows == 100
    assert first.network_s == pytest.approx(0.02)
    assert first.share == pytest.approx(sum(times) / (sum(times) + 0.9))
    assert (first.first_ns, first.last_ns) == (START_NS, START_NS + 99 * 10**9)
    assert first.clients == ("10.0.0.7",)
    assert [each.database for each in groups[1:]] == ["other", "shop"]
    assert groups[2].errors == 1
    assert groups[2].calls == 2
    assert [each.calls for each in groups.top(2, by="calls")] == [100, 2]
    assert [each.errors for each in groups.top(1, "errors")] == [1]
    assert groups.top(1, by="mean")[0].database == "other"
    with pytest.raises(BadArgument, match="'total'"):
        groups.top(by="totl")


def test_groups_keep_some_values() -> None:
    queries = Queries([query(i, "SELECT $1", (i % 7, "a")) for i in range(20)])
    (group,) = queries.grouped()
    assert group.parameters == ((0, "a"), (1, "a"), (2, "a"), (3, "a"), (4, "a"))
    assert Queries([query(0, "SELECT $1", ([1],))]).grouped()[0].parameters == (("[1]",),)


@pytest.mark.parametrize("width", [80, 140])
def test_groups_fit(width: int) -> None:
    lines = draw(QUERIES.grouped().view(), width).split("\n")
    assert all(cells(line) <= width for line in lines)
    assert lines[0].startswith("calls")


# --- data ---


def test_json_has_every_field() -> None:
    (first, *_) = json.loads(QUERIES.json())
    assert first["statement"] == ORDERS
    assert first["parameters"] == ["Ann"]
    assert first["client"] == {"address": "10.0.0.7", "port": 51234}
    assert json.loads(QUERIES.grouped().json())[0]["statement"]


def test_data_frames() -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    frame = QUERIES.to_pandas()
    assert list(frame["duration_s"].fillna(-1)) == [0.012, 0.002, 0.001, -1, -1, 0.5]
    assert frame["time"][0] == pandas.Timestamp(START_NS)
    assert frame["parameters"][0] == '["Ann"]'
    groups = QUERIES.grouped()
    assert list(groups.to_pandas()["calls"]) == [each.calls for each in groups]
    told = groups.to_arrow().to_pylist()
    assert [row["parameters"] for row in told if "customers" in row["statement"]] == ['[["Ann"]]']
    assert not QUERIES.n_plus_one(least=2).to_arrow().num_rows
    assert Queries().to_pandas().empty


def test_sql_about_sql() -> None:
    pytest.importorskip("duckdb")
    pytest.importorskip("pyarrow")
    found = QUERIES.sql("select count(*) as n from queries where duration_s > 0.001")
    assert "3" in str(found)

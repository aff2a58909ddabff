"""The lab's server that speaks PostgreSQL's protocol, asked by PostgreSQL's own client library."""

from __future__ import annotations

import sys

import pytest

from netshell.commands.lab import Lab
from netshell.lab.servers import start_sql
from netshell.lab.sql_server import sleeps_s
from netshell.lab.wire import Wire

CLIENT = """
import psycopg
with psycopg.connect("host=10.77.0.2 user=student dbname=lab", autocommit=True) as lab:
    print(lab.info.server_version)
    cursor = psycopg.ClientCursor(lab)
    print(cursor.execute("SELECT pg_sleep(0.01)").fetchall())
    result = lab.pgconn.exec_(b"")
    print(result.status)
"""


def test_a_real_client_can_talk_to_it(wire: Wire) -> None:
    pytest.importorskip("psycopg")
    start_sql(wire.server)
    done = wire.client.run([sys.executable, "-c", CLIENT])
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["150000", "[(1,)]", "0"]


@pytest.mark.parametrize(
    ("query", "seconds"),
    [
        (b"SELECT 1", 0.0),
        (b"select PG_SLEEP( 2 )", 2.0),
        (b"SELECT pg_sleep(0.5)", 0.5),
        (b"SELECT pg_sleep(99999)", 10.0),
        (b"SELECT pg_sleep(-1)", 0.0),
    ],
)
def test_it_sleeps_as_long_as_asked_and_no_longer_than_ten_seconds(
    query: bytes, seconds: float
) -> None:
    assert sleeps_s(query) == seconds


def test_the_scenarios_capture_has_its_queries(wire: Wire) -> None:
    lab = Lab()
    with lab.run("slow_query") as play:
        lab.rest()
        queries = play.capture.queries()
        assert [query.statement for query in queries] == ["SELECT 1", "SELECT pg_sleep(1)"]
        assert queries[1].duration_s is not None
        assert queries[1].duration_s >= 1.0

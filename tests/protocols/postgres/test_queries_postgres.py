"""Queries end to end: what psycopg sends to a real PostgreSQL, live and in a file."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
from onloopback import capturing
from postgres_server import Server

from netshell import read
from netshell.capture.capture import Capture
from netshell.protocols.query import Query

DEADLINE_S = 60


@pytest.fixture(scope="module")
def shop(postgres: Server) -> Iterator[Server]:
    """A few customers and their orders."""
    with postgres.connect(autocommit=True) as db:
        db.execute("CREATE SCHEMA queries")
        db.execute("CREATE TABLE queries.customers (id int PRIMARY KEY, name text)")
        db.execute("CREATE TABLE queries.orders (id int PRIMARY KEY, customer int)")
        db.execute("INSERT INTO queries.customers SELECT i, 'c' || i FROM generate_series(1, 12) i")
        db.execute("INSERT INTO queries.orders SELECT i, 13 - i FROM generate_series(1, 12) i")
    yield postgres
    with postgres.connect(autocommit=True) as db:
        db.execute("DROP SCHEMA queries CASCADE")


def until(what: Callable[[], object]) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + DEADLINE_S
    while not what():
        assert time.monotonic() < deadline, "it did not come in time"
        time.sleep(0.01)  # between two looks at the real condition


def lazily(db: psycopg.Connection[tuple[int, ...]]) -> None:
    """Orders, and for each the name of its customer: an N+1."""
    found = db.execute("SELECT id, customer FROM queries.orders WHERE id > %s", (0,)).fetchall()
    for _, customer in found:
        db.execute("SELECT name FROM queries.customers WHERE id = %s", (customer,)).fetchall()


@pytest.fixture(scope="module")
def talked(shop: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[Capture, Capture]:
    """A capture of a program's work, and the same read from a file."""
    with capturing(shop.port) as capture, shop.connect(application_name="web") as db:
        lazily(db)
        db.commit()
        with pytest.raises(psycopg.errors.UniqueViolation):
            db.execute("INSERT INTO queries.orders VALUES (1, 2)")
        db.rollback()
        db.execute("SELECT pg_sleep(1.5)")  # longer than anything else, on a busy machine, too
        db.execute("UPDATE queries.orders SET customer = 1 WHERE id = 1")
        until(lambda: len(capture.queries("UPDATE", error=False)) == 1)
        held = time.monotonic()
        until(lambda: time.monotonic() > held + 0.25)
        db.commit()
    path = capture.save(tmp_path_factory.mktemp("queries") / "pg.pcapng")
    return capture, read(path)


def test_what_was_sent_and_what_became_of_it(talked: tuple[Capture, Capture]) -> None:
    queries = talked[0].queries()
    first = queries.where("queries.orders where")[0]
    assert first.statement == "SELECT id, customer FROM queries.orders WHERE id > $1"
    assert first.parameters in ((0,), ("0",))
    assert (first.rows, first.database, first.user) == (12, "postgres", "ann")
    assert first.application == "web"
    assert first.transaction == "in transaction"
    assert first.packets
    assert {each.flow for each in queries} == {0}
    (failed,) = queries.errors
    assert failed.code == "23505"
    assert "orders_pkey" in failed.error
    assert list(queries) == list(talked[0].flows[0].queries())


def test_slow_ones_tell_the_network_from_the_server(talked: tuple[Capture, Capture]) -> None:
    (slowest,) = talked[0].queries().slowest(1)
    assert slowest.normalised == "SELECT pg_sleep(?)"
    assert slowest.duration_s is not None and 1.5 <= slowest.duration_s < 60
    assert slowest.network_ms is not None and 0 < slowest.network_ms < 250
    assert slowest.server_s is not None and slowest.server_s >= 1.25


def test_a_real_n_plus_one(talked: tuple[Capture, Capture]) -> None:
    bursts = talked[0].queries().n_plus_one()
    (burst,) = bursts
    assert burst.count == 12
    assert burst.statement == "SELECT name FROM queries.customers WHERE id = ?"
    assert burst.kinds == 12
    assert burst.before == "SELECT id, customer FROM queries.orders WHERE id > $1"
    assert burst.before_rows == 12
    group = talked[0].queries().grouped().top(1, by="calls")[0]
    assert (group.calls, group.rows) == (12, 12)


def test_the_client_held_its_transaction(talked: tuple[Capture, Capture]) -> None:
    idlest = talked[0].queries().transactions()[0]
    assert idlest.idle_after.startswith("UPDATE")
    assert 0.2 < idlest.longest_idle_s < 60
    assert idlest.ended == "COMMIT"


def test_the_clients_process_is_known_when_the_capture_is_over(
    talked: tuple[Capture, Capture],
) -> None:
    """Also by parts of it, but not by a file."""
    capture, from_file = talked
    who = {each.process for each in capture.queries()}
    assert len(who) == 1
    assert who.pop().endswith(f"[{os.getpid()}]")
    assert {each.process for each in capture[:].queries()} == {capture.queries()[0].process}
    assert {each.process for each in from_file.queries()} == {""}


def test_from_the_midst_the_client_is_who_asks(talked: tuple[Capture, Capture]) -> None:
    capture = talked[0]
    whole = capture.queries()
    amid = capture[whole[5].packets[0] :].queries()
    assert amid[0].client == whole[0].client
    assert [each.statement for each in amid] == [each.statement for each in whole[5:]]


def test_a_file_tells_the_same(talked: tuple[Capture, Capture]) -> None:
    live, from_file = (each.queries() for each in talked)
    assert [(q.time_ns, q.statement, q.duration_s, q.rows, q.network_ms) for q in live] == [
        (q.time_ns, q.statement, q.duration_s, q.rows, q.network_ms) for q in from_file
    ]


def test_live_queries_come_at_once(shop: Server) -> None:
    """Within 0.2 s of their last packet; and what runs is told while it runs."""
    came: list[tuple[int, Query]] = []
    with capturing(shop.port) as capture:
        live = capture.queries(live=True)

        def listen() -> None:
            for query in live:
                came.append((time.time_ns(), query))

        listening = threading.Thread(target=listen)
        listening.start()
        with shop.connect(autocommit=True) as db:
            for number in range(5):
                db.execute("SELECT %s::int", (number,))
                until(lambda number=number: len(came) == number + 1)
            slow = threading.Thread(target=lambda: db.execute("SELECT pg_sleep(4)"))
            slow.start()
            until(lambda: any((each.running_s or 0) > 1 for each in live.waiting))
            (waiting,) = live.waiting
            assert waiting.statement == "SELECT pg_sleep(4)"
            assert re.match(r"running [1-4]\.", waiting.took)
            assert "pg_sleep" in str(live)
            assert capture.queries().slowest(1)[0].running_s is not None
            slow.join()
            until(lambda: len(came) == 7)
        live.stop()
        listening.join(DEADLINE_S)
        assert not listening.is_alive()
        assert not len(live.waiting)
    ran = came.pop(5)[1]  # told once as it ran, and again below as it was answered
    assert (ran.statement, ran.duration_s, ran.problem) == ("SELECT pg_sleep(4)", None, "")
    assert ran.running_s is not None and 1.0 <= ran.running_s < 4
    delays = sorted((seen - query.end_ns) / 1e9 for seen, query in came)
    assert delays[len(delays) // 2] < 0.2, delays
    assert came[-1][1].duration_s is not None and came[-1][1].duration_s >= 4


def test_only_some_live(shop: Server) -> None:
    with capturing(shop.port) as capture:
        live = capture.queries("wanted", live=True)
        with shop.connect(autocommit=True) as db:
            db.execute("SELECT 1 AS other")
            db.execute("SELECT 2 AS wanted")
            assert next(iter(live)).statement == "SELECT 2 AS wanted"


def test_what_is_encrypted_is_told(shop: Server) -> None:
    with capturing(shop.port) as capture, shop.connect(sslmode="require", autocommit=True) as db:
        db.execute("SELECT 1")
        until(lambda: capture.messages.counts.get("tls", 0) > 1)
    assert not len(capture.queries())
    said = "1 connection is encrypted (TLS): the SQL in it cannot be read"
    for queries in (capture.queries(), capture.queries(error=True), capture.flows[0].queries()):
        assert said in str(queries)


def test_a_password_in_sql_is_masked(shop: Server) -> None:
    with capturing(shop.port) as capture, shop.connect(autocommit=True) as db:
        db.execute("CREATE ROLE masked PASSWORD 'topsecret'")
        db.execute("DROP ROLE masked")
        until(lambda: len(capture.queries("DROP ROLE")) == 1)
        shown = capture.queries("CREATE ROLE")
        assert "topsecret" not in f"{shown} {shown[0]!r} {shown.json()} {shown.grouped().json()}"
        (whole,) = capture.queries("CREATE ROLE", reveal=True)
        assert whole.statement == "CREATE ROLE masked PASSWORD 'topsecret'"

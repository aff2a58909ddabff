"""Queries end to end: what PyMySQL sends to a real MariaDB."""

from __future__ import annotations

import os

import pymysql
import pytest
from mysql_server import Server
from onloopback import capturing

from netshell.capture.capture import Capture


@pytest.fixture(scope="module")
def talked(mariadb: Server) -> Capture:
    """A program's work: a list, each of its rows, an error, a slow one, a password."""
    with mariadb.connect(autocommit=True) as db, db.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS queried (id INT PRIMARY KEY, name TEXT)")
        cursor.execute("DELETE FROM queried")
        cursor.executemany("INSERT INTO queried VALUES (%s, %s)", [(i, f"n{i}") for i in range(9)])
    with capturing(mariadb.port) as capture, mariadb.connect() as db, db.cursor() as cursor:
        cursor.execute("SELECT id FROM queried WHERE name <> %s ORDER BY id", ("it's",))
        for (number,) in cursor.fetchall():
            cursor.execute("SELECT name FROM `queried` WHERE id = %s AND name <> 'a\"'", (number,))
            cursor.fetchall()
        with pytest.raises(pymysql.err.IntegrityError):
            cursor.execute("INSERT INTO queried VALUES (1, 'again')")
        db.commit()
        cursor.execute("SELECT SLEEP(1.5)")  # longer than anything else
        cursor.execute("SET PASSWORD FOR app@'127.0.0.1' = PASSWORD('topsecret')")
        cursor.execute("SET PASSWORD FOR app@'127.0.0.1' = PASSWORD('hunter2-xyz')")
    return capture


def test_the_loop_and_its_list(talked: Capture) -> None:
    (burst,) = talked.queries().n_plus_one()
    assert burst.count == 9
    assert burst.statement == "SELECT name FROM `queried` WHERE id = ? AND name <> ?"
    assert burst.varied == ("0", "1", "2", "3", "4")
    assert (burst.before_rows, burst.protocol) == (9, "mysql")
    assert burst.before == r"SELECT id FROM queried WHERE name <> 'it\'s' ORDER BY id"


def test_the_slowest_and_the_failed(talked: Capture) -> None:
    queries = talked.queries()
    (slowest,) = queries.slowest(1)
    assert slowest.statement == "SELECT SLEEP(1.5)"
    assert slowest.duration_s is not None and 1.5 <= slowest.duration_s < 60
    (failed,) = queries.where(error=1062)
    assert failed == queries.errors[0]
    assert "Duplicate entry" in failed.error
    assert {(each.user, each.database) for each in queries} == {("app", "shop")}
    assert {each.process.partition("[")[2] for each in queries} == {f"{os.getpid()}]"}


def test_passwords_are_masked_unless_asked_for(talked: Capture) -> None:
    queries = talked.queries("set password")
    assert len(queries) == 2
    assert "topsecret" not in f"{queries} {queries[0]!r} {queries.json()} {queries.grouped()}"
    assert "topsecret" in talked.queries("set password", reveal=True)[0].statement

"""Prepared statements over real connections: numbers resolved to SQL, values as they were bound."""

from __future__ import annotations

import datetime
import decimal
import io
from collections.abc import Iterator
from typing import Any

import mariadb_library
import mysql.connector
import pytest
from conftest import missing
from mysql_server import PASSWORD, Server, talked

from netshell.protocols.mysql.messages import MySqlStatement
from netshell.protocols.secret import Masked


def _connect(server: Server, **options: Any) -> Any:
    return mysql.connector.connect(
        host="127.0.0.1", port=server.port, user="app", password=PASSWORD, database="shop",
        use_pure=True, ssl_disabled=True, **options,
    )  # fmt: skip


@pytest.fixture
def library(mariadb: Server) -> Iterator[Any]:
    """A connection through MariaDB's own library, made when it is asked for."""
    try:
        with mariadb_library.connected(mariadb.port, "app", PASSWORD, "shop"):
            pass
    except OSError as error:
        missing(f"MariaDB's client library: {error}")
    return lambda: mariadb_library.connected(mariadb.port, "app", PASSWORD, "shop")


SELECT = "SELECT %s AS a, %s AS b, %s AS c, %s AS d, %s AS e, %s AS f, %s AS g, %s AS h"
SQL = SELECT.replace("%s", "?")
VALUES: tuple[Any, ...] = (
    1, -70000, 1 << 40, 2.5, "zwölf", None, decimal.Decimal("-1.50"),
    datetime.datetime(2024, 2, 29, 12, 30, 1, 500),
)  # fmt: skip
READ = (1, -70000, 1 << 40, 2.5, "zwölf", None, "-1.50", "2024-02-29 12:30:01.000500")
MORE = (b"\x00\xff", datetime.date(1999, 12, 31), datetime.timedelta(hours=30, seconds=5),
        datetime.timedelta(days=2), 0, "", 3, 4)  # fmt: skip


def test_values_are_those_that_were_bound(mariadb: Server) -> None:
    got: list[Any] = []

    def talk() -> None:
        with _connect(mariadb) as connection, connection.cursor(prepared=True) as cursor:
            for values in (VALUES, MORE):
                cursor.execute(SELECT, values)
                got.append(cursor.fetchall()[0])

    said = talked(mariadb, talk, "prepared.pcap")
    (prepared,) = said.of("COM_STMT_PREPARE")
    assert (prepared.statement, prepared.placeholders) == (SQL, 8)
    assert prepared.columns == tuple("abcdefgh")
    first, second = said.of("COM_STMT_EXECUTE")
    assert isinstance(first, MySqlStatement)
    assert (first.statement, first.name) == (SQL, prepared.name)
    assert first.parameters == READ
    assert second.parameters == (b"\x00\xff", "1999-12-31", "30:00:05", "48:00:00", 0, "", 3, 4)
    assert (first.rows, first.columns) == (1, tuple("abcdefgh"))
    # What the server sent back, in the binary form: the client reads the same out of it.
    assert got[0][:6] == VALUES[:6]
    assert first.results[0].first.values[0][:6] == READ[:6]
    (close,) = said.of("COM_STMT_CLOSE")
    assert (close.name, close.statement, close.answered) == (prepared.name, SQL, "")


def test_rows_in_the_binary_form_are_read(mariadb: Server) -> None:
    sql = (
        "SELECT CAST(-5 AS SIGNED) a, CAST(18446744073709551615 AS UNSIGNED) b, 1.5e0 c,"
        " CAST('12:00:01.5' AS TIME(1)) d, DATE '2024-02-29' e, TIMESTAMP '2024-02-29 10:00:00' f,"
        " 12.50 g, 'text' h, x'00ff' i, NULL j, YEAR('2024-01-01') k, CAST(0.1 AS FLOAT) l"
    )

    def talk() -> None:
        with _connect(mariadb) as connection, connection.cursor(prepared=True) as cursor:
            cursor.execute(sql)
            cursor.fetchall()

    (row,) = talked(mariadb, talk).of("COM_STMT_EXECUTE")[0].results[0].first.values
    assert row == (
        -5, 18446744073709551615, 1.5, "12:00:01.500000", "2024-02-29", "2024-02-29 10:00:00",
        "12.50", "text", row[8], None, 2024, 0.1,
    )  # fmt: skip
    assert row[8] in (b"\x00\xff", "\x00\xff".encode("latin-1"))


def test_types_that_were_bound_before_are_remembered(library: Any, mariadb: Server) -> None:
    sql = "SELECT ? + 1"
    with _connect(mariadb) as connection:
        assert connection.is_connected()

    def talk() -> None:
        with _connect(mariadb) as connection, connection.cursor(prepared=True) as cursor:
            for number in (1, 2, 3):
                cursor.execute("SELECT %s + 1", (number,))
                cursor.fetchall()

    found = talked(mariadb, talk).of("COM_STMT_EXECUTE")
    assert [(each.statement, each.parameters) for each in found] == [
        (sql, (1,)), (sql, (2,)), (sql, (3,))
    ]  # fmt: skip


def test_a_value_sent_beforehand_is_the_parameter(library: Any, mariadb: Server) -> None:
    sql = "INSERT INTO goods (picture) VALUES (?)"

    def talk() -> None:
        with library() as connection:
            connection.send_long(sql, [b"\x00abc", b"def\xff"])

    said = talked(mariadb, talk)
    assert [each.argument for each in said.of("COM_STMT_SEND_LONG_DATA")] == [
        "parameter 0, 4 bytes", "parameter 0, 4 bytes"
    ]  # fmt: skip
    (execute,) = said.of("COM_STMT_EXECUTE")
    assert (execute.statement, execute.parameters, execute.rows) == (sql, (b"\x00abcdef\xff",), 1)


def test_a_stream_as_a_value(mariadb: Server) -> None:
    def talk() -> None:
        with _connect(mariadb) as connection, connection.cursor(prepared=True) as cursor:
            cursor.execute("INSERT INTO goods (picture) VALUES (%s)", (io.BytesIO(b"\xff" * 9000),))

    (execute,) = talked(mariadb, talk).of("COM_STMT_EXECUTE")
    assert execute.parameters == (b"\xff" * 9000,)


def test_rows_are_fetched_through_a_cursor(library: Any, mariadb: Server) -> None:
    sql = "SELECT seq FROM seq_1_to_7"

    def talk() -> None:
        with library() as connection:
            assert connection.fetch(sql, 3) == 7

    said = talked(mariadb, talk, "cursor.pcap")
    (execute,) = said.of("COM_STMT_EXECUTE")
    assert (execute.has_cursor, execute.rows, execute.columns) == (True, 0, ("seq",))
    fetches = said.of("COM_STMT_FETCH")
    assert [(each.argument, each.rows) for each in fetches][:3] == [
        ("3 rows", 3), ("3 rows", 3), ("3 rows", 1)
    ]  # fmt: skip
    assert all((each.statement, each.columns) == (sql, ("seq",)) for each in fetches)
    assert fetches[0].results[0].first.values == ((1,), (2,), (3,))


def test_a_statement_is_executed_as_it_is_prepared(library: Any, mariadb: Server) -> None:
    sql = "INSERT INTO goods (name) VALUES ('direct')"

    def talk() -> None:
        with library() as connection:
            connection.execute_direct(sql)
            with pytest.raises(RuntimeError):
                connection.execute_direct("INSERT INTO nowhere VALUES (1)")

    said = talked(mariadb, talk, "direct.pcap")
    execute, failed = said.of("COM_STMT_EXECUTE")
    prepare = said.of("COM_STMT_PREPARE")[0]
    assert (execute.statement, execute.name, execute.rows) == (sql, prepare.name, 1)
    assert failed.statement == "INSERT INTO nowhere VALUES (1)"
    assert said.of("COM_STMT_PREPARE")[1].code == "1146 (42S02)"
    assert failed.code


def test_rows_in_bulk(library: Any, mariadb: Server) -> None:
    sql = "REPLACE INTO goods (id, name) VALUES (?, ?)"
    rows = [(2001, "a"), (2002, "zwölf"), (-3, "")]

    def talk() -> None:
        with library() as connection:
            connection.insert_many(sql, rows)

    (execute,) = talked(mariadb, talk, "bulk.pcap").of("COM_STMT_BULK_EXECUTE")
    assert (execute.statement, execute.parameters, execute.rows) == (sql, tuple(rows), 3)
    assert execute.tag.startswith("Records: 3")


def test_a_statement_that_cannot_be_prepared(mariadb: Server) -> None:
    def talk() -> None:
        with (
            _connect(mariadb) as connection,
            connection.cursor(prepared=True) as cursor,
            pytest.raises(mysql.connector.Error),
        ):
            cursor.execute("SELEC %s", (1,))

    (prepare,) = talked(mariadb, talk).of("COM_STMT_PREPARE")
    assert prepare.code == "1064 (42000)" and prepare.error.startswith("You have an error")


def test_a_value_where_a_password_belongs_is_masked(mariadb: Server) -> None:
    sql = "SELECT 1 FROM goods WHERE id = ? AND ? = 'x' OR 'password' = ?"
    named = "UPDATE people SET password = ? WHERE id = ?"

    def talk() -> None:
        with _connect(mariadb) as connection, connection.cursor(prepared=True) as cursor:
            cursor.execute("CREATE TEMPORARY TABLE people (id INT, password VARCHAR(20))")
            cursor.execute(named.replace("?", "%s"), (PASSWORD, 5))
            cursor.execute(sql.replace("?", "%s"), (1, "b", "c"))
            cursor.fetchall()

    said = talked(mariadb, talk)
    execute = said.asked(named)
    assert execute.parameters == ("***", 5)
    assert isinstance(execute.parameters[0], Masked) and execute.parameters[0].whole == PASSWORD
    ((side, begin, end),) = execute.secrets
    (flow,) = said.capture.flows
    assert PASSWORD.encode() in flow.stream(side).data[begin:end]
    assert len(PASSWORD) <= end - begin <= len(PASSWORD) + 1

"""Queries in the text protocol, over a real connection: what PyMySQL sent and got."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pymysql
import pytest
from mysql_server import PASSWORD, Server, talked
from pymysql.constants import CLIENT, COMMAND

from netshell.protocols.mysql.messages import Command, Greeting, Login, MySqlStatement
from netshell.protocols.secret import MASK, Masked


def test_what_is_said_is_what_pymysql_sent_and_got(mariadb: Server) -> None:
    sent: list[str] = []
    got: list[Any] = []

    def talk() -> None:
        with mariadb.connect() as connection, connection.cursor() as cursor:
            for sql in (
                "TRUNCATE goods",
                "INSERT INTO goods (name, price) VALUES ('pen', 1.50), ('été', NULL)",
                "SELECT name, price FROM goods ORDER BY name",
                "UPDATE goods SET price = 2 WHERE name = 'pen'",
                "SELECT 1 FROM goods WHERE id < 0",
                "SELECT * FROM nowhere",
                "CREATE TEMPORARY TABLE IF NOT EXISTS goods2 LIKE goods",
                "DROP TABLE IF EXISTS goods3",
                "SELECT seq FROM seq_1_to_1000",
                "COMMIT",
            ):
                sent.append(sql)
                try:
                    count = cursor.execute(sql)
                except pymysql.Error as error:
                    got.append(error.args)
                else:
                    columns = tuple(each[0] for each in cursor.description or ())
                    got.append((count, columns, cursor.lastrowid, cursor.fetchall()))

    said = talked(mariadb, talk, "queries.pcap")
    statements = [each for each in said.of("COM_QUERY") if each.statement in sent]
    assert [each.statement for each in statements] == sent
    for statement, back in zip(statements, got, strict=True):
        assert isinstance(statement, MySqlStatement)
        assert (statement.user, statement.database, statement.lacking) == ("app", "shop", "")
        if len(back) == 2:
            assert statement.code == f"{back[0]} (42S02)"
            assert statement.error == back[1]
            assert statement.problem == f"{back[0]} (42S02) {back[1]}"
            continue
        count, columns, inserted, rows = back
        assert statement.rows == count
        assert statement.columns == columns
        if columns:
            assert statement.first_row_ns is None if not rows else statement.first_row_ns
            first = statement.results[0].first.values
            as_text = [tuple(None if v is None else str(v) for v in row) for row in rows[:5]]
            assert list(first) == as_text
        else:
            assert statement.last_insert_id == inserted
    states = [each.transaction for each in statements]
    assert states[1:4] == ["in transaction"] * 3
    assert states[5] == "" and states[-1] == "idle"
    assert statements[7].warnings == 1
    assert statements[3].tag == "Rows matched: 1  Changed: 1  Warnings: 0"


def test_the_connection_begins_with_a_greeting_and_a_login(mariadb: Server) -> None:
    said = talked(mariadb, lambda: mariadb.connect().close())
    greeting, login = said.messages[:2]
    assert isinstance(greeting, Greeting) and isinstance(login, Login)
    assert greeting.version == f"5.5.5-{greeting.server}" and "MariaDB" in greeting.server
    assert greeting.connection_id > 0
    assert greeting.plugin == "mysql_native_password"
    assert "CLIENT_COMPRESS" in greeting.capabilities
    assert "MARIADB_CLIENT_EXTENDED_METADATA" in greeting.capabilities
    assert (login.user, login.database, login.code) == ("app", "shop", "")
    assert login.plugin == "mysql_native_password"
    assert login.charset == "utf8mb4"
    assert dict(login.attributes)["_client_name"] == "pymysql"
    assert login.asked == "login app to shop, mysql_native_password"
    assert login.answered == "OK"
    assert said.messages[-1].kind == "COM_QUIT"


def test_the_proof_of_a_login_is_masked_and_its_place_told(mariadb: Server) -> None:
    said = talked(mariadb, lambda: mariadb.connect().close())
    (login,) = said.of("login")
    (proof,) = login.proofs
    assert isinstance(proof, Masked) and proof == MASK
    ((side, begin, end),) = login.secrets
    assert end - begin == 20
    (flow,) = said.capture.flows
    assert flow.stream(side).data[begin:end].hex() == proof.whole
    assert proof.whole not in str(login.said("client")) + str(list(login.facts()))


def test_a_refused_login_says_why(mariadb: Server) -> None:
    def talk() -> None:
        with pytest.raises(pymysql.Error, match="1045"):
            mariadb.connect("nobody")

    (login,) = talked(mariadb, talk).of("login")
    assert login.code == "1045 (28000)"
    assert login.problem.startswith("1045 (28000) Access denied for user 'nobody'@'127.0.0.1'")


def test_use_and_init_db_are_followed(mariadb: Server) -> None:
    def talk() -> None:
        with mariadb.connect(database=None) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            connection.select_db("shop")
            cursor.execute("SELECT 2")
            cursor.execute("USE `mysql`")
            cursor.execute("SELECT 3")
            with pytest.raises(pymysql.Error):
                cursor.execute("USE nowhere")
            cursor.execute("SELECT 4")

    said = talked(mariadb, talk)
    found = [said.asked(f"SELECT {each}").database for each in range(1, 5)]
    assert found == ["", "shop", "mysql", "mysql"]


def test_several_statements_in_one_have_several_results(mariadb: Server) -> None:
    sql = "SELECT 1 AS a; SELECT 2 AS b, 3 AS c UNION SELECT 4, 5; DO 0; SELECT nowhere"

    def talk() -> None:
        options = {"client_flag": CLIENT.MULTI_STATEMENTS}
        with mariadb.connect(**options) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            with pytest.raises(pymysql.Error, match="1054"):
                while cursor.nextset():
                    pass

    statement = talked(mariadb, talk).asked(sql)
    assert [each.columns for each in statement.results] == [("a",), ("b", "c"), ()]
    assert [each.rows for each in statement.results] == [1, 2, None]
    assert statement.results[1].first.values == (("2", "3"), ("4", "5"))
    assert (statement.rows, statement.columns) == (3, ("a",))
    assert statement.code == "1054 (42S22)"


def test_a_procedure_returns_its_rows_and_an_ok(mariadb: Server) -> None:
    def talk() -> None:
        with mariadb.connect() as connection, connection.cursor() as cursor:
            cursor.execute("CREATE OR REPLACE PROCEDURE two() BEGIN SELECT 1; SELECT 2; END")
            cursor.callproc("two")
            assert cursor.fetchall() == ((1,),)
            while cursor.nextset():
                pass

    said = talked(mariadb, talk)
    statement = said.asked("CALL `two`()")
    assert [each.rows for each in statement.results] == [1, 1, None]


def test_a_file_of_the_client_is_counted(mariadb: Server, tmp_path: Path) -> None:
    path = tmp_path / "goods.csv"
    path.write_text("1000\tpen\n1001\tink\n" * 1)
    sql = f"LOAD DATA LOCAL INFILE '{path}' REPLACE INTO TABLE goods (id, name)"

    def talk() -> None:
        with mariadb.connect(local_infile=True) as connection, connection.cursor() as cursor:
            assert cursor.execute(sql) == 2

    statement = talked(mariadb, talk).asked(sql)
    assert (statement.infile, statement.infile_bytes) == (str(path), len(path.read_bytes()))
    assert statement.rows == 2 and statement.code == ""
    assert [part.side for part in statement.parts] == ["client", "server", "client", "server"]
    assert statement.tag == "Records: 2  Deleted: 0  Skipped: 0  Warnings: 0"


def test_a_file_that_is_not_there_ends_the_statement(mariadb: Server) -> None:
    sql = "LOAD DATA LOCAL INFILE '/nowhere' INTO TABLE goods"

    def talk() -> None:
        with mariadb.connect(local_infile=True) as connection, connection.cursor() as cursor:
            with pytest.raises(pymysql.Error):
                cursor.execute(sql)
            cursor.execute("SELECT 5")

    said = talked(mariadb, talk)
    statement = said.asked(sql)
    assert (statement.infile, statement.infile_bytes) == ("/nowhere", 0)
    assert said.asked("SELECT 5").rows == 1


def test_other_commands(mariadb: Server) -> None:
    def talk() -> None:
        with mariadb.connect() as connection, mariadb.connect() as other:
            connection.ping()
            connection._execute_command(COMMAND.COM_STATISTICS, b"")
            assert connection._read_packet().get_all_data().startswith(b"Uptime")
            connection._execute_command(COMMAND.COM_FIELD_LIST, b"goods\0")
            packet = connection._read_packet()
            while not packet.is_eof_packet():
                packet = connection._read_packet()
            number = other.thread_id().to_bytes(4, "little")
            connection._execute_command(COMMAND.COM_PROCESS_KILL, number)
            assert connection._read_packet().is_ok_packet()
            connection._execute_command(COMMAND.COM_PROCESS_INFO, b"")
            connection._result = pymysql.connections.MySQLResult(connection)
            connection._result.read()
            connection._execute_command(31, b"")
            assert connection._read_packet().is_ok_packet()
            other._sock.settimeout(60)
            with pytest.raises(pymysql.Error):
                other.ping(reconnect=False)
            killed.append(other.thread_id())

    killed: list[int] = []
    said = talked(mariadb, talk, flows=2)
    for kind in ("COM_PING", "COM_RESET_CONNECTION"):
        assert said.of(kind)[0].answered == "OK"
    (statistics,) = said.of("COM_STATISTICS")
    assert statistics.text.startswith("Uptime: ")
    (fields,) = said.of("COM_FIELD_LIST")
    assert fields.columns == ("id", "name", "price", "picture", "since")
    (kill,) = said.of("COM_PROCESS_KILL")
    assert (kill.argument, kill.answered) == (str(killed[0]), "OK")
    (processes,) = said.of("COM_PROCESS_INFO")
    assert isinstance(processes, Command) and processes.columns[:2] == ("Id", "User")


def test_passwords_in_sql_are_masked(mariadb: Server) -> None:
    sql = f"CREATE OR REPLACE USER visitor IDENTIFIED BY '{PASSWORD}'"

    def talk() -> None:
        with mariadb.connect() as connection, connection.cursor() as cursor:
            cursor.execute(sql)

    said = talked(mariadb, talk)
    statement = next(each for each in said.of("COM_QUERY") if "visitor" in each.statement)
    assert isinstance(statement.statement, Masked)
    assert statement.statement.whole == sql
    assert statement.asked == "CREATE OR REPLACE USER visitor IDENTIFIED BY '***'"
    ((side, begin, end),) = statement.secrets
    (flow,) = said.capture.flows
    assert flow.stream(side).data[begin:end].decode() == PASSWORD


def test_too_many_connections_are_told_before_a_greeting(mariadb: Server) -> None:
    def talk() -> None:
        opened = []
        with pytest.raises(pymysql.Error, match="1040"):
            for _ in range(20):
                opened.append(mariadb.connect())
        for each in opened:
            each.close()
        refused.append(len(opened) + 1)

    refused: list[int] = []
    said = talked(mariadb, talk, flows=11)
    (error,) = said.of("error")
    assert error.code.startswith("1040") and error.error == "Too many connections"
    assert error.side == "server"

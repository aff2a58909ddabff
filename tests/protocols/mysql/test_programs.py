"""MariaDB's own programs over real connections: compression, ed25519, TLS, replication, 16 MiB."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mysql.connector
from daemon import DEADLINE_S
from feeding import of_capture
from mysql_server import PASSWORD, Server, talked

from netshell.protocols.mysql.messages import MySqlStatement
from netshell.protocols.secret import revealed


def test_the_command_line_over_compression(mariadb: Server) -> None:
    out: list[str] = []
    sql = "SELECT seq, REPEAT('x', 100) AS x FROM seq_1_to_2000; SELECT 'end' AS e;"

    def talk() -> None:
        out.append(mariadb.run("--compress", "-N", "shop", "-e", sql))

    said = talked(mariadb, talk, "compressed.pcap")
    (login,) = said.of("login")
    assert login.compression == "zlib"
    assert dict(login.attributes)["program_name"] == "mysql"
    many, end = said.of("COM_QUERY")[-2:]
    assert isinstance(many, MySqlStatement)
    assert (many.rows, many.columns, many.lacking) == (2000, ("seq", "x"), "")
    assert many.results[0].first.values[0] == ("1", "x" * 100)
    assert (end.statement, end.rows) == ("SELECT 'end' AS e", 1)
    assert len(out[0].splitlines()) == many.rows + end.rows
    size = sum(part.end - part.begin for part in many.parts)
    assert size < 2000 * 100 / 4  # places are those of what was sent


def test_the_connector_over_compression(mariadb: Server) -> None:
    def talk() -> None:
        with mysql.connector.connect(
            host="127.0.0.1", port=mariadb.port, user="app", password=PASSWORD, database="shop",
            use_pure=True, ssl_disabled=True, compress=True,
        ) as connection, connection.cursor() as cursor:  # fmt: skip
            cursor.execute("SELECT REPEAT('abc', 100000)")
            cursor.fetchall()
            cursor.execute("SELECT '" + "y" * 5000 + "'")
            cursor.fetchall()

    statements = talked(mariadb, talk).of("COM_QUERY")[-2:]
    assert [each.rows for each in statements] == [1, 1]
    assert statements[1].statement == "SELECT '" + "y" * 5000 + "'"


def test_a_login_with_ed25519(mariadb: Server) -> None:
    out: list[str] = []

    def talk() -> None:
        out.append(mariadb.run("-N", "-e", "SELECT CURRENT_USER()", user="signer"))

    (login,) = talked(mariadb, talk, "ed25519.pcap").of("login")
    assert out == ["signer@127.0.0.1\n"]
    assert (login.user, login.plugins, login.answered) == ("signer", ("client_ed25519",), "OK")
    assert set(login.proofs) == {"***"}
    assert len(revealed(login).proofs[-1]) == 128  # a signature of 64 bytes, in hexadecimal


def test_tls_takes_over(mariadb: Server) -> None:
    def talk() -> None:
        with mariadb.connect(ssl_disabled=False, ssl={"check_hostname": False}) as connection:
            assert connection.ping() is None

    said = talked(mariadb, talk)
    (request,) = said.of("SSL request")
    assert request.asked == "SSL request"
    assert [each.kind for each in said.messages[:2]] == ["greeting", "SSL request"]
    everything: list[Any] = of_capture(said.capture)
    assert [each.protocol for each in everything[:3]] == ["mysql", "mysql", "tls"]


def test_results_of_a_procedure_and_warnings_by_the_command_line(mariadb: Server) -> None:
    script = """DELIMITER //
CREATE OR REPLACE PROCEDURE several() BEGIN SELECT 1 AS one; SELECT 2 AS two; END//
CALL several()//
SELECT 1/0//
"""
    out: list[str] = []

    def talk() -> None:
        out.append(mariadb.run("-N", "--show-warnings", "shop", stdin=script))

    said = talked(mariadb, talk)
    called = said.asked("CALL several()")
    assert [(each.columns, each.rows) for each in called.results] == [
        (("one",), 1), (("two",), 1), ((), None)
    ]  # fmt: skip
    divided = said.asked("SELECT 1/0")
    assert divided.warnings == 1 and divided.results[0].first.values == ((None,),)
    assert "Division by 0" in out[0]
    assert said.asked("show warnings").rows == 1


def test_a_file_by_the_command_line(mariadb: Server, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text("".join(f"{at}\tname {at}\n" for at in range(5000, 9000)))
    sql = f"LOAD DATA LOCAL INFILE '{path}' REPLACE INTO TABLE goods (id, name)"
    said = talked(mariadb, lambda: mariadb.run("--local-infile", "shop", "-e", sql))
    statement = said.asked(sql)
    assert statement.infile_bytes == path.stat().st_size
    assert statement.rows == 4000


def test_a_stream_of_replication_is_named(mariadb: Server, peer: Callable[[str], Path]) -> None:
    program = peer("mariadb-binlog")

    def talk() -> None:
        subprocess.run(
            [program, "--no-defaults", "-h127.0.0.1", f"-P{mariadb.port}", "-uapp", "--ssl=0",
             f"-p{PASSWORD}", "--read-from-remote-server", "log.000001"],
            capture_output=True, timeout=DEADLINE_S, check=True,
        )  # fmt: skip

    said = talked(mariadb, talk)
    assert "COM_BINLOG_DUMP" in [each.kind for each in said.messages]
    raw: Any = said.messages[-1]
    assert (raw.protocol, raw.after) == ("raw", "mysql")
    assert raw.reason == "a stream of replication follows, which is not read"


def test_a_statement_of_more_than_16_mib(mariadb: Server) -> None:
    size = 0xFFFFFF + 100

    def talk() -> None:
        with mariadb.connect(database=None) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT LENGTH('" + "z" * size + "')")
            assert cursor.fetchall() == ((size,),)
            cursor.execute("SELECT REPEAT('z', 17000000)")

    large, row = talked(mariadb, talk).of("COM_QUERY")[-2:]
    assert large.statement.startswith("SELECT LENGTH('zzz")
    assert (large.rows, large.results[0].first.values) == (1, ((str(size),),))
    assert large.parts[0].end - large.parts[0].begin == size + len("SELECT LENGTH('')") + 1 + 8
    assert (row.rows, row.lacking) == (1, "")

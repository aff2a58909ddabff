"""Recorded traffic of real clients and a real server, read without them.

NETSHELL_RECORD=1 has the tests that are named here write the captures anew:
test_queries.py (queries), test_prepared.py (prepared, cursor, direct, bulk), test_programs.py
(compressed, ed25519).
"""

from __future__ import annotations

import itertools
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from feeding import cuts, heard, of_capture, read
from mysql_server import RECORDED

import netshell
from netshell.capture.capture import Capture
from netshell.protocols.mysql.decoder import MySqlDecoder

GREETING = "mysql greeting 10.11.N-MariaDB-0+deb12uN-log, connection N"
LOGIN = "mysql login app to shop, mysql_native_password → OK"
EIGHT = "SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e, ? AS f, ? AS g, ? AS h"
SAID = {
    "queries": [
        GREETING, LOGIN,
        "mysql SET NAMES utf8mb4 → OK, 0 rows affected",
        "mysql SET AUTOCOMMIT = 0 → OK, 0 rows affected",
        "mysql TRUNCATE goods → OK, 0 rows affected",
        "mysql INSERT INTO goods (name, price) VALUES ('pen', 1.50), ('été', NULL)"
        " → OK, 2 rows affected",
        "mysql SELECT name, price FROM goods ORDER BY name → 2 rows",
        "mysql UPDATE goods SET price = 2 WHERE name = 'pen' → OK, 1 row affected",
        "mysql SELECT 1 FROM goods WHERE id < 0 → 0 rows",
        "mysql SELECT * FROM nowhere → 1146 (42S02) Table 'shop.nowhere' doesn't exist",
        "mysql CREATE TEMPORARY TABLE IF NOT EXISTS goods2 LIKE goods → OK, 0 rows affected",
        "mysql DROP TABLE IF EXISTS goods3 → OK, 0 rows affected, 1 warning",
        "mysql SELECT seq FROM seq_1_to_1000 → 1,000 rows",
        "mysql COMMIT → OK, 0 rows affected",
        "mysql COM_QUIT",
    ],
    "prepared": [
        GREETING, LOGIN,
        "mysql SET NAMES 'utf8mb4' COLLATE 'utf8mb4_general_ci' → OK, 0 rows affected",
        "mysql SET @@session.autocommit = OFF → OK, 0 rows affected",
        "mysql COM_PING → OK",
        f"mysql COM_STMT_PREPARE # {EIGHT} → OK",
        f"mysql COM_STMT_RESET # {EIGHT} → OK",
        f"mysql {EIGHT} → 1 row",
        f"mysql COM_STMT_RESET # {EIGHT} → OK",
        f"mysql {EIGHT} → 1 row",
        f"mysql COM_STMT_CLOSE # {EIGHT}",
        "mysql COM_QUIT",
    ],
    "cursor": [
        GREETING, LOGIN,
        "mysql COM_STMT_PREPARE # SELECT seq FROM seq_1_to_7 → OK",
        "mysql SELECT seq FROM seq_1_to_7 → 0 rows",
        "mysql COM_STMT_FETCH # 3 rows SELECT seq FROM seq_1_to_7 → 3 rows",
        "mysql COM_STMT_FETCH # 3 rows SELECT seq FROM seq_1_to_7 → 3 rows",
        "mysql COM_STMT_FETCH # 3 rows SELECT seq FROM seq_1_to_7 → 1 row",
        "mysql COM_STMT_CLOSE # SELECT seq FROM seq_1_to_7",
        "mysql COM_QUIT",
    ],
    "direct": [
        GREETING, LOGIN,
        "mysql COM_STMT_PREPARE # INSERT INTO goods (name) VALUES ('direct') → OK",
        "mysql INSERT INTO goods (name) VALUES ('direct') → OK, 1 row affected",
        "mysql COM_STMT_CLOSE # INSERT INTO goods (name) VALUES ('direct')",
        "mysql COM_STMT_PREPARE INSERT INTO nowhere VALUES (1)"
        " → 1146 (42S02) Table 'shop.nowhere' doesn't exist",
        "mysql INSERT INTO nowhere VALUES (1) → 1243 (HY000) Unknown prepared statement handler"
        " (4294967295) given to mysqld_stmt_execute",
        "mysql COM_STMT_CLOSE # INSERT INTO nowhere VALUES (1)",
        "mysql COM_QUIT",
    ],
    "bulk": [
        GREETING, LOGIN,
        "mysql COM_STMT_PREPARE # REPLACE INTO goods (id, name) VALUES (?, ?) → OK",
        "mysql REPLACE INTO goods (id, name) VALUES (?, ?) → OK, 3 rows affected",
        "mysql COM_STMT_CLOSE # REPLACE INTO goods (id, name) VALUES (?, ?)",
        "mysql COM_QUIT",
    ],
    "compressed": [
        GREETING, f"{LOGIN}, then compressed (zlib)",
        "mysql SELECT seq, REPEAT('x', 100) AS x FROM seq_1_to_2000 → 2,000 rows",
        "mysql SELECT 'end' AS e → 1 row",
        "mysql COM_QUIT",
    ],
    "ed25519": [
        GREETING,
        "mysql login signer, client_ed25519 → OK",
        "mysql SELECT CURRENT_USER() → 1 row",
        "mysql COM_QUIT",
    ],
}  # fmt: skip


def opened(name: str) -> Capture:
    return netshell.read(RECORDED / f"{name}.pcap")


@pytest.mark.parametrize("name", SAID)
def test_what_was_recorded_reads_like_what_it_is(name: str) -> None:
    said = [str(each) for each in of_capture(opened(name))]
    # The server's version, and what it numbers, are those of the recording.
    said = [
        re.sub(r"(?<=10\.11\.)\d+|(?<=deb12u)\d+|(?<=connection )\d+", "N", each) for each in said
    ]
    assert [re.sub(r"(COM_STMT_\w+ )\d+", r"\1#", each) for each in said] == SAID[name]


@pytest.mark.parametrize("name", SAID)
def test_the_same_in_other_pieces(name: str) -> None:
    (flow,) = opened(name).flows
    pieces = heard(flow)
    whole = read(pieces, decoders=[MySqlDecoder])
    assert len(whole) == len(SAID[name])
    for cut in cuts(pieces):
        assert read(cut, decoders=[MySqlDecoder]) == whole


@pytest.mark.parametrize("name", SAID)
def test_all_bytes_belong_to_a_message(name: str) -> None:
    (flow,) = opened(name).flows
    for side in ("client", "server"):
        parts = sorted(
            part[1:3]
            for each in read(heard(flow), decoders=[MySqlDecoder])
            for part in each.parts
            if part.side == side
        )
        assert parts[0][0] == 0 and parts[-1][1] == flow.stream(side).size
        assert all(before[1] >= after[0] for before, after in itertools.pairwise(parts))


@pytest.mark.parametrize("name", SAID)
@pytest.mark.parametrize("side", ["client", "server"])
def test_whatever_packet_lacks_nothing_is_silent(name: str, side: str) -> None:
    (flow,) = opened(name).flows
    pieces = heard(flow)
    whole = read(pieces, decoders=[MySqlDecoder])
    for at, piece in enumerate(pieces):
        if piece.side != side or at == 0:
            continue
        gap = piece._replace(data=b"", lacking=len(piece.data))
        found = read([*pieces[:at], gap, *pieces[at + 1 :]], (3306,), decoders=[MySqlDecoder])
        assert any(each.lacking for each in found), at
        if at + 3 < len(pieces) and name != "compressed":
            assert found[-1].kind == whole[-1].kind or found[-1].lacking, at


@pytest.mark.parametrize("name", ["queries", "prepared", "cursor", "direct"])
def test_from_its_midst_the_rest_is_read(name: str) -> None:
    (flow,) = opened(name).flows
    pieces = heard(flow)
    whole = read(pieces, decoders=[MySqlDecoder])
    for skipped in range(3, len(pieces)):
        if pieces[skipped].side != "client":
            continue
        found = read(pieces[skipped:], (3306,), begun=False, decoders=[MySqlDecoder])
        assert [each.kind for each in found] == [each.kind for each in whole][-len(found) :]
        if name == "queries":
            assert [each.asked for each in found] == [each.asked for each in whole][-len(found) :]
        assert [each.answered for each in found] == [each.answered for each in whole][-len(found) :]
        assert found[-1].kind == "COM_QUIT"
        assert not any(each.lacking and "types" not in each.lacking for each in found)


@pytest.mark.parametrize("name", ["queries", "prepared", "cursor", "bulk", "ed25519"])
def test_tshark_reads_the_same_statements(name: str, peer: Callable[[str], Path]) -> None:
    capture = opened(name)
    (flow,) = capture.flows
    out = subprocess.run(
        [peer("tshark"), "-r", RECORDED / f"{name}.pcap", "-d",
         f"tcp.port=={flow.server.port},mysql", "-Y", "mysql.query", "-T", "fields",
         "-e", "mysql.query", "-E", "separator=|"],
        capture_output=True, text=True, timeout=60, check=True,
    ).stdout  # fmt: skip
    ours = [
        each.statement  # type: ignore[attr-defined]
        for each in of_capture(capture)
        if each.kind in ("COM_QUERY", "COM_STMT_PREPARE")
    ]
    # Beyond ASCII, it does not take the connection's character set.
    assert [each for each in ours if each.isascii()] == [
        each for each in out.splitlines() if each.isascii()
    ]
    assert len(ours) == len(out.splitlines())

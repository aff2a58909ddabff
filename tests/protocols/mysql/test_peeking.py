"""What single packets say by themselves."""

from __future__ import annotations

import random

import mysql_bytes as wire
import pytest
from mysql_bytes import column, err, ok, packet, packets, query

from netshell.protocols.mysql import capabilities as can
from netshell.protocols.mysql.decoder import MySqlDecoder


@pytest.mark.parametrize(
    ("data", "on_port", "text"),
    [
        (wire.greeting(), False, "greeting 8.0.36 MySQL"),
        (wire.greeting(version=b"5.5.5-10.11.6-MariaDB-log"), False, "greeting 10.11.6 MariaDB"),
        (packet(0, b"\xff\x10\x04Too many connections"), False, "ERR 1040 Too many connections"),
        (wire.response(), True, "login ann to shop"),
        (
            packet(1, (can.PROTOCOL_41 | can.SSL).to_bytes(4, "little") + bytes(28)),
            True,
            "SSL request",
        ),
        (query(b"SELECT 1\n  FROM t"), True, "COM_QUERY SELECT 1 FROM t"),
        (query(b"\0\1SELECT 1"), True, "COM_QUERY SELECT 1"),
        (query(b"SELECT '" + b"x" * 5000 + b"'")[:1448], True, f"COM_QUERY SELECT '{'x' * 152}…"),
        (packet(0, b"\x16SELECT ?"), True, "COM_STMT_PREPARE SELECT ?"),
        (packet(0, b"\x17\5\0\0\0\0\1\0\0\0"), True, "COM_STMT_EXECUTE 5"),
        (packet(0, b"\x19\7\0\0\0"), True, "COM_STMT_CLOSE 7"),
        (packet(0, b"\x02shop"), True, "COM_INIT_DB shop"),
        (packet(0, b"\x0e"), True, "COM_PING"),
        (packet(0, b"\x01"), True, "COM_QUIT"),
        (packet(1, ok(1)), True, "OK 1 affected"),
        (packet(1, err(1146, b"42S02", b"No table")), True, "ERR 1146 (42S02) No table"),
        (packets(1, b"\2", column(b"a"), column(b"b")), True, "2 columns"),
        (packet(1, b"\xfb/tmp/file"), True, "LOCAL INFILE /tmp/file"),
        (query(b"SELECT 1"), False, None),
        (packet(1, ok()), False, None),
        (b"", True, None),
        (b"\x16\x03\x01\0\xff", True, None),
        (packet(0, b"\x99abc"), True, None),
        (packet(0, b"\x0e\0"), True, None),
        (packet(0, b"\x03\0\0\0"), True, None),
        (packet(5, b"abcdef"), True, None),
    ],
)
def test_what_a_packet_says(data: bytes, on_port: bool, text: str | None) -> None:
    peek = MySqlDecoder.peek(data, on_port)
    assert (peek.text if peek else None) == text


def test_secrets_are_masked_and_their_places_told() -> None:
    data = query(b"SET PASSWORD FOR ann = PASSWORD('hunter2')")
    peek = MySqlDecoder.peek(data, True)
    assert peek is not None and peek.text == "COM_QUERY SET PASSWORD FOR ann = PASSWORD('***')"
    ((begin, end),) = peek.secrets
    assert data[begin:end] == b"hunter2"
    login = wire.response(proof=b"\xaa" * 32)
    peek = MySqlDecoder.peek(login, True)
    assert peek is not None
    ((begin, end),) = peek.secrets
    assert login[begin:end] == b"\xaa" * 32


def test_any_bytes_are_looked_at_without_an_error() -> None:
    chance = random.Random(5)
    seeds = [
        wire.greeting(),
        wire.response(),
        query(b"SELECT 1"),
        packet(1, ok()),
        packet(1, err()),
    ]
    for _ in range(5000):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        MySqlDecoder.peek(bytes(data[: chance.randrange(len(data) + 1)]), chance.random() < 0.8)

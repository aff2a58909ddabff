"""What one packet says by itself."""

from __future__ import annotations

import struct

import pytest
from postgres_server import RECORDED
from test_dialogues import bind, done, error, execute, heads, parse, query, row, said

import netshell
from netshell.protocols.postgres.decoder import Postgres

SYNC, READY = said(b"S"), said(b"Z", b"I")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (query(b"SELECT 1"), "Query SELECT 1"),
        (query(b"SELECT\n  1"), "Query SELECT 1"),
        (query(b"ALTER ROLE a PASSWORD 'x'"), "Query ALTER ROLE a PASSWORD '***'"),
        (parse(b"s", b"SELECT $1") + bind(b"", b"s", b"1") + said(b"D", b"P\0") + execute() + SYNC,
         "Parse s SELECT $1, Bind s, Describe, Execute, Sync"),
        (heads(b"a", b"b") + row(b"1", b"2") * 3 + done(b"SELECT 3") + READY,
         "RowDescription, DataRow x3, SELECT 3, idle"),
        (row(b"1") * 100, "DataRow x40"),
        (said(b"1") + said(b"2") + said(b"n"), "ParseComplete, BindComplete, NoData"),
        (error(b"23505"), "ERROR 23505: bad"),
        (said(b"A", b"\0\0\0\7news\0\0"), "NOTIFY news"),
        (said(b"R", bytes(4)), "AuthenticationOk"),
        (SYNC, "Sync"),
        (said(b"X"), "Terminate"),
        (query(b"x" * 2000)[:1448], "Query " + "x" * 199 + "…"),
    ],
)  # fmt: skip
def test_messages(data: bytes, text: str) -> None:
    peek = Postgres.peek(data, True)
    assert peek is not None and peek.text == text
    for begin, end in peek.secrets:
        assert data[begin:end] == b"x"


def test_the_start_is_told_on_any_port() -> None:
    start = struct.pack(">II", 18, 196608) + b"user\0ann\0\0"
    asked = Postgres.peek(start, False)
    assert asked is not None and asked.text == "StartupMessage user=ann"
    asked = Postgres.peek(struct.pack(">II", 8, 80877103), False)
    assert asked is not None and asked.text == "SSLRequest"
    cancel = Postgres.peek(struct.pack(">IIII", 16, 80877102, 7, 8), False)
    assert cancel is not None and (cancel.text, cancel.secrets) == (
        "CancelRequest pid 7",
        ((12, 16),),
    )


def test_what_is_not_sure_is_not_told() -> None:
    for data in (b"GET / HTTP/1.1\r\n\r\n", b"Q", b"D" * 100, b"Q\0\0\0\x20SELECT", b"", b"\0\0\0"):
        assert Postgres.peek(data, False) is None
    for data in (
        b"GET / HTTP/1.1\r\n\r\n",
        b"D" * 100,
        b"\xff" * 20,
        b"S\0\0\0\7ab\0",
        b"?\0\0\0\4",
    ):
        assert Postgres.peek(data, True) is None


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (query(b"SELECT 1"), "Query SELECT 1"),
        (query(b"ALTER ROLE a PASSWORD 'x'"), "Query ALTER ROLE a PASSWORD '***'"),
        (parse(b"", b"SELECT $1") + bind(b"", b"", b"1") + said(b"D", b"P\0") + execute() + SYNC,
         "Parse SELECT $1, Bind, Describe, Execute, Sync"),
        (heads(b"a") + row(b"1") + done(b"SELECT 1") + READY,
         "RowDescription, DataRow x1, SELECT 1, idle"),
        (error(b"23505"), "ERROR 23505: bad"),
    ],
)  # fmt: skip
def test_what_is_sure_by_itself_is_told_on_any_port(data: bytes, text: str) -> None:
    peek = Postgres.peek(data, False)
    assert peek is not None and peek.text == text
    for changed in (data[:-1], data + b"x", data + b"\0", b"\x16" + data[1:]):
        assert Postgres.peek(changed, False) is None
    assert Postgres.peek(data.replace(b"\0\0\0", b"\0\1\0", 1), False) is None


@pytest.mark.parametrize(
    "data", [SYNC, said(b"X"), said(b"1"), said(b"Q", b"\1\2\0"), said(b"Q", b"SELECT"), b"Q"]
)
def test_what_others_might_send_is_not_told_on_any_port(data: bytes) -> None:
    assert Postgres.peek(data, False) is None


def test_passwords_are_hidden() -> None:
    hidden = said(b"p", b"hunter2\0")
    peek = Postgres.peek(hidden, True)
    assert peek is not None and peek.text == "PasswordMessage"
    assert [hidden[begin:end] for begin, end in peek.secrets] == [b"hunter2\0"]


@pytest.mark.parametrize("name", ["simple.pcap", "login-scram.pcap", "extended.pcap"])
def test_of_recorded_packets(name: str) -> None:
    capture = netshell.read(RECORDED / name)
    told = [Postgres.peek(each.payload, True) for each in capture if each.payload]
    assert told and all(peek is not None and peek.text for peek in told)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (b"password hunter2-x", "password ***"),
        (b"the api_token is 'hunter2-x' now", "the api_token is '***' now"),
        (b"connecting to host=h password=hunter2-x", "connecting to host=h password=***"),
        (b'password authentication failed for user "ann"', None),
        (b'column "password" of relation "u" does not exist', None),
        (b"password is required", None),
    ],
)
def test_what_a_server_says_without_what_was_asked(words: bytes, text: str | None) -> None:
    for kind, severity in ((b"N", b"NOTICE"), (b"E", b"ERROR")):
        data = said(kind, b"S%b\0V%b\0C00000\0M%b\0\0" % (severity, severity, words))
        peek = Postgres.peek(data, True)
        assert peek is not None
        assert peek.text == f"{severity.decode()} 00000: {text or words.decode()}"
        assert [data[begin:end] for begin, end in peek.secrets] == [b"hunter2-x"] * bool(text)

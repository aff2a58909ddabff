"""What lacks: where it is told, and where reading goes on; conversations from their midst."""

from __future__ import annotations

from typing import Any

import mysql_bytes as wire
import pytest
from mysql_bytes import LOGIN, column, eof, err, ok, packet, packets, query, rows, said

from netshell.protocols.api import Likeness
from netshell.protocols.mysql.messages import Command, MySqlStatement
from netshell.protocols.raw import Raw

AFTER: Any = (("client", query(b"SELECT 'after'")), ("server", packet(1, ok(1))))


def told(*turns: Any, begun: bool = True) -> list[tuple[str, str]]:
    """What was asked, and what lacks of it, after the login."""
    messages = said(*(LOGIN if begun else ()), *turns, begun=begun)
    return [(getattr(each, "statement", "") or each.kind, each.lacking) for each in messages
            if each.kind not in ("greeting", "login")]  # fmt: skip


def test_a_gap_in_a_statement_leaves_its_beginning() -> None:
    sql = query(b"INSERT INTO t VALUES ('" + b"x" * 100 + b"')")
    got = told(
        ("client", sql[:50]), ("client", 40), ("client", sql[90:]), ("server", packet(1, ok())),
        *AFTER,
    )  # fmt: skip
    assert got == [("INSERT INTO t VALUES ('" + "x" * 22, "40 bytes lack"), ("SELECT 'after'", "")]


def test_a_gap_to_a_statements_very_end() -> None:
    sql = query(b"SELECT 'abcdef'")
    got = told(("client", sql[:12]), ("client", len(sql) - 12), ("server", packet(1, ok())), *AFTER)
    assert got == [("SELECT ", "8 bytes lack"), ("SELECT 'after'", "")]


def test_a_gap_in_a_row_is_told_and_the_rows_are_still_counted() -> None:
    answer = packets(1, b"\1", column(b"a"), *rows(b"x" * 90, b"y", b"z"), ok(head=b"\xfe"))
    at = answer.index(b"xxx") + 10
    messages = said(
        *LOGIN, ("client", query(b"SELECT a")), ("server", answer[:at]), ("server", 30),
        ("server", answer[at + 30 :]), *AFTER,
    )  # fmt: skip
    statement: Any = messages[-2]
    assert (statement.rows, statement.lacking) == (3, "30 bytes lack")
    assert messages[-1].lacking == ""


def test_a_gap_over_the_ends_of_rows_ends_the_answer_and_the_next_is_read() -> None:
    answer = packets(1, b"\1", column(b"a"), *rows(*[b"x" * 90] * 30), ok(head=b"\xfe"))
    statement: Any
    messages = said(
        *LOGIN, ("client", query(b"SELECT a")), ("server", answer[:300]), ("server", 1000),
        ("server", answer[1300:]), *AFTER,
    )  # fmt: skip
    statement, after = messages[-2:]
    assert statement.lacking == "1,000 bytes lack"
    assert statement.columns == ("a",)
    assert (
        statement.parts[-1].end == len(wire.greeting() + packet(2, ok()) + answer) - 1000
    )  # places are those of the bytes that are there
    assert (after.statement, after.lacking, after.rows) == (  # type: ignore[attr-defined]
        "SELECT 'after'", "", 1
    )  # fmt: skip


def test_a_statement_that_lacks_as_a_whole_is_told() -> None:
    got = told(("client", 40), ("server", packet(1, ok())), *AFTER)
    assert got == [("unknown", "40 bytes lack"), ("SELECT 'after'", "")]


def test_an_answer_that_lacks_as_a_whole_is_told() -> None:
    got = told(("client", query(b"SELECT 1")), ("server", 11), *AFTER)
    assert got == [("SELECT 1", "11 bytes lack"), ("SELECT 'after'", "")]


def test_a_gap_where_a_column_was_goes_on_with_the_next_statement() -> None:
    answer = packets(1, b"\1", column(b"abc"), *rows(b"1"), ok(head=b"\xfe"))
    got = told(
        ("client", query(b"SELECT a")), ("server", answer[:12]), ("server", 10),
        ("server", answer[22:]), *AFTER,
    )  # fmt: skip
    assert got == [("SELECT a", "10 bytes lack"), ("SELECT 'after'", "")]


def test_a_gap_in_the_login_leaves_what_follows() -> None:
    messages = said(
        LOGIN[0], ("client", 90), LOGIN[2], *AFTER, ("client", query(b"SELECT 2")),
        ("server", packet(1, ok())),
    )  # fmt: skip
    assert [(each.kind, each.lacking) for each in messages[:2]] == [
        ("greeting", ""), ("unknown", "90 bytes lack")
    ]  # fmt: skip
    found: Any = messages[2:]
    assert [each.statement for each in found] == ["SELECT 'after'", "SELECT 2"]
    assert all(each.assumed == "its login was not seen" and each.user == "" for each in found)


def test_a_gap_in_a_compressed_connection() -> None:
    from test_connection import compressed_login

    turns = (
        ("client", wire.squeezed(0, query(b"SELECT 1"), plain=True)),
        ("server", 20),
        ("client", wire.squeezed(0, query(b"SELECT 2"))),
        ("server", wire.squeezed(1, packet(1, ok()), plain=True)),
    )
    messages: Any = said(*compressed_login(), *turns)[2:]
    assert [(each.statement, each.lacking) for each in messages] == [
        ("SELECT 1", "20 bytes lack"), ("SELECT 2", "")
    ]  # fmt: skip


# --- from the midst ---


def test_a_conversation_from_its_midst_is_read_from_the_next_statement_on() -> None:
    old = packets(1, b"\1", column(b"a"), eof(), *rows(b"1"), eof())
    new = packets(1, b"\1", column(b"a"), *rows(b"1"), ok(head=b"\xfe"))
    for answer in (old, new):
        messages: Any = said(
            ("client", query(b"SELECT a")), ("server", answer),
            ("client", packet(0, b"\x0e")), ("server", packet(1, ok())), begun=False,
        )  # fmt: skip
        assert [each.kind for each in messages] == ["COM_QUERY", "COM_PING"]
        assert (messages[0].rows, messages[0].columns) == (1, ("a",))
        assert messages[0].assumed == "its login was not seen"


def test_the_midst_of_a_long_statement() -> None:
    messages: Any = said(
        ("client", b"x" * 500 + b"')"), ("server", packet(1, ok())), *AFTER, *AFTER, begun=False,
        ports=(3306,),
    )  # fmt: skip
    assert messages == []  # it looks like nothing
    decoder = wire.MySqlDecoder(begun=False)
    made: list[Any] = []
    for at, (side, data) in enumerate(
        (("client", b"x" * 500 + b"')"), ("server", packet(1, ok())), *AFTER)
    ):
        made += decoder.feed(side, data, at)  # type: ignore[arg-type]
    assert [each.statement for each in made] == ["SELECT 'after'"]


def test_an_answer_that_was_under_way_is_passed_over() -> None:
    decoder = wire.MySqlDecoder(begun=False)
    made: list[Any] = []
    for at, (side, data) in enumerate((("server", packets(9, *rows(b"9", b"10"), eof())), *AFTER)):
        made += decoder.feed(side, data, at)  # type: ignore[arg-type]
    assert [(each.statement, each.rows) for each in made] == [("SELECT 'after'", 1)]


def test_a_prepared_statement_from_the_midst_has_the_values_that_fit() -> None:
    execute = b"\x17\5\0\0\0\0\1\0\0\0" + b"\0\1\x08\0\xfe\0" + b"\x2a" + bytes(7) + b"\3abc"
    messages: Any = said(("client", packet(0, execute)), ("server", packet(1, ok())), begun=False)
    assert (messages[0].name, messages[0].statement) == ("5", "")
    assert messages[0].parameters == (42, "abc")
    assert messages[0].assumed == "its login was not seen, its preparation was not seen"


def test_a_preparation_from_the_midst_learns_how_columns_end() -> None:
    prepared = b"\0\1\0\0\0\0\0\1\0\0\0\0"
    for end in ((), (eof(),)):
        messages: Any = said(
            ("client", packet(0, b"\x16DO ?")),
            ("server", packets(1, prepared, column(b"?"), *end)),
            *AFTER,
            begun=False,
        )
        assert [each.statement for each in messages] == ["DO ?", "SELECT 'after'"]
        assert all(not each.lacking for each in messages)


def test_a_compressed_connection_from_its_midst() -> None:
    sql = b"SELECT '" + b"a" * 200 + b"'"
    decoder = wire.MySqlDecoder(begun=False)
    made: list[Any] = []
    for side, data in (
        ("client", wire.squeezed(0, query(sql))),
        ("server", wire.squeezed(1, packets(1, ok(2, info=b"well" * 9)))),
        ("client", wire.squeezed(0, query(sql))),
        ("server", wire.squeezed(1, packets(1, ok(3, info=b"well" * 9)))),
    ):
        made += decoder.feed(side, data, 1)  # type: ignore[arg-type]
    assert [each.rows for each in made] == [2, 3]


def test_what_is_never_found_ends_it_with_the_reason() -> None:
    decoder = wire.MySqlDecoder(begun=False)
    for at in range(200):
        decoder.feed("client", b"\x17\x03\x03\x00\x20" + bytes([at]) * 32, at)
        decoder.feed("server", b"\x17\x03\x03\x00\x20" + bytes([at]) * 32, at)
    assert decoder.why_stopped == "where its packets begin is not to be found"


def fed_from_the_midst(*turns: Any) -> tuple[wire.MySqlDecoder, list[Any]]:
    decoder = wire.MySqlDecoder(begun=False)
    made: list[Any] = []
    for at, (side, data) in enumerate(turns):
        made += decoder.feed(side, data, at)
    return decoder, made


def test_short_commands_are_not_believed_amid_other_bytes() -> None:
    _, made = fed_from_the_midst(
        ("client", b"...values" + packet(0, b"\x0e")), ("server", packet(1, ok())), *AFTER
    )
    assert [each.kind for each in made] == ["COM_QUERY"]
    _, made = fed_from_the_midst(
        ("client", b"...values" + query(b"SELECT 1")), ("server", packet(1, ok())), *AFTER
    )
    assert [each.statement for each in made] == ["SELECT 1", "SELECT 'after'"]


def test_an_answer_that_does_not_fit_what_was_found_is_not_the_end() -> None:
    decoder, made = fed_from_the_midst(
        ("client", query(b"SELECT 1")), ("server", packet(7, *rows(b"row of another"))), *AFTER
    )
    assert decoder.why_stopped == ""
    assert [(each.statement, each.lacking) for each in made] == [
        ("SELECT 1", "no answer"), ("SELECT 'after'", "")
    ]  # fmt: skip


# --- what it looks like ---


@pytest.mark.parametrize(
    ("client", "server", "begun", "likeness"),
    [
        (b"", wire.greeting(), True, Likeness.SURE),
        (b"", wire.greeting()[:30], True, Likeness.MORE),
        (b"", wire.greeting()[:7], True, Likeness.MORE),
        (b"", b"", True, Likeness.MORE),
        (b"", packet(0, b"\xff\x10\x04Too many connections"), True, Likeness.SURE),
        (b"", packet(0, err(1129, b"HY000", b"Host is blocked")), True, Likeness.SURE),
        (b"", b"\x05\0\0\0\x0b\x08\x05\x1a\0", True, Likeness.SURE),
        (b"\1\0\0\0\1", b"", True, Likeness.LIKELY),
        (b"GET / HTTP/1.1\r\n", b"", True, Likeness.NO),
        (b"", b"SSH-2.0-OpenSSH_9.2\r\n", True, Likeness.NO),
        (b"", b"220 mail ESMTP\r\n", True, Likeness.NO),
        (b"", b"+OK ready\r\n", True, Likeness.NO),
        (b"", b"\x16\x03\x03\0\x30", True, Likeness.NO),
        (b"", packet(0, b"\x0a\x00" + bytes(60)), True, Likeness.NO),
        (b"", packet(0, b"\x0a\x01\x02\x00" + bytes(60)), True, Likeness.NO),
        (query(b"SELECT 1"), b"", False, Likeness.SURE),
        (query(b"/* app */ select 1"), b"", False, Likeness.SURE),
        (query(b"\0\1update t set a = 1"), b"", False, Likeness.SURE),
        (query(b"SELECT 1")[:8], b"", False, Likeness.LIKELY),
        (packet(0, b"\x0e"), b"", False, Likeness.LIKELY),
        (b"", packet(1, ok()), False, Likeness.MORE),
        (b"\x17\x03\x03\0\x30" + bytes(48), b"", False, Likeness.NO),
        (b"\0\0\0\x08\x04\xd2\x16\x2f", b"", False, Likeness.NO),
        (b"*1\r\n$4\r\nPING\r\n", b"", False, Likeness.NO),
    ],
)
def test_what_looks_like_it(client: bytes, server: bytes, begun: bool, likeness: Likeness) -> None:
    assert wire.MySqlDecoder.looks_like(client, server, begun) == likeness


def test_what_is_not_read_is_shown_raw_with_the_reason() -> None:
    messages = said(*LOGIN, ("client", packet(0, b"\x99abc")), ("server", packet(1, ok())))
    assert isinstance(messages[-1], Raw)
    assert messages[-1].reason == "a command 0x99"
    assert not [each for each in messages if isinstance(each, MySqlStatement | Command)]

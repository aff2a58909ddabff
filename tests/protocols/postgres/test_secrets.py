"""What is masked in PostgreSQL's messages beside the statement's own text."""

from __future__ import annotations

import json
import struct

import pytest
from test_dialogues import (
    BEGUN,
    READY,
    SYNC,
    bind,
    client,
    done,
    execute,
    heads,
    parse,
    queries,
    query,
    row,
    said,
    server,
)

from netshell.protocols.postgres.query import Query
from netshell.protocols.postgres.splitting import arguments, sql_execute
from netshell.protocols.secret import revealed
from netshell.protocols.statement import Unread

PREPARE = b"prepare p1 as update users set password=$1 where name=$2"


def one(asked: bytes, *answers: bytes) -> Query:
    (found,) = queries([*BEGUN, client(query(asked)), server(*answers, READY)])
    return found


@pytest.mark.parametrize(
    ("sql", "places"),
    [
        (b"execute p1('a''b', 5)", [b"a''b", b"5"]),
        (b"EXECUTE \"p1\" ( E'a', f(1, 2), $$x,y$$ ) ;", [b"E'a'", b"f(1, 2)", b"$$x,y$$"]),
        (b"execute p1 ('a' || 'b' /* , */, 1)", [b"'a' || 'b'", b"1"]),
        (b"execute p1('a", [b"'a"]),
        (b"execute p1", []),
        (b"explain execute p1(1)", []),
    ],
)
def test_arguments_of_execute(sql: bytes, places: list[bytes]) -> None:
    assert [sql[begin:end] for begin, end in arguments(sql)] == places
    assert (sql_execute(sql) == b"p1") is (b"explain" not in sql)


def test_execute_of_what_takes_a_password() -> None:
    prepared, found = queries([
        *BEGUN,
        client(query(PREPARE)), server(done(b"PREPARE"), READY),
        client(query(b"execute p1('hunter2', 'ann')")), server(done(b"UPDATE 1"), READY),
    ])  # fmt: skip
    assert prepared.secrets == ()
    assert found.statement == "execute p1('***', 'ann')"
    assert revealed(found).statement == "execute p1('hunter2', 'ann')"
    ((side, begin, end),) = found.secrets
    assert (side, end - begin) == ("client", 7)
    assert begin == found.parts[0].begin + 5 + len("execute p1('")


def test_a_bind_of_it() -> None:
    _, found = queries([
        *BEGUN,
        client(query(PREPARE)), server(done(b"PREPARE"), READY),
        client(bind(b"", b"p1", b"hunter2", b"ann"), execute(), SYNC),
        server(said(b"2"), done(b"UPDATE 1"), READY),
    ])  # fmt: skip
    assert found.parameters == ("***", "ann")


def test_an_error_that_repeats_the_password() -> None:
    text = (
        b"SERROR\0VERROR\0C42601\0Msyntax error at or near \"'hunter2-xyz'\"\0Dno hunter2-xyz\0\0"
    )
    found = one(b"alter role joe passwrd 'x' password 'hunter2-xyz'", said(b"E", text))
    assert "hunter2" not in f"{found.problem}{found.detail}{found}{list(found.said('server'))}"
    assert found.error == "syntax error at or near \"'***'\""
    assert revealed(found).detail == "no hunter2-xyz"
    at = found.parts[1].begin + 5
    places = [(begin - at, end - at) for side, begin, end in found.secrets if side == "server"]
    assert [text[begin:end] for begin, end in places] == [b"hunter2-xyz"] * 2


def test_rows_copies_and_notices_with_connection_strings() -> None:
    urls = [b"postgresql://bob:hunter2@h/db", b"host=h password=hunter2", b"plain"]
    found = one(b"select url from t", heads(b"url"), *map(row, urls), done(b"SELECT 3"))
    assert found.first_rows == (
        ("postgresql://bob:***@h/db",), ("host=h password=***",), ("plain",),
    ) or found.first_rows[0] == ("postgresql://***@h/db",)  # fmt: skip
    assert "hunter2" not in json.dumps(found.records())
    assert revealed(found).first_rows[0] == (urls[0].decode(),)
    named = one(b"select * from u", heads(b"name", b"password"), row(b"ann", b"hunter2"),
                done(b"SELECT 1"))  # fmt: skip
    assert named.first_rows == (("ann", "***"),)
    copied = one(
        b"copy t to stdout", said(b"H", bytes(3)), said(b"d", b"1\thost=h password=hunter2\n"),
        said(b"c"), done(b"COPY 1"),
    )  # fmt: skip
    assert copied.first_rows == (("1\thost=h password=***",),)
    notice = said(b"N", b"SNOTICE\0VNOTICE\0C00000\0Mconnecting to host=h password=hunter2\0\0")
    told = one(b"do $$ begin end $$", notice, done(b"DO"))
    assert told.notices == ("NOTICE 00000: connecting to host=h password=***",)


def unseen(name: bytes, *values: bytes) -> bytes:
    cells = b"".join(struct.pack(">i", len(value)) + value for value in values)
    body = struct.pack(">hhh", 1, 1, len(values)) + cells + bytes(2)
    return said(b"B", b"\0" + name + b"\0" + body)


def test_binary_values_of_a_type_that_was_not_seen() -> None:
    answer = server(said(b"2"), done(b"SELECT 0"), READY)
    ask = client(unseen(b"s1", b"\0\1"), execute(), SYNC)
    types = server(said(b"t", struct.pack(">hI", 1, 21)), said(b"n"), READY)
    before, after = queries(
        [ask, answer, client(said(b"D", b"Ss1\0"), SYNC), types, ask, answer], begun=False
    )
    assert before.parameters == (b"\0\1",) and isinstance(before.parameters[0], Unread)
    assert before.asked == "Execute s1" and dict(before.facts())["prepared as"] == "s1"
    assert dict(before.facts())["parameters"] == "\\x0001"
    assert after.parameters == (1,) and after.name == "s1"
    assert before.lacking == after.lacking == "prepared before the capture"


def test_a_statement_that_is_parsed_again_is_known() -> None:
    answer = server(said(b"1"), said(b"2"), done(b"SELECT 0"), READY)
    ask = client(bind(b"", b"s1", b"a"), execute(), SYNC)
    first, second = queries(
        [
            ask, server(said(b"2"), done(b"SELECT 0"), READY),
            client(parse(b"s1", b"set password = $1"), bind(b"", b"s1", b"hunter2"), execute(),
                   SYNC), answer,
        ],
        begun=False,
    )  # fmt: skip
    assert (first.statement, second.statement) == ("", "set password = $1")
    assert second.parameters == ("***",) and second.lacking == ""

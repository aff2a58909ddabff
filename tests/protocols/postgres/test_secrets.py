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
    talk,
)

from netshell.protocols.postgres.decoder import Postgres
from netshell.protocols.postgres.query import Query
from netshell.protocols.postgres.splitting import arguments, sql_execute
from netshell.protocols.postgres.steps import Startup
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
    assert dict(before.facts())["parameters"] == "$1 = \\x0001"
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


def hidden_in(found: Query, side: str, sent: bytes, begin: int) -> list[bytes]:
    """What of the bytes from a place on is secret."""
    return [sent[b - begin : e - begin] for each, b, e in found.secrets if each == side]


def test_values_of_a_secret_column_are_hidden_in_the_servers_bytes() -> None:
    columns = heads(b"name", b"password", b"url")
    rows = [row(b"ann", b"hunter2", b"x"), row(b"bob", b"hunter3", b"host=h password=hunter4")]
    many = [row(b"ann", b"hunter%d" % at, b"x") for at in range(9)]
    for before in (b"", said(b"1") + said(b"2")):
        answer = before + columns + b"".join(rows) + done(b"SELECT 2") + READY
        found = one(b"select * from u", answer)
        at = found.parts[1].end - len(answer)
        assert hidden_in(found, "server", answer, at) == [b"hunter2", b"hunter3", b"hunter4"]
    answer = columns + b"".join(many) + done(b"SELECT 9") + READY
    found = one(b"select * from u", answer)
    first, rest = (
        (places := hidden_in(found, "server", answer, found.parts[1].begin))[:5],
        places[5:],
    )
    assert first == [b"hunter%d" % at for at in range(5)]
    assert rest == [b"".join(many[5:])]
    notice = said(b"N", b"SNOTICE\0VNOTICE\0C00000\0Mx\0\0")
    answer = columns + notice + rows[0] + done(b"SELECT 1")
    found = one(b"select * from u", answer)  # where the rows are is not known
    assert answer in hidden_in(found, "server", answer + READY, found.parts[1].begin)[0]
    assert one(b"select 1", heads(b"a"), row(b"x"), done(b"SELECT 1")).secrets == ()


@pytest.mark.parametrize(
    ("sql", "sent", "shown"),
    [
        (b"copy u (name, password) to stdout", b"ann\thunter2\n", "ann\t***"),
        (b"COPY u(password,name) TO STDOUT (FORMAT csv)", b'"hun,ter2",ann\n', "***,ann"),
        (b"copy (select a, u.password from u) to stdout csv delimiter ';'", b"x;hunter2", "x;***"),
        (b"copy u (name, password) to stdout (format binary)", b"\0\1hunter2", "***"),
        (b"copy u (name, password) to stdout", b"ann\t\\N\n", "ann\t\\N"),
    ],
)
def test_copied_columns_that_are_secret(sql: bytes, sent: bytes, shown: str) -> None:
    answer = said(b"H", bytes(3)) + said(b"d", sent) + said(b"c") + done(b"COPY 1")
    found = one(sql, answer)
    assert found.first_rows == ((shown,),)
    assert "hun" not in f"{list(found.said('server'))}{found.json()}"
    assert (
        "hun" in str(revealed(found).first_rows)
        or "\\N" in shown
        or "68756e" in str(revealed(found).first_rows)
    )
    ((side, begin, end),) = found.secrets
    assert side == "server" and begin <= found.parts[1].begin and end >= found.parts[1].end


def test_what_a_client_copies_to_a_secret_column() -> None:
    (found,) = queries([
        *BEGUN, client(query(b"copy u (name, password) from stdin")), server(said(b"G", bytes(3))),
        client(said(b"d", b"ann\thunter2\n"), said(b"c")), server(done(b"COPY 1"), READY),
    ])  # fmt: skip
    ((side, begin, end),) = found.secrets
    assert (side, begin, end) == ("client", found.parts[2].begin, found.parts[2].end)


def test_a_login_at_which_a_capture_begins() -> None:
    md5 = b"md5" + b"0123456789abcdef" * 2 + b"\0"
    for proof in (b"hunter2\0", md5, b"SCRAM-SHA-256\0\0\0\0\x08n,,n=,r=x"):
        for piece in (1, 7, 1000):
            sent = said(b"p", proof) + query(b"select 1")
            turns = [client(sent[at : at + piece]) for at in range(0, len(sent), piece)]
            found, _ = talk(
                [*turns, server(heads(b"a"), row(b"1"), done(b"SELECT 1"), READY)], False
            )
            assert found[0].kind == "PasswordMessage"
            assert [sent[b:e] for _, b, e in found[0].secrets] == [proof]
            assert getattr(found[1], "statement", "") == "select 1"


def test_a_secret_that_goes_on_in_what_is_not_kept() -> None:
    sql = b"alter role ann password '" + b"x" * (1 << 17) + b"'; select 1"
    sent = query(sql)
    found = one(sql, done(b"ALTER ROLE"), done(b"SELECT 1"))
    at = found.parts[0].begin
    ((begin, end),) = (each[1:] for each in found.secrets if each[0] == "client")
    assert begin - at == sent.find(b"xx") and end == found.parts[0].end


def test_lines_of_single_packets() -> None:
    peek = Postgres.peek(query(b"execute p1('hunter2', 5)"), True)
    assert peek is not None and peek.text == "Query execute p1('***', ***)"
    answer = heads(b"name", b"password") + row(b"ann", b"hunter2") + row(b"bob", b"hunter3")[:-2]
    peek = Postgres.peek(answer, True)
    assert peek is not None
    first, second = (answer[begin:end] for begin, end in peek.secrets)
    assert first == b"hunter2" and second.endswith(b"hunte")


def test_options_and_notifications_with_passwords() -> None:
    words = b"user\0ann\0options\0-c app.password=hunter2\0database\0d\0\0"
    start = struct.pack(">II", 8 + len(words), 196608) + words
    notice = said(b"A", bytes(4) + b"news\0host=h password=hunter3\0")
    found, _ = talk([("client", start), server(said(b"R", bytes(4)), READY), server(notice)])
    for message, sent in zip(found, (start, notice), strict=True):
        assert "hunter" not in f"{message}{message.json()}{message.said(message.side)}"
        ((_, begin, end),) = message.secrets
        begin, end = (each - message.parts[0].begin for each in (begin, end))
        assert sent[begin:end] in (b"hunter2", b"hunter3")
    peek = Postgres.peek(start, True)
    assert peek is not None and [start[b:e] for b, e in peek.secrets] == [b"hunter2"]


def test_the_name_of_an_application_with_a_password() -> None:
    words = b"user\0ann\0application_name\0app token=hunter2\0\0"
    start = struct.pack(">II", 8 + len(words), 196608) + words
    told = said(b"S", b"application_name\0app token=hunter2\0")
    answer = said(b"R", bytes(4)) + told + READY
    asked = [client(query(b"SELECT 1")), server(told, done(b"SELECT 1"), READY)]
    (found, statement), _ = talk([("client", start), server(answer), *asked])
    assert isinstance(found, Startup) and isinstance(statement, Query)
    assert found.settings == (("application_name", "app token=***"),)
    assert found.application == statement.application == "app token=***"
    assert "hunter2" not in f"{found.json()}{found.said('server')}{statement.json()}"
    hidden = [(start if side == "client" else answer)[b:e] for side, b, e in found.secrets]
    assert hidden == [b"hunter2"] * 2


@pytest.mark.parametrize("begun", [True, False])
def test_a_key_to_cancel_with_that_is_too_short_has_its_place(begun: bool) -> None:
    decoder = Postgres(begun)
    start = b"\0\3\0\0user\0shop\0\0"
    if begun:
        decoder.feed("client", struct.pack(">I", 4 + len(start)) + start, 0)
    setting = b"S" + struct.pack(">I", 15) + b"TimeZone\0U\0"
    said_ = b"R" + struct.pack(">II", 8, 0) + 3 * setting + b"K" + struct.pack(">I", 6) + b"ab"
    said_ += READY
    (message,) = decoder.feed("server", said_, 1)
    assert all(0 <= begin <= end <= len(said_) for _, begin, end in message.secrets)
    assert message.secrets


@pytest.mark.parametrize(
    ("sql", "column"),
    [
        (b"select set_config('app.api_key', 'hunter2-key', false)", b"set_config"),
        (b"select 'hunter2-key' as password, 'x' || 'hunter2-key'", b"?column?"),
        (b"select current_setting('app.api_key')", b"current_setting"),
        (b"select current_setting('app.api_key') as it", b"it"),
        (b"select 1 from u where api_key = 'hunter2-key'", b"note"),
    ],
)
def test_rows_that_repeat_what_was_asked(sql: bytes, column: bytes) -> None:
    answer = heads(column) + row(b"hunter2-key") + done(b"SELECT 1")
    found = one(sql, answer)
    assert found.first_rows == (("***",),)
    assert revealed(found).first_rows == (("hunter2-key",),)
    begin = found.parts[1].begin
    assert hidden_in(found, "server", answer, begin) == [b"hunter2-key"]
    plain = one(b"select current_setting('app.name')", heads(b"current_setting"), row(b"a b"),
                done(b"SELECT 1"))  # fmt: skip
    assert (plain.first_rows, plain.secrets) == ((("a b",),), ())


@pytest.mark.parametrize("column", [b"api_token", b"email, api_token"])
def test_the_value_of_a_secret_key_in_an_error(column: bytes) -> None:
    detail = b"Key (%b)=(hunter2-key) already exists." % column
    text = b"SERROR\0VERROR\0C23505\0Mduplicate key\0D%b\0\0" % detail
    found = one(b"insert into acc select * from old", said(b"E", text))
    assert found.detail == f"Key ({column.decode()})=(***) already exists."
    assert revealed(found).detail == detail.decode()
    at = found.parts[1].begin + 5
    places = [(begin - at, end - at) for side, begin, end in found.secrets if side == "server"]
    assert [text[begin:end] for begin, end in places] == [b"hunter2-key"]

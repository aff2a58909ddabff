"""What clients and servers say that psycopg cannot be made to, in bytes written out by hand."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pytest

from netshell.flow.sides import Side
from netshell.protocols.api import Likeness, Message
from netshell.protocols.postgres.decoder import Postgres
from netshell.protocols.postgres.ledger import MOST_ASKED
from netshell.protocols.postgres.query import Query
from netshell.protocols.postgres.steps import Cancel, Encryption, Startup, Step, Told
from netshell.protocols.secret import revealed

Turn = tuple[Side, bytes]


def said(kind: bytes, body: bytes = b"") -> bytes:
    return kind + struct.pack(">I", 4 + len(body)) + body


def client(*messages: bytes) -> Turn:
    return "client", b"".join(messages)


def server(*messages: bytes) -> Turn:
    return "server", b"".join(messages)


def parse(name: bytes, sql: bytes, *oids: int) -> bytes:
    types = struct.pack(f">h{len(oids)}I", len(oids), *oids)
    return said(b"P", name + b"\0" + sql + b"\0" + types)


def bind(portal: bytes, name: bytes, *values: bytes | None) -> bytes:
    body = portal + b"\0" + name + b"\0" + struct.pack(">hh", 0, len(values))
    for value in values:
        body += b"\xff\xff\xff\xff" if value is None else struct.pack(">i", len(value)) + value
    return said(b"B", body + bytes(2))


def execute(portal: bytes = b"", limit: int = 0) -> bytes:
    return said(b"E", portal + b"\0" + struct.pack(">I", limit))


def query(sql: bytes) -> bytes:
    return said(b"Q", sql + b"\0")


def row(*values: bytes) -> bytes:
    cells = b"".join(struct.pack(">i", len(value)) + value for value in values)
    return said(b"D", struct.pack(">h", len(values)) + cells)


def heads(*names: bytes) -> bytes:
    fields = b"".join(name + b"\0" + struct.pack(">IhIhih", 0, 0, 25, -1, -1, 0) for name in names)
    return said(b"T", struct.pack(">h", len(names)) + fields)


def done(tag: bytes) -> bytes:
    return said(b"C", tag + b"\0")


def error(code: bytes = b"42601", severity: bytes = b"ERROR") -> bytes:
    return said(b"E", b"S%s\0V%s\0C%s\0Mbad\0\0" % (severity, severity, code))


SYNC = said(b"S")
READY = said(b"Z", b"I")
START = struct.pack(">II", 18, 196608) + b"user\0ann\0\0"
BEGUN: list[Turn] = [("client", START), server(said(b"R", bytes(4)), READY)]


def talk(turns: Sequence[Turn], begun: bool = True) -> tuple[list[Message], Postgres]:
    decoder = Postgres(begun)
    found: list[Message] = []
    for at, (side, data) in enumerate(turns):
        found += decoder.feed(side, data, 1000 * at)
    return found, decoder


def queries(turns: Sequence[Turn], begun: bool = True) -> list[Query]:
    found, decoder = talk(turns, begun)
    assert not decoder.why_stopped
    return [each for each in found if isinstance(each, Query)]


def test_a_row_limit_suspends_a_portal() -> None:
    first, more, rest = queries([
        *BEGUN,
        client(parse(b"", b"SELECT x"), bind(b"p", b""), said(b"D", b"Pp\0"),
               execute(b"p", 2), SYNC),
        server(said(b"1"), said(b"2"), heads(b"x"), row(b"1"), row(b"2"), said(b"s"), READY),
        client(execute(b"p", 2), SYNC),
        server(row(b"3"), row(b"4"), said(b"s"), READY),
        client(execute(b"p"), SYNC),
        server(row(b"5"), done(b"SELECT 1"), READY),
    ])  # fmt: skip
    assert [each.statement for each in (first, more, rest)] == ["SELECT x"] * 3
    assert [each.portal for each in (first, more, rest)] == ["p"] * 3
    assert [(each.rows, each.limit) for each in (first, more, rest)] == [(2, 2), (2, 2), (1, 0)]
    assert [each.is_suspended for each in (first, more, rest)] == [True, True, False]
    assert first.answered == "2 rows, more to come" and rest.answered == "SELECT 1"
    assert more.columns == ("x",) and more.first_rows == (("3",), ("4",))


def test_statements_prepared_before_the_capture() -> None:
    (found,) = queries(
        [
            client(bind(b"", b"s1", b"7"), execute(), SYNC),
            server(said(b"2"), row(b"1"), done(b"SELECT 1"), READY),
        ],
        begun=False,
    )
    assert (found.statement, found.name, found.parameters) == ("", "s1", ("7",))
    assert found.lacking == "prepared before the capture"
    assert found.asked == "Execute s1" and found.rows == 1


def test_a_name_is_what_was_prepared_last_and_not_what_was_refused() -> None:
    ask = [bind(b"", b"s"), execute(), SYNC]
    answer = [said(b"2"), done(b"SELECT 0"), READY]
    found, _ = talk([
        *BEGUN,
        client(parse(b"s", b"SELECT 1"), SYNC), server(said(b"1"), READY),
        client(*ask), server(*answer),
        client(parse(b"s", b"SELECT 2"), SYNC), server(error(b"42P05"), READY),
        client(*ask), server(*answer),
        client(said(b"C", b"Ss\0"), parse(b"s", b"SELECT 3"), SYNC),
        server(said(b"3"), said(b"1"), READY),
        client(*ask), server(*answer),
        client(query(b"PREPARE q (int) AS SELECT 4 + $1;")), server(done(b"PREPARE"), READY),
        client(bind(b"", b"q", b"5"), execute(), SYNC), server(*answer),
    ])  # fmt: skip
    executed = [each for each in found if isinstance(each, Query) and each.kind == "Execute"]
    assert [each.statement for each in executed] == [
        "SELECT 1", "SELECT 1", "SELECT 3", "SELECT 4 + $1",
    ]  # fmt: skip
    refused = [each for each in found if isinstance(each, Query) and each.kind == "Parse"]
    assert [(each.statement, each.code) for each in refused] == [("SELECT 2", "42P05")]
    steps = [(each.kind, each.name) for each in found if isinstance(each, Step)]
    assert steps == [("Parse", "s"), ("Close", "s"), ("Parse", "s")] or steps[:1] == [
        ("Parse", "s")
    ]


def test_described_first_and_executed_later() -> None:
    """As asyncpg and JDBC do: the types are the server's, a Flush instead of a Sync."""
    types = said(b"t", struct.pack(">hI", 1, 23))
    formats = struct.pack(">hhhihh", 1, 1, 1, 4, 0, 0)
    bound = said(b"B", b"\0s\0" + formats[:10] + struct.pack(">ih", 42, 0))
    found, _ = talk([
        *BEGUN,
        client(parse(b"s", b"SELECT $1"), said(b"D", b"Ss\0"), said(b"H")),
        server(said(b"1"), types, heads(b"n")),
        client(bound, execute(), SYNC),
        server(said(b"2"), row(b"42"), done(b"SELECT 1"), READY),
    ])  # fmt: skip
    (each,) = [each for each in found if isinstance(each, Query)]
    assert (each.parameters, each.columns, each.rows) == ((42,), ("n",), 1)
    assert len(found) == 2  # the start, and this


@pytest.mark.parametrize("request_code", [80877103, 80877104])
def test_encryption_is_refused_and_it_goes_on(request_code: int) -> None:
    found, decoder = talk(
        [client(struct.pack(">II", 8, request_code)), ("server", b"N"), *BEGUN, client(said(b"X"))]
    )
    refused, start, end = found
    assert isinstance(refused, Encryption) and refused.is_accepted is False
    assert refused.answered == "no, it goes on unencrypted" and not refused.problem
    assert isinstance(start, Startup) and start.user == "ann" and start.database == "ann"
    assert end.kind == "Terminate" and decoder.follows is None


@pytest.mark.parametrize(
    ("request_code", "answer", "follows"), [(80877103, b"S", "tls"), (80877104, b"G", "raw")]
)
def test_encryption_is_accepted(request_code: int, answer: bytes, follows: str) -> None:
    found, decoder = talk([client(struct.pack(">II", 8, request_code)), ("server", answer)])
    assert isinstance(found[0], Encryption) and found[0].is_accepted is True
    assert decoder.follows == follows and not decoder.why_stopped


def test_an_old_server_does_not_know_the_question() -> None:
    found, _ = talk([client(struct.pack(">II", 8, 80877103)), server(error(b"08P01", b"FATAL"))])
    assert found[0].problem == "08P01 bad"
    _, decoder = talk([client(struct.pack(">II", 8, 80877103)), ("server", b"?")])
    assert decoder.why_stopped == "0x3f is no answer to SSLRequest"


def test_the_version_is_negotiated() -> None:
    start = struct.pack(">II", 27, 196610) + b"user\0ann\0_pq_.x\0001\0\0"
    newer = said(b"v", struct.pack(">II", 196608, 1) + b"_pq_.x\0")
    found, _ = talk([("client", start), server(newer, said(b"R", bytes(4)), READY)])
    assert isinstance(found[0], Startup) and found[0].version == "3.2"
    assert found[0].negotiated == "the server speaks version 3.0, unknown options _pq_.x"


def test_methods_of_authentication() -> None:
    for code, name in ((7, "GSSAPI"), (9, "SSPI"), (3, "cleartext password"), (99, "method 99")):
        found, _ = talk([
            ("client", START),
            server(said(b"R", struct.pack(">I", code))), client(said(b"p", b"hush\0")),
            server(said(b"R", bytes(4)), READY),
        ])  # fmt: skip
        (start,) = found
        assert isinstance(start, Startup) and start.methods == (name, "ok")
        assert start.secrets == (("client", len(START) + 5, len(START) + 10),)


def test_a_cancel_request() -> None:
    found, _ = talk([client(struct.pack(">IIII", 16, 80877102, 4711, 0xABCD))])
    (cancel,) = found
    assert isinstance(cancel, Cancel) and (cancel.pid, cancel.key) == (4711, "***")
    assert revealed(cancel).key == "0000abcd" and cancel.secrets == (("client", 12, 16),)
    assert str(cancel) == "postgres CancelRequest pid 4711"


def test_a_function_call() -> None:
    call = said(b"F", struct.pack(">IhhhIh", 4242, 0, 0, 0, 0, 0)[:10])
    found, _ = talk([*BEGUN, client(call), server(said(b"V", b"\0\0\0\1x"), READY)])
    assert isinstance(found[1], Step) and found[1].asked == "FunctionCall function 4242"
    assert found[1].answered == "ok" and found[1].transaction == "idle"


def test_an_empty_query_and_a_sync_alone() -> None:
    found, _ = talk([
        *BEGUN, client(query(b"")), server(said(b"I"), READY), client(SYNC), server(READY),
    ])  # fmt: skip
    empty, sync = found[1:]
    assert isinstance(empty, Query) and (empty.statement, empty.rows, empty.error) == ("", None, "")
    assert isinstance(sync, Step) and (sync.kind, sync.answered) == ("Sync", "ok")


def test_what_waits_is_told_as_it_is_now() -> None:
    _, decoder = talk([*BEGUN, client(query(b"SELECT 1"))])
    (waiting,) = decoder.waiting()
    assert (waiting.asked, waiting.lacking) == ("SELECT 1", "no answer")
    decoder.feed("server", heads(b"x") + row(b"1"), 9)
    (partly,) = decoder.waiting()
    assert isinstance(partly, Query) and isinstance(waiting, Query)
    assert (partly.rows, partly.lacking) == (1, "its answer is not complete")
    assert waiting.rows is None  # a picture of then
    (whole,) = decoder.feed("server", done(b"SELECT 1") + READY, 10)
    assert whole.lacking == "" and not decoder.waiting()
    _, decoder = talk([("client", START)])
    assert [each.lacking for each in decoder.waiting()] == ["no answer"]


def test_a_long_statement_is_kept_from_its_beginning_only() -> None:
    sql = b"SELECT '" + b"x" * 500_000 + b"'"
    (found,) = queries([*BEGUN, client(query(sql)), server(done(b"SELECT 1"), READY)])
    assert found.statement.startswith("SELECT 'xxx") and len(found.statement) < 70_000
    assert found.statement == sql[: len(found.statement)].decode()
    left = len(sql) - len(found.statement)
    assert found.lacking == f"{left:,} bytes of the statement are not kept"
    assert found.parts[0].end - found.parts[0].begin == len(sql) + 6
    assert sum(len(str(line)) for line in found.said("client")) < 10_000


def test_a_long_value_is_kept_from_its_beginning_only() -> None:
    asked = client(parse(b"", b"SELECT $1, $2"), bind(b"", b"", b"a", b"x" * 100_000, b"b"),
                   execute(), SYNC)  # fmt: skip
    (found,) = queries([*BEGUN, asked, server(said(b"1"), said(b"2"), done(b"SELECT 1"), READY)])
    first, second = found.parameters
    assert first == "a" and second == "x" * len(second) and 60_000 < len(second) < 70_000
    assert found.lacking == f"{100_000 + 7 - len(second):,} bytes of the values are not kept"


def test_a_long_row_is_counted() -> None:
    (found,) = queries([
        *BEGUN, client(query(b"SELECT x")),
        server(heads(b"x"), row(b"y" * 300_000), row(b"z"), done(b"SELECT 2"), READY),
    ])  # fmt: skip
    assert (found.rows, found.row_bytes) == (2, 300_009)
    assert found.first_rows == (("z",),)


def test_a_gap_within_a_message_is_stepped_over() -> None:
    decoder = Postgres()
    found: list[Message] = []
    for at, (side, data) in enumerate([*BEGUN, client(query(b"SELECT x"))]):
        found += decoder.feed(side, data, at)
    answer = heads(b"x") + row(b"y" * 5000) + row(b"z") + done(b"SELECT 2") + READY
    found += decoder.feed("server", answer[:1000], 5)
    found += decoder.gap("server", 1448, 6)
    found += decoder.feed("server", answer[2448:], 7)
    (select,) = [each for each in found if isinstance(each, Query)]
    assert (select.rows, select.tag, select.lacking) == (2, "SELECT 2", "1,448 bytes lack")
    assert select.row_bytes == 5000 + 1 + 8


def test_a_gap_over_messages_ends_at_the_next_that_is_sure() -> None:
    decoder = Postgres()
    found: list[Message] = []
    for at, (side, data) in enumerate([*BEGUN, client(query(b"SELECT 1"))]):
        found += decoder.feed(side, data, at)
    found += decoder.gap("server", 100, 5)
    found += decoder.feed("server", b"rest of a row" + done(b"SELECT 9") + READY, 6)
    found += decoder.feed("client", query(b"SELECT 2"), 7)
    found += decoder.feed("server", heads(b"x") + row(b"2") + done(b"SELECT 1") + READY, 8)
    one, two = [each for each in found if isinstance(each, Query)]
    assert (one.statement, one.tag, one.lacking) == ("SELECT 1", "SELECT 9", "100 bytes lack")
    assert (two.statement, two.first_rows, two.lacking) == ("SELECT 2", (("2",),), "")


def test_no_message_after_a_gap() -> None:
    decoder = Postgres()
    for at, (side, data) in enumerate(BEGUN):
        decoder.feed(side, data, at)
    decoder.gap("server", 100, 5)
    for at in range(100):
        decoder.feed("server", b"noise" * 2000, at)
        if decoder.why_stopped:
            break
    assert decoder.why_stopped == "bytes lack, and no message was found after them"


def test_what_is_no_message_stops_it() -> None:
    for junk, which in (
        (b"?....", "client"),
        (b"Q\0\0\0\2", "client"),
        (b"\x16\3\1\0\0", "server"),
    ):
        side: Side = "client" if which == "client" else "server"
        _, decoder = talk([*BEGUN, (side, junk + b"more")])
        assert decoder.why_stopped.startswith(f"the {which} sent 0x{junk[0]:02x} where")
        assert decoder.rest(side) == junk + b"more"


def test_a_capture_of_the_clients_side_only() -> None:
    decoder = Postgres(False)
    found: list[Message] = []
    count = MOST_ASKED + 500
    for at in range(count):
        found += decoder.feed("client", query(b"SELECT %d" % at), at)
    assert found[0].lacking == "no answer" and len(decoder.waiting()) < count
    assert len(found) + len(decoder.waiting()) == count


def test_answers_to_what_was_not_seen() -> None:
    (found,) = queries(
        [server(row(b"1"), row(b"2"), row(b"3"), done(b"SELECT 3"), READY)], begun=False
    )
    assert (found.kind, found.statement, found.rows) == ("answer", "", 3)
    assert found.lacking == "what was asked lacks" and found.side == "server"


def test_errors_of_the_server_by_itself() -> None:
    found, _ = talk([*BEGUN, server(error(b"57P01", b"FATAL"))])
    assert isinstance(found[1], Told) and found[1].problem == "57P01 bad"
    notice = said(b"N", b"SWARNING\0VWARNING\0C01000\0Mcareful\0\0")
    found, _ = talk([*BEGUN, server(notice, said(b"S", b"TimeZone\0UTC\0"))])
    assert [str(each) for each in found[1:]] == [
        "postgres WARNING 01000 careful", "postgres TimeZone = UTC",
    ]  # fmt: skip


def test_a_fatal_error_ends_what_waits() -> None:
    found = queries([
        *BEGUN,
        client(parse(b"", b"SELECT 1"), bind(b"", b""), execute(),
               parse(b"", b"SELECT 2"), bind(b"", b""), execute(), SYNC),
        server(said(b"1"), said(b"2"), error(b"57P01", b"FATAL")),
    ])  # fmt: skip
    assert [(each.statement, each.code, each.lacking) for each in found] == [
        ("SELECT 1", "57P01", ""), ("SELECT 2", "", "skipped: the connection ended"),
    ]  # fmt: skip


def test_a_change_of_the_encoding_and_the_name() -> None:
    found = queries([
        *BEGUN,
        client(query(b"SET client_encoding = 'LATIN1'")),
        server(said(b"S", b"client_encoding\0LATIN1\0"), said(b"S", b"application_name\0web\0"),
               done(b"SET"), READY),
        client(query(b"SELECT '\xfc'")),
        server(heads(b"\xe4"), row(b"\xfc"), done(b"SELECT 1"), READY),
    ])  # fmt: skip
    assert (found[1].statement, found[1].columns) == ("SELECT 'ü'", ("ä",))
    assert found[1].first_rows == (("ü",),) and found[1].application == "web"


def test_what_it_looks_like() -> None:
    look = Postgres.looks_like
    for at in range(1, 9):
        assert look(START[:at], b"") == Likeness.MORE
    assert look(START[:9], b"") == look(START, b"R") == Likeness.SURE
    assert look(struct.pack(">II", 8, 80877103), b"") == Likeness.SURE
    assert look(b"", READY) == look(b"GET / HTTP/1.1\r\n", b"") == Likeness.NO
    assert look(b"\x16\3\1\2\0\1\0\1\xfc\3\3", b"") == Likeness.NO
    assert look(query(b"SELECT 1"), b"", False) == Likeness.LIKELY
    answer = heads(b"x") + row(b"1") + done(b"SELECT 1") + READY
    assert look(query(b"SELECT 1"), answer, False) == Likeness.SURE
    assert look(b"", row(b"1"), False) == Likeness.MORE
    assert look(b"GET / HTTP/1.1\r\n\r\n", b"", False) == Likeness.NO
    assert look(b"", b"", False) == Likeness.NO

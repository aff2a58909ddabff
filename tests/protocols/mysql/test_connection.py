"""Conversations as MySQL 8 and old servers have them, written by hand after its documentation."""

from __future__ import annotations

import random
import zlib
from typing import Any

import mysql_bytes as wire
import pytest
from mysql_bytes import LOGIN, OLD_LOGIN, column, eof, err, ok, packet, packets, query, rows, said

from netshell.flow.sides import Side
from netshell.protocols.inbox import Inbox
from netshell.protocols.mysql import capabilities as can
from netshell.protocols.mysql.decoder import MySqlDecoder
from netshell.protocols.mysql.framing import Packets
from netshell.protocols.mysql.messages import Command, Login, MySqlStatement
from netshell.protocols.raw import Raw
from netshell.protocols.secret import MASK, revealed


def one(*turns: tuple[Side, bytes | int], login: Any = LOGIN, **options: Any) -> Any:
    """The last message of a conversation that begins with a login."""
    return said(*login, *turns, **options)[-1]


def test_columns_end_with_eof_or_without_one() -> None:
    old = one(
        ("client", query(b"SELECT a")),
        ("server", packets(1, b"\1", column(b"a"), eof(), *rows(b"1", b"2"), eof(3))),
        login=OLD_LOGIN,
    )
    new = one(
        ("client", query(b"SELECT a")),
        ("server", packets(1, b"\1", column(b"a"), *rows(b"1", b"2"), ok(0, 3, head=b"\xfe"))),
    )
    for statement in (old, new):
        assert (statement.columns, statement.rows) == (("a",), 2)
        assert statement.transaction == "in transaction"
        assert statement.results[0].first.values == (("1",), ("2",))
    nothing = one(
        ("client", query(b"SELECT a")),
        ("server", packets(1, b"\1", column(b"a"), eof(), eof())),
        login=OLD_LOGIN,
    )
    assert (nothing.rows, nothing.first_row_ns) == (0, None)


def test_the_first_row_has_its_time() -> None:
    statement = one(
        ("client", query(b"SELECT a")),
        ("server", packets(1, b"\1", column(b"a"))),
        ("server", packets(3, *rows(b"1"))),
        ("server", packets(4, *rows(b"2", b"3"), ok(head=b"\xfe"))),
    )
    assert (statement.time_ns, statement.answer_ns) == (3, 4)
    assert (statement.first_row_ns, statement.end_ns) == (5, 6)


def test_many_rows_are_counted_and_a_few_kept() -> None:
    made = rows(*(str(each).encode() for each in range(1000)))
    statement = one(
        ("client", query(b"SELECT a")),
        ("server", packets(1, b"\1", column(b"a"), *made, ok(head=b"\xfe"))),
    )
    assert (statement.rows, statement.lacking) == (1000, "")
    assert len(statement.results[0].first.data) == 5
    assert "… 995 more rows" in statement.said("server")


def test_an_error_amid_rows() -> None:
    statement = one(
        ("client", query(b"SELECT a")),
        (
            "server",
            packets(1, b"\1", column(b"a"), *rows(b"1"), err(1317, b"70100", b"Stopped")),
        ),
    )
    assert (statement.rows, statement.problem) == (1, "1317 (70100) Stopped")


def test_mariadb_tells_how_far_it_is() -> None:
    progress = b"\xff\xff\xff\1\1\2\x10\0\0\x05copy "
    statement = one(
        ("client", query(b"ALTER TABLE t ADD x INT")), ("server", packets(1, progress, ok()))
    )
    assert (statement.rows, statement.code) == (0, "")


def test_query_attributes() -> None:
    bits = wire.MYSQL_8 | can.QUERY_ATTRIBUTES
    login: Any = (
        ("server", wire.greeting(bits)), ("client", wire.response(bits)),
        ("server", packet(2, ok())),
    )  # fmt: skip
    plain = b"\x03\0\1SELECT 1"
    named = b"\x03\2\1\2\1\xfe\0\1a\3\x80\1b" + b"\x05hello" + b"SELECT 2"
    got = said(
        *login, ("client", packet(0, plain)), ("server", packets(1, ok())),
        ("client", packet(0, named)), ("server", packets(1, ok())),
    )  # fmt: skip
    assert [each.statement for each in got[-2:]] == ["SELECT 1", "SELECT 2"]
    assert got[-1].attributes == (("a", "hello"), ("b", None))
    # Seen from its midst, the empty ones are told by their bytes.
    midst = said(("client", packet(0, plain)), ("server", packets(1, ok())), begun=False)
    assert [each.statement for each in midst] == ["SELECT 1"]


def test_attributes_of_a_prepared_statement() -> None:
    bits = wire.MYSQL_8 | can.QUERY_ATTRIBUTES
    login: Any = (
        ("server", wire.greeting(bits)), ("client", wire.response(bits)),
        ("server", packet(2, ok())),
    )  # fmt: skip
    prepared = b"\0\7\0\0\0\0\0\1\0\0\0\0"
    execute = b"\x17\7\0\0\0\x08\1\0\0\0\2\0\1\x03\0\0\xfe\0\1a" + b"\x2a\0\0\0" + b"\3web"
    got = said(
        *login, ("client", packet(0, b"\x16DO ?")), ("server", packets(1, prepared, column(b"?"))),
        ("client", packet(0, execute)), ("server", packets(1, ok())),
    )  # fmt: skip
    assert (got[-1].parameters, got[-1].attributes) == ((42,), (("a", "web"),))


def test_metadata_that_is_left_out() -> None:
    statement = one(
        ("client", query(b"SELECT a")),
        ("server", packets(1, b"\1\0", *rows(b"1"), ok(head=b"\xfe"))),
    )
    assert (statement.columns, statement.rows) == ((), 1)


def test_mariadbs_extended_metadata() -> None:
    bits = (wire.MYSQL_8 & ~can.MYSQL) | can.EXTENDED_METADATA
    login: Any = (
        ("server", wire.greeting(bits, b"5.5.5-10.11.6-MariaDB")), ("client", wire.response(bits)),
        ("server", packet(2, ok())),
    )  # fmt: skip
    defined = packets(1, b"\1", column(b"a", 252, b"\1\x04json"), *rows(b"{}"), ok(head=b"\xfe"))
    statement = one(("client", query(b"SELECT a")), ("server", defined), login=login)
    assert (statement.columns, statement.rows) == (("a",), 1)


def test_session_changes_are_told() -> None:
    changes = (
        b"\0\x0f" + wire.counted(b"autocommit") + wire.counted(b"OFF")
        + b"\1\6" + wire.counted(b"other")
    )  # fmt: skip
    done = b"\0\0\0" + (0x4002).to_bytes(2, "little") + b"\0\0" + b"\0" + wire.counted(changes)
    got = said(
        *LOGIN, ("client", query(b"SET x")), ("server", packet(1, done)),
        ("client", query(b"SELECT 1")), ("server", packet(1, ok())),
    )  # fmt: skip
    assert got[-2].results[0].changes == (("autocommit", "OFF"), ("database", "other"))
    assert (got[-2].database, got[-1].database) == ("shop", "other")


def test_what_the_server_says_of_a_query() -> None:
    statement = one(("client", query(b"DELETE FROM t")), ("server", packet(1, ok(3, 0x822))))
    assert statement.flags == ("no index used", "slow")
    assert statement.answered == "OK, 3 rows affected"


# --- logins ---


def test_caching_sha2_with_a_key_and_its_password_masked() -> None:
    got = said(
        *LOGIN[:2],
        ("server", packet(2, b"\1\4")), ("client", packet(3, b"\2")),
        ("server", packet(4, b"\1-----BEGIN PUBLIC KEY-----")), ("client", packet(5, b"\x99" * 99)),
        ("server", packet(6, ok())),
    )  # fmt: skip
    login = got[-1]
    assert isinstance(login, Login)
    assert (login.user, login.database, login.plugin) == ("ann", "shop", "caching_sha2_password")
    assert login.proofs == (MASK, MASK, MASK)
    assert revealed(login).proofs[2] == "99" * 99
    assert login.attributes == (("program_name", "test"),)
    assert len(login.secrets) == 3 and login.answered == "OK"


def test_passwords_in_what_a_client_says_of_itself() -> None:
    words = (b"program_name", b"app password=hunter2", b"_pid", b"7", b"api_key", b"hunter3")
    sent = wire.response(wire.MYSQL_8, b"\xaa" * 32, b"caching_sha2_password", *words)
    login = said(LOGIN[0], ("client", sent), LOGIN[2])[-1]
    assert login.attributes == (("program_name", "app password=***"), ("_pid", "7"),
                                ("api_key", "***"))  # fmt: skip
    assert "hunter" not in f"{login.json()}{login!r}{login.said('client')}"
    hidden = [sent[begin:end] for side, begin, end in login.secrets if side == "client"]
    assert hidden == [b"\xaa" * 32, b"hunter2", b"hunter3"]
    peek = MySqlDecoder.peek(sent, True)
    assert peek is not None and [sent[begin:end] for begin, end in peek.secrets] == hidden


@pytest.mark.parametrize("plugin", ["mysql_clear_password", "dialog"])
def test_a_password_in_the_clear_is_masked(plugin: str) -> None:
    got = said(
        *LOGIN[:2],
        ("server", packet(2, b"\xfe" + plugin.encode() + b"\0")),
        ("client", packet(3, b"hunter2\0")), ("server", packet(4, ok())),
    )  # fmt: skip
    login = got[-1]
    assert login.plugins == (plugin,) and login.plugin == plugin
    assert revealed(login).proofs[1] == "hunter2"
    ((_, _, _), (side, begin, end)) = login.secrets
    stream = wire.response() + packet(3, b"hunter2\0")
    assert (side, stream[begin:end]) == ("client", b"hunter2\0")
    assert "hunter2" not in f"{login}{login!r}{login.said('client')}{login.said('server')}"


def test_the_switch_to_the_old_password() -> None:
    got = said(
        *LOGIN[:2], ("server", packet(2, b"\xfe")), ("client", packet(3, b"12345678\0")),
        ("server", packet(4, err(1045, b"28000", b"Access denied"))),
    )  # fmt: skip
    assert got[-1].plugins == ("mysql_old_password",)
    assert got[-1].problem == "1045 (28000) Access denied"


def test_a_change_of_the_user_masks_and_forgets() -> None:
    change = b"\x11bob\0" + b"\x14" + b"\xbb" * 20 + b"other\0" + b"\x21\0mysql_native_password\0"
    got = said(
        *LOGIN, ("client", packet(0, b"\x16DO 1")), ("server", packets(1, b"\0\5" + bytes(10))),
        ("client", packet(0, change)), ("server", packets(1, b"\xfemysql_native_password\0x")),
        ("client", packet(2, b"\xcc" * 20)), ("server", packet(3, ok())),
        ("client", packet(0, b"\x17\5\0\0\0\0\1\0\0\0")), ("server", packet(1, ok())),
    )  # fmt: skip
    changed, execute = got[-2:]
    assert (changed.kind, changed.user, changed.database) == ("COM_CHANGE_USER", "bob", "other")
    assert changed.proofs == (MASK, MASK) and len(changed.secrets) == 2
    assert (execute.user, execute.database, execute.statement) == ("bob", "other", "")
    assert "its preparation was not seen" in execute.assumed


def test_the_wish_for_tls_hands_over() -> None:
    wish = (wire.MYSQL_8 | can.SSL).to_bytes(4, "little") + bytes(28)
    decoder = wire.MySqlDecoder()
    decoder.feed("server", wire.greeting(wire.MYSQL_8 | can.SSL), 1)
    (request,) = decoder.feed("client", packet(1, wish) + b"\x16\x03\x01", 2)
    assert (request.kind, decoder.follows, decoder.rest("client")) == (
        "SSL request", "tls", b"\x16\x03\x01"
    )  # fmt: skip


def test_zstd_is_named() -> None:
    bits = wire.MYSQL_8 | can.ZSTD
    got = said(
        ("server", wire.greeting(bits)), ("client", wire.response(bits)),
        ("server", packet(2, ok())), ("client", b"\1\2\3"),
    )  # fmt: skip
    assert got[-1].compression == "zstd" if isinstance(got[-1], Login) else True
    decoder = wire.MySqlDecoder()
    for side, data in (("server", wire.greeting(bits)), ("client", wire.response(bits)),
                       ("server", packet(2, ok()))):  # fmt: skip
        decoder.feed(side, data, 1)  # type: ignore[arg-type]
    assert decoder.why_stopped == "compressed with zstd from here on, which is not read"


def test_an_old_client_and_the_x_protocol_are_named() -> None:
    old = said(
        ("server", wire.greeting(OLD_BITS)), ("client", packet(1, b"\5\0\0\0\0ann\0abcdefgh"))
    )
    assert old[-1].user == "ann" and old[-1].proofs == (MASK,)
    decoder = wire.MySqlDecoder()
    decoder.feed("server", b"\x05\0\0\0\x0b\x08\x05\x1a\0", 1)
    assert decoder.why_stopped == "MySQL's X protocol, which is not read"
    assert decoder.rest("server") == b"\x05\0\0\0\x0b\x08\x05\x1a\0"


OLD_BITS = can.MYSQL | can.WITH_DB


# --- commands ---


def test_a_stream_of_replication_is_shown_raw() -> None:
    dump = b"\x12\4\0\0\0\0\0\2\0\0\0log.000001"
    got = said(*LOGIN, ("client", packet(0, dump)), ("server", packet(1, b"\0" + bytes(40))))
    assert [each.kind for each in got[-1:]] == ["COM_BINLOG_DUMP"] or isinstance(got[-1], Raw)
    assert got[2].kind == "COM_BINLOG_DUMP"
    decoder = wire.MySqlDecoder()
    for side, data in (*LOGIN, ("client", packet(0, dump))):
        decoder.feed(side, data, 1)
    assert "replication" in decoder.why_stopped


def test_an_error_that_nobody_asked_for() -> None:
    got = said(*LOGIN, ("server", packet(0, err(4031, b"HY000", b"The client was disconnected"))))
    error = got[-1]
    assert isinstance(error, Command)
    assert (error.kind, error.side) == ("error", "server")
    assert error.problem == "4031 (HY000) The client was disconnected"


def test_pipelined_commands_are_answered_in_order() -> None:
    got = said(
        *LOGIN, ("client", query(b"SELECT 1") + query(b"SELECT 2") + packet(0, b"\x0e")),
        ("server", packet(1, ok(1)) + packet(1, err()) + packet(1, ok())),
    )  # fmt: skip
    assert [each.kind for each in got[-3:]] == ["COM_QUERY", "COM_QUERY", "COM_PING"]
    assert [each.problem for each in got[-3:]] == ["", "1064 (42000) No", ""]


def test_what_waits_is_shown_and_changes_nothing() -> None:
    decoder = wire.MySqlDecoder()
    for side, data in (*LOGIN, ("client", query(b"SELECT SLEEP(9)"))):
        decoder.feed(side, data, 1)
    for _ in range(2):
        (waits,) = decoder.waiting()
        assert isinstance(waits, MySqlStatement)
        assert (waits.statement, waits.lacking) == ("SELECT SLEEP(9)", "no answer")
    decoder.feed("server", packets(1, b"\1", column(b"a"), *rows(b"1")), 2)
    (waits,) = decoder.waiting()
    assert (waits.rows, waits.lacking) == (1, "its answer is not all there")
    (done,) = decoder.feed("server", packet(4, ok(head=b"\xfe")), 3)
    assert (done.rows, done.lacking) == (1, "") and decoder.waiting() == []
    decoder.feed("client", query(b"SELECT 'a long one'")[:12], 4)
    (half,) = decoder.waiting()
    assert (half.statement, half.lacking) == ("SELECT ", "12 bytes lack")


def test_a_server_that_hangs_up_leaves_it_unanswered() -> None:
    decoder = wire.MySqlDecoder()
    for side, data in (*LOGIN, ("client", query(b"SELECT 1"))):
        decoder.feed(side, data, 1)
    (left,) = decoder.close("server", 2)
    assert (left.statement, left.lacking, decoder.waiting()) == ("SELECT 1", "no answer", [])


# --- large packets, compression ---


@pytest.mark.parametrize("size", [300_000, 0xFFFFFF - 1, 0xFFFFFF, 0xFFFFFF + 9])
def test_large_packets_are_one(size: int) -> None:
    data = b"\x03SELECT '" + b"x" * (size - 10) + b"'"
    made = b"".join(
        packet(number, data[at : at + 0xFFFFFF])
        for number, at in enumerate(range(0, len(data) + 1, 0xFFFFFF))
    )
    last = size // 0xFFFFFF
    got = said(
        *LOGIN, ("client", made), ("server", packet(last + 1, ok(5))),
        ("client", query(b"SELECT 2")), ("server", packet(1, ok())),
    )  # fmt: skip
    statement, after = got[-2:]
    assert statement.statement.startswith("SELECT 'xxx") and statement.rows == 5
    assert statement.parts[0].end - statement.parts[0].begin == len(made)
    assert f"{len(data) - (1 << 18):,} bytes of it are not kept" == statement.lacking
    assert after.statement == "SELECT 2" and after.lacking == ""


def test_a_large_row_is_a_row() -> None:
    row = b"\xfe" + (20_000_000).to_bytes(8, "little") + b"r" * 20_000_000
    answer = packets(1, b"\1", column(b"a")) + packet(3, row[:0xFFFFFF]) + packet(4, row[0xFFFFFF:])
    statement = one(
        ("client", query(b"SELECT a")), ("server", answer + packet(5, ok(head=b"\xfe")))
    )
    assert (statement.rows, statement.lacking) == (1, "")


def compressed_login() -> Any:
    bits = wire.MYSQL_8 | can.COMPRESS
    return (
        ("server", wire.greeting(bits)), ("client", wire.response(bits)),
        ("server", packet(2, ok())),
    )  # fmt: skip


def test_compressed_packets_cut_anywhere() -> None:
    noise = random.Random(1).randbytes(5000).replace(b"'", b"x")
    sql = b"INSERT '" + noise + b"'"
    asked = query(sql)
    answer = packets(1, b"\1", column(b"a"), *rows(*[b"r" * 100] * 900), ok(head=b"\xfe"))
    got = said(
        *compressed_login(),
        ("client", wire.squeezed(0, asked[:77], plain=True) + wire.squeezed(1, asked[77:])),
        ("server", wire.squeezed(2, answer[:5]) + wire.squeezed(3, answer[5:])),
        ("client", wire.squeezed(0, query(b"SELECT 2"), plain=True)),
        ("server", wire.squeezed(1, packet(1, ok()), plain=True)),
    )  # fmt: skip
    assert got[1].answered == "OK, then compressed (zlib)"
    statement, after = got[-2:]
    assert (statement.rows, statement.columns) == (900, ("a",))
    assert after.statement == "SELECT 2"
    sizes = [part.end - part.begin for part in statement.parts]
    packed = [len(zlib.compress(each)) for each in (asked[77:], answer[:5], answer[5:])]
    assert sizes == [7 + 77 + 7 + packed[0], 7 + packed[1] + 7 + packed[2]]


def test_a_bomb_is_unpacked_in_slices_and_not_kept() -> None:
    import tracemalloc

    row = b"\xfd" + (0xFFFF00).to_bytes(3, "little") + bytes(0xFFFF00)
    begin = packets(1, b"\1", column(b"a"))
    big = packet(3, row)
    bomb = wire.squeezed(1, begin + big[: 0xFFFFFF - len(begin)])
    rest = wire.squeezed(2, big[0xFFFFFF - len(begin) :] + packet(4, ok(head=b"\xfe")))
    decoder = wire.MySqlDecoder()
    for side, data in (*compressed_login(), ("client", wire.squeezed(0, query(b"SELECT a"), True))):
        decoder.feed(side, data, 1)
    tracemalloc.start()
    made = decoder.feed("server", bomb + rest, 2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [each.rows for each in made] == [1]  # type: ignore[attr-defined]
    assert peak < 2 << 20


@pytest.mark.parametrize(
    "broken",
    [
        b"\x05\0\0\0\x10\0\0hello",  # no zlib
        wire.squeezed(0, b"x" * 50)[:4] + b"\x31\0\0" + wire.squeezed(0, b"x" * 50)[7:],
        wire.squeezed(0, b"x" * 50)[:4] + b"\x33\0\0" + wire.squeezed(0, b"x" * 50)[7:],
        b"\0\0\0\0\x10\0\0",
    ],
)
def test_what_does_not_unpack_ends_it(broken: bytes) -> None:
    decoder = wire.MySqlDecoder()
    for side, data in (*compressed_login(), ("client", broken)):
        decoder.feed(side, data, 1)
    assert decoder.why_stopped.startswith("a compressed packet")


# --- what is no MySQL ---


@pytest.mark.parametrize(
    ("turns", "reason"),
    [
        ((("client", packet(0, b"\x99")),), "a command 0x99"),
        ((("client", packet(3, b"\x0e")),), "a command numbered 3"),
        ((("client", packet(0, b"\x0e\0")),), "COM_PING of 2 bytes"),
        ((("server", packet(1, b"\0\0\0\2\0\0\0")),), "the server answers what was not asked"),
        (
            (("client", query(b"SELECT 1")), ("server", packet(2, ok()))),
            "packet number 2 where 1 is due",
        ),
        ((("client", packet(0, b"")),), "an empty packet"),
        (
            (("client", query(b"SELECT 1")), ("server", packet(1, b"\0\1"))),
            "1 bytes where 0 are left",
        ),
    ],
)
def test_what_is_none_stops_with_the_reason(turns: Any, reason: str) -> None:
    decoder = wire.MySqlDecoder()
    made: list[Any] = []
    for side, data in (*LOGIN, *turns):
        made += decoder.feed(side, data, 1)
    assert decoder.why_stopped == reason
    assert decoder.rest(turns[-1][0]) == turns[-1][1]
    if len(turns) == 2:
        assert made[-1].lacking == f"not read: {reason}"
    assert decoder.feed("client", b"more", 2) == () and decoder.waiting() == ()


def test_a_packet_of_many_pieces_is_not_looked_through_for_each() -> None:
    decoder = wire.MySqlDecoder()
    for side, data in LOGIN:
        decoder.feed(side, data, 0)
    looks: list[int] = []

    class Watched(Inbox):
        def time_ns(self, offset: int = 0) -> int:
            looks.append(offset)
            return super().time_ns(offset)

    box = Watched("client", decoder._connection._packets["client"].at)
    decoder._connection._packets["client"] = Packets("client", box=box)
    asked = query(b"SELECT '" + b"x" * 5000 + b"'")
    made: list[Any] = []
    for at in range(len(asked)):
        made += decoder.feed("client", asked[at : at + 1], at)
    made += decoder.feed("server", packet(1, ok()), 9999)
    assert [each.kind for each in made] == ["COM_QUERY"]
    assert len(looks) < 10


def test_types_that_are_not_sent_again_are_those_of_the_execution_before() -> None:
    prepared = packets(1, b"\0\7\0\0\0\0\0\1\0\0\0\0", column(b"?"))
    fixed = b"\x17\7\0\0\0\0\1\0\0\0"
    got: Any = said(
        *LOGIN, ("client", packet(0, b"\x16DO ?")), ("server", prepared),
        ("client", packet(0, fixed + b"\0\1\x02\x80" + b"\xff\xff")), ("server", packet(1, ok())),
        ("client", packet(0, fixed + b"\0\0" + b"\x05\x00")), ("server", packet(1, ok())),
        ("client", packet(0, fixed + b"\1\0")), ("server", packet(1, ok())),
    )  # fmt: skip
    assert [each.parameters for each in got[-3:]] == [(65535,), (5,), (None,)]
    # Without the execution before, what the bytes are is not known, and said.
    lost: Any = said(
        ("client", packet(0, b"\x16DO ?")), ("server", prepared),
        ("client", packet(0, fixed + b"\0\0" + b"\x05\x00")), ("server", packet(1, ok())),
        begun=False,
    )  # fmt: skip
    assert (lost[-1].statement, lost[-1].parameters) == ("DO ?", ())
    assert lost[-1].lacking == "the types of its parameters were bound before"


def test_what_is_forgotten_is_the_oldest() -> None:
    turns: list[Any] = []
    for number in range(30):
        sql = b"\x16SELECT '" + str(number).encode() * 120_000 + b"'"
        turns.append(("client", packet(0, sql)))
        turns.append(("server", packet(1, b"\0" + bytes([number]) + bytes(10))))
    for number in (0, 29):
        turns.append(("client", packet(0, bytes([0x17, number]) + bytes(4) + b"\1\0\0\0")))
        turns.append(("server", packet(1, ok())))
    first, last = said(*LOGIN, *turns)[-2:]
    assert first.statement == "" and "preparation" in first.assumed  # type: ignore[attr-defined]
    assert last.statement.startswith("SELECT '2929")  # type: ignore[attr-defined]


def test_results_without_an_end_are_added_up() -> None:
    many = b"".join(packet(1 + at, ok(1, 0x0A)) for at in range(3000))
    statement = one(("client", query(b"CALL many()")), ("server", many + packet(3001, ok(1))))
    assert len(statement.results) == 1000 and statement.rows == 3001

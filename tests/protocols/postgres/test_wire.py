"""What is read from the wire is what psycopg, psql and pgbench sent to a real server and got.

With NETSHELL_RECORD=1, these tests write recorded/*.pcap anew.
"""

from __future__ import annotations

import contextlib
import datetime
import decimal
import itertools
import select
import threading
import uuid
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from feeding import of_capture
from onloopback import capturing
from postgres_server import PASSWORD, Server, keep
from psycopg import pq
from tshark_fields import pgsql_queries

from netshell.capture.capture import Capture
from netshell.protocols.api import Message
from netshell.protocols.postgres.query import Query
from netshell.protocols.postgres.steps import Cancel, Encryption, Notification, Startup, Step, Told
from netshell.protocols.secret import Masked, revealed


def queries(messages: list[Message]) -> list[Query]:
    return [each for each in messages if isinstance(each, Query)]


def in_full(messages: list[Message]) -> list[Message]:
    """The same; fails if anything of them lacks."""
    assert [each.lacking for each in messages if each.lacking] == []
    assert [each.asked for each in messages if each.protocol == "raw"] == []
    return messages


def covered(capture: Capture, messages: list[Message]) -> None:
    """Every byte of both sides is in a message, but for what the server passes over (Flush)."""
    for side in ("client", "server"):
        places = sorted(
            (part.begin, part.end) for each in messages for part in each.parts if part.side == side
        )
        data, at = bytes(capture.flows[0].stream(side).data), 0
        for begin, end in [*places, (len(data), len(data))]:
            assert not data[at:begin].replace(b"H\0\0\0\4", b""), (side, at, begin)
            at = max(at, end)


def test_a_simple_query(postgres: Server) -> None:
    with capturing(postgres.port) as cap, postgres.connect(application_name="trial") as link:
        link.autocommit = True
        link.execute("CREATE TEMP TABLE t (i int, s text)")
        link.execute("INSERT INTO t VALUES (1, 'one'), (2, NULL)")
        got = link.execute("SELECT i, s FROM t ORDER BY i").fetchall()
        pid = link.info.backend_pid
    keep(cap, "simple.pcap")
    messages = in_full(of_capture(cap))
    covered(cap, messages)
    start, *found, end = messages
    assert isinstance(start, Startup) and isinstance(end, Step) and end.kind == "Terminate"
    assert (start.user, start.database, start.application) == ("ann", "postgres", "trial")
    assert (start.version, start.pid, start.methods) == ("3.0", pid, ("ok",))
    assert dict(start.settings)["client_encoding"] == "UTF8"
    assert start.key == "***" and isinstance(start.key, Masked) and len(start.key.whole) == 8
    create, insert, select = queries(found)
    assert create.statement == "CREATE TEMP TABLE t (i int, s text)"
    assert (create.tag, create.rows, create.columns) == ("CREATE TABLE", None, ())
    assert (insert.tag, insert.rows, insert.first_row_ns) == ("INSERT 0 2", 2, None)
    assert (select.tag, select.rows, select.columns) == ("SELECT 2", 2, ("i", "s"))
    assert select.types == ("int4", "text")
    assert select.first_rows == (("1", "one"), ("2", None))
    assert got == [(1, "one"), (2, None)]
    assert (select.user, select.database, select.application) == ("ann", "postgres", "trial")
    assert {each.transaction for each in queries(found)} == {"idle"}
    for each in queries(found):
        assert each.time_ns < (each.answer_ns or 0) <= each.end_ns
        assert each.duration_s == pytest.approx((each.end_ns - each.time_ns) / 1e9)
    assert select.first_row_ns is not None and select.answer_ns is not None
    assert select.time_ns < select.first_row_ns <= select.end_ns


def test_parameters_and_prepared_statements(postgres: Server) -> None:
    now = datetime.datetime(2026, 3, 4, 5, 6, 7, 80_000, tzinfo=datetime.UTC)
    name = uuid.UUID("12345678-1234-5678-1234-567812345678")
    number = decimal.Decimal("-12345.6700")
    given = {
        "int4": 7, "int8": -(1 << 40), "float8": 1.5, "bool": True, "text": "fünf",
        "bytea": b"\0\xff", "uuid": name, "timestamptz": now, "date": now.date(),
        "numeric": number, "jsonb": "{}",
        "int4[]": [1, None, -3], "text[]": ["a", None], "time": now.time(),
        "timestamp": now.replace(tzinfo=None),
    }  # fmt: skip
    told = {
        **given, "uuid": str(name), "timestamptz": "2026-03-04 05:06:07.08+00",
        "date": "2026-03-04", "numeric": "-12345.6700", "time": "05:06:07.08",
        "timestamp": "2026-03-04 05:06:07.08",
    }  # fmt: skip
    text = "SELECT " + ", ".join(f"%b::{each}" for each in given)
    with capturing(postgres.port) as cap, postgres.connect() as link:
        link.autocommit = True
        with link.cursor(binary=True) as cursor:
            row = cursor.execute(text, list(given.values())).fetchone()
        for at in range(3):
            link.execute("SELECT %s::int4 + 1", (at,), prepare=True)
        link.execute("SELECT %t::int4, %t", (5, "x"))
    keep(cap, "extended.pcap")
    messages = in_full(of_capture(cap))
    covered(cap, messages)
    first, *again, last = queries(messages)
    assert row is not None and len(row) == len(given)
    assert dict(zip(given, first.parameters, strict=True)) == told
    assert dict(zip(given, first.first_rows[0], strict=True)) == told
    assert first.types == tuple(given)
    assert [each.statement for each in again] == ["SELECT $1::int4 + 1"] * 3
    assert len({each.name for each in again}) == 1 and again[0].name
    assert [each.parameters for each in again] == [(0,), (1,), (2,)]
    assert [each.first_rows for each in again] == [(("1",),), (("2",),), (("3",),)]
    assert last.parameters == ("5", "x")
    prepared = [each for each in messages if isinstance(each, Step) and each.kind == "Parse"]
    assert [each.statement for each in prepared] == ["SELECT $1::int4 + 1"]


def test_a_pipeline(postgres: Server) -> None:
    with capturing(postgres.port) as cap, postgres.connect() as link:
        link.autocommit = True
        with link.pipeline():
            made = [link.execute("SELECT %s::int4 * 2", (at,)) for at in range(20)]
        assert [each.fetchone() for each in made] == [(2 * at,) for at in range(20)]
        with contextlib.suppress(psycopg.Error), link.pipeline():
            link.execute("SELECT 1")
            link.execute("SELECT 1/%s", (0,))
            link.execute("SELECT 'never'")
        link.execute("SELECT 'after'")
    keep(cap, "pipeline.pcap")
    messages = of_capture(cap)
    covered(cap, messages)
    found = queries(messages)
    assert [each.parameters for each in found[:20]] == [(at,) for at in range(20)]
    assert [each.first_rows for each in found[:20]] == [((str(2 * at),),) for at in range(20)]
    one, zero, never, after = found[20:]
    assert (one.tag, one.lacking) == ("SELECT 1", "")
    assert (zero.code, zero.severity, zero.transaction) == ("22012", "ERROR", "idle")
    assert zero.error == "division by zero"
    assert (never.error, never.tag, never.rows) == ("", "", None)
    assert never.lacking == "skipped: an error came before it"
    assert (after.first_rows, after.lacking) == ((("after",),), "")
    for before, each in itertools.pairwise(found[:20]):
        assert each.duration_s is not None
        # In whole nanoseconds: its end lies no later than what it is said to have taken.
        assert round(each.duration_s * 1e9) >= each.end_ns - each.since_ns
        assert (each.together > 1) == (each.batch_ns is not None)
        if each.batch_ns != before.batch_ns:
            assert each.since_ns >= before.end_ns


def test_several_statements_in_one_query(postgres: Server) -> None:
    with capturing(postgres.port) as cap, postgres.connect() as link:
        link.autocommit = True
        link.execute("SELECT 1 AS a; SELECT 'x;y' AS b, 2 -- it's ; no end\n; VALUES (1), (2);")
        with contextlib.suppress(psycopg.Error):
            link.execute("SELECT 1; SELECT 1/0; SELECT 3")
        with contextlib.suppress(psycopg.Error):
            link.execute("SELECT 1; SELEC 2; SELECT 3")
        link.execute("")
        link.execute("DO $$ BEGIN RAISE NOTICE 'one; two'; RAISE WARNING 'three'; END $$")
    keep(cap, "several.pcap")
    messages = of_capture(cap)
    covered(cap, messages)
    found = queries(messages)
    assert [(each.statement, each.columns, each.rows) for each in found[:3]] == [
        ("SELECT 1 AS a", ("a",), 1),
        ("SELECT 'x;y' AS b, 2", ("b", "?column?"), 1),
        ("VALUES (1), (2)", ("column1",), 2),
    ]
    assert [each.transaction for each in found[:3]] == ["", "", "idle"]
    one, zero, three = found[3:6]
    assert (one.statement, one.tag, one.lacking) == ("SELECT 1", "SELECT 1", "")
    assert (zero.statement, zero.code) == ("SELECT 1/0", "22012")
    assert (three.statement, three.lacking) == ("SELECT 3", "skipped: an error came before it")
    wrong = found[6]
    assert (wrong.statement, wrong.code) == ("SELECT 1; SELEC 2; SELECT 3", "42601")
    assert wrong.position == 11
    empty, noticed = found[7:]
    assert (empty.statement, empty.rows, empty.tag, empty.lacking) == ("", None, "", "")
    assert noticed.notices == ("NOTICE 00000: one; two", "WARNING 01000: three")


def test_errors_and_the_transaction(postgres: Server) -> None:
    with capturing(postgres.port) as cap, postgres.connect() as link:
        link.execute("CREATE TEMP TABLE u (name text PRIMARY KEY)")
        link.execute("INSERT INTO u VALUES (%s)", ("ann",))
        with contextlib.suppress(psycopg.Error):
            link.execute("INSERT INTO u VALUES (%s)", ("ann",))
        with contextlib.suppress(psycopg.Error):
            link.execute("SELECT 1")
        link.rollback()
        with contextlib.suppress(psycopg.Error):
            link.execute("SELECT %s FROM nowhere", (1,))
    keep(cap, "errors.pcap")
    found = queries(in_full(of_capture(cap)))
    begin, create, insert, twice, failed, back, begin2, nowhere, back2 = found
    assert [begin.transaction, create.transaction, insert.transaction] == ["in transaction"] * 3
    assert (twice.code, twice.transaction) == ("23505", "failed")
    assert twice.error == 'duplicate key value violates unique constraint "u_pkey"'
    assert twice.detail == "Key (name)=(ann) already exists."
    assert ("constraint", "u_pkey") in twice.error_fields
    assert twice.problem == f"23505 {twice.error}"
    assert twice.parameters == ("ann",)
    assert (failed.code, failed.transaction) == ("25P02", "failed")
    assert (back.tag, back.transaction) == ("ROLLBACK", "idle")
    assert (nowhere.code, nowhere.position, begin2.tag) == ("42P01", 16, "BEGIN")
    assert back2.tag == "ROLLBACK"


def test_copy_in_and_out(postgres: Server) -> None:
    with capturing(postgres.port) as cap, postgres.connect() as link:
        link.autocommit = True
        link.execute("CREATE TEMP TABLE c (i int, s text)")
        with link.cursor().copy("COPY c FROM STDIN") as copy:
            for at in range(1000):
                copy.write_row((at, "x" * 10))
        with link.cursor().copy("COPY c TO STDOUT") as copy:
            out = [bytes(each) for each in copy]
        with contextlib.suppress(psycopg.Error), link.cursor().copy("COPY c FROM STDIN") as copy:
            copy.write("no number\n")
        with contextlib.suppress(ValueError), link.cursor().copy("COPY c FROM STDIN") as copy:
            raise ValueError("given up")
        with link.cursor().copy("COPY c TO STDOUT (FORMAT binary)") as copy:
            binary = [bytes(each) for each in copy]
        # In the extended protocol, too.
        link.pgconn.exec_params(b"COPY c FROM STDIN", [])
        link.pgconn.put_copy_data(b"5\tfive\n")
        link.pgconn.put_copy_end()
        while link.pgconn.get_result() is not None:
            pass
        link.execute("SELECT count(*) FROM c")
    keep(cap, "copy.pcap")
    found = queries(in_full(of_capture(cap)))
    _, given, got, wrong, gave_up, inner, extended, count = found
    text = sum(len(f"{at}\t{'x' * 10}\n") for at in range(1000))
    assert (given.copy, given.tag, given.rows) == ("in", "COPY 1000", 1000)
    assert given.copied_bytes == (text, 0) and given.copied[0] >= 1
    assert (got.copy, got.tag, got.copied) == ("out", "COPY 1000", (0, 1000))
    assert got.copied_bytes == (0, sum(map(len, out))) == (0, text)
    assert got.first_rows[0] == ("0\txxxxxxxxxx",)
    assert (wrong.code, wrong.copy) == ("22P02", "in")
    assert gave_up.code == "57014" and "given up" in gave_up.error
    assert inner.copied_bytes == (0, sum(map(len, binary)))
    assert (extended.kind, extended.tag, extended.copied) == ("Execute", "COPY 1", (1, 0))
    assert count.first_rows == (("1001",),)


def test_a_cursor_in_sql(postgres: Server) -> None:
    with capturing(postgres.port) as cap, postgres.connect() as link:
        with link.cursor("mine") as cursor:
            cursor.itersize = 4
            cursor.execute("SELECT * FROM generate_series(1, %s)", (10,))
            assert [row[0] for row in cursor] == list(range(1, 11))
        link.commit()
    found = queries(in_full(of_capture(cap)))
    fetched = [each for each in found if each.statement.startswith("FETCH")]
    assert [each.rows for each in fetched] == [4, 4, 2]
    declared = next(each for each in found if each.statement.startswith("DECLARE"))
    assert declared.parameters == (10,)


def test_notifications(postgres: Server) -> None:
    with capturing(postgres.port) as cap, postgres.connect() as link:
        link.autocommit = True
        link.execute("LISTEN news")
        with postgres.connect(autocommit=True) as other:
            other.execute("SELECT pg_notify('news', 'hot; off the press')")
            pid = other.info.backend_pid
        got = next(link.notifies(timeout=60))
        link.execute("NOTIFY news, 'own'")
    keep(cap, "notify.pcap")
    found = [each for each in of_capture(cap) if isinstance(each, Notification)]
    first, own = found
    assert (first.channel, first.payload, first.pid) == ("news", "hot; off the press", pid)
    assert (got.payload, got.pid, first.side) == (first.payload, first.pid, "server")
    assert own.payload == "own" and str(own).startswith("postgres NOTIFY news 'own' from pid")


def test_cancelling(postgres: Server) -> None:
    with capturing(postgres.port) as cap, postgres.connect() as link:
        link.autocommit = True
        pid = link.info.backend_pid
        asleep = threading.Event()

        def cancel() -> None:
            with postgres.connect(autocommit=True) as other:
                wanted = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event = 'PgSleep'"
                while not other.execute(wanted, (pid,)).fetchone():
                    pass
            asleep.set()
            link.cancel_safe(timeout=60)

        thread = threading.Thread(target=cancel)
        thread.start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            link.execute("SELECT pg_sleep(60)")
        thread.join()
    messages = of_capture(cap)
    (cancelled,) = [each for each in messages if isinstance(each, Cancel)]
    (slept,) = [each for each in queries(messages) if "pg_sleep" in each.statement]
    start = next(each for each in messages if isinstance(each, Startup) and each.pid == pid)
    assert asleep.is_set() and cancelled.pid == pid and cancelled.key == "***"
    assert revealed(cancelled).key == revealed(start).key
    assert (slept.code, slept.severity) == ("57014", "ERROR")


@pytest.mark.parametrize(
    ("user", "methods"),
    [
        ("ann", ("ok",)),
        ("scram", ("SCRAM-SHA-256", "ok")),
        ("hashed", ("MD5 password", "ok")),
        ("clear", ("cleartext password", "ok")),
    ],
)
def test_authentication_is_named_and_its_secrets_masked(
    postgres: Server, user: str, methods: tuple[str, ...]
) -> None:
    with capturing(postgres.port) as cap:
        postgres.connect(user, password=PASSWORD).close()
    keep(cap, f"login-{user}.pcap")
    start, _ = in_full(of_capture(cap))
    assert isinstance(start, Startup) and start.methods == methods and not start.problem
    sent = {side: bytes(cap.flows[0].stream(side).data) for side in ("client", "server")}
    hidden = [sent[side][begin:end] for side, begin, end in start.secrets]
    assert len(hidden[-1]) == 4 and hidden[-1].hex() == revealed(start).key
    if user == "clear":
        assert hidden[0] == PASSWORD.encode() + b"\0"
    if user == "hashed":
        assert hidden[0].startswith(b"md5")
    if user == "scram":
        assert len(hidden) == 3 and b"n,,n=" in hidden[0] and b",p=" in hidden[1]
    shown = str(start) + repr([start.said("client"), start.said("server")])
    assert not any(each.decode("latin-1").strip("\0") in shown for each in hidden)


@pytest.mark.parametrize(
    ("user", "options", "code"),
    [
        ("clear", {"password": "wrong"}, "28P01"),
        ("refused", {}, "28000"),
        ("ann", {"dbname": "nowhere"}, "3D000"),
    ],
)
def test_what_is_refused_at_the_start(
    postgres: Server, user: str, options: dict[str, str], code: str
) -> None:
    with capturing(postgres.port) as cap, pytest.raises(psycopg.OperationalError):
        postgres.connect(user, **options)
    (start,) = in_full(of_capture(cap))
    assert isinstance(start, Startup)
    assert (start.code, start.severity) == (code, "FATAL") and start.problem.startswith(code)


def test_tls_is_asked_for_and_handed_over(postgres: Server) -> None:
    with capturing(postgres.port) as cap:
        postgres.connect(sslmode="require").close()
    keep(cap, "tls.pcap")
    messages = of_capture(cap)
    first = messages[0]
    assert isinstance(first, Encryption) and first.is_accepted is True
    assert (first.kind, first.answered) == ("SSLRequest", "yes, TLS follows")
    assert {each.protocol for each in messages[1:]} == {"tls"}


def test_the_server_ends_the_connection(postgres: Server) -> None:
    with capturing(postgres.port) as cap, postgres.connect(autocommit=True) as admin:
        link = postgres.connect()
        link.execute("SELECT 1")
        admin.execute("SELECT pg_terminate_backend(%s)", (link.info.backend_pid,))
        assert select.select([link.pgconn.socket], [], [], 30)[0]  # it has said so
        link.close()
    told = [each for each in of_capture(cap) if isinstance(each, Told)]
    assert [(each.code, each.severity) for each in told] == [("57P01", "FATAL")]


def test_secrets_in_statements_are_masked(postgres: Server) -> None:
    with capturing(postgres.port) as cap, postgres.connect() as link:
        link.execute("CREATE ROLE temporary LOGIN PASSWORD 'hush-hush'")
        link.execute("SELECT 1 WHERE %s::text = 'x' AND (SELECT 'y' AS password) = %s", ("a", "b"))
        link.execute("SELECT * FROM (SELECT 'z' AS password) AS t WHERE password = %s", ("sesame",))
        link.rollback()
    found = queries(of_capture(cap))
    create = next(each for each in found if each.statement.startswith("CREATE"))
    assert create.statement == "CREATE ROLE temporary LOGIN PASSWORD '***'"
    assert revealed(create).statement == "CREATE ROLE temporary LOGIN PASSWORD 'hush-hush'"
    sent = bytes(cap.flows[0].stream("client").data)
    assert [sent[begin:end] for _, begin, end in create.secrets] == [b"hush-hush"]
    asked = next(each for each in found if "sesame" in repr(revealed(each).parameters))
    assert asked.parameters == ("***",)
    assert [sent[begin:end] for _, begin, end in asked.secrets] == [b"z", b"sesame"]


def test_psql_and_encodings(postgres: Server) -> None:
    with capturing(postgres.port) as cap:
        written = postgres.run(
            "psql", "-qAt", "-f", "-",
            stdin="SET client_encoding = 'LATIN1';\nSELECT 'f\xfcnf';\nSELECT 6 \\gdesc\n",
        )  # fmt: skip
    found = queries(in_full(of_capture(cap)))
    assert "?column?|integer" in written
    latin = next(each for each in found if each.columns == ("?column?",))
    assert latin.statement == "SELECT 'f\xc3\xbcnf';"  # as psql read it, and sent it as LATIN1
    assert latin.first_rows == (("f\xc3\xbcnf",),)


@pytest.mark.parametrize("mode", ["simple", "extended", "prepared"])
def test_pgbench(postgres: Server, mode: str) -> None:
    postgres.run("pgbench", "-i", "-q", "-I", "dtg")
    with capturing(postgres.port) as cap:
        written = postgres.run("pgbench", "-n", "-M", mode, "-t", "20")
    assert "actually processed: 20/20" in written
    found = queries(in_full(of_capture(cap)))
    updates = [each for each in found if each.statement.startswith("UPDATE pgbench_accounts")]
    assert len(updates) == 20 and {each.tag for each in updates} == {"UPDATE 1"}
    assert {len(each.parameters) for each in updates} == ({0} if mode == "simple" else {2})
    assert sum(each.tag == "COMMIT" for each in found) == 20
    assert {each.transaction for each in updates} == {"in transaction"}
    assert {each.application for each in found} == {"pgbench"}


def test_replication(postgres: Server) -> None:
    with capturing(postgres.port) as cap:
        link = postgres.connect(replication="yes")
        pgconn = link.pgconn
        identity = pgconn.exec_(b"IDENTIFY_SYSTEM")
        place = identity.get_value(0, 2)
        assert place is not None
        pgconn.send_query(b"START_REPLICATION PHYSICAL " + place)
        assert pgconn.get_result().status == pq.ExecStatus.COPY_BOTH  # type: ignore[union-attr]
        pgconn.put_copy_data(b"r" + bytes(32) + b"\1")  # a status that asks for an answer
        size, data = pgconn.get_copy_data(0)
        link.close()
    found = queries(of_capture(cap))
    identify, started = found
    assert identify.columns[:3] == ("systemid", "timeline", "xlogpos")
    assert identify.first_rows[0][2] == place.decode()
    assert (started.copy, started.copied[0], started.copied_bytes[0]) == ("both", 1, 34)
    assert started.copied[1] >= 1 and started.copied_bytes[1] >= size > 0
    assert bytes(data)[:1] in b"kw"


def test_tshark_sees_the_same_statements(
    postgres: Server, peer: Callable[[str], Path], tmp_path: Path
) -> None:
    with capturing(postgres.port) as cap, postgres.connect(prepare_threshold=None) as link:
        for at in range(10):
            link.execute("SELECT %s::int", (at,))
            link.pgconn.exec_(b"SELECT %d" % at)
    wanted = pgsql_queries(peer("tshark"), cap.save(tmp_path / "x.pcap"), postgres.port)
    assert [each.statement for each in queries(of_capture(cap))] == wanted

"""Messages and the error codes of their protocols explained."""

from __future__ import annotations

import re

import pytest
from talking import http, talked

from netshell import explain
from netshell.catalogue import entries
from netshell.commands.explain.messages import _numbers, message, sql
from netshell.commands.explain.queries import query
from netshell.errors import BadArgument
from netshell.protocols.api import Part
from netshell.protocols.query import Query
from netshell.protocols.redis.message import RedisMessage
from netshell.protocols.statement import Statement
from netshell.protocols.tls.traffic import Alert

GET = b"GET /a HTTP/1.1\nHost: h\n\n"


def answered(status: bytes) -> str:
    answer = b"HTTP/1.1 " + status + b"\nContent-Length: 0\n\n"
    return str(explain(talked(*http(GET, answer)).messages[0]))


def test_a_message_says_where_it_was_and_how_long_it_took() -> None:
    assert answered(b"200 OK").splitlines() == [
        "http: GET /a",
        "A message of http from 10.0.0.1:40000 to 10.0.0.2:80, in packets 3 and 5 of flow 0.",
        "It was answered: 200 OK.",
        "The answer began after 2 ms, by the clock of where it was captured.",
        "RFC 9110, RFC 9112",
    ]


def test_packets_are_a_range_only_where_all_are_its_own() -> None:
    assert [_numbers(each) for each in [(3, 4, 5), (456, 458), (1, 2, 5, 9, 10)]] == [
        "3-5", "456 and 458", "1-2, 5 and 9-10",
    ]  # fmt: skip
    assert _numbers(range(1, 40, 2)) == "1, 3, 5, 7, 9 … 39"


def test_an_answer_that_ends_a_sentence_gets_no_second_full_stop() -> None:
    said = RedisMessage(kind="command", parts=PARTS, command="CLIENT", is_answered=True,
                        error="ERR unknown subcommand. Try CLIENT HELP.")  # fmt: skip
    text = str(message(said))
    assert "Try CLIENT HELP.\n" in text and "HELP.." not in text


def test_its_error_is_explained_with_what_to_do() -> None:
    text = answered(b"502 Bad Gateway")
    assert "HTTP 502 Bad Gateway\nA proxy got no usable answer" in text
    assert "To do: Capture between the proxy and that server" in text
    assert "The server takes the request for the client's mistake" in answered(b"420 Teapot")


def test_what_lacks_is_explained() -> None:
    cap = talked(("client", GET.replace(b"\n", b"\r\n")))
    text = str(explain(cap.messages[0]))
    assert "What is not there of it: no answer" in text and "explain(cap.flows[n])" in text
    answer = b"HTTP/1.1 200 OK\nContent-Length: 4000\n\n" + b"x" * 4000
    lost = talked(*http(GET, answer), lost=[6])
    assert "cap.stats.dropped" in str(explain(lost.messages[0]))


PARTS = (Part("client", 0, 5, 1000, 1000), Part("server", 0, 5, 5000, 5000))


def test_sql_errors_by_sqlstate_and_by_number() -> None:
    class Postgres(Statement):
        protocol = "postgres"

    class MySql(Statement):
        protocol = "mysql"

    given = {"kind": "Query", "parts": PARTS, "statement": "SELECT 1", "error": "no"}
    text = str(message(Postgres(**given, code="40P01")))  # type: ignore[arg-type]
    assert "SQLSTATE 40P01\nA deadlock" in text and "lock in the same order" in text
    text = str(message(MySql(**given, code="1213 (40001)")))  # type: ignore[arg-type]
    assert "MySQL error 1213 (40001)\nA deadlock" in text
    unknown = str(message(MySql(**given, code="9999 (42000)")))  # type: ignore[arg-type]
    assert "MySQL error 9999 (42000)\nThe statement is wrong" in unknown
    assert sql("", "postgres") == () and sql("junk", "mysql") == ()


def test_a_query_is_explained_like_its_message() -> None:
    one = Query(time_ns=1, statement="SELECT 1", duration_s=0.5, network_ms=1.5, user="bob",
                database="shop", error="deadlock detected", code="40P01", protocol="postgres",
                lacking="no answer")  # fmt: skip
    text = str(query(one))
    assert text == str(explain(one))
    for part in ("as bob on shop", "It took 500 ms: 1.5 ms of that on the network, 498 ms at the",
                 "refused it: deadlock detected", "SQLSTATE 40P01"):  # fmt: skip
        assert part in text


def test_redis_errors_and_tls_alerts() -> None:
    error = "WRONGTYPE Operation against a key"
    text = str(message(RedisMessage(kind="command", parts=PARTS, command="GET", error=error,
                                    is_answered=True)))  # fmt: skip
    assert "WRONGTYPE\nThe key holds another type" in text
    alert = Alert(kind="alert", parts=PARTS[:1], level="fatal", description="unknown_ca")
    assert "unknown_ca\nWhoever signed" in str(message(alert))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("HTTP 404", "nothing at that target"), ("http/503", "overloaded"),
        ("HTTP status 299", "It worked"), ("SQLSTATE 23505", "key is there already"),
        ("sqlstate: 42ABC", "statement is wrong"), ("SQLSTATE 99999", "No class"),
        ("MySQL 1062", "key is there already"), ("mariadb 1205", "innodb_lock_wait_timeout"),
        ("ER 4321", "short list"), ("WRONGTYPE", "another type"), ("noauth", "a password first"),
        ("unknown_ca", "not trusted"), ("bad record mac", "could not be decrypted"),
    ],
)  # fmt: skip
def test_codes_by_themselves(text: str, says: str) -> None:
    assert says in str(explain(text))


def test_other_words_stay_what_they_were() -> None:
    assert explain("ERR").kind == "flags" and explain("REFUSED").kind == "dns"
    with pytest.raises(BadArgument, match="cannot explain"):
        explain("HTTP 999")


def test_the_catalogues_are_of_codes_and_whole_sentences() -> None:
    shapes = (
        ("http", r"status\.[1-5]\d\d|class\.[1-5]"), ("sqlstate", r"[0-9A-Z]{2}([0-9A-Z]{3})?"),
        ("mysql", r"\d{4}"), ("redis", r"[A-Z]+"), ("tls", r"[a-z_]+"),
    )  # fmt: skip
    for catalogue, shape in shapes:
        for key, text in entries(catalogue, "en").items():
            code, _, part = key.rpartition(".")
            if code == "line":
                continue
            assert re.fullmatch(shape, code), code
            assert text.endswith((".", "?")) and (text[0].isupper() or part == "act"), code
            assert part in ("what", "act")
    from netshell.protocols.tls.numbers import ALERTS

    assert {key.partition(".")[0] for key in entries("tls", "en")} <= set(ALERTS.values())

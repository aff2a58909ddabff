"""Conversations in HTTP/1.x: what becomes of each, in whatever pieces it comes."""

from __future__ import annotations

import gzip

import pytest
from http_dialogue import Outcome, c, closed, heard, s
from http_dialogue import told as told_by

from netshell.protocols.http1.decoder import MOST_WAITING
from netshell.protocols.http1.exchange import HttpExchange

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


def get(number: int) -> bytes:
    return b"GET /%d HTTP/1.1\r\nHost: a.example\r\n\r\n" % number


def told(outcome: Outcome) -> list[str]:
    """Each message in a line, and what went wrong."""
    return [f"{each}{f' ! {each.problem}' if each.problem else ''}" for each in outcome.messages]


def only(outcome: Outcome) -> HttpExchange:
    (message,) = outcome.messages
    assert isinstance(message, HttpExchange)
    return message


def test_a_request_and_its_answer() -> None:
    outcome = heard(c(get(1)), s(OK), c(get(2)), s(OK[:20]), s(OK[20:]))
    assert told(outcome) == ["http GET /1 → 200 OK, 2 bytes", "http GET /2 → 200 OK, 2 bytes"]
    first, second = outcome.messages
    assert [tuple(part) for part in first.parts] == [
        ("client", 1000, 1000 + len(get(1)), 10, 10),
        ("server", 2000, 2000 + len(OK), 20, 20),
    ]
    assert [tuple(part)[3:] for part in second.parts] == [(30, 30), (40, 50)]
    assert isinstance(second, HttpExchange)
    assert (second.first_byte_s, second.transfer_s, second.duration_s) == (1e-8, 1e-8, 2e-8)
    assert second.host == "a.example" and second.url == "http://a.example/2"
    assert second.keep_alive is True and second.version == "HTTP/1.1"
    assert second.response_body.text == "hi" and second.request_body.size == 0
    assert second.request_headers.get("HOST") == "a.example"


def test_pipelined() -> None:
    outcome = heard(c(get(1) + get(2) + get(3)), s(OK + OK), s(OK))
    assert told(outcome) == [f"http GET /{number} → 200 OK, 2 bytes" for number in (1, 2, 3)]


POST = b"POST / HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
REFUSED = b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n"


def test_100_continue() -> None:
    exchange = only(heard(c(POST), s(b"HTTP/1.1 100 Continue\r\n\r\n"), c(b"abc"), s(OK)))
    assert [each.status for each in exchange.interim] == [100]
    assert [part.side for part in exchange.parts] == ["client", "server", "server"]
    assert (exchange.sending_s, exchange.first_byte_s) == (2e-8, 1e-8)
    assert exchange.request_body.data == b"abc"
    assert exchange.said("server")[:2] == ["HTTP/1.1 200 OK", "HTTP/1.1 100 Continue after 0.01 µs"]


def test_a_body_that_is_not_sent_after_a_refusal() -> None:
    outcome = heard(c(POST), s(REFUSED), c(get(1)), s(OK))
    assert told(outcome) == [
        "http POST / → 417 Expectation Failed [request lacks its body] ! 417 Expectation Failed",
        "http GET /1 → 200 OK, 2 bytes",
    ]


def test_a_body_that_is_sent_all_the_same() -> None:
    outcome = heard(c(POST), s(REFUSED), c(b"GET"), c(get(1)), s(OK))
    assert told(outcome)[0] == "http POST / → 417 Expectation Failed ! 417 Expectation Failed"
    assert told(outcome)[1] == "http GET /1 → 200 OK, 2 bytes"


CHUNKS = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
    b'3;name="a;b"\r\nabc\r\n0005 \r\ndefgh\r\n0\r\nX-Sum: 1\r\nSet-Cookie: id=hunter2\r\n\r\n'
)


def test_chunks_with_extensions_and_trailers() -> None:
    outcome = heard(c(get(1)), s(CHUNKS), c(get(2)), s(OK))
    first = outcome.messages[0]
    assert isinstance(first, HttpExchange) and len(outcome.messages) == 2
    assert first.response_body.data == b"abcdefgh"
    assert list(first.response_body.trailers) == [("X-Sum", "1"), ("Set-Cookie", "id=***")]
    places = [CHUNKS[begin - 2000 : end - 2000] for _, begin, end in first.secrets]
    assert places == [b"hunter2"]


def test_a_body_up_to_the_end() -> None:
    answer = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nabc"
    exchange = only(heard(c(get(1)), s(answer), s(b"def"), closed("server")))
    assert exchange.response_body.text == "abcdef"
    assert exchange.lacking == "" and exchange.keep_alive is False
    assert only(heard(c(get(1)), s(answer))).lacking == "answer is not whole yet"


@pytest.mark.parametrize(
    ("method", "head"),
    [
        (b"HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n"),
        (b"HEAD", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        (b"GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 200\r\n\r\n"),
        (b"GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
        (b"DELETE", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    ],
)
def test_answers_without_a_body(method: bytes, head: bytes) -> None:
    outcome = heard(c(method + b" / HTTP/1.1\r\n\r\n"), s(head), c(get(2)), s(OK))
    assert len(outcome.messages) == 2 and outcome.messages[0].lacking == ""
    assert told(outcome)[1] == "http GET /2 → 200 OK, 2 bytes"


def test_connect() -> None:
    asked = b"CONNECT db.example:443 HTTP/1.1\r\nHost: db.example:443\r\n\r\n"
    established = b"HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n"
    outcome = heard(c(asked), c(b"\x16\x03\x01"), s(established), c(b"x"), s(b"\x16"))
    assert told(outcome) == ["http CONNECT db.example:443 → 200 Connection established"]
    assert outcome.follows == "" and outcome.rest == (b"\x16\x03\x01x", b"\x16")
    refused = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"
    outcome = heard(c(asked), c(get(1)), s(refused), s(OK))
    assert told(outcome) == [
        "http CONNECT db.example:443 → 403 Forbidden, 2 bytes ! 403 Forbidden",
        "http GET /1 → 200 OK, 2 bytes",
    ]
    assert outcome.follows is None


@pytest.mark.parametrize(
    ("upgrade", "follows"), [(b"websocket", "raw"), (b"h2c", "raw"), (b"TLS/1.2", "")]
)
def test_upgrade(upgrade: bytes, follows: str) -> None:
    asked = b"GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: %s\r\n\r\n" % upgrade
    switching = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: %s\r\n\r\n" % upgrade
    outcome = heard(c(asked), s(switching + b"\x81\x02hi"), c(b"\x81"))
    assert told(outcome) == [f"http GET /ws → 101 Switching Protocols, {upgrade.decode()}"]
    assert outcome.follows == follows and outcome.rest == (b"\x81", b"\x81\x02hi")
    outcome = heard(c(asked + get(1)), s(OK + OK))  # the server does not go over
    assert told(outcome)[1] == "http GET /1 → 200 OK, 2 bytes" and outcome.follows is None


def test_what_contradicts_itself_is_a_problem() -> None:
    twice = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: %d\r\n\r\nhi"
    outcome = heard(c(get(1)), s(twice % 3), c(get(2)), s(OK))
    assert told(outcome) == [
        "http GET /1 → 200 OK, 2 bytes ! Content-Length 2 and 3 contradict (RFC 9112 6.3)",
        "http GET /2 → 200 OK, 2 bytes",
    ]
    assert told(heard(c(get(1)), s(twice % 2))) == ["http GET /1 → 200 OK, 2 bytes"]
    both = b"POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert "may be smuggling" in only(heard(c(both), s(OK))).problem
    for value in (b"-2", b"0x2", b"2 2", b"9" * 5000):
        wrong = b"POST / HTTP/1.1\r\nContent-Length: %s\r\n\r\nab" % value
        outcome = heard(c(wrong + get(2)), s(OK + OK))
        assert "is no number" in outcome.messages[0].problem
        assert told(outcome)[1] == "http GET /2 → 200 OK, 2 bytes"
    coded = b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nab"
    assert "does not end with chunked" in heard(c(coded), s(OK)).messages[0].problem


def test_lenient_heads() -> None:
    folded = b"POST / HTTP/1.1\r\nX-Long: a\r\n  b\r\n\tc\r\nContent-Length:\r\n 2\r\n\r\nzz"
    exchange = only(heard(c(folded), s(OK)))
    assert list(exchange.request_headers) == [("X-Long", "a b c"), ("Content-Length", "2")]
    assert exchange.request_body.data == b"zz"
    bare = b"POST / HTTP/1.1\nContent-Length : 2\n\nzz"
    outcome = heard(c(bare + b"\r\n" + get(2)), s(b"HTTP/1.1 200 OK\nContent-Length: 1\n\nx" + OK))
    assert told(outcome) == ["http POST / → 200 OK, 1 byte", "http GET /2 → 200 OK, 2 bytes"]


def test_a_head_has_a_bound() -> None:
    outcome = heard(c(b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n"))
    assert outcome.why_stopped == "a head of more than 65,536 bytes" and not outcome.messages
    assert len(outcome.rest[0]) > 70_000


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"hello world", "no status line of HTTP/1.x"),
        (b"<html>0.9</html>\n", "no status line of HTTP/1.x"),
        (b"HTTP/1.1 2x0 OK\r\n\r\n", "no status line of HTTP/1.x"),
    ],
)
def test_what_is_no_answer_ends_it(answer: bytes, why: str) -> None:
    outcome = heard(c(get(1)), s(answer))
    assert outcome.why_stopped == why and outcome.rest == (b"", answer)
    assert told(outcome) == ["http GET /1 [its answer is not read]"]


def test_chunks_that_are_none_end_it() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    for chunk, why in (
        (b"zz\r\nab", "what should be the size of a chunk is none"),
        (b"2\r\nabc\r\n", "a chunk is longer than its size says"),
        (b"2;" + b"x" * 20_000, "a chunk's size of more than 16,384 bytes"),
    ):
        outcome = heard(c(get(1)), s(head + chunk))
        assert outcome.why_stopped == why
        assert told(outcome)[0].endswith("[answer lacks the rest]")


def test_prior_knowledge_of_http_2_is_named() -> None:
    outcome = heard(c(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0"))
    assert outcome.why_stopped.startswith("HTTP/2 without TLS, with prior knowledge (h2c")


def test_what_is_not_answered_waits() -> None:
    outcome = heard(c(get(1)), c(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc"))
    assert told(outcome) == [
        "http GET /1 [no answer]",
        "http POST / [request is not whole yet; no answer]",
    ]
    outcome = heard(c(get(1)), closed("server"))
    assert told(outcome) == ["http GET /1 [no answer: the server closed the connection]"]
    outcome = heard(c(b"GET / HT"))
    assert told(outcome) == [
        "http an unread request [request lacks the rest of its head; no answer]"
    ]


def test_more_requests_than_are_waited_for() -> None:
    count = MOST_WAITING + 2
    outcome = told_by([(10, c(get(7) * count)), (20, s(OK * count))], True)
    given = [each for each in outcome.messages if "more were asked" in each.lacking]
    assert len(given) == 2 and len(outcome.messages) == count + 2
    assert told(outcome)[2] == (
        "http a request that was not seen → 200 OK, 2 bytes [its request was given before]"
    )


def test_answers_that_nobody_asked_for() -> None:
    timeout = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"
    exchange = only(heard(s(timeout), closed("server")))
    assert exchange.side == "server" and exchange.kind == "answer" and exchange.duration_s is None
    assert str(exchange) == "http a request that was not seen → 408 Request Timeout"
    exchange = only(heard(c(b"GET / HTTP/1.1\r\nHo"), s(timeout), closed("server")))
    assert told(heard(c(b"GET / HTTP/1.1\r\nHo"), s(timeout)))[0] == (
        "http GET / → 408 Request Timeout [request lacks the rest of its head]"
        " ! 408 Request Timeout"
    )


def test_an_answer_before_the_request_is_whole() -> None:
    begun = b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc"
    refused = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"
    outcome = heard(c(begun), s(refused), c(b"defghi"), c(get(1)), s(OK))
    assert told(outcome)[0] == "http POST / → 413 Too Large ! 413 Too Large"
    first = outcome.messages[0]
    assert isinstance(first, HttpExchange) and first.first_byte_s == -1e-8
    outcome = heard(c(begun), s(refused), closed("server"))
    assert told(outcome) == ["http POST / → 413 Too Large [request lacks the rest] ! 413 Too Large"]


def test_times_that_say_nothing_are_left_out() -> None:
    facts = dict(only(heard(c(get(1)), s(OK))).facts())
    assert "request sent in" not in facts and "answer sent in" not in facts  # one packet each
    assert facts["server thought"] == "0.01 µs"
    facts = dict(only(heard(c(get(1)[:9]), c(get(1)[9:]), s(OK))).facts())
    assert facts["request sent in"] == "0.01 µs"


def test_early_hints() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
    exchange = only(heard(c(get(1)), s(hints), s(hints), s(OK)))
    assert [each.status for each in exchange.interim] == [103, 103]
    assert exchange.interim[0].headers.get("link") == "</a.css>; rel=preload"
    head, *interim = exchange.said("server")[:3]
    assert head == "HTTP/1.1 200 OK"
    link = "Link: </a.css>; rel=preload"
    assert interim == [f"HTTP/1.1 103 Early Hints after 0.0{each} µs, {link}" for each in (1, 2)]


def test_a_body_that_is_cut() -> None:
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhi"
    outcome = heard(c(get(1)), s(cut), closed("server"))
    assert told(outcome) == [
        "http GET /1 → 200 OK, 2 bytes [answer lacks 18 of 20 bytes of its body]"
    ]


def test_large_bodies_are_counted_and_their_beginning_kept() -> None:
    body = bytes(range(256)) * 1000
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    pieces = [head, body[:100_000], body[100_000:]]
    exchange = only(told_by([(10, c(get(1))), *((20, s(piece)) for piece in pieces)], True))
    assert exchange.response_body.size == len(body)
    assert exchange.response_body.kept == body[:65536]


def test_what_is_said_in_lines() -> None:
    packed = gzip.compress(b'{"user": "ann", "password": "hunter2", "tags": [1, 2]}')
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
        b"Content-Length: %d\r\n\r\n" % len(packed)
    )
    exchange = only(heard(c(get(1)), s(head + packed)))
    lines = ["".join(getattr(x, "text", x) for x in ([y] if isinstance(y, str) else y))
             for y in exchange.said("server")]  # fmt: skip
    assert lines[0] == "HTTP/1.1 200 OK"
    assert lines[4:] == [
        "", "{", '  "user": "ann",', '  "password": "***",', '  "tags": [', "    1,", "    2",
        "  ]", "}",
    ]  # fmt: skip
    assert exchange.secrets == (("server", 2000 + len(head), 2000 + len(head) + len(packed)),)
    assert exchange.answered == f"200 OK, application/json, 54 bytes (gzip {len(packed)})"

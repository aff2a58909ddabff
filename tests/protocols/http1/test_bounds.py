"""What could take long, or much: hostile heads, lines and conversations, with a time to end in."""

from __future__ import annotations

import time

import pytest

from netshell.flow.sides import Side
from netshell.protocols.api import Message
from netshell.protocols.http1.body import KEPT, Body
from netshell.protocols.http1.decoder import MOST_INTERIM, Http1Decoder
from netshell.protocols.http1.head import Headers

ENOUGH_S = 10  # what is not linear takes minutes
SIZE = 60_000

HOSTILE = {
    "blanks in a request line": b"GET" + b" " * SIZE + b"x\r\n\r\n",
    "words in a request line": b"GET " + b"a " * (SIZE // 2) + b"\r\n\r\n",
    "blanks before the version": b"GET /" + b" " * SIZE + b"HTTP/1.2x\r\n\r\n",
    "no end of a line": b"GET /" + b"a" * SIZE,
    "names without a colon": b"GET / HTTP/1.1\r\n" + (b"a" + b" " * 300 + b"\r\n") * 200 + b"\r\n",
    "lengths": b"GET / HTTP/1.1\r\n" + b"Content-Length: 0\r\n" * 3000 + b"\r\n",
    "folds": b"GET / HTTP/1.1\r\nX: a" + b"\r\n  a" * 10_000 + b"\r\n\r\n",
    "empty lines": b"\r\n" * (SIZE // 2),
    "requests": b"GET / HTTP/1.1\r\n\r\n" * 3000,
    "tunnels": b"CONNECT a:1 HTTP/1.1\r\n\r\n" * 3000,
    "chunks": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 10_000,
    "an extension": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b" ;" * 8000,
    "versions": b" HTTP/1.1\r\nA" * 5000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("begun", [True, False])
def test_hostile_requests(name: str, begun: bool) -> None:
    data = HOSTILE[name]
    start = time.process_time()
    for size in (len(data), 31):
        decoder = Http1Decoder(begun)
        made: list[Message] = []
        for at in range(0, len(data), size):
            made += decoder.feed("client", data[at : at + size], at)
            if decoder.why_stopped:
                break
        made += decoder.waiting()
        for message in made[:50]:
            str(message), message.secrets, message.said("client")
        made += decoder.gap("client", 10, 0)
        made += decoder.close("server", 0)
    Http1Decoder.peek(data, True)
    Http1Decoder.looks_like(data[:4096], b"", begun)
    assert time.process_time() - start < ENOUGH_S


def test_nothing_is_kept_without_bound() -> None:
    decoder = Http1Decoder()
    side: Side = "server"
    hint = b"HTTP/1.1 103 Early Hints\r\nX: " + b"a" * 60_000 + b"\r\n\r\n"
    decoder.feed("client", b"GET / HTTP/1.1\r\n\r\n", 0)
    given = [decoder.feed(side, hint, number) for number in range(3 * MOST_INTERIM)]
    (waits,) = decoder.waiting()
    kept = sum(part.end - part.begin for part in waits.parts)
    assert 60_000 < kept < Http1Decoder.most and sum(map(len, given)) > 200
    body = b"POST / HTTP/1.1\r\nContent-Length: 60000\r\n\r\n" + b"a" * 60_000
    decoder = Http1Decoder()
    for number in range(100):
        decoder.feed("client", body, number)
    bodies = [vars(each)["request_body"] for each in decoder.waiting()]
    assert sum(len(each.kept) for each in bodies if isinstance(each, Body)) < Http1Decoder.most


def test_long_names_are_no_fields() -> None:
    headers = Headers(b"GET / HTTP/1.1\r\n" + b"a" * 300 + b": b\r\nc : d\r\n\r\n")
    assert list(headers) == [("c", "d")]


def test_a_secret_that_goes_on_in_what_is_not_kept() -> None:
    body = b'{"a":1,"password":"' + b"x" * (KEPT + 1000) + b'"}'
    head = b"POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    decoder = Http1Decoder()
    sent = head % len(body) + body
    decoder.feed("client", sent, 0)
    (made,) = decoder.feed("server", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 1)
    assert made.secrets == (("client", sent.find(b"xxx"), len(sent)),)

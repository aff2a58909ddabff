"""What is taken for HTTP, and what a packet says by itself."""

from __future__ import annotations

import pytest

from netshell.protocols.api import Likeness
from netshell.protocols.http1.decoder import Http1Decoder

SURE, LIKELY, MORE, NO = Likeness.SURE, Likeness.LIKELY, Likeness.MORE, Likeness.NO


@pytest.mark.parametrize(
    ("client", "server", "likeness"),
    [
        (b"GET / HTTP/1.1\r\n", b"", SURE), (b"\r\nGET / HTTP/1.0\n", b"", SURE),
        (b"BREW /pot HTTP/1.1\r\nHost: a\r\n", b"", SURE), (b"PRI * HTTP/2.0\r\n", b"", SURE),
        (b"GET /" + b"a" * 3000, b"", SURE), (b"G", b"", MORE), (b"GET /a b", b"", MORE),
        (b"GET /\r\n", b"", NO), (b"GET / HTTP/2.0\r\n", b"", NO),
        (b"OPTIONS * RTSP/1.0\r\n", b"", NO),
        (b"\x16\x03\x01\0", b"", NO), (b"SET a b\r\n", b"", NO), (b"*1\r\n", b"", NO),
        (b"", b"HTTP/1.1 408 Request Timeout\r\n", SURE), (b"", b"HTT", MORE),
        (b"", b"220 mail ESMTP\r\n", NO), (b"", b"", MORE), (b"", b"\0\0\0\x4a", NO),
        (b"hello\n", b"HTTP/1.1 400 Bad Request\r\n", NO),
    ],
)  # fmt: skip
def test_first_bytes(client: bytes, server: bytes, likeness: Likeness) -> None:
    assert Http1Decoder.looks_like(client, server) == likeness


@pytest.mark.parametrize(
    ("client", "server", "likeness"),
    [
        (b"y=2GET / HTTP/1.1\r\nHost: a\r\n", b"", SURE), (b"", b"body", LIKELY),
        (b"GE", b"", MORE),
        (b"", b"bodyHTTP/1.1 200 OK\r\nServer: a\r\n", SURE), (b"y=2", b"", LIKELY),
    ],
)  # fmt: skip
def test_from_the_midst(client: bytes, server: bytes, likeness: Likeness) -> None:
    assert Http1Decoder.looks_like(client, server, begun=False) == likeness


FORM = (
    b"POST /login?token=hunter2 HTTP/1.1\r\nCookie: id=hunter2\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 16\r\n\r\n"
    b"password=hunter2"
)


def test_peek() -> None:
    peek = Http1Decoder.peek(FORM, False)
    assert peek is not None and peek.text == "HTTP POST /login?token=***"
    assert [FORM[begin:end] for begin, end in peek.secrets] == [b"hunter2"] * 3
    untyped = b'POST / HTTP/1.1\r\nHost: h\r\n\r\n{"password":"hunter2"}'
    peek = Http1Decoder.peek(untyped, False)
    assert peek is not None
    assert [untyped[begin:end] for begin, end in peek.secrets] == [b"hunter2"]
    peek = Http1Decoder.peek(b"HTTP/1.1 404 Not Found\r\nServer: a\r\nSet-Coo", True)
    assert peek is not None and peek.text == "HTTP 404 Not Found" and peek.secrets == ()
    for data in (b"", b"GET /\r\n", b"body HTTP/1.1 x", b"HTTP/1.", b"\x16\x03\x01"):
        assert Http1Decoder.peek(data, True) is None
    peek = Http1Decoder.peek(b"GET /\x1b[2J HTTP/1.1\r\n", True)
    assert peek is not None and peek.text.startswith("HTTP GET /")

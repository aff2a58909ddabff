"""Heads: their fields as they were sent, secrets masked, their places told."""

from __future__ import annotations

import pytest

from netshell.errors import BadIndex, NoRow
from netshell.protocols.http1.framing import CHUNKED, CLOSE, SWITCH, of_answer, of_request
from netshell.protocols.http1.head import NEXT, Headers
from netshell.protocols.secret import revealed

HEAD = (
    b"GET http://ann:hunter2@a.example/?token=hunter2 HTTP/1.1\r\n"
    b"Host: a.example\r\n"
    b"AUTHORIZATION: Basic aHVudGVyMg==\r\n"
    b"Cookie: id=hunter2;\r\n theme=dark\r\n"
    b"X-Api-Key:hunter2  \r\n"
    b"Accept: a\r\naccept: b\r\n"
    b"Set-Cookie: a=b\r\nSet-Cookie: c=d\r\n\r\n"
)


def test_fields() -> None:
    headers = Headers(HEAD, 1000)
    assert list(headers) == [
        ("Host", "a.example"), ("AUTHORIZATION", "Basic ***"), ("Cookie", "id=***; theme=***"),
        ("X-Api-Key", "***"), ("Accept", "a"), ("accept", "b"), ("Set-Cookie", "a=***"),
        ("Set-Cookie", "c=***"),
    ]  # fmt: skip
    assert headers.get("accept") == "a, b" and headers.all("set-cookie") == ("a=***", "c=***")
    assert headers.get("none", "-") == "-" and len(headers) == 8
    assert headers[0] == ("Host", "a.example") and headers == Headers(HEAD, 1000)
    assert headers != Headers(HEAD, 0)


def test_fields_have_numbers() -> None:
    headers = Headers(HEAD)
    assert headers[-1] == ("Set-Cookie", "c=***") and len(headers[:2]) == 2
    for index, error in ((1.5, BadIndex), ("host", BadIndex), (99, NoRow)):
        with pytest.raises(error, match="headers"):
            headers[index]  # type: ignore[index]


def test_secrets() -> None:
    headers = Headers(HEAD, 1000)
    found = [HEAD[begin - 1000 : end - 1000] for begin, end in headers.secrets()]
    assert found == [
        b"ann:hunter2", b"hunter2", b"aHVudGVyMg==", b"hunter2", b"dark", b"hunter2", b"b", b"d",
    ]  # fmt: skip
    assert revealed(headers).get("cookie") == "id=hunter2; theme=dark"
    assert "hunter2" not in repr(headers)


@pytest.mark.parametrize(
    ("line", "length"),
    [
        (b"Content-Length: 7", 7), (b"content-length:7 ", 7), (b"CONTENT-LENGTH: 007", 7),
        (b"Content-Length: 0", 0), (b"X-Content-Length: 7", 0), (b"Content-Length-X: 7", 0),
        (b"Transfer-Encoding: chunked", CHUNKED), (b"transfer-encoding: gzip, Chunked", CHUNKED),
        (b"TE: chunked", 0), (b"Content-Length:\r\n 7", 7), (b"X: a\r\n Content-Length: 7", 0),
    ],
)  # fmt: skip
def test_framing(line: bytes, length: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\n" + line + b"\r\n\r\n"
    assert of_request(head)[0] == length
    answer = b"HTTP/1.1 200 OK\r\nServer: a\r\n" + line + b"\r\n\r\n"
    if line != b"Content-Length: 0":
        assert of_answer(answer, 200, b"GET")[0] == (length or CLOSE)
    assert of_answer(answer, 200, b"HEAD")[0] == 0
    assert of_answer(answer, 304, b"GET")[0] == of_answer(answer, 204, b"GET")[0] == 0
    assert of_answer(answer, 200, b"CONNECT")[0] == of_answer(answer, 101, b"GET")[0] == SWITCH
    found = NEXT.search(head)
    assert found is not None
    if found[2] or found[3]:  # what one match says is what is said looking closer
        assert length == (int(found[2]) if found[2] else CHUNKED)
        found = NEXT.search(head, found.end())
        assert found is not None and found[1] and found.end() == len(head)
    elif found[1]:
        assert length == 0 and found.end() == len(head)

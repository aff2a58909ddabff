"""Bodies: what they are, their text, and where their secrets stand."""

from __future__ import annotations

import gzip

import pytest

from netshell.protocols.http1.body import Body
from netshell.protocols.http1.head import Headers
from netshell.protocols.http1.reading import laid_out, lines_of
from netshell.protocols.secret import revealed


def body(data: bytes, content_type: str = "", coding: str = "") -> Body:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Encoding: {coding}\r\n\r\n"
    return Body(Headers(head.encode()), len(data), data, ((0, 500),))


@pytest.mark.parametrize(
    ("data", "content_type", "text"),
    [
        ("Grüße".encode(), "text/plain; charset=utf-8", "Grüße"),
        ("Grüße".encode("latin-1"), 'text/plain; charset="ISO-8859-1"', "Grüße"),
        ("Grüße".encode("utf-16"), "text/plain;charset=utf-16", "Grüße"),
        (b"caf\xe9", "text/plain", "caf�"),
        (b"abc", "text/plain; charset=idna", "abc"),
        (b"abc", "text/plain; charset=hex", "abc"),
        (b"abc", "text/plain; charset=" + "x" * 5000, "abc"),
        (b"a plain text", "", "a plain text"),
        (b"\x89PNG\r\n", "", "6 bytes of data"),
        (b"\x89PNG\r\n", "image/png", "6 bytes of image/png"),
        (gzip.compress(b"abc"), "text/plain", None),
    ],
)
def test_text(data: bytes, content_type: str, text: str | None) -> None:
    if text is None:
        assert str(body(data, content_type, "gzip")) == "abc"
    else:
        assert str(body(data, content_type)) == text


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b"user=ann&password=hunter2&page=2", "application/x-www-form-urlencoded"),
        (b'{"user": "ann", "access_token": "hunter2"}', "application/json; charset=utf-8"),
        (b'--x\r\nContent-Disposition: form-data; name="pwd"\r\n\r\nhunter2\r\n--x--\r\n',
         "multipart/form-data; boundary=x"),
        (b'{"user": "ann", "list": [{"password": "hunter2"}]}', ""),
        (b"user=ann&password=hunter2", ""),
        (b'{"dsn": "postgres://ann:hunter2@h/x"}', "application/json"),
        (b"<a><password>hunter2</password></a>", "application/xml"),
        (b'<a href="http://ann:hunter2@example.org/">', "text/html"),
    ],
)  # fmt: skip
def test_secrets(data: bytes, content_type: str) -> None:
    made = body(data, content_type)
    assert "hunter2" not in made.text and "***" in made.text
    assert "hunter2" in revealed(made).text
    for begin, end in made.secrets():
        assert b"hunter2" in data[begin - 500 : end - 500]
    assert made.secrets()
    packed = gzip.compress(data)
    coded = body(packed, content_type, "gzip")
    assert "hunter2" not in coded.text and coded.secrets() == ((500, 500 + len(packed)),)


def test_secrets_over_chunks() -> None:
    data = b"password=hunter2"
    head = Headers(b"POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n")
    made = Body(head, len(data), data, ((0, 100), (12, 120)))
    assert made.secrets() == ((109, 112), (120, 124))


def test_json_is_laid_out_as_it_came() -> None:
    assert laid_out('{"a":[1,{"b":[]}],"a":1e99,"c":"x\\"{"}') == [
        "{", '  "a": [', "    1,", "    {", '      "b": []', "    }", "  ],", '  "a": 1e99,',
        '  "c": "x\\"{"', "}",
    ]  # fmt: skip
    assert laid_out('{"a": [1, "cut') == ["{", '  "a": [', "    1,", '    "cut']
    assert len(laid_out("[" * 5000)) <= 50 and laid_out("]]]}") and laid_out("") == [""]


def test_long_texts_are_cut_and_say_so() -> None:
    lines = list(lines_of(Headers(b""), body(b"line\n" * 5000, "text/plain")))
    assert len(lines) == 42 and "only the beginning of 25,000 bytes" in str(lines[-1])
    many = Headers(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100 + b"\r\n")
    lines = list(lines_of(many, None))
    assert len(lines) == 41 and "60 more fields" in str(lines[-1])

"""Where secrets stand, and what is shown instead of them."""

from __future__ import annotations

import pickle
import random
import time

import pytest
from patience import shortest

from netshell.protocols.masking import (
    hide_in_value,
    in_body,
    in_form,
    in_head,
    in_header,
    in_multipart,
    in_text,
    in_url,
    in_value,
    mask,
    mask_text,
    moved,
)
from netshell.protocols.masking_json import in_json
from netshell.protocols.secret import Masked, revealed
from netshell.protocols.secret_names import ANYWHERE, AT_THE_END, PAIRS, TORN, is_secret


@pytest.mark.parametrize(
    "name",
    [
        "password", "PASSWORD", "Passwd", "pwd", "pass", "new_password", "passwordConfirm",
        "password2", "user[password]", "db.password", "client_secret", "secret", "secretKey",
        "token", "access_token", "accessToken", "ACCESS_TOKEN", "refresh_token", "id_token",
        "csrf-token", "authenticity_token", "api_key", "apiKey", "apikey", "API-KEY",
        "x-api-key", "X-Amz-Signature", "X-Amz-Security-Token", "sig", "PHPSESSID", "sessionid",
        "session_id", "jwt", "otp", "pin", "credentials", "private_key", "userpassword",
        "requirepass", "authorization", "tokens", "resetTokens", "api_keys", "apiKeys",
    ],
)  # fmt: skip
def test_secret_names(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "user", "name", "q", "key", "id", "next_token", "pageToken", "continuationToken",
        "max_tokens", "passenger", "compass", "secretary", "author", "authority",
        "access_key_id", "pinned", "signal", "Sec-WebSocket-Key", "Idempotency-Key",
        "total_tokens", "inputTokens", "keys", "public_keys", "keyboard", "tokenizer",
        "session_count", "123", "%%%",
    ],
)  # fmt: skip
def test_other_names(name: str) -> None:
    assert not is_secret(name)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (b"/index.html", "/index.html"),
        (b"/a?q=1&page=2", "/a?q=1&page=2"),
        (b"http://bob:pw@h/x", "http://***@h/x"),
        (b"https://ghp_token@github.com/", "https://***@github.com/"),
        (b"http://bob:p@w@h/x@y", "http://***@h/x@y"),
        (b"http://h/x@y", "http://h/x@y"),
        (b"/login?user=bob&password=hunter2&x=1", "/login?user=bob&password=***&x=1"),
        (b"/login?pass%77ord=hunter2", "/login?pass%77ord=***"),
        (b"/a;jsessionid=12?b=1", "/a;jsessionid=***?b=1"),
        (b"https://h/cb#access_token=abc&state=1", "https://h/cb#access_token=***&state=1"),
        (b"/x?password=", "/x?password="),
        (b"/cb?code=SplxlOBeZQQ&state=x", "/cb?code=***&state=x"),
        (b"/x?code=404", "/x?code=404"),
        (b"/x?key=AIzaSyABC&q=1", "/x?key=***&q=1"),
        (b"/x?key=name", "/x?key=name"),
        (
            b"/x?redirect=https%3A%2F%2Fu%3APW%40h%2Fx&a=1",
            "/x?redirect=https%3A%2F%2F***%40h%2Fx&a=1",
        ),
        (
            b"/x?redirect=https%253A%252F%252Fu%253APW%2540h",
            "/x?redirect=https%253A%252F%252F***%2540h",
        ),
        (b"/x?r=%2Fcb%3Ftoken%3Dabc%26b%3D1", "/x?r=%2Fcb%3Ftoken%3D***%26b%3D1"),
        (b"/x?r=https%3A%2F%2Fh%2Fx%40y", "/x?r=https%3A%2F%2Fh%2Fx%40y"),
        (b"/x?password_reset=true", "/x?password_reset=true"),
    ],
)
def test_urls(url: bytes, shown: str) -> None:
    text = mask(url, in_url(url))
    assert text == shown
    assert revealed(text) == url.decode()
    assert isinstance(text, Masked) == (text != url.decode())


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", b"Basic Ym9iOnB3", "Basic ***"),
        ("authorization", b"Bearer a.b.c", "Bearer ***"),
        ("Authorization", b'Digest username="bob", response="12"', "Digest ***"),
        ("Authorization", b"justakey", "***"),
        ("Authorization", b"two words", "***"),
        ("Authorization", b"Basic", "***"),
        ("Authorization", b"", ""),
        ("Proxy-Authorization", b"Basic Ym9iOnB3", "Basic ***"),
        ("Cookie", b"id=7; theme=dark", "id=***; theme=***"),
        ("Cookie", b"opaque", "***"),
        ("Set-Cookie", b"id=7; Path=/; Max-Age=60", "id=***; Path=/; Max-Age=60"),
        ("Set-Cookie", b"id=; Path=/", "id=; Path=/"),
        ("X-Api-Key", b"12345", "***"),
        ("X-CSRF-Token", b"12345", "***"),
        ("WWW-Authenticate", b'Basic realm="x"', 'Basic realm="x"'),
        ("Location", b"https://a:b@h/?token=1", "https://***@h/?token=***"),
        ("Referer", b"https://h/?q=1", "https://h/?q=1"),
        ("Host", b"example.org", "example.org"),
        ("Authentication", b"abc", "***"),
        ("Authentication", b"Bearer abc", "Bearer ***"),
        ("Sec-WebSocket-Protocol", b"graphql-ws, abc.def", "graphql-ws, ***"),
        ("Sec-WebSocket-Protocol", b"chat, superchat", "chat, superchat"),
        ("Sec-WebSocket-Key", b"dGhlIHNhbXBsZQ==", "dGhlIHNhbXBsZQ=="),
    ],
)
def test_headers(name: str, value: bytes, shown: str) -> None:
    assert mask(value, in_header(name, value)) == shown


def test_a_head_is_one_pass_over_its_target_and_headers() -> None:
    head = (
        b"GET /x?api_key=12 HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer abc\r\n"
        b"Cookie: a=1; b=2\r\nAccept: */*\r\n\r\n"
    )
    assert mask(head, in_head(head)) == (
        "GET /x?api_key=*** HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ***\r\n"
        "Cookie: a=***; b=***\r\nAccept: */*\r\n\r\n"
    )
    for cut in range(len(head)):  # cut anywhere, what is there of a secret is hidden
        shown = mask(head[:cut], in_head(head[:cut]))
        assert "abc" not in shown and "=12" not in shown


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"user=bob&password=hunter2", "user=bob&password=***"),
        (b"password=a%26b&next=1", "password=***&next=1"),
        (b"q=password", "q=password"),
    ],
)
def test_forms(data: bytes, shown: str) -> None:
    assert mask(data, in_form(data)) == shown


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b'{"user": "bob", "password": "hunter2"}', '{"user": "bob", "password": "***"}'),
        (b'{"password":"a\\"b","x":1}', '{"password":"***","x":1}'),
        (b'{"password":"cut of', '{"password":"***'),
        (b'{"pin": 1234, "n": 1}', '{"pin": ***, "n": 1}'),
        (b'{"password": null, "token": ""}', '{"password": null, "token": ""}'),
        (b'{"passwords": ["a]", "b"], "x": 1}', '{"passwords": ["***", "***"], "x": 1}'),
        (b'{"secret": {"token": "t", "id": 1}}', '{"secret": {"token": "***", "id": ***}}'),
        (b'{"next_token": "page 2"}', '{"next_token": "page 2"}'),
        (b'{"tokens": ["a", "b c"], "n": ["x"]}', '{"tokens": ["***", "***"], "n": ["x"]}'),
        (b"[1, 2, 3]", "[1, 2, 3]"),
        (
            b'[{"name":"password","value":"PW"},{"name":"a","value":"b"}]',
            '[{"name":"password","value":"***"},{"name":"a","value":"b"}]',
        ),
        (b'{"value" : "P\\"W", "key": "api_key"}', '{"value" : "***", "key": "api_key"}'),
        (b'{"name": "token", "value": ["a", 12]}', '{"name": "token", "value": ["***", ***]}'),
        (
            b'{"token": [{"name": "secret", "value": "a"}]}',
            '{"token": [{"name": "***", "value": "***"}]}',
        ),
        (b"{'password':'P\\'W', 'n': 'x'}", "{'password':'***', 'n': 'x'}"),
        (b"{'api_key' : \"PW", "{'api_key' : \"***"),
        (
            b'{"list":[{"password":"hunter2"},[{"pwd":"x"}]]}',
            '{"list":[{"password":"***"},[{"pwd":"***"}]]}',
        ),
        (
            b'{"token":{"value":"hunter2","type":null},"b":"c"}',
            '{"token":{"value":"***","type":null},"b":"c"}',
        ),
        (b'{"token":[{"a":["x{"]},"y', '{"token":[{"a":["***"]},"***'),
        (b'{"pass_word":"hunter2"}', '{"pass_word":"***"}'),
        (b'{"p\\u0061ssword":"hunter2"}', '{"p\\u0061ssword":"***"}'),
        (
            b'{"body":"{\\"password\\":\\"hun\\\\\\"ter2\\",\\"n\\":\\"m\\"}","c":"d"}',
            '{"body":"{\\"password\\":\\"***\\",\\"n\\":\\"m\\"}","c":"d"}',
        ),
        (
            b'{"body":"{\\"token\\":{\\"value\\":\\"hunter2","c":"d"}',
            '{"body":"{\\"token\\":{\\"value\\":\\"***","c":"d"}',
        ),
    ],
)
def test_json(data: bytes, shown: str) -> None:
    assert mask(data, in_json(data)) == shown


def test_parts_of_a_form() -> None:
    data = (
        b'--X\r\nContent-Disposition: form-data; name="user"\r\n\r\nbob\r\n'
        b'--X\r\nContent-Disposition: form-data; name="password"\r\nContent-Type: text/plain\r\n'
        b"\r\nhunter2\r\n--X--\r\n"
    )
    shown = mask(data, in_multipart(data))
    assert "hunter2" not in shown and "bob" in shown and shown.endswith("***\r\n--X--\r\n")
    assert in_multipart(data) == in_body("multipart/form-data; boundary=X", data)


def test_bodies_by_what_they_are() -> None:
    assert in_body("application/x-www-form-urlencoded", b"pwd=1") == ((4, 5),)
    assert in_body("application/vnd.api+json; charset=utf-8", b'{"pwd":"1"}') == ((8, 9),)
    assert in_body("application/octet-stream", b"pwd=1") == ()


@pytest.mark.parametrize(
    ("kind", "data", "shown"),
    [
        ("application/json", b'{"dsn":"postgres://a:PW@h/x"}', '{"dsn":"postgres://***@h/x"}'),
        ("application/json", b'{"d":"http:\\/\\/a:PW@h\\/x"}', '{"d":"http:\\/\\/***@h\\/x"}'),
        ("", b'{"password":"PW"}', '{"password":"***"}'),
        ("", b"user=a&password=PW", "user=a&password=***"),
        ("text/plain", b"password=PW", "password=***"),
        ("application/json", b"{'password':'PW'}", "{'password':'***'}"),
        ("", b"{'password':'PW'}", "{'password':'***'}"),
        (
            "text/html",
            b'<input type=hidden name="csrf_token" value="PW"><input name="a" value="b">',
            '<input type=hidden name="csrf_token" value="***"><input name="a" value="b">',
        ),
        (
            "text/html",
            b"<meta content='PW' name=csrf-token><meta name=title content=T>",
            "<meta content='***' name=csrf-token><meta name=title content=T>",
        ),
        (
            "text/xml",
            b"<a><ns:password x='1'>PW</ns:password></a>",
            "<a><ns:password x='1'>***</ns:password></a>",
        ),
        (
            "application/soap+xml",
            b'<u password="PW"><b>c</b></u>',
            '<u password="***"><b>c</b></u>',
        ),
        (
            "application/x-www-form-urlencoded",
            b"u=https%3A%2F%2Fa%3APW%40h",
            "u=https%3A%2F%2F***%40h",
        ),
    ],
)
def test_what_is_secret_in_bodies(kind: str, data: bytes, shown: str) -> None:
    assert mask(data, in_body(kind, data)) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("postgresql://bob:PW@h/db", "postgresql://***@h/db"),
        ("host=h password=PW dbname='ü'", "host=h password=*** dbname='ü'"),
        ('{"a": 1, "password" : "PW"}', '{"a": 1, "password" : "***"}'),
        ("id=5 name=token=PW age=0 x=a=b", "id=5 name=token=*** age=0 x=a=b"),
        ("{'password': 'PW', 'n': 1}", "{'password': '***', 'n': 1}"),
        ("a plain value, a = b", "a plain value, a = b"),
        ("https://example.org/", "https://example.org/"),
    ],
)
def test_values_of_rows(value: str, shown: str) -> None:
    hidden = hide_in_value(value)
    assert hidden == shown == mask(value.encode(), in_value(value.encode()))
    assert revealed(hidden) == value
    assert isinstance(hidden, Masked) == (shown != value)


def test_text_that_nobody_reads() -> None:
    data = b'x\r\nAuthorization: Bearer abc\r\n\r\n{"password": "pw"} http://a:b@h/?token=t'
    assert mask(data, in_text(data)) == (
        'x\r\nAuthorization: Bearer ***\r\n\r\n{"password": "***"} http://***@h/?token=***'
    )
    assert in_text(bytes(range(256))) == ()
    for text, shown in (
        (b"say\r\npassword=hunter2&x=1\r\n", "say\r\npassword=***&x=1\r\n"),
        (b"host=h user=u password=pw dbname=d", "host=h user=u password=*** dbname=d"),
        (b"login(token='a b', id=1)", "login(token='***', id=1)"),
        (b"\0password=pw", "\0password=***"),
        (b"compass=1", "compass=1"),
    ):
        assert mask(text, in_text(text)) == shown


def test_texts_keep_their_secret() -> None:
    text = mask_text("ab cd", ((3, 5),))
    assert (text, revealed(text)) == ("ab ***", "ab cd")
    assert revealed(pickle.loads(pickle.dumps(text))) == "ab cd"
    assert moved(((1, 2),), 5) == ((6, 7),)


@pytest.mark.parametrize(
    "piece",
    [b'"', b'"a":', b'"a":[', b"//", b"//a@", b"a=", b"&a", b'name="a"\n', b"password ", b"$$",
     b"\\", b"a:", b"Cookie: a=b;", b" ", b"''", b'"a"   ', b'["', b'"pin":[', b'"pin":', b"%2f%2f",
     b"%25", b"%40", b'pin:"', b'pin:\\"', b"pin: ", b"<pin>", b"</", b'\\"', b'"pin\\'],
)  # fmt: skip
def test_time_is_linear_in_the_bytes(piece: bytes) -> None:
    """Ten times the bytes take not much more than ten times as long."""

    def seconds(size: int) -> float:
        data = piece * (size // len(piece))
        began = time.process_time()
        for function in (in_url, in_form, in_json, in_multipart, in_text, in_head, in_value):
            function(data)
        return time.process_time() - began

    seconds(2000)
    enough_s = max(60 * seconds(20_000), 0.5)
    assert shortest(lambda: seconds(200_000), enough_s, 5) <= enough_s


def test_no_bytes_are_refused() -> None:
    chance = random.Random(6)
    signs = b"\"'{}[]:=&?;@/\\$ \r\npasswordtoken\x00\xff"
    for _ in range(3000):
        data = bytes(chance.choices(signs, k=chance.randrange(80)))
        for function in (in_url, in_form, in_json, in_multipart, in_text, in_head, in_value):
            places = function(data)
            at = 0
            for begin, end in places:
                assert at <= begin <= end <= len(data), (function, data, places)
                at = end


def test_no_name_of_a_secret_is_passed_over_unread() -> None:
    """What is looked for first is in every name there is."""
    for name in sorted(ANYWHERE | AT_THE_END) + ["-".join(pair) for pair in PAIRS | TORN]:
        assert is_secret(name), name
        data = b"a=1&" + name.upper().encode() + b"=abc&b=2"
        assert mask(data, in_text(data)).endswith("=***&b=2"), name


@pytest.mark.parametrize("piece", [b"a", b"=", b";", b"a=", b" ;", b"a;"])
@pytest.mark.parametrize("name", ["cookie", "set-cookie", "authorization", "referer"])
def test_time_for_a_header_is_linear_in_its_bytes(name: str, piece: bytes) -> None:
    def seconds(size: int) -> float:
        began = time.process_time()
        in_header(name, piece * (size // len(piece)))
        return time.process_time() - began

    seconds(2000)
    enough_s = max(60 * seconds(20_000), 0.5)
    assert shortest(lambda: seconds(200_000), enough_s, 5) <= enough_s


def test_cookies_names_stay() -> None:
    places = in_header("cookie", b"a=12; b; c=; d=3=4")
    assert [b"a=12; b; c=; d=3=4"[begin:end] for begin, end in places] == [b"12", b"3=4"]


@pytest.mark.parametrize(
    "url",
    [
        "/?r=http%3a%2f%2fbob:<hunter2@h%2f",
        "/?r=/a%3fpassword=<hunter2>",
        "/?r=%2F%2Fx%3Fpass%77ord%3D<hunter2>",
        "/?r=x%3Fuser%255Bpassword%255D%3D<hunter2>%26a%3Db",
        "/?q=%7B%22password%22%3A%22<hunter2>%22%7D&b=c",
        "/?j={%22token%22:%22<hunter2>%22}",
        "/?u=postgres%3A//<bob:hunter2%40h",
        "/?a=host%3Dh%20password%3D<hunter2>",
        "/?a=host=h+password=<hunter2>",
        "/?a=100%&b=%zz&token=<hunter2>&c=%3D",
        "/?a=%25252520&password=<hunter2>",
    ],
)
def test_what_has_its_signs_written_otherwise(url: str) -> None:
    data = url.replace("<", "").replace(">", "").encode()
    shown = mask(data, in_url(data))
    assert "hunter2" not in shown and "***" in shown
    if ">" in url:
        first, _, rest = url.partition("<hunter2>")
        assert shown == f"{first}***{rest}"

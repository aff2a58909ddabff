"""HTTP where bytes lack, or where it is heard from the midst: what is known stays right."""

from __future__ import annotations

from http_dialogue import Turn, c, closed, heard, lost, s

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhi"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"


def get(number: int) -> bytes:
    return b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number


def told(*turns: Turn, begun: bool = True) -> list[str]:
    return [str(each).removeprefix("http ") for each in heard(*turns, begun=begun).messages]


def fine(number: int) -> str:
    return f"GET /{number} → 200 OK, 2 bytes"


def test_within_a_counted_body() -> None:
    assert told(c(get(1)), s(LONG), lost("server", 10), s(b"abcdefgh"), c(get(2)), s(OK)) == [
        "GET /1 → 200 OK, 20 bytes [answer lacks 10 bytes]", fine(2),
    ]  # fmt: skip
    assert told(c(get(1)), s(LONG), lost("server", 18), c(get(2)), s(OK)) == [
        "GET /1 → 200 OK, 20 bytes [answer lacks 18 bytes]", fine(2),
    ]  # fmt: skip


def test_within_a_chunk() -> None:
    rest = s(b"c\r\n0\r\n\r\n")
    assert told(c(get(1)), s(CHUNKED), lost("server", 2), rest, c(get(2)), s(OK)) == [
        "GET /1 → 200 OK, 5 bytes [answer lacks 2 bytes]", fine(2),
    ]  # fmt: skip


def test_over_chunks() -> None:
    rest = s(b"c\r\n0\r\n\r\n")
    found = told(c(get(1)), s(CHUNKED), lost("server", 20), rest, c(get(2)), s(OK))
    assert found[0].startswith("GET /1 → 200 OK") and found[0].endswith("[answer lacks 20 bytes]")
    assert found[1:] == [fine(2)]


def test_within_a_body_up_to_the_end() -> None:
    answer = b"HTTP/1.1 200 OK\r\n\r\nabc"
    assert told(c(get(1)), s(answer), lost("server", 7), s(b"de"), closed("server")) == [
        "GET /1 → 200 OK, 12 bytes [answer lacks 7 bytes]"
    ]


def test_beyond_a_body_to_the_answer_after_it() -> None:
    turns = c(get(1)), s(LONG), c(get(2)), lost("server", 100), s(b"rest"), c(get(3)), s(OK)
    assert told(*turns) == [
        "GET /1 → 200 OK, 20 bytes [answer lacks 18 bytes]",
        "GET /2 [answer lacks its beginning and 82 bytes]",
        fine(3),
    ]


def test_a_head() -> None:
    assert told(c(get(1)), lost("server", 50), s(b"ngth: 2\r\n\r\nhi"), c(get(2)), s(OK)) == [
        "GET /1 [answer lacks its beginning and 50 bytes]", fine(2),
    ]  # fmt: skip
    partial = s(b"HTTP/1.1 200 OK\r\nConte")
    assert told(c(get(1)), partial, lost("server", 50), s(b"hi"), c(get(2)), s(OK)) == [
        "GET /1 → 200 OK, 52 bytes [answer lacks the rest of its head and 50 bytes]", fine(2),
    ]  # fmt: skip


def test_a_whole_answer() -> None:
    assert told(c(get(1)), c(get(2)), lost("server", 40), s(OK), c(get(3)), s(OK)) == [
        "GET /1 [answer lacks its beginning and 40 bytes]", fine(2), fine(3),
    ]  # fmt: skip


def test_several_answers() -> None:
    turns = c(get(1)), c(get(2)), c(get(3)), lost("server", 80), s(OK), c(get(4)), s(OK)
    assert told(*turns) == [
        "GET /1 [answer lacks its beginning and 80 bytes]", "GET /2 [its answer lacks]",
        fine(3), fine(4),
    ]  # fmt: skip


def test_amid_pipelined_answers_the_order_is_kept() -> None:
    turns = c(get(1) + get(2) + get(3)), s(OK), s(CHUNKED), lost("server", 9), s(OK)
    found = told(*turns)
    assert found[0] == fine(1) and found[1].startswith("GET /2 → 200 OK")
    assert found[2] == fine(3)


def test_a_request() -> None:
    turns = c(get(1)), s(OK), s(OK), lost("client", 30), c(get(3)), s(OK), c(get(4)), s(OK)
    assert told(*turns) == [
        fine(1),
        "a request that was not seen → 200 OK, 2 bytes",
        "an unread request [its answer lacks; request lacks its beginning and 30 bytes]",
        fine(3),
        fine(4),
    ]
    turns = c(b"GET /1 HTTP/1.1\r\nHost"), lost("client", 30), s(OK), c(get(4)), s(OK)
    assert told(*turns) == [
        "GET /1 → 200 OK, 2 bytes [request lacks the rest of its head and 30 bytes]", fine(4),
    ]  # fmt: skip


def test_within_a_request_body() -> None:
    post = c(b"POST /1 HTTP/1.1\r\nContent-Length: 20\r\n\r\nab")
    assert told(post, lost("client", 18), s(OK), c(get(4)), s(OK)) == [
        "POST /1 → 200 OK, 2 bytes [request lacks 18 bytes]", fine(4),
    ]  # fmt: skip


def test_while_a_tunnel_is_asked_for() -> None:
    asked = c(b"CONNECT a:1 HTTP/1.1\r\n\r\n" * 3)
    found = told(asked, lost("client", 10), s(OK))
    assert len(found) == 4 and all("CONNECT a:1" in each for each in found[:1])


def test_from_the_midst() -> None:
    assert told(c(get(1)), s(OK), begun=False) == [fine(1)]
    assert told(s(b"bodybody"), c(get(1)), s(OK), begun=False) == [
        "a request that was not seen [answer lacks its beginning]", fine(1),
    ]  # fmt: skip
    assert told(s(b"bodybody" + OK), c(get(1)), s(OK), begun=False) == [
        "a request that was not seen [answer lacks its beginning]",
        "a request that was not seen → 200 OK, 2 bytes [its request lacks]",
        fine(1),
    ]
    assert told(c(b"y=2"), s(OK), c(get(1)), s(OK), begun=False) == [
        "an unread request → 200 OK, 2 bytes [request lacks its beginning]", fine(1),
    ]  # fmt: skip


def test_from_the_midst_of_a_long_body() -> None:
    body = b"GET HTTP/1.1 \r\n" * 1500
    found = told(s(body), c(get(1)), s(body[:99] + OK), c(get(2)), s(OK), begun=False)
    assert found[-2:] == [fine(1), fine(2)]
    assert found[0] == "a request that was not seen [answer lacks its beginning]"

"""Every type of RESP2 and RESP3, in any pieces, and how much of large ones is kept."""

from __future__ import annotations

import math
import time
from typing import Any

import pytest

from netshell.protocols.redis.inline import words
from netshell.protocols.redis.reader import DEEPEST, MOST_LINE, Reader, Value, Wrong
from netshell.protocols.redis.values import MOST_VALUES, Beginning, Failure, listed, quoted

VALUES: dict[bytes, Any] = {
    b"+OK\r\n": "OK",
    b"-ERR no\r\n": Failure("ERR no"),
    b":42\r\n": 42,
    b":-7\r\n": -7,
    b"$5\r\nhello\r\n": "hello",
    b"$0\r\n\r\n": "",
    b"$-1\r\n": None,
    b"$2\r\n\xff\xfe\r\n": b"\xff\xfe",
    b"$4\r\na\r\nb\r\n": "a\r\nb",
    b"*-1\r\n": None,
    b"*0\r\n": [],
    b"*3\r\n:1\r\n$-1\r\n*2\r\n+a\r\n-ERR b\r\n": [1, None, ["a", Failure("ERR b")]],
    b"_\r\n": None,
    b"#t\r\n": True,
    b"#f\r\n": False,
    b",1.5\r\n": 1.5,
    b",inf\r\n": math.inf,
    b",-inf\r\n": -math.inf,
    b"(34928903284092385093248509438509\r\n": 34928903284092385093248509438509,
    b"!21\r\nSYNTAX invalid syntax\r\n": Failure("SYNTAX invalid syntax"),
    b"=15\r\ntxt:Some string\r\n": "Some string",
    b"%2\r\n+first\r\n:1\r\n+second\r\n*1\r\n:2\r\n": {"first": 1, "second": [2]},
    b"%1\r\n*2\r\n:1\r\n:2\r\n+x\r\n": {(1, 2): "x"},
    b"~2\r\n+a\r\n+b\r\n": ["a", "b"],
    b">2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n": ["invalidate", ["k"]],
    b"*?\r\n:1\r\n:2\r\n.\r\n": [1, 2],
    b"%?\r\n+a\r\n:1\r\n.\r\n": {"a": 1},
    b"*2\r\n*?\r\n.\r\n~?\r\n+x\r\n.\r\n": [[], ["x"]],
    b"$?\r\n;4\r\nHell\r\n;5\r\no wor\r\n;1\r\nd\r\n;0\r\n": "Hello word",
    b"*2\r\n$?\r\n;2\r\nab\r\n;0\r\n:1\r\n": ["ab", 1],
    b"|1\r\n+ttl\r\n:3600\r\n$1\r\nv\r\n": "v",
}


def read(data: bytes, piece: int = 0, reader: Reader | None = None) -> list[Value]:
    reader = reader or Reader()
    size = piece or len(data)
    found = []
    for begin in range(0, len(data), size):
        reader.feed(data[begin : begin + size], begin)
        while (value := reader.next()) is not None:
            found.append(value)
    return found


@pytest.mark.parametrize("data", VALUES)
def test_every_type(data: bytes) -> None:
    wanted = VALUES[data]
    for piece in (0, 1, 2, 3, 7):
        (found, again) = read(data + data, piece)
        assert found.value == wanted
        assert type(found.value) is type(wanted)
        assert (found.begin, found.end) == (0, len(data))
        assert (again.value, again.begin, again.end) == (wanted, len(data), 2 * len(data))


def test_attributes_stand_beside() -> None:
    (found,) = read(b"|1\r\n+ttl\r\n:3600\r\n$1\r\nv\r\n")
    assert found.attributes == {"ttl": 3600}
    (inside,) = read(b"*2\r\n|1\r\n+a\r\n:1\r\n:5\r\n:6\r\n")
    assert inside.value == [5, 6]


WRONG = (
    b"hello\r\n", b":x\r\n", b"$5\r\nhelloXX", b"$x\r\n", b"$-2\r\n", b"#x\r\n", b",x\r\n",
    b"*x\r\n", b"(1x\r\n",
    b";1\r\na\r\n", b".\r\n", b"_x\r\n", b"$99999999999999999999\r\n",
    b"\x16\x03\x01\r\n",
    b"$?\r\n$1\r\na\r\n",
)  # fmt: skip


@pytest.mark.parametrize("data", WRONG)
def test_what_is_none(data: bytes) -> None:
    for piece in (0, 1):
        with pytest.raises(Wrong):
            read(data, piece)


def test_nested_deeper_than_anybody_needs() -> None:
    assert read(b"*1\r\n" * DEEPEST + b":1\r\n")
    with pytest.raises(Wrong, match="deeper"):
        read(b"*1\r\n" * (DEEPEST + 1))


def test_huge_strings_are_counted() -> None:
    data = b"$1000000\r\n" + b"x" * 1_000_000 + b"\r\n"
    for piece in (0, 999):
        (found,) = read(data, piece)
        assert isinstance(found.value, Beginning)
        assert (len(found.value), found.value.size) == (4096, 1_000_000)
        assert quoted(found.value) == f'"{"x" * 60}…" (1,000,000 bytes)'


@pytest.mark.parametrize("piece", [0, 1000])
def test_large_replies_are_counted(piece: int) -> None:
    data = b"*5000\r\n" + b":1\r\n" * 5000
    (found,) = read(data, piece)
    assert len(found.value) == MOST_VALUES
    assert found.left_out == 4000
    many = b"*100\r\n" + (b"$2000\r\n" + b"y" * 2000 + b"\r\n") * 100
    (found,) = read(many, piece)
    kept = [each for each in found.value if not isinstance(each, Beginning)]
    assert len(kept) == 32  # 64 KiB of strings
    assert found.value[-1].size == 2000
    claimed = Reader()
    assert read(b"*1000000000000\r\n:1\r\n", 0, claimed) == []


def test_lines_have_an_end() -> None:
    with pytest.raises(Wrong, match="longer"):
        read(b"+" + b"x" * (MOST_LINE + 1))
    reader = Reader()
    began = time.process_time()
    with pytest.raises(Wrong, match="longer"):
        read(b"+" + b"x" * (MOST_LINE + 10), 1, reader)
    assert time.process_time() - began < 5


def test_words_on_a_line() -> None:
    assert [word for word, _, _ in words(b"""  SET  "a b\\"\\x41\\n"  'c\\'d' e\t""")] == [
        b"SET", b'a b"A\n', b"c'd", b"e",
    ]  # fmt: skip
    line = b'AUTH "my pass"'
    (_, (_, begin, end)) = words(line)
    assert line[begin:end] == b'"my pass"'
    assert words(b" ") == []


def test_values_in_words() -> None:
    assert [quoted(each) for each in (None, 5, True, 1.5, "a\nb", b"\xff", [1], [], {"a": 1})] == [
        "(nil)", "5", "(true)", "1.5", '"a\\nb"', '"\\xff"', "1 value", "(empty)", "1 field",
    ]  # fmt: skip
    assert list(listed([1, ["a", []], {"k": [2]}])) == [
        "1) 1", "2)", '   1) "a"', "   2) (empty)", "3)", '   1# "k" =>', "      1) 2",
    ]  # fmt: skip

"""Bytes as lines to read: nothing hidden without saying how much, nothing hostile let through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netshell.flow.excerpt import LONGEST, excerpt, is_text, part
from netshell.view import Lines, draw


class Held:
    """Bytes, and how many of them were asked for."""

    def __init__(self, data: bytes) -> None:
        self.data, self.asked = data, 0

    def octets(self, begin: int, end: int) -> bytes:
        self.asked += end - begin
        return self.data[begin:end]


def shown(data: bytes, most: int | None = 20, raw: bool = False) -> list[str]:
    return draw([Lines(excerpt(Held(data), 0, len(data), most, raw=raw))]).split("\n")


def test_text_is_shown_as_text() -> None:
    assert shown(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n") == ["    GET / HTTP/1.1", "    Host: x", ""]
    assert shown("größe\tüber".encode()) == ["    größe   über"]


def test_what_is_not_text_is_a_hex_dump() -> None:
    assert shown(bytes(range(20)))[0].startswith("    0000  00 01 02")
    assert shown(b"plain text", raw=True)[0].startswith("    0000  70 6c")


def test_a_head_and_a_body() -> None:
    lines = shown(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + bytes(range(256)))
    assert lines[:3] == ["    HTTP/1.1 200 OK", "    Content-Encoding: gzip", ""]
    assert lines[3].startswith("    0000  00 01 02 03")


def test_hostile_text_cannot_move_the_cursor() -> None:
    lines = shown(b"a perfectly ordinary line \x1b[2J\xe2\x80\xae and more of it to read\n")
    assert lines == ["    a perfectly ordinary line \\x1b[2J\\u202e and more of it to read"]


@pytest.mark.parametrize("data", [b"line\n" * 100, bytes(1000), b"x" * 10_000])
def test_long_ones_are_folded_and_the_rest_counted(data: bytes) -> None:
    lines, count = part(Held(data), 0, len(data), 5)
    assert len(lines) <= 5 and 0 < count < len(data)
    assert shown(data, 5)[-1] == f"    … {len(data) - count:,} bytes left out"


def test_a_line_without_end_is_cut() -> None:
    lines = shown(b"x" * 10_000 + b"\nnext\n")
    assert len(lines[0]) == 4 + LONGEST + 1 and lines[0].endswith("…")


def test_little_is_read_of_much() -> None:
    held = Held(b"line of text\n" * 1_000_000)
    excerpt(held, 0, len(held.data), 20)
    assert held.asked < 20_000


@given(st.binary(max_size=2000), st.one_of(st.none(), st.integers(1, 10)), st.booleans())
def test_every_byte_is_shown_or_counted(data: bytes, most: int | None, raw: bool) -> None:
    lines, count = part(Held(data), 0, len(data), most, raw=raw)
    assert 0 <= count <= len(data)
    assert most is None or len(lines) <= most
    assert count == len(data) or most is not None
    text = draw([Lines(excerpt(Held(data), 0, len(data), most, raw=raw))])
    assert all(char == "\n" or char.isprintable() for char in text)
    assert ("left out" in text) >= (count < len(data))


def test_text_or_not() -> None:
    assert is_text(b"") and is_text("naïve café".encode()) and is_text("é".encode()[:1], cut=True)
    assert not is_text(b"\x16\x03\x01\x02\x00") and not is_text(b"abc\0def")

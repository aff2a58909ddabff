"""Values in the binary form, and what they are shown as."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from netshell.protocols.mysql.messages import written
from netshell.protocols.mysql.rows import Rows
from netshell.protocols.mysql.values import value
from netshell.protocols.mysql.wire import Malformed, Reader


@pytest.mark.parametrize(
    ("kind", "is_unsigned", "data", "read"),
    [
        (1, False, b"\xff", -1), (1, True, b"\xff", 255),
        (2, False, b"\x00\x80", -32768), (3, True, b"\xff\xff\xff\xff", 4294967295),
        (8, False, b"\xff" * 8, -1), (8, True, b"\xff" * 8, 18446744073709551615),
        (9, False, b"\x01\x00\x00\x00", 1), (13, False, b"\xe8\x07", 2024),
        (4, False, struct.pack("<f", 0.1), 0.1), (4, False, struct.pack("<f", 1 << 24), 16777216.0),
        (4, False, struct.pack("<f", 3.4028235e38), 3.4028235e38),
        (4, False, struct.pack("<f", float("inf")), float("inf")),
        (5, False, struct.pack("<d", 1 / 3), 1 / 3),
        (6, False, b"", None), (0, False, b"\x041.50", "1.50"), (246, False, b"\x05-0.01", "-0.01"),
        (253, False, b"\x05z\xc3\xbc.x", "zü.x"), (254, False, b"\x02\xff\xfe", b"\xff\xfe"),
        (252, False, b"\x03abc", b"abc"), (245, False, b"\x02{}", "{}"),
        (16, False, b"\x01\x05", b"\5"),
        (10, False, b"\0", "0000-00-00"), (10, False, b"\x04\xe8\x07\x02\x1d", "2024-02-29"),
        (12, False, b"\0", "0000-00-00 00:00:00"),
        (12, False, b"\x04\xe8\x07\x02\x1d", "2024-02-29 00:00:00"),
        (7, False, b"\x07\xe8\x07\x02\x1d\x0c\x1e\x01", "2024-02-29 12:30:01"),
        (12, False, b"\x0b\xe8\x07\x02\x1d\x0c\x1e\x01\x05\0\0\0", "2024-02-29 12:30:01.000005"),
        (11, False, b"\0", "00:00:00"), (11, False, b"\x08\1\1\0\0\0\5\6\7", "-29:06:07"),
        (11, False, b"\x0c\0\x22\0\0\0\x16\x3b\x3b\x3f\x42\x0f\0", "838:59:59.999999"),
    ],
)  # fmt: skip
def test_values(kind: int, is_unsigned: bool, data: bytes, read: Any) -> None:
    reader = Reader(data)
    found = value(reader, kind, is_unsigned)
    assert (found, type(found), reader.left) == (read, type(read), 0)
    for size in range(len(data)):
        with pytest.raises(Malformed):
            value(Reader(data[:size]), kind, is_unsigned)


@pytest.mark.parametrize(("kind", "data"), [(99, b"\1a"), (12, b"\x03abc"), (11, b"\x01a")])
def test_what_is_no_value(kind: int, data: bytes) -> None:
    with pytest.raises(Malformed):
        value(Reader(data), kind, False)


@given(some.floats(width=32, allow_nan=False))
def test_floats_are_the_shortest_that_they_are(number: float) -> None:
    data = struct.pack("<f", number)
    assert struct.pack("<f", value(Reader(data), 4, False)) == data


@given(some.integers(0, (1 << 64) - 1))
def test_lengths(number: int) -> None:
    if number < 251:
        data = bytes([number])
    elif number < 1 << 16:
        data = b"\xfc" + number.to_bytes(2, "little")
    elif number < 1 << 24:
        data = b"\xfd" + number.to_bytes(3, "little")
    else:
        data = b"\xfe" + number.to_bytes(8, "little")
    assert Reader(data).length() == number


@given(some.binary(max_size=60), some.booleans())
def test_rows_of_any_bytes_are_shown(data: bytes, is_binary: bool) -> None:
    kinds = ((253, False), (3, True), (12, False)) if is_binary else ()
    (row,) = Rows((data,), kinds, is_binary).values
    assert all(isinstance(each, str | bytes | int | None) for each in row)


def test_a_row_that_is_cut_says_so() -> None:
    assert Rows((b"\x011\x09abc",)).values == (("1", "…"),)
    assert Rows((b"\0\0\x2a\0",), ((3, False),), True).values == (("…",),)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "NULL"), (5, "5"), (1.5, "1.5"), ("a\nb", "'a b'"), (b"\0\xff", "x'00ff'"),
        (b"x" * 65, f"x'{'78' * 64}' … 65 bytes"), ((1, None), "(1, NULL)"),
    ],
)  # fmt: skip
def test_values_are_written_as_in_sql(value: Any, text: str) -> None:
    assert written(value) == text

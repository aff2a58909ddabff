"""Values by their format and type. What a real server sends of these is tested in test_wire."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from netshell.protocols.postgres.values import decoded, fields, type_name
from netshell.protocols.statement import Unread


def array(oid: int, *values: bytes | None) -> bytes:
    cells = b"".join(
        b"\xff" * 4 if value is None else struct.pack(">i", len(value)) + value for value in values
    )
    return struct.pack(">iiIii", 1, 0, oid, len(values), 1) + cells


DAY = 86_400_000_000


@pytest.mark.parametrize(
    ("oid", "data", "value"),
    [
        (16, b"\1", True),
        (16, b"\0", False),
        (16, b"\2", "\\x02"),  # no truth value
        (17, b"\0\xff", b"\0\xff"),
        (20, struct.pack(">q", -(1 << 63)), -(1 << 63)),
        (21, b"\xff\xfe", -2),
        (23, b"\0\0\0\7", 7),
        (23, b"\0\7", "\\x0007"),  # not what its type says
        (25, "fünf".encode(), "fünf"),
        (26, b"\xff\xff\xff\xff", 0xFFFFFFFF),
        (700, struct.pack(">f", 0.5), 0.5),
        (701, struct.pack(">d", -1e300), -1e300),
        (1082, struct.pack(">i", 0), "2000-01-01"),
        (1082, struct.pack(">i", -730_119), "0001-01-01"),
        (1082, struct.pack(">i", -730_120), "\\xfff4dbf8"),  # before Christ: Python has no date
        (1082, struct.pack(">i", (1 << 31) - 1), "infinity"),
        (1083, struct.pack(">q", 45_296_100_000), "12:34:56.1"),
        (1083, struct.pack(">q", -1), "\\xffffffffffffffff"),
        (1114, struct.pack(">q", DAY + 1), "2000-01-02 00:00:00.000001"),
        (1114, struct.pack(">q", -1), "1999-12-31 23:59:59.999999"),
        (1114, struct.pack(">q", -(1 << 63)), "-infinity"),
        (1184, struct.pack(">q", 0), "2000-01-01 00:00:00+00"),
        (1184, struct.pack(">q", (1 << 63) - 1), "infinity"),
        (1186, struct.pack(">qii", 3_600_000_000, 2, 14), "1 year 2 mons 2 days 01:00:00"),
        (1186, struct.pack(">qii", 0, 0, 0), "00:00:00"),
        (1186, struct.pack(">qii", -1_500_000, 0, -1), "-1 mon -00:00:01.5"),
        (1266, struct.pack(">qi", 0, -19_800), "00:00:00+05:30"),
        (1700, struct.pack(">hhHh2h", 2, 0, 0, 2, 12, 3400), "12.34"),
        (1700, struct.pack(">hhHh1h", 1, -1, 0x4000, 4, 25), "-0.0025"),
        (1700, struct.pack(">hhHh1h", 1, 1, 0, 0, 12), "120000"),
        (1700, struct.pack(">hhHh", 0, 0, 0, 2), "0.00"),
        (1700, struct.pack(">hhHh", 0, 0, 0xC000, 0), "NaN"),
        (1700, struct.pack(">hhHh", 0, 0, 0xD000, 0), "Infinity"),
        (1700, struct.pack(">hhHh1h", 1, 30_000, 0, 0, 1), "\\x000175300000000000" + "01"),
        (2950, bytes(range(16)), "00010203-0405-0607-0809-0a0b0c0d0e0f"),
        (3802, b'\1{"a": 1}', '{"a": 1}'),
        (3802, b"\2{}", "\\x027b7d"),
        (1007, array(23, b"\0\0\0\1", None), [1, None]),
        (1009, array(25, b"a", b""), ["a", ""]),
        (1007, struct.pack(">iii", 0, 0, 23), []),
        (600, b"\1\2", "\\x0102"),  # a point: not known
        (0, b"x", Unread(b"x")),
    ],
)
def test_binary(oid: int, data: bytes, value: Any) -> None:
    found = decoded(data, oid, True, "utf-8")
    assert found == value and type(found) is type(value)


def test_text_stays_text() -> None:
    assert decoded(b"007", 23, False, "utf-8") == "007"
    assert decoded(b"\xfc", 25, False, "latin-1") == "ü"
    assert decoded(b"\xff", 25, False, "utf-8") == "\ufffd"


def test_arrays_that_are_not_read_are_shown_as_they_are() -> None:
    two = struct.pack(">iiIiiii", 2, 0, 23, 1, 1, 1, 1) + b"\0\0\0\4\0\0\0\7"
    assert decoded(two, 1007, True, "utf-8") == "\\x" + two.hex()
    huge = struct.pack(">iiIii", 1, 0, 23, 1 << 30, 1)
    assert decoded(huge, 1007, True, "utf-8") == "\\x" + huge.hex()
    other = array(25, b"a")
    assert decoded(other, 1007, True, "utf-8") == "\\x" + other.hex()


def test_fields_that_are_cut() -> None:
    data = struct.pack(">i", 3) + b"abc" + struct.pack(">i", 5) + b"de"
    assert fields(data, 0, 1) == ([b"abc"], 7)
    with pytest.raises(ValueError, match="cut"):
        fields(data, 0, 2)
    assert fields(data, 0, 2, may_end=True)[0] == [b"abc", b"de"]


def test_names_of_types() -> None:
    assert [type_name(oid) for oid in (23, 1007, 2950, 16399, 0)] == [
        "int4", "int4[]", "uuid", "oid 16399", "",
    ]  # fmt: skip

"""Values as MySQL's binary form has them: parameters of prepared statements, and their rows.

Numbers become int and float; texts str, or bytes where they are no UTF-8; blobs bytes. Decimals,
dates and times are texts as in SQL: "1.50", "2024-02-29 12:00:00.5"; a date may be 0000-00-00, and
a time 838 hours. Source: the MySQL Source Code Documentation, "Binary Protocol Value".
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from netshell.protocols.mysql.wire import Malformed, Reader

UNSIGNED = 0x80
"""In the byte after a parameter's type."""

DECIMAL, DATE, DATETIME, TIMESTAMP, TIME, NULL_TYPE = 0, 10, 12, 7, 11, 6
NEWDECIMAL, JSON = 246, 245
BLOBS = frozenset((16, 249, 250, 251, 252, 255, 242))
_SIZES = {1: 1, 2: 2, 3: 4, 8: 8, 9: 4, 13: 2}
TYPES = frozenset((*range(20), 242, *range(245, 256)))
"""Every type that there is."""


def value(reader: Reader, kind: int, is_unsigned: bool) -> Any:
    """The next value, which is of a type. Raises Malformed."""
    size = _SIZES.get(kind)
    if size is not None:
        return int.from_bytes(reader.take(size), "little", signed=not (is_unsigned or kind == 13))
    special = _SPECIAL.get(kind)
    if special is not None:
        return special(reader)
    if kind not in TYPES:
        raise Malformed(f"a value of type {kind}")
    data = reader.counted()
    if kind in BLOBS:
        return data
    return text(data)


def text(data: bytes) -> str | bytes:
    """Bytes as text, where they are."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def _float(reader: Reader) -> float:
    data = reader.take(4)
    exact: float = struct.unpack("<f", data)[0]
    if exact - exact == 0:  # else infinite, or no number
        for digits in range(6, 9):  # the shortest that is that float: 0.1, not 0.100000001490116
            short = float(f"{exact:.{digits}g}")
            if _packed(short) == data:
                return short
    return exact


def _packed(number: float) -> bytes:
    try:
        return struct.pack("<f", number)
    except OverflowError:  # rounded up, beyond the largest
        return b""


def _double(reader: Reader) -> float:
    made: float = struct.unpack("<d", reader.take(8))[0]
    return made


def _date(reader: Reader) -> str:
    size = reader.number(1)
    data = reader.take(size)
    if size not in (0, 4, 7, 11):
        raise Malformed(f"a date of {size} bytes")
    day = f"{int.from_bytes(data[:2], 'little'):04d}-{data[2]:02d}-{data[3]:02d}" if size else ""
    if size <= 4:
        return day or "0000-00-00"
    return f"{day} {data[4]:02d}:{data[5]:02d}:{data[6]:02d}{_fraction(data[7:])}"


def _moment(reader: Reader) -> str:
    made = _date(reader)
    return made if len(made) > 10 else f"{made} 00:00:00"


def _time(reader: Reader) -> str:
    size = reader.number(1)
    data = reader.take(size)
    if size not in (0, 8, 12):
        raise Malformed(f"a time of {size} bytes")
    if not size:
        return "00:00:00"
    hours = int.from_bytes(data[1:5], "little") * 24 + data[5]
    return f"{'-' * data[0]}{hours:02d}:{data[6]:02d}:{data[7]:02d}{_fraction(data[8:])}"


def _fraction(data: bytes) -> str:
    return f".{int.from_bytes(data, 'little'):06d}" if data else ""


def _nothing(reader: Reader) -> None:
    return None


_SPECIAL: dict[int, Callable[[Reader], Any]] = {
    4: _float, 5: _double, NULL_TYPE: _nothing, TIMESTAMP: _moment, DATE: _date, TIME: _time,
    DATETIME: _moment, 14: _date,
}  # fmt: skip

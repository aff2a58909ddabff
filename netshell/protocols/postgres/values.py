"""What a value is: of a bound parameter, or of a row's column, by its format and its type's OID.

Text stays the text it is. Binary values of the common types become numbers, truth values, bytes,
and text as psql prints it (times in UTC); of other types, they are shown as ``\\x`` and hex digits.
Formats: the ``*_send`` functions of PostgreSQL's src/backend/utils/adt; OIDs: pg_type.dat.
"""

from __future__ import annotations

import datetime
import struct
from collections.abc import Callable, Sequence
from typing import Any

from netshell.protocols.statement import Unread

_INT16, _INT32, _INT64 = struct.Struct(">h"), struct.Struct(">i"), struct.Struct(">q")
_FLOAT4, _FLOAT8 = struct.Struct(">f"), struct.Struct(">d")
_UINT32 = struct.Struct(">I")
_NUMERIC = struct.Struct(">HhHH")
_INTERVAL = struct.Struct(">qii")
_TIMETZ = struct.Struct(">qi")

_DAY_US = 86_400_000_000
_EPOCH_DAYS = datetime.date(2000, 1, 1).toordinal()
_ENDLESS = {(1 << 63) - 1: "infinity", -(1 << 63): "-infinity"}
_ENDLESS_DAYS = {(1 << 31) - 1: "infinity", -(1 << 31): "-infinity"}
_MOST_ELEMENTS = 1000
"""Of an array that are decoded; one that has more is shown as hex."""


def decoded(data: bytes, oid: int, is_binary: bool, encoding: str) -> Any:
    """One value that is not NULL: bool, int, float, str, bytes, or a list of those and None."""
    if not is_binary:
        return data.decode(encoding, "replace")
    if not oid:
        return Unread(data)
    if oid in _TEXTS:
        return data.decode(encoding, "replace")
    try:
        if oid in _ELEMENTS:
            return _array(data, _ELEMENTS[oid], encoding)
        how = _BINARY.get(oid)
        return hexed(data) if how is None else how(data)
    except (struct.error, ValueError, OverflowError, IndexError):
        return hexed(data)  # not what its type says


def hexed(data: bytes) -> str:
    """Bytes as PostgreSQL prints a bytea."""
    return "\\x" + data.hex()


def _one(form: struct.Struct) -> Callable[[bytes], Any]:
    def read(data: bytes) -> Any:
        return form.unpack(data)[0]

    return read


def _bool(data: bytes) -> bool:
    if data not in (b"\0", b"\1"):
        raise ValueError(data)
    return data == b"\1"


def _date(data: bytes) -> str:
    (days,) = _INT32.unpack(data)
    return _ENDLESS_DAYS.get(days) or _day(days)


def _day(days: int) -> str:
    return datetime.date.fromordinal(days + _EPOCH_DAYS).isoformat()


def _clock(us: int) -> str:
    seconds, us = divmod(us, 1_000_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    fraction = f".{us:06}".rstrip("0") if us else ""
    return f"{hour:02}:{minute:02}:{second:02}{fraction}"


def _time(data: bytes) -> str:
    (us,) = _INT64.unpack(data)
    if not 0 <= us <= _DAY_US:
        raise ValueError(us)
    return _clock(us)


def _timetz(data: bytes) -> str:
    us, west = _TIMETZ.unpack(data)
    if not 0 <= us <= _DAY_US or abs(west) > 60_000:
        raise ValueError(us)
    return _clock(us) + _zone(-west)


def _zone(east: int) -> str:
    hours, seconds = divmod(abs(east), 3600)
    minutes = f":{seconds // 60:02}" if seconds else ""
    return f"{'-' if east < 0 else '+'}{hours:02}{minutes}"


def _timestamp(data: bytes) -> str:
    (us,) = _INT64.unpack(data)
    days, rest = divmod(us, _DAY_US)
    return _ENDLESS.get(us) or f"{_day(days)} {_clock(rest)}"


def _timestamptz(data: bytes) -> str:
    text = _timestamp(data)
    return text if text.endswith("infinity") else f"{text}+00"


def _interval(data: bytes) -> str:
    us, days, months = _INTERVAL.unpack(data)
    years, months = divmod(abs(months), 12) if months >= 0 else (-(-months // 12), -(-months % 12))
    words = [
        f"{count} {word}{'' if abs(count) == 1 else 's'}"
        for count, word in ((years, "year"), (months, "mon"), (days, "day"))
        if count
    ]
    if us or not words:
        words.append(("-" if us < 0 else "") + _clock(abs(us)))
    return " ".join(words)


def _uuid(data: bytes) -> str:
    if len(data) != 16:
        raise ValueError(data)
    digits = data.hex()
    return "-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]])


_NO_NUMBER = {0xC000: "NaN", 0xD000: "Infinity", 0xF000: "-Infinity"}


def _numeric(data: bytes) -> str:
    count, weight, sign, scale = _NUMERIC.unpack_from(data)
    if sign in _NO_NUMBER:
        return _NO_NUMBER[sign]
    digits = struct.unpack_from(f">{count}H", data, 8)
    if sign not in (0, 0x4000) or len(data) != 8 + 2 * count or scale > 0x3FFF:
        raise ValueError(data)
    if any(digit > 9999 for digit in digits) or not -5000 < weight < 5000:
        raise ValueError(data)
    groups = [digits[at] if at < count else 0 for at in range(weight + 1)]
    whole = "".join([f"{group:04}" for group in groups]).lstrip("0") or "0"
    after = range(weight + 1, weight + 1 + (scale + 3) // 4)
    fraction = "".join([f"{digits[at] if 0 <= at < count else 0:04}" for at in after])[:scale]
    return ("-" if sign else "") + whole + (f".{fraction}" if fraction else "")


def _jsonb(data: bytes) -> str:
    if data[:1] != b"\1":
        raise ValueError(data)
    return data[1:].decode("utf-8", "replace")


def _array(data: bytes, element: int, encoding: str) -> list[Any]:
    """An array of one dimension; ValueError for another, which is shown as hex then."""
    dimensions, _, oid = struct.unpack_from(">iiI", data)
    if dimensions == 0 and len(data) == 12:
        return []
    size, _ = struct.unpack_from(">ii", data, 12)
    if dimensions != 1 or oid != element or not 0 <= size <= _MOST_ELEMENTS:
        raise ValueError(data)
    values, at = fields(data, 20, size)
    if at != len(data):
        raise ValueError(data)
    return [None if each is None else decoded(each, oid, True, encoding) for each in values]


def fields(
    data: bytes, at: int, count: int, may_end: bool = False
) -> tuple[list[bytes | None], int]:
    """``count`` values that each have their length before them, -1 for NULL; and where they end.

    Raises ValueError where the data ends before them, unless it ``may_end``: then the last value is
    what is there of it.
    """
    values: list[bytes | None] = []
    size = len(data)
    for _ in range(count):
        if at + 4 > size:
            if may_end:
                break
            raise ValueError("cut")
        (length,) = _INT32.unpack_from(data, at)
        at += 4
        if length < 0:
            values.append(None)
            continue
        if at + length > size and not may_end:
            raise ValueError("cut")
        values.append(data[at : at + length])
        at += length
    return values, at


_TEXTS = frozenset({18, 19, 25, 114, 142, 705, 1042, 1043})
"""Types whose binary format is their text: name, text, json, xml, varchar and their like."""

_BINARY: dict[int, Callable[[bytes], Any]] = {
    16: _bool,
    17: bytes,
    20: _one(_INT64),
    21: _one(_INT16),
    23: _one(_INT32),
    26: _one(_UINT32),
    700: _one(_FLOAT4),
    701: _one(_FLOAT8),
    1082: _date,
    1083: _time,
    1114: _timestamp,
    1184: _timestamptz,
    1186: _interval,
    1266: _timetz,
    1700: _numeric,
    2950: _uuid,
    3802: _jsonb,
}

_ELEMENTS = {
    1000: 16, 1001: 17, 1002: 18, 1003: 19, 1005: 21, 1007: 23, 1009: 25, 1014: 1042, 1015: 1043,
    1016: 20, 1021: 700, 1022: 701, 1028: 26, 1115: 1114, 1182: 1082, 1183: 1083, 1185: 1184,
    1187: 1186, 1231: 1700, 1270: 1266, 199: 114, 2951: 2950, 3807: 3802,
}  # fmt: skip
"""Array types, with their elements'."""

_NAMES = {
    16: "bool", 17: "bytea", 18: "char", 19: "name", 20: "int8", 21: "int2", 23: "int4",
    25: "text", 26: "oid", 114: "json", 142: "xml", 700: "float4", 701: "float8", 705: "unknown",
    1042: "bpchar", 1043: "varchar", 1082: "date", 1083: "time", 1114: "timestamp",
    1184: "timestamptz", 1186: "interval", 1266: "timetz", 1700: "numeric", 2950: "uuid",
    3802: "jsonb", 2278: "void",
}  # fmt: skip


def type_name(oid: int) -> str:
    """A type's name, ``oid 12345`` for one that each database numbers itself, "" for none."""
    if oid in _ELEMENTS:
        return _NAMES[_ELEMENTS[oid]] + "[]"
    return _NAMES.get(oid) or (f"oid {oid}" if oid else "")


def is_binary(formats: Sequence[int], at: int) -> bool:
    """Whether a value is binary: there is a format for each, one for all, or none (text)."""
    if len(formats) == 1:
        return formats[0] == 1
    return at < len(formats) and formats[at] == 1

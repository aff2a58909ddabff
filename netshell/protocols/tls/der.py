"""ASN.1's DER as certificates use it: one element at a time, by whoever knows what comes next.

Nothing here goes into an element by itself: how deep is read is decided by the caller's code,
never by the bytes. A length beyond what is there, or not in DER's form, is a :class:`Broken`.
Source: ITU-T X.690, sections 8 and 10.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

BOOLEAN, INTEGER, BITS, OID, SEQUENCE = 0x01, 0x02, 0x03, 0x06, 0x30
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18

MOST_OID = 64
"""Bytes of an object identifier at most: all known are far shorter."""

_STRINGS = {
    0x0C: "utf-8",  # UTF8String
    0x13: "latin-1",  # PrintableString
    0x14: "latin-1",  # TeletexString: taken so by all who read it
    0x16: "latin-1",  # IA5String
    0x1A: "latin-1",  # VisibleString
    0x1C: "utf-32-be",  # UniversalString
    0x1E: "utf-16-be",  # BMPString
    0x12: "latin-1",  # NumericString
}

_TIME = re.compile(rb"(\d\d|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:Z|([+-])(\d\d)(\d\d))")


class Broken(ValueError):
    """Bytes that are not what they should be: stays within the reading of one certificate."""


class Element(NamedTuple):
    """One element: ``data[begin:end]`` is its content, ``data[start:end]`` the whole."""

    tag: int
    start: int
    begin: int
    end: int


def element(data: bytes, at: int, end: int, tag: int | None = None) -> Element:
    """The element at a place, which ends before ``end``; Broken if its tag is not ``tag``."""
    if at + 2 > end:
        raise Broken("it ends too early")
    found, size = data[at], data[at + 1]
    if found & 0x1F == 0x1F:
        raise Broken(f"tag of several bytes at byte {at}")
    if tag is not None and found != tag:
        raise Broken(f"tag 0x{found:02x} instead of 0x{tag:02x} at byte {at}")
    begin = at + 2
    if size & 0x80:
        count = size & 0x7F
        if not 1 <= count <= 4 or begin + count > end:
            raise Broken(f"length in {count} bytes at byte {at}")
        size = int.from_bytes(data[begin : begin + count], "big")
        begin += count
    if size > end - begin:
        raise Broken(f"{size} bytes at byte {at}, where {end - begin} are left")
    return Element(found, at, begin, begin + size)


def elements(data: bytes, at: int, end: int, most: int) -> Iterator[Element]:
    """One after the other up to a place, ``most`` of them at most."""
    while at < end and most > 0:
        found = element(data, at, end)
        yield found
        at = found.end
        most -= 1


def oid(data: bytes, found: Element) -> str:
    """An object identifier in dots: "2.5.4.3"."""
    content = data[found.begin : found.end]
    if found.tag != OID or not content or len(content) > MOST_OID or content[-1] & 0x80:
        raise Broken(f"no object identifier at byte {found.start}")
    numbers: list[int] = []
    number = 0
    for octet in content:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def text(data: bytes, found: Element) -> str:
    """A string of any kind as text; what is not in its own encoding is shown escaped."""
    content = data[found.begin : found.end]
    encoding = _STRINGS.get(found.tag)
    if encoding is None:
        return f"#{data[found.start : found.end].hex()}"  # as RFC 4514, 2.4 writes the unknown
    return content.decode(encoding, "backslashreplace")


def moment(data: bytes, found: Element) -> datetime:
    """A time, in UTC: UTCTime's two digits mean 1950 to 2049 (RFC 5280, 4.1.2.5.1)."""
    told = _TIME.fullmatch(data[found.begin : found.end])
    digits = {UTC_TIME: 2, GENERALIZED_TIME: 4}.get(found.tag)
    if told is None or len(told[1]) != digits:
        raise Broken(f"no time at byte {found.start}")
    year = int(told[1])
    if digits == 2:
        year += 1900 if year >= 50 else 2000
    try:
        made = datetime(
            year, int(told[2]), int(told[3]), int(told[4]), int(told[5]), int(told[6] or 0),
            tzinfo=UTC,
        )  # fmt: skip
        if told[7]:
            shift = timedelta(hours=int(told[8]), minutes=int(told[9]))
            made -= shift if told[7] == b"+" else -shift
    except (ValueError, OverflowError) as error:
        raise Broken(f"no such time at byte {found.start}: {error}") from error
    return made

"""Options of pcapng blocks, read and written.

Format: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/ , section 3.5.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

Option = tuple[int, bytes]
"""A code and a value."""

COMMENT = 1
MOST_BYTES = 0xFFFF
"""Of a value: its length has 16 bits."""


def options(body: bytes, at: int, order: str) -> Iterator[Option]:
    """The options from a place on, up to the first that does not fit."""
    while at + 4 <= len(body):
        code, length = struct.unpack_from(order + "HH", body, at)
        if code == 0 or at + 4 + length > len(body):
            return
        yield code, body[at + 4 : at + 4 + length]
        at += 4 + (length + 3) // 4 * 4


class Foreign(str):
    """A text that is no UTF-8 in its file: reads as any other, and is written as it was."""

    octets: bytes

    @classmethod
    def of(cls, value: bytes) -> Foreign:
        """What is no UTF-8 is written as ``\\xNN``."""
        made = cls(value.decode("utf-8", "backslashreplace"))
        made.octets = value
        return made


def text(value: bytes) -> str:
    """A value that is a text."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return Foreign.of(value)


def octets_of(text: str) -> bytes:
    """A text as it stands in a file."""
    return text.octets if isinstance(text, Foreign) else text.encode("utf-8", "replace")


def texts(code: int, found: Iterable[str]) -> list[Option]:
    """Texts as options of one kind: of each as much as fits, in whole characters."""
    return [(code, _cut(each)) for each in found]


def _cut(text: str) -> bytes:
    value = octets_of(text)
    if len(value) <= MOST_BYTES:
        return value
    return value[:MOST_BYTES].decode("utf-8", "ignore").encode()


def encoded(found: Iterable[Option]) -> bytes:
    """Options (little endian) one behind the other, without their end."""
    return b"".join(
        struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)
        for code, value in found
    )


def inserted(block: bytes, at: int, found: Iterable[Option]) -> bytes:
    """A block (little endian) with these before its other options, which begin at ``at``."""
    added = encoded(found)
    if not added:
        return block
    rest = block[at:-4] or bytes(4)
    length = struct.pack("<I", at + len(added) + len(rest) + 4)
    return block[:4] + length + block[8:at] + added + rest + length

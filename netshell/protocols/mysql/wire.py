"""What MySQL's packets are made of: numbers, and texts with their length before them.

Source: the MySQL Source Code Documentation, "Protocol Basics: Basic Types"; the MariaDB reference,
"Protocol Data Types".
"""

from __future__ import annotations

NULL = 0xFB
"""What stands in a row's text form where a value is NULL."""


class Malformed(Exception):
    """Bytes that are no MySQL; the text says what is wrong with them. Never leaves the decoder."""


class Reader:
    """Bytes, read from the beginning. Each raises Malformed where they end too early.

    >>> reader = Reader(b"\\x05hello\\x02\\x00")
    >>> reader.counted(), reader.number(2), reader.left
    (b'hello', 2, 0)
    """

    __slots__ = ("at", "data")

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    @property
    def left(self) -> int:
        """Bytes that are not read yet."""
        return len(self.data) - self.at

    def take(self, size: int) -> bytes:
        """The next bytes."""
        end = self.at + size
        if end > len(self.data):
            raise Malformed(f"{size} bytes where {len(self.data) - self.at} are left")
        taken = self.data[self.at : end]
        self.at = end
        return taken

    def number(self, size: int) -> int:
        """An unsigned number of so many bytes, the lowest first."""
        return int.from_bytes(self.take(size), "little")

    def length(self) -> int:
        """A number that says its own size (``int<lenenc>``)."""
        first = self.number(1)
        if first < NULL:
            return first
        if first == 0xFC:
            return self.number(2)
        if first == 0xFD:
            return self.number(3)
        if first == 0xFE:
            return self.number(8)
        raise Malformed(f"a length that begins with 0x{first:02x}")

    def counted(self) -> bytes:
        """Bytes with their length before them (``string<lenenc>``)."""
        return self.take(self.length())

    def ended(self) -> bytes:
        """Bytes up to a NUL, or to the end where there is none (``string<NUL>``)."""
        end = self.data.find(0, self.at)
        if end < 0:
            return self.rest()
        taken = self.data[self.at : end]
        self.at = end + 1
        return taken

    def rest(self) -> bytes:
        """All that is left (``string<EOF>``)."""
        taken = self.data[self.at :]
        self.at = len(self.data)
        return taken


def readable(data: bytes, encoding: str = "latin-1") -> str:
    """Bytes as text: UTF-8, which nearly all connections use; what is none, in ``encoding``."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode(encoding, "replace")

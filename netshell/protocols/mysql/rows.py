"""The first rows of a result, kept as they came and read when they are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from netshell.protocols.mysql.values import text, value
from netshell.protocols.mysql.wire import NULL, Malformed, Reader

FIRST = 5
"""Rows that are kept."""
KEPT = 1024
"""Bytes of each that are."""


@dataclass(frozen=True, repr=False)
class Rows:
    """Rows as bytes. ``kinds`` has each column's type and whether it is unsigned, for rows in the
    binary form; it is empty for those in the text form, and where the columns were not seen.

    >>> Rows((b"\\x011\\xfb",)).values
    (('1', None),)
    """

    data: tuple[bytes, ...] = ()
    kinds: tuple[tuple[int, bool], ...] = ()
    is_binary: bool = False

    @property
    def values(self) -> tuple[tuple[Any, ...], ...]:
        """Their values, as far as the bytes go: str, and of the binary form also int and float;
        bytes for what is no text; None for NULL."""
        return tuple(self._binary(row) if self.is_binary else _text(row) for row in self.data)

    def _binary(self, row: bytes) -> tuple[Any, ...]:
        count = len(self.kinds)
        reader = Reader(row, 1)
        made: list[Any] = []
        try:
            nulls = int.from_bytes(reader.take((count + 9) // 8), "little") >> 2
            for at, (kind, is_unsigned) in enumerate(self.kinds):
                made.append(None if nulls >> at & 1 else value(reader, kind, is_unsigned))
        except Malformed:
            made.append("…")
        return tuple(made)

    def __repr__(self) -> str:
        return f"Rows of {len(self.data)}"


def _text(row: bytes) -> tuple[Any, ...]:
    reader = Reader(row)
    made: list[Any] = []
    try:
        while reader.left:
            if row[reader.at] == NULL:
                reader.at += 1
                made.append(None)
            else:
                made.append(text(reader.counted()))
    except Malformed:
        made.append("…")
    return tuple(made)

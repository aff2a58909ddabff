"""The first rows of a result, kept as they came and read when they are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

from netshell.packet.payload import Places
from netshell.protocols.masking import hide_in_value, in_value
from netshell.protocols.mysql.values import text, value
from netshell.protocols.mysql.wire import NULL, Malformed, Reader
from netshell.protocols.secret import MASK, Masked, hide_values
from netshell.protocols.secret_names import is_secret

FIRST = 5
"""Rows that are kept."""
KEPT = 1024
"""Bytes of each that are."""


class Rows(Sequence[tuple[Any, ...]]):
    """Rows, kept as bytes. ``kinds`` has each column's type and whether it is unsigned, for rows in
    the binary form; it is empty for those in the text form, and where the columns were not seen.
    Secrets in their texts are masked, ``hidden`` values, and the columns that are ``secret``.

    >>> Rows((b"\\x011\\xfb",)).values
    (('1', None),)
    """

    __slots__ = ("data", "hidden", "is_binary", "is_masked", "kinds", "secret")

    def __init__(
        self,
        data: tuple[bytes, ...] = (),
        kinds: tuple[tuple[int, bool], ...] = (),
        is_binary: bool = False,
        hidden: tuple[str, ...] = (),
        secret: frozenset[int] = frozenset(),
        is_masked: bool = True,
    ) -> None:
        self.data, self.kinds, self.is_binary = data, kinds, is_binary
        self.hidden, self.secret, self.is_masked = hidden, secret, is_masked

    @property
    def values(self) -> tuple[tuple[Any, ...], ...]:
        """Their values, as far as the bytes go: str, and of the binary form also int and float;
        bytes for what is no text; None for NULL. Secrets in texts are masked."""
        read = [read_row(row, self.kinds, self.is_binary) for row in self.data]
        if not self.is_masked:
            return tuple(read)
        return tuple(tuple(self._shown(at, value) for at, value in enumerate(row)) for row in read)

    def _shown(self, at: int, value: Any) -> Any:
        if at in self.secret and value not in (None, "", b""):
            return Masked(MASK, str(value))
        if not isinstance(value, str):
            return value
        masked = hide_in_value(value)
        return hide_values(masked, self.hidden) if self.hidden else masked

    def __revealed__(self) -> Rows:
        """The same with nothing masked."""
        return Rows(self.data, self.kinds, self.is_binary, is_masked=False)

    @overload
    def __getitem__(self, index: int) -> tuple[Any, ...]: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[tuple[Any, ...], ...]: ...

    def __getitem__(self, index: int | slice) -> Any:
        return self.values[index]

    def __len__(self) -> int:
        return len(self.data)

    def __eq__(self, others: object) -> bool:
        return isinstance(others, Rows) and self._key() == others._key()

    def __hash__(self) -> int:
        return hash((self.data, self.kinds))

    def _key(self) -> tuple[object, ...]:
        return self.data, self.kinds, self.is_binary, self.hidden, self.secret, self.is_masked

    def __repr__(self) -> str:
        return f"Rows of {len(self.data)}"


def read_row(
    row: bytes, kinds: tuple[tuple[int, bool], ...], is_binary: bool, ends: list[int] | None = None
) -> tuple[Any, ...]:
    """The values of one row; ``ends`` gets the place where each ends."""
    reader = Reader(row, 1 if is_binary else 0)
    made: list[Any] = []
    try:
        if is_binary:
            nulls = int.from_bytes(reader.take((len(kinds) + 9) // 8), "little") >> 2
            for at, (kind, is_unsigned) in enumerate(kinds):
                made.append(None if nulls >> at & 1 else value(reader, kind, is_unsigned))
                if ends is not None:
                    ends.append(reader.at)
        while not is_binary and reader.left:
            if row[reader.at] == NULL:
                reader.at += 1
                made.append(None)
            else:
                made.append(text(reader.counted()))
            if ends is not None:
                ends.append(reader.at)
    except Malformed:
        made.append("…")
    return tuple(made)


def secret_columns(columns: tuple[str, ...]) -> frozenset[int]:
    """Which columns are called as secrets are."""
    return frozenset(at for at, name in enumerate(columns) if is_secret(name))


def secrets_in_row(
    row: bytes, kinds: tuple[tuple[int, bool], ...], is_binary: bool, secret: frozenset[int]
) -> Places:
    """Where a row has secrets: in columns that are, in texts (connection strings, JSON)."""
    if not secret and 0x3D not in row and 0x2F not in row and 0x22 not in row:
        return ()  # as in_value() would find none
    ends: list[int] = []
    found: list[tuple[int, int]] = []
    values = read_row(row, kinds, is_binary, ends)
    before = 0
    for at, (each, end) in enumerate(zip(values, ends, strict=False)):
        data = each.encode() if isinstance(each, str) else each
        begin, before = before, end
        if at in secret and each not in (None, "", b""):
            texts = isinstance(data, bytes) and not is_binary
            found.append((end - len(data) if texts else begin, end))
        elif isinstance(data, bytes):
            begin = end - len(data)
            found += [(begin + first, begin + last) for first, last in in_value(data)]
    return tuple(found)

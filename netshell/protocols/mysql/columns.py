"""What a result says of its columns: their names and types.

Source: the MySQL Source Code Documentation, "Protocol::ColumnDefinition41"; the MariaDB reference,
"Result Set Packets" (what it says more of a type).
"""

from __future__ import annotations

from functools import lru_cache

from netshell.protocols.mysql.wire import Reader, readable

_SHORT = 256


def column(data: bytes, encoding: str, extended: bool) -> tuple[str, tuple[int, bool]]:
    """A column's name, type, and whether it is unsigned. Raises Malformed."""
    if len(data) < _SHORT:  # the same ones come again and again
        return _known_column(data, encoding, extended)
    return _column(data, encoding, extended)


@lru_cache(maxsize=2048)
def _known_column(data: bytes, encoding: str, extended: bool) -> tuple[str, tuple[int, bool]]:
    return _column(data, encoding, extended)


def _column(data: bytes, encoding: str, extended: bool) -> tuple[str, tuple[int, bool]]:
    reader = Reader(data)
    for _ in range(4):  # catalog, schema, table, its real name
        reader.counted()
    name = readable(reader.counted(), encoding)
    reader.counted()  # its real name
    if extended or (reader.left > 13 and data[reader.at] != 12):
        reader.counted()  # what MariaDB says more of its type: "json", "inet6"
    fixed = Reader(reader.counted())
    fixed.number(2)
    fixed.number(4)
    kind, flags = fixed.number(1), fixed.number(2)
    return name, (kind, bool(flags & 0x20))

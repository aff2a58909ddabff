"""The values that are bound to a prepared statement's placeholders, and a query's attributes.

Sources: the MySQL Source Code Documentation, "COM_STMT_EXECUTE" and "COM_QUERY"; the MariaDB
reference, "COM_STMT_EXECUTE" and "COM_STMT_BULK_EXECUTE".
"""

from __future__ import annotations

from typing import Any, NamedTuple

from netshell.protocols.mysql.session import Kinds
from netshell.protocols.mysql.values import BLOBS, NULL_TYPE, TYPES, UNSIGNED, text, value
from netshell.protocols.mysql.wire import Malformed, Reader

_COUNT_GIVEN = 8  # among the flags of an execution: the number of values is there
_TYPES_GIVEN = 0x80  # among those of a bulk one
_FIXED = 10  # the command, the statement's number, flags, how often
_MOST_GUESSED = 64


class Word(str):
    """A word of SQL instead of a value: DEFAULT."""

    __slots__ = ()


DEFAULT, IGNORE = Word("DEFAULT"), Word("IGNORE")


class Bound(NamedTuple):
    """What was bound."""

    values: tuple[Any, ...] = ()
    kinds: Kinds = ()  # their types, as the next execution may take for granted
    attributes: tuple[tuple[str, Any], ...] = ()
    places: tuple[tuple[int, int], ...] = ()  # of each value, bytes of the packet's data
    lacking: str = ""  # why some are not there


def executed(
    data: bytes,
    count: int | None,
    kinds: Kinds,
    has_attributes: bool,
    long: dict[int, tuple[bytes, int]],
    is_cut: bool,
) -> Bound:
    """The values of a COM_STMT_EXECUTE, of a statement with ``count`` placeholders (None: not
    known), whose types were ``kinds`` the time before; ``long`` was sent beforehand."""
    if count is None and not has_attributes:
        return _guessed(data)
    reader = Reader(data, _FIXED)
    try:
        flags = data[5] if len(data) > 5 else 0
        told = count or 0
        if has_attributes and (told or flags & _COUNT_GIVEN):
            told = reader.length()
        return _values(reader, count or 0, told, kinds, has_attributes, long, is_cut)
    except Malformed as error:
        return Bound(lacking=f"its parameters are not to be read: {error}")


def _values(
    reader: Reader,
    count: int,
    told: int,
    kinds: Kinds,
    has_names: bool,
    long: dict[int, tuple[bytes, int]],
    is_cut: bool = False,
) -> Bound:
    if not told:
        return Bound()
    nulls = int.from_bytes(reader.take((told + 7) // 8), "little")
    names: list[bytes] = []
    if reader.number(1):
        given: list[tuple[int, bool]] = []
        for _ in range(told):
            given.append((reader.number(1), reader.number(1) & UNSIGNED > 0))
            if has_names:
                names.append(reader.counted())
        kinds = tuple(given)
    if len(kinds) != told:
        return Bound(lacking="the types of its parameters were bound before")
    values: list[Any] = []
    places: list[tuple[int, int]] = []
    lacking = ""
    for at, (kind, is_unsigned) in enumerate(kinds):
        begin = reader.at
        if at in long:
            sent, size = long[at]
            values.append(sent if kind in BLOBS else text(sent))
            if size > len(sent):
                lacking = f"{size - len(sent):,} bytes of a parameter are not kept"
        elif nulls >> at & 1 or kind == NULL_TYPE:
            values.append(None)
        else:
            try:
                values.append(value(reader, kind, is_unsigned))
            except Malformed:
                if not is_cut:
                    raise
                lacking = "parameters from the place on that is not kept"
                break
        places.append((begin, reader.at))
    named = tuple(
        (name.decode("utf-8", "replace"), each)
        for name, each in zip(names[count:], values[count:], strict=False)
    )
    return Bound(tuple(values[:count]), kinds, named, tuple(places), lacking)


def _guessed(data: bytes) -> Bound:
    """The values where it is not known how many they are: the one number that fits is."""
    if len(data) == _FIXED:
        return Bound()
    fitting: list[Bound] = []
    for count in range(1, min(_MOST_GUESSED, (len(data) - _FIXED) // 2) + 1):
        types = _FIXED + (count + 7) // 8 + 1
        if data[types - 1 : types] != b"\1" or data[types] not in TYPES:
            continue
        reader = Reader(data, _FIXED)
        try:
            bound = _values(reader, count, count, (), False, {})
        except Malformed:
            continue
        if not reader.left and all(kind in TYPES for kind, _ in bound.kinds):
            fitting.append(bound)
    if len(fitting) == 1:
        return fitting[0]
    return Bound(lacking="how many parameters it has was not seen")


def bulk(data: bytes, count: int | None, kinds: Kinds) -> Bound:
    """The rows of values of a COM_STMT_BULK_EXECUTE, each a tuple."""
    reader = Reader(data, 7)
    made: list[tuple[Any, ...]] = []
    try:
        flags = int.from_bytes(data[5:7], "little")
        if count is None:
            return Bound(lacking="how many parameters it has was not seen")
        if flags & _TYPES_GIVEN:
            kinds = tuple((reader.number(1), reader.number(1) & UNSIGNED > 0) for _ in range(count))
        if len(kinds) != count:
            return Bound(lacking="the types of its parameters were bound before")
        while reader.left and count:
            made.append(tuple(_indicated(reader, *kind) for kind in kinds))
    except Malformed:
        return Bound(tuple(made), kinds, lacking="parameters from the place on that is not kept")
    return Bound(tuple(made), kinds)


def _indicated(reader: Reader, kind: int, is_unsigned: bool) -> Any:
    indicator = reader.number(1)
    if indicator == 0:
        return value(reader, kind, is_unsigned)
    if indicator > 3:
        raise Malformed(f"an indicator {indicator}")
    return (None, DEFAULT, IGNORE)[indicator - 1]


def attributes(data: bytes) -> tuple[tuple[tuple[str, Any], ...], int]:
    """The attributes before the SQL of a COM_QUERY, and where the SQL begins. Raises Malformed."""
    reader = Reader(data, 1)
    count, sets = reader.length(), reader.length()
    if sets != 1:
        raise Malformed(f"{sets} sets of attributes")
    return _values(reader, 0, count, (), True, {}).attributes, reader.at

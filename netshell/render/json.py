"""A result's records as JSON: every field, in the unit that its name says.

Dataclasses become objects, named tuples and sequences lists or objects, bytes text with escapes
for what is not UTF-8, times ISO 8601. Nothing is cut to a screen's width.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

_AS_IT_IS = frozenset((str, int, float, bool, type(None)))


def text(result: Any) -> str:
    """The records of a result as JSON text, indented by two.

    What does not print (C1 controls, bidi marks: JSON itself escapes only C0) is escaped too: the
    text is safe in a terminal and the data in it the same.
    """
    written = json.dumps(plain(result.records()), indent=2, ensure_ascii=False)
    return (
        _UNPRINTABLE.sub(_escaped, written)
        if not written.isascii() or "\x7f" in written
        else written
    )


# Beyond ASCII, and DEL: the controls below it JSON has escaped, and line feeds are its layout.
_UNPRINTABLE = re.compile(r"[^\x00-\x7e]")


def _escaped(found: re.Match[str]) -> str:
    char = found[0]
    return char if char.isprintable() else json.dumps(char)[1:-1]


def plain(value: Any) -> Any:
    """A value made of what JSON knows: dict, list, str, int, float, bool, None."""
    kind: Any = type(value)
    if kind in _AS_IT_IS:
        return value
    if dataclasses.is_dataclass(value):
        return {name: plain(getattr(value, name)) for name in _fields(kind)}
    if isinstance(value, enum.Enum):
        return str(value)
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "backslashreplace")
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {name: plain(part) for name, part in zip(value._fields, value, strict=True)}
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, Sequence | set | frozenset):
        return [plain(part) for part in value]
    if hasattr(value, "item"):  # a numpy scalar
        return value.item()
    return str(value)


@cache
def _fields(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))

"""A result's records as JSON: every field, in the unit that its name says.

Dataclasses become objects, named tuples and sequences lists or objects, bytes text with escapes
for what is not UTF-8, times ISO 8601. Nothing is cut to a screen's width.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import json
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

_AS_IT_IS = frozenset((str, int, float, bool, type(None)))


def text(result: Any) -> str:
    """The records of a result as JSON text, indented by two.

    What does not print (C1 controls, bidi marks: JSON itself escapes only C0) is escaped too: the
    text is safe in a terminal and the data in it the same.
    """
    written = _written(result.records(), "\n")
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


# The standard library indents in Python, two steps a value: of 20,000 sockets, over a million.
# Here a kind of record is a template that is filled in, and only what is in it is looked at.


def _written(value: Any, line: str) -> str:
    """A value as indented JSON; ``line`` begins a line at its own indentation."""
    kind: Any = type(value)
    write = _SCALARS.get(kind)
    if write is not None:
        return write(value)
    shape = _shape(kind)
    inner = line + "  "
    if shape == "record":
        template, parts = _template(kind, line)
        scalar = _SCALARS.get
        return template % tuple(
            [
                _written(part, inner) if (write := scalar(type(part))) is None else write(part)
                for part in parts(value)
            ]
        )
    if shape == "mapping":
        texts = [f"{_quoted(str(key))}: {_written(part, inner)}" for key, part in value.items()]
        ends = "{}"
    elif shape == "sequence":
        texts, ends = [_written(part, inner) for part in value], "[]"
    else:
        return str(json.dumps(plain(value), ensure_ascii=False))
    return f"{ends[0]}{inner}{f',{inner}'.join(texts)}{line}{ends[1]}" if texts else ends


@cache
def _shape(kind: Any) -> str:
    """How the values of a type are written: as :func:`plain` takes them."""
    if dataclasses.is_dataclass(kind) or (issubclass(kind, tuple) and hasattr(kind, "_fields")):
        return "record"
    if issubclass(kind, _LEAVES):
        return ""
    if issubclass(kind, Mapping):
        return "mapping"
    return "sequence" if issubclass(kind, Sequence | set | frozenset) else ""


def _number(value: float) -> str:
    text = repr(value)
    return text if text[-1].isdecimal() else str(json.dumps(value))  # NaN and Infinity


@cache
def _template(kind: Any, line: str) -> tuple[str, Callable[[Any], Iterable[Any]]]:
    """The JSON of a kind of record with a place for each value, and what takes the values out."""
    parts: Callable[[Any], Iterable[Any]] = iter
    if dataclasses.is_dataclass(kind):
        names = _fields(kind)  # type: ignore[arg-type]
        parts = operator.attrgetter(*names) if len(names) > 1 else _taker(names)
    else:
        names = kind._fields
    if not names:
        return "{}", parts
    inner = line + "  "
    return f"{{{inner}{f',{inner}'.join(f'{_quoted(name)}: %s' for name in names)}{line}}}", parts


def _taker(names: tuple[str, ...]) -> Callable[[Any], Iterable[Any]]:
    return lambda value: [getattr(value, name) for name in names]


_quoted: Callable[[str], str] = json.encoder.encode_basestring
_LEAVES = (str, bytes, bytearray, memoryview, enum.Enum)
_SCALARS: dict[type, Callable[[Any], str]] = {
    str: _quoted,
    int: int.__repr__,
    float: _number,
    bool: lambda value: "true" if value else "false",
    type(None): lambda _value: "null",
}


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

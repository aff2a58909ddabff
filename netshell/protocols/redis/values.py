"""What Redis values are in Python, bounded: strings keep their beginning, large replies some."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

MOST_BYTES = 4096
"""Bytes of one string that are kept."""

MOST_KEPT = 1 << 16
"""Bytes of all strings of a value that are kept."""

MOST_VALUES = 1000
"""Values in one that are kept."""

LONGEST = 60
"""Characters of a string where it stands in a line."""


class Beginning(str):
    """The beginning of a string that is too long to keep; ``size`` is its length in bytes."""

    __slots__ = ("size",)

    size: int

    def __new__(cls, text: str, size: int) -> Beginning:
        made = super().__new__(cls, text)
        made.size = size
        return made

    def __reduce__(self) -> tuple[type[Beginning], tuple[str, int]]:
        return Beginning, (str(self), self.size)


class Failure(str):
    """An error as a value: "ERR unknown command" (it may stand amid others: EXEC)."""

    __slots__ = ()


def text(octets: bytes, size: int = -1) -> str | bytes:
    """A string as it was meant: text where it is UTF-8, else bytes; of ``size`` bytes in all."""
    if size > len(octets):
        return Beginning(octets.decode("utf-8", "backslashreplace"), size)
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets


def key(value: Any) -> Any:
    """A value that a mapping can have as its key."""
    if isinstance(value, list):
        return tuple([key(each) for each in value])
    if isinstance(value, dict):
        return tuple([(name, key(each)) for name, each in value.items()])
    return value


def quoted(value: Any, most: int = LONGEST) -> str:
    """One value in a few words, as redis-cli writes it."""
    if value is None:
        return "(nil)"
    if isinstance(value, Failure):
        return f"(error) {value}"
    if isinstance(value, bool):
        return "(true)" if value else "(false)"
    if isinstance(value, int | float):
        return f"{value}"
    if isinstance(value, str | bytes):
        return _string(value, most)
    if isinstance(value, dict):
        return f"{len(value):,} field{'' if len(value) == 1 else 's'}"
    return f"{len(value):,} value{'' if len(value) == 1 else 's'}" if value else "(empty)"


def _string(value: str | bytes, most: int) -> str:
    size = value.size if isinstance(value, Beginning) else 0
    shown = value[:most]
    written = (
        shown.decode("latin-1").encode("unicode_escape").decode()
        if isinstance(shown, bytes)
        else shown.replace("\\", "\\\\")
        .replace("\n", "\\n")
        .replace("\r", "\\r")
        .replace("\t", "\\t")
    ).replace('"', '\\"')
    if len(value) <= most and not size:
        return f'"{written}"'
    return f'"{written}…" ({size or len(value):,} bytes)'


def listed(value: Any, indent: str = "") -> Iterator[str]:
    """A value in lines, as redis-cli lists it; as deep as it is nested, which is bounded."""
    if isinstance(value, dict) and value:
        for at, (name, each) in enumerate(value.items(), 1):
            head = f"{indent}{at}# {quoted(name)} =>"
            yield from _under(head, each, indent)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes) and value:
        for at, each in enumerate(value, 1):
            yield from _under(f"{indent}{at})", each, indent)
    else:
        yield f"{indent}{quoted(value, 400)}"


def _under(head: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, list | dict) and value:
        yield head
        yield from listed(value, f"{indent}   ")
    else:
        yield f"{head} {quoted(value, 400)}"

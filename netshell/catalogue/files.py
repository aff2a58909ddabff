"""Texts by key, from the files of a language.

Pure: which language is spoken, where none is given, is asked of what the package hands in.
"""

from __future__ import annotations

import pkgutil
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from string import Formatter
from typing import Any

from netshell.catalogue.particles import PAIRS, particle

ENGLISH = "en"

_spoken: list[Callable[[], str]] = []


def spoken_by(language: Callable[[], str]) -> None:
    """What says which language is spoken, from now on."""
    _spoken[:] = [language]


def text(key: str, lang: str | None = None, /, **values: object) -> str:
    """The text of a key with its placeholders filled in, in a language (by default, the user's).

    >>> text("explain.act", "en", text="wait")
    'To do: wait'

    Raises KeyError for a key that is in no file, or a placeholder without a value: both are bugs.
    """
    lang = lang or (_spoken[0]() if _spoken else ENGLISH)
    file, _, rest = key.partition(".")
    try:
        template = entries(file, lang)[rest]
    except KeyError:
        raise KeyError(f"no text {key!r} in {lang}") from None
    return _FORMATTER.vformat(template, (), values) if "{" in template else template


def counted(key: str, count: int, lang: str | None = None, /, **values: object) -> str:
    """The text ``key.one`` for a count of 1, else ``key.many``; ``count`` is a placeholder."""
    return text(f"{key}.{'one' if count == 1 else 'many'}", lang, count=count, **values)


def source(key: str) -> str:
    """Where what a key is about is specified, in any language: an RFC's section, a man page.

    >>> source("state.CLOSE_WAIT")
    'RFC 9293 3.6'

    Raises KeyError for a key that is in no file.
    """
    return text(key, "sources")


def has(key: str) -> bool:
    """Whether there is such a text."""
    file, _, rest = key.partition(".")
    try:
        return rest in entries(file, ENGLISH)
    except FileNotFoundError:
        return False


@cache
def entries(file: str, lang: str) -> Mapping[str, str]:
    """All texts of a file by what follows the file's name in their keys, in its order.

    Raises FileNotFoundError for no such file.
    """
    found = pkgutil.get_data(__package__ or "netshell.catalogue", f"{lang}/{file}.toml")
    if found is None:
        raise FileNotFoundError(f"no catalogue {lang}/{file}.toml")
    return dict(_flat(tomllib.loads(found.decode()), ""))


def _flat(table: Mapping[str, Any], before: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        elif isinstance(value, str):
            yield before + key, value
        else:
            raise TypeError(f"{before}{key} is no text")


class _Formatter(Formatter):
    """``str.format`` that knows pairs of particles, too."""

    def format_field(self, value: Any, format_spec: str) -> Any:
        if format_spec in PAIRS:
            return f"{value}{particle(str(value), format_spec)}"
        return super().format_field(value, format_spec)


_FORMATTER = _Formatter()

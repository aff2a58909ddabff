"""A text that knows how to say itself in another language."""

from __future__ import annotations

from typing import Any

from netshell.catalogue.files import ENGLISH, text


class Said(str):
    """An English text that was made of a key and values, and can be made of them again.

    >>> said = Said("side.client")
    >>> said, again(said, "ko")
    ('client', '클라이언트')

    For what is made once and kept, such as why a connection ended. Values may be such texts, too.
    """

    key: str
    values: dict[str, Any]

    def __new__(cls, key: str, /, **values: Any) -> Said:
        self = super().__new__(cls, text(key, ENGLISH, **values))
        self.key, self.values = key, values
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        return (self.key,), self.values


def again(said: str, lang: str | None = None) -> str:
    """The text in a language (by default, the user's); as it is, where it knows no other."""
    if not isinstance(said, Said):
        return said
    values = {
        name: again(value, lang) if isinstance(value, Said) else value
        for name, value in said.values.items()
    }
    return text(said.key, lang, **values)

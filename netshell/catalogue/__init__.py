"""The texts that netshell says in several languages: a folder of TOML files for each.

A text is asked for by its key, ``text("state.CLOSE_WAIT.what")``: the first part names the file
(``en/state.toml``), the rest its tables and its key. A file is read when a text of it is first
asked for. Every language has the same keys, with the same placeholders; a test holds them to it.

Where something is specified is the same in every language, and stands in ``sources/``.

Placeholders are those of ``str.format``, by name only. Behind a colon may also stand a pair of
Korean particles, ``{host:이/가}``: the one that fits the value's last sound is put behind it.
"""

from __future__ import annotations

from netshell.catalogue.files import ENGLISH, counted, entries, has, source, spoken_by, text
from netshell.catalogue.languages import KOREAN, LANGUAGES, language, speak

__all__ = [
    "ENGLISH",
    "KOREAN",
    "LANGUAGES",
    "counted",
    "entries",
    "has",
    "language",
    "source",
    "speak",
    "text",
]

spoken_by(language)

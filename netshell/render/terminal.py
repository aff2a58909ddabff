"""Blocks in a terminal: the plain layout with ANSI colours from the terminal's own 16.

The 16 named colours follow the user's theme, so the same output reads on a dark and on a light
background. Colour is left out where NO_COLOR is set (https://no-color.org), for TERM=dumb and
where the output is not a terminal.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from typing import Any

from netshell.errors import NetshellError
from netshell.settings import in_force
from netshell.view import Block, Lines, Span, Style, clean, draw
from netshell.view.glyphs import fits

_ANY: dict[Style, str] = {
    "head": "1",
    "key": "36",
    "good": "32",
    "warn": "33",
    "bad": "31",
    "quiet": "2",
    "sent": "36",
    "received": "35",
    "keyword": "35",
    "string": "32",
    "number": "36",
    "slot": "33",
    "comment": "2",
}
_SGR: dict[str, dict[Style, str]] = {
    "auto": _ANY,
    # Yellow and cyan are hard to read on white, the darker halves of the sixteen on black.
    "light": _ANY
    | {"key": "34", "warn": "31", "bad": "1;31", "sent": "34", "number": "34", "slot": "31"},
    "dark": _ANY
    | {"key": "96", "good": "92", "warn": "93", "bad": "91", "sent": "96", "received": "95"}
    | {"keyword": "95", "string": "92", "number": "96", "slot": "93"},
}
"""By a profile's ``screen.colors``, SGR parameters (ECMA-48 8.3.117) by what a text means."""


def paint(text: str, style: Style) -> str:
    """Cleaned text in the colour of its meaning."""
    if style == "sql":
        from netshell.render.highlight import painted  # only where there is SQL

        return painted(text, paint)
    code = _SGR.get(in_force().colors, {}).get(style)
    return f"\x1b[{code}m{text}\x1b[0m" if code and text else text


def coloured() -> bool:
    """Whether the output takes colour: a terminal that did not ask for none, nor the profile."""
    stream = sys.stdout
    return (
        stream is not None
        and stream.isatty()
        and in_force().colors != "none"
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )


def width() -> int:
    """The terminal's width in cells; 0, no limit, where the output is not a terminal."""
    stream = sys.stdout
    return shutil.get_terminal_size().columns if stream is not None and stream.isatty() else 0


def is_ascii() -> bool:
    """Whether the output's encoding has no box characters."""
    return not fits(getattr(sys.stdout, "encoding", None) or "ascii")


def blocks(shown: Iterable[Block]) -> str:
    """Blocks drawn for the terminal that standard output is connected to now."""
    if not coloured():
        return draw(shown, width(), None, is_ascii())
    shown = tuple(shown)
    if has_sql(shown):
        from netshell.render.highlight import divided

        shown = divided(shown)
    return draw(shown, width(), paint, is_ascii())


def has_sql(shown: Iterable[Block]) -> bool:
    """Whether there are lines of SQL, to be coloured together."""
    return any(
        isinstance(line, Span) and line.style == "sql"
        for block in shown
        if isinstance(block, Lines)
        for line in block.lines
    )


def screen(result: Any) -> str:
    """A result as the prompt shows it."""
    return blocks(result.view())


def error(error: NetshellError) -> str:
    """An error's one line: what failed stands out, the rest reads on."""
    line = clean(str(error))
    what = clean(f"{error.what} {error.where}".rstrip())
    return blocks([Lines([[Span(what, "bad"), line[len(what) :]]])])

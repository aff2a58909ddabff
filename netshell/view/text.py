"""Text fit for a terminal or a page: made harmless, measured in cells, cut, padded and wrapped.

Invariant of :mod:`netshell.view`: text reaches a block's drawing only through :func:`clean`, so
nothing that came from the wire, from DNS or from a process name can move a cursor, colour a screen
or reorder a line.
"""

from __future__ import annotations

import re


def clean(text: object) -> str:
    r"""Text that is safe in any terminal or page: what does not print becomes a visible escape.

    C0 and C1 controls, DEL, bidi and zero-width marks, tags, lone surrogates, line separators and
    unassigned code points (everything :meth:`str.isprintable` refuses) are written as Python
    would escape them. Bytes are read as UTF-8, invalid ones shown as ``\xNN``.

    >>> clean("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    if isinstance(text, bytes | bytearray | memoryview):
        text = bytes(text).decode("utf-8", "backslashreplace")
    elif not isinstance(text, str):
        text = str(text)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def cells(text: str) -> int:
    """How many terminal cells cleaned text takes (wide and combining characters counted)."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth  # only for text beyond ASCII: the tables cost start-up time

    width = wcswidth(text)
    return width if width >= 0 else len(text)


def cut(text: str, size: int, tail: int = 0) -> str:
    """The text in ``size`` cells, an ellipsis where something is left out before the tail."""
    end = text[len(text) - tail :] if tail and tail < size - 1 else ""
    room = max(size - 1 - cells(end), 0)
    if text.isascii():
        return f"{text[:room]}…{end}"
    kept = ""
    for char in text:  # measured together: a mark takes its place with what it stands on
        if cells(kept + char) > room:
            break
        kept += char
    return f"{kept}…{end}"


def pad(text: str, size: int, align: str) -> str:
    """The text with blanks to ``size`` cells, at its "left" or "right"."""
    blank = " " * (size - cells(text))
    return blank + text if align == "right" else text + blank


BREAK = re.compile(
    r"(?<!\d) | (?!(?:ns|µs|us|ms|s|min|h|[kMGT]?B(?:/s)?|bytes?|packets?)(?![\w:=/-]))"
)
"""A blank that a line may end at: not that between a number and its unit."""


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of ``width`` cells, broken between words (0: one line).

    A number stays with its unit.
    """
    if not width or cells(text) <= width:
        return [text]
    lines, line = [], ""
    for word in BREAK.split(text):
        longer = f"{line} {word}" if line else word
        if line and cells(longer) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


def folded(text: str, width: int) -> list[str]:
    """The text in lines of ``width`` cells as :func:`wrap`, words that are wider broken too."""
    lines = []
    for line in wrap(text, width):
        while cells(line) > width > 1:
            size = width
            while cells(line[:size]) > width:
                size -= 1
            # An address or a path goes on behind one of its separators.
            ends = [i for i in range(size // 2 + 1, size + 1) if not line[i - 1].isalnum()]
            size = max(ends, default=size)
            lines.append(line[:size])
            line = line[size:]
        lines.append(line)
    return lines

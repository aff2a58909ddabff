"""What ladders are drawn with: box characters, or ASCII where the output has no others.

All of them are one cell wide in every terminal: the heads are not those of the emoji.
"""

from __future__ import annotations

from typing import NamedTuple

from netshell.view.text import clean


class Glyphs(NamedTuple):
    """One character each, but ``dots``."""

    rail: str
    broken: str  # a rail while nothing is sent
    shaft: str
    right: str
    left: str
    many: str  # the shaft of a fold
    dots: str
    ellipsis: str

    def clean(self, text: str) -> str:
        """Text made harmless, and as these glyphs' output can show it."""
        text = clean(text)
        if self is UNICODE or text.isascii():
            return text
        return in_ascii(text)


UNICODE = Glyphs("│", "┊", "─", "►", "◄", "═", "⋮", "…")
ASCII = Glyphs("|", ":", "-", ">", "<", "=", "...", "~")

_PLAIN = str.maketrans(
    {"µ": "u", "…": "~", "⋮": ":", "►": ">", "◄": "<", "●": "*", "×": "x", "–": "-", "→": ">"}
)


def in_ascii(text: str) -> str:
    """The text in ASCII: what is like a character of it as that, all else escaped."""
    if text.isascii():
        return text
    return text.translate(_PLAIN).encode("ascii", "backslashreplace").decode("ascii")


def fits(encoding: str) -> bool:
    """Whether an output with this encoding can show box characters."""
    try:
        "".join(UNICODE).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True

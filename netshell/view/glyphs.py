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
        plain = text.translate(_PLAIN)
        return plain.encode("ascii", "backslashreplace").decode("ascii")


UNICODE = Glyphs("│", "┊", "─", "►", "◄", "═", "⋮", "…")
ASCII = Glyphs("|", ":", "-", ">", "<", "=", "...", "~")

_PLAIN = str.maketrans({"µ": "u", "…": "~", "⋮": ":", "►": ">", "◄": "<"})


def fits(encoding: str) -> bool:
    """Whether an output with this encoding can show box characters."""
    try:
        "".join(UNICODE).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True

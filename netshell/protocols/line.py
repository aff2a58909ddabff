"""Texts from the wire in one line."""

from __future__ import annotations

_LONGEST = 4096


def one_line(text: str) -> str:
    """A text without its line ends; a very long one is cut, with an ellipsis.

    >>> one_line("select a\\n  from t")
    'select a from t'
    """
    return brief(text, _LONGEST)


def brief(text: str, most: int = 240) -> str:
    """The same in at most so many characters."""
    line = " ".join(text[: 4 * most].split())
    if len(line) <= most and len(text) <= 4 * most:
        return line
    return f"{line[: most - 1]}…"

"""Texts from the wire in one line; durations in words."""

from __future__ import annotations

from netshell.flow.amounts import ms

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


def in_words(seconds: float) -> str:
    """A duration in the unit that reads best.

    >>> in_words(0.0012), in_words(1.5), in_words(0.000012)
    ('1.2 ms', '1.500 s', '12 µs')
    """
    return ms(seconds * 1e3)

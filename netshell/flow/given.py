"""What a user gives: numbers within bounds, words, yes or no; or the line that refuses."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from difflib import get_close_matches
from typing import TypeGuard

from netshell.errors import BadArgument, brief
from netshell.view import Block, draw

WIDEST = 1000
"""Cells of a picture as text: no terminal is as wide, and its cost grows with it."""

_LONG = 10**18  # numbers beyond do not fit on a line


def whole_number(
    value: object, called: str, use: str, least: int = 0, most: int | None = None
) -> int:
    """A value as a whole number; ``use`` says what to give instead.

    >>> whole_number(3, "packet", "a number from 0 on")
    3

    Raises BadArgument for what is no whole number (True is none), or out of bounds.
    """
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        raise BadArgument(f"{called} {brief(value)}", why="it is no whole number", next_step=use)
    if number < least or (most is not None and number > most):
        shown = str(number) if abs(number) < _LONG else "a huge number"
        raise BadArgument(f"{called} {shown}", next_step=use)
    return number


def nearest(text: str, choices: Iterable[str]) -> str:
    """What to use instead: the one that is most like the text, else all."""
    choices = list(choices)
    plain = {each.lower(): each for each in choices}
    words = text.lower() if is_word(text) else ""
    near = get_close_matches(words, plain, 1, 0.6) or get_close_matches(
        words.replace("-", "_").replace(" ", "_"), plain, 1, 0.6
    )
    near = [plain[each] for each in near]
    if near:
        return f"did you mean {near[0]!r}?"
    return f"one of {', '.join(map(repr, choices))}"


def is_word(value: object) -> TypeGuard[str]:
    """Whether a value can be one of some words: what is no text may not even be compared."""
    return isinstance(value, str)


def yes_or_no(value: object, called: str) -> bool:
    """A switch that is True or False. Raises BadArgument for what is neither."""
    if isinstance(value, bool):
        return value
    raise BadArgument(f"{called} {brief(value)}", next_step="use True or False")


def as_text(blocks: Iterable[Block], width: object, ascii: bool) -> str:
    """A picture as plain text of a width that the user gives. Raises BadArgument."""
    cells = whole_number(
        width, "width", f"a number of cells up to {WIDEST}; 0: as it comes", most=WIDEST
    )
    return draw(blocks, cells, ascii=yes_or_no(ascii, "ascii"))

"""Numbers that a user gives: taken as whole numbers within bounds, or refused in one line."""

from __future__ import annotations

import operator
from collections.abc import Iterable

from netshell.errors import BadArgument
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
        raise BadArgument(f"{called} {value!r:.40}", why="it is no whole number", next_step=use)
    if number < least or (most is not None and number > most):
        shown = str(number) if abs(number) < _LONG else "a huge number"
        raise BadArgument(f"{called} {shown}", next_step=use)
    return number


def as_text(blocks: Iterable[Block], width: object, ascii: bool) -> str:
    """A picture as plain text of a width that the user gives. Raises BadArgument."""
    cells = whole_number(
        width, "width", f"a number of cells up to {WIDEST}; 0: as it comes", most=WIDEST
    )
    return draw(blocks, cells, ascii=ascii)

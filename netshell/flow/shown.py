"""How a table of flows says much in little room: short words, and columns that tell nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from netshell.view import Cell, Column, Span
from netshell.view.blocks import text_of

ENDPOINT = 21
"""Characters of the longest IPv4 endpoint; longer ones are shortened in the middle."""
_TAIL = 11  # of which these are at the end: the port, and what tells hosts of a network apart
_LEAVES = 20  # the rank of a column that tells nothing

_ALIKE = ("proto", "client by", "flags")  # tell nothing where they are the same in every row


def endpoint(text: str) -> Cell:
    """
    >>> endpoint("[2001:db8:0:1234::cafe]:50443").short
    '[2001:db8…cafe]:50443'
    """
    if len(text) <= ENDPOINT:
        return Span(text, short=text)
    return Span(text, short=f"{text[: ENDPOINT - _TAIL - 1]}…{text[-_TAIL:]}")


def ending(text: str) -> Cell:
    """How a flow ended; where there is little room, in a word or two.

    >>> ending("FIN by client").short, ending("RST by server: refused").short
    ('FIN cli', 'refused')
    """
    short = next((word for said, word in _SHORT if said in text), "")
    return Span(text, short=short) if short else text


_SHORT = (
    ("refused", "refused"), ("cut off", "cut off"), ("unacknowledged", "unacked"),
    ("FIN by both", "2 FIN"), (", server still open", "1 FIN"), (", client still open", "1 FIN"),
    ("FIN by client", "FIN cli"), ("FIN by server", "FIN srv"), ("RST by client", "RST cli"),
    ("RST by server", "RST srv"), ("timeout", "timeout"), ("unfinished", "no ACK"),
    ("no answer", "silent"), ("still open", "open"),
)  # fmt: skip
"""What stands for phrases with these words, the first that is in them."""


def ranked(heads: Sequence[Column], lines: Sequence[Sequence[Cell]]) -> list[Column]:
    """The columns; those that tell nothing about these flows are the first to leave."""
    found: list[Column] = []
    for head, cells in zip(
        heads, zip(*lines, strict=True) if lines else [()] * len(heads), strict=False
    ):
        texts = {text_of(cell) for cell in cells}
        tells = len(texts) > 1 or (head.name not in _ALIKE and texts != {""})
        found.append(head if tells or head.keep < 2 or not lines else replace(head, keep=_LEAVES))
    gone = {head.name for head in found if head.keep == _LEAVES}
    if "wait" in gone:  # the other time says how long it took
        return [replace(head, keep=3) if head.name == "duration" else head for head in found]
    return found

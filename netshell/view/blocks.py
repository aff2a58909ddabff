"""The blocks that results are shown as: data, without layout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Style = Literal["", "head", "key", "good", "warn", "bad", "quiet", "sent", "received"]
"""What a piece of text means; each renderer decides how that looks."""

Paint = Callable[[str, Style], str]


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text with a meaning."""

    text: str
    style: Style = ""


Cell = str | Span
Line = str | Span | Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    ``keep`` ranks columns when the width is short: 0 always stays, the highest goes first.
    ``shrink`` lets long values be cut with an ellipsis instead; ``least`` is the narrowest cut, and
    the last ``tail`` characters survive it (an endpoint's port).
    """

    name: str
    align: Literal["left", "right"] = "left"
    keep: int = 0
    shrink: bool = False
    least: int = 8
    tail: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under column heads; ``empty`` is said instead of a table without rows."""

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]
    title: str = ""
    empty: str = "nothing"


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines as they are, each a string, a span, or several spans side by side."""

    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Note:
    """A remark about the result: wrapped, and kept apart from the data."""

    text: str
    style: Style = "quiet"


Block = Table | Lines | Note


def text_of(cell: Cell) -> str:
    """A cell's text."""
    return cell.text if isinstance(cell, Span) else cell


def style_of(cell: Cell) -> Style:
    """A cell's meaning."""
    return cell.style if isinstance(cell, Span) else ""

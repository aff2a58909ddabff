"""The blocks that results are shown as: data, without layout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Style = Literal[
    "", "head", "key", "good", "warn", "bad", "quiet", "sent", "received",
    "sql", "keyword", "string", "number", "slot", "comment",
]  # fmt: skip
"""What a piece of text means; each renderer decides how that looks.

"sql" is a text in SQL: renderers with colours divide it into the styles behind it here."""

Paint = Callable[[str, Style], str]


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text with a meaning; ``short`` stands instead in a table's column that has no
    room for all of it."""

    text: str
    style: Style = ""
    short: str = ""


Cell = str | Span
Line = str | Span | Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    ``keep`` ranks columns when the width is short: 0 always stays, the highest goes first.
    ``shrink`` lets long values be cut with an ellipsis instead; ``least`` is the narrowest cut, and
    the last ``tail`` characters survive it (an endpoint's port). Columns of rank ``whole`` and more
    leave before it is cut (0: it is cut first), or cut to less than ``room``. Where cells have a
    short text, that is said instead of cutting, as long as columns of rank 2 and more are there.

    ``wrap`` cuts nothing: values go on in further lines of their column. Those of a table's last
    column stand in lines below their row where the column would be narrower than ``least``.
    """

    name: str
    align: Literal["left", "right"] = "left"
    keep: int = 0
    shrink: bool = False
    least: int = 8
    tail: int = 0
    whole: int = 0
    room: int = 0
    wrap: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under column heads; ``empty`` is said instead of a table without rows.

    Without its head (``has_head``), it is rows alone: more of a table that was begun before.
    """

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]
    title: str = ""
    empty: str = "nothing"
    has_head: bool = True


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines as they are, each a string, a span, or several spans side by side."""

    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Note:
    """A remark about the result: wrapped, and kept apart from the data."""

    text: str
    style: Style = "quiet"


@dataclass(frozen=True, slots=True)
class End:
    """One of the two that a ladder is between: what it does, its host's name if known, where."""

    role: str
    place: str
    name: str = ""


class Mark(NamedTuple):
    """What is remarkable about a rung: a word or two, and a sentence where there is room."""

    name: str
    text: str = ""
    style: Style = "warn"


@dataclass(frozen=True, slots=True)
class Rung:
    """One arrow of a ladder, or many folded into one.

    ``label`` has a cell for each of the ladder's columns; that of a fold has pieces of text, the
    most important first. ``left`` and ``right`` are what that end is in from here on, empty if
    nothing changed. ``pause`` is a silence before it.
    """

    way: Literal["right", "left", "both"]
    label: Sequence[Cell]
    number: str = ""
    time: str = ""
    gap: str = ""
    left: Cell = ""
    right: Cell = ""
    marks: Sequence[Mark] = ()
    pause: str = ""
    is_fold: bool = False


@dataclass(frozen=True, slots=True)
class Ladder:
    """What two ends sent each other, from top to bottom.

    ``columns`` are the parts of a label, in the order they are drawn; a column's name stands before
    its value, and ``keep`` ranks them when the width is short.
    """

    left: End
    right: End
    columns: tuple[Column, ...]
    rungs: Sequence[Rung]
    title: str = ""
    empty: str = "nothing"
    has_states: bool = True


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis shows, and in which unit (of SI: "s", "B", "B/s"); prefixes are added."""

    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class Series:
    """One thing that a plot shows: N points at ``x`` and ``y``, in the units of the axes.

    "bars" are verticals from ``low`` to ``y``, "steps" keep a value until the next one, "dots" and
    "marks" are points, marks large ones with a letter (``mark``). Of what stands in one place, the
    later series is seen.
    """

    name: str
    kind: Literal["bars", "steps", "dots", "marks"]
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    style: Style = ""
    mark: str = ""
    is_dashed: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """Series over a common pair of axes; ``empty`` is said instead where there are no points."""

    x: Axis
    y: Axis
    series: Sequence[Series]
    title: str = ""
    empty: str = "nothing"


Block = Table | Lines | Note | Ladder | Plot


def text_of(cell: Cell) -> str:
    """A cell's text."""
    return cell.text if isinstance(cell, Span) else cell


def short_of(cell: Cell) -> str:
    """What a cell says where there is no room for all of it."""
    return cell.short or cell.text if isinstance(cell, Span) else cell


def style_of(cell: Cell) -> Style:
    """A cell's meaning."""
    return cell.style if isinstance(cell, Span) else ""

"""What results are shown as: a few block types, their layout, and plain text.

A result answers ``view()`` with blocks; a renderer paints them (``netshell.render``). Layout is
decided once, here, in character cells: renderers only add colour or markup, so a table has the
same columns in a terminal, in a log and in a test.

Invariant: text reaches a block's drawing only through :func:`clean`, so nothing that came from
the wire, from DNS or from a process name can move a cursor, colour a screen or reorder a line.

The blocks are in ``blocks``; each one's layout has a file of its own.
"""

from __future__ import annotations

from collections.abc import Iterable

from netshell.view.blocks import (
    Axis,
    Block,
    Cell,
    Column,
    End,
    Ladder,
    Line,
    Lines,
    Mark,
    Note,
    Paint,
    Plot,
    Rung,
    Series,
    Span,
    Style,
    Table,
)
from netshell.view.glyphs import in_ascii
from netshell.view.ladder import ladder_lines
from netshell.view.lines import line_rows
from netshell.view.table import fit, table_lines
from netshell.view.text import cells, clean, wrap

__all__ = (
    "Axis",
    "Block",
    "Cell",
    "Column",
    "End",
    "Ladder",
    "Line",
    "Lines",
    "Mark",
    "Note",
    "Paint",
    "Plot",
    "Rung",
    "Series",
    "Span",
    "Style",
    "Table",
    "cells",
    "clean",
    "draw",
    "fit",
)


def draw(
    blocks: Iterable[Block], width: int = 0, paint: Paint | None = None, ascii: bool = False
) -> str:
    """The blocks as text, at most ``width`` cells wide where they can be (0: as wide as needed).

    ``paint`` receives each piece of cleaned text with its style and returns it coloured; without
    it the text is plain. With ``ascii``, it is ASCII throughout: pictures are drawn without box
    characters, and what has no like in ASCII is escaped.
    """
    painter = paint or (lambda text, style: text)
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Table):
            lines += table_lines(block, width, painter)
        elif isinstance(block, Lines):
            lines += [part for line in block.lines for part in line_rows(line, width, painter)]
        elif isinstance(block, Ladder):
            lines += ladder_lines(block, width, painter, ascii)
        elif isinstance(block, Plot):
            from netshell.view.plot import plot_lines  # few need it, and not at the prompt's start

            lines += plot_lines(block, width, painter, ascii)
        else:
            lines += [painter(line, block.style) for line in wrap(clean(block.text), width)]
    return "\n".join(map(in_ascii, lines) if ascii else lines)

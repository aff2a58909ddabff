"""Blocks as an HTML fragment for notebooks: real tables, escaped text, no script.

Styles are inline and take their colours from the page where they can, so a fragment reads in a
dark and in a light notebook and carries over into an exported page.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from netshell.render.fonts import FONTS
from netshell.results import Records
from netshell.view import Block, Cell, Column, Ladder, Lines, Note, Plot, Span, Style, Table, clean
from netshell.view.blocks import text_of
from netshell.view.table import fit
from netshell.view.text import cells

# Read on white as on black: each has a contrast of more than 4.1 to both (WCAG 2.1, 1.4.3: 3 for
# what is large or bold, 4.5 for a long text).
_CSS: dict[Style, str] = {
    "head": "font-weight:bold",
    "key": "color:#0f819a",
    "good": "color:#2b8a3e",
    "warn": "color:#b86200",
    "bad": "color:#e03131",
    "quiet": "opacity:.7",
    "sent": "color:#0f819a",
    "received": "color:#a855c8",
    "keyword": "color:#a855c8",
    "string": "color:#2b8a3e",
    "number": "color:#0f819a",
    "slot": "color:#b86200",
    "comment": "opacity:.7",
}

# A page's own style may give <pre> any font, and break words anywhere, as JupyterLab's does.
LINES = (
    f"margin:0;line-height:1.3;font-family:{FONTS};"
    "white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere"
)

WIDTH = 130
"""Characters of a table that a page has room for; less important columns leave a wider one."""
ROWS = 500
"""Rows of a table that a page shows."""
_LONG, _LEAST = 30, 16  # characters that stay on one line, and of a column that wraps


def page(result: Any) -> str:
    """A result as one ``<div>``; of a table, :data:`ROWS` rows at most, and what to do for more."""
    blocks: Sequence[Block] = ()
    if isinstance(result, Records) and len(result) > ROWS and not result.is_brief:
        note = f"{ROWS:,} of {len(result):,} rows shown; [{ROWS}:{2 * ROWS}] has the next"
        blocks = (*result[:ROWS].view(), Note(note, "warn"))
    return f'<div class="netshell">{"".join(map(_block, blocks or result.view()))}</div>'


def _block(block: Block) -> str:
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Lines):
        from netshell.render.highlight import divided

        (block,) = divided([block])
        assert isinstance(block, Lines)
        lines = "\n".join(
            "".join(map(_span, (line,) if isinstance(line, str | Span) else line))
            for line in block.lines
        )
        return f'<pre style="{LINES}">{lines}</pre>'
    if isinstance(block, Ladder | Plot):
        from netshell.render.svg import document

        return document([block])
    return f"<p>{_span(Span(block.text, block.style))}</p>" if isinstance(block, Note) else ""


def _table(table: Table) -> str:
    title = f"<caption>{_span(Span(table.title, 'head'))}</caption>" if table.title else ""
    if not table.rows:
        return f"<p>{_span(Span(table.empty, 'quiet'))}</p>"
    natural = [
        max(cells(column.name), *(cells(clean(text_of(cell))) for cell in texts))
        for column, texts in zip(table.columns, zip(*table.rows, strict=True), strict=True)
    ]
    shown, _ = fit(table.columns, natural, WIDTH)
    styles = {at: _cell_style(table.columns[at], natural[at]) for at in shown}
    head = "".join(
        f'<th style="text-align:{table.columns[at].align}">'
        f"{escape(clean(table.columns[at].name))}</th>"
        for at in shown
    )
    rows = "".join(
        "<tr>"
        + "".join(f'<td style="{styles[at]}">{_span(row[at])}</td>' for at in shown)
        + "</tr>"
        for row in table.rows
    )
    head = f"<thead><tr>{head}</tr></thead>" if table.has_head else ""
    gone = [column.name for at, column in enumerate(table.columns) if at not in shown]
    below = _block(Note(f"not shown here: {', '.join(gone)}")) if gone and table.has_head else ""
    return f"<table>{title}{head}<tbody>{rows}</tbody></table>{below}"


def _cell_style(column: Column, widest: int) -> str:
    """A cell on one line; where a terminal would cut or wrap a long text, the page wraps it."""
    style = f"text-align:{column.align};"
    if (column.shrink or column.wrap) and widest > _LONG:
        least = max(column.least, _LEAST)
        return f"{style}min-width:{least}ch;white-space:normal;overflow-wrap:anywhere"
    return f"{style}white-space:nowrap"


def _span(cell: Cell) -> str:
    text, style = (cell.text, cell.style) if isinstance(cell, Span) else (cell, "")
    if style == "sql":
        from netshell.render.highlight import pieces

        return "".join(_span(Span(*piece)) for piece in pieces(clean(text)))
    css = _CSS.get(style)
    # Braces of template languages and "</script>" are plain text after escape(); quotes too.
    safe = escape(clean(text))
    return f'<span style="{css}">{safe}</span>' if css else safe

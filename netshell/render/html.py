"""Blocks as an HTML fragment for notebooks: real tables, escaped text, no script.

Styles are inline and take their colours from the page where they can, so a fragment reads in a
dark and in a light notebook and carries over into an exported page.
"""

from __future__ import annotations

from html import escape
from typing import Any

from netshell.render.fonts import FONTS
from netshell.view import Block, Cell, Ladder, Lines, Note, Plot, Span, Style, Table, clean

_CSS: dict[Style, str] = {
    "head": "font-weight:bold",
    "key": "color:#0b7285",
    "good": "color:#2b8a3e",
    "warn": "color:#b35900",
    "bad": "color:#c92a2a",
    "quiet": "opacity:.7",
    "sent": "color:#0b7285",
    "received": "color:#862e9c",
    "keyword": "color:#862e9c",
    "string": "color:#2b8a3e",
    "number": "color:#0b7285",
    "slot": "color:#b35900",
    "comment": "opacity:.7",
}

# A page's own style may give <pre> any font, and break words anywhere, as JupyterLab's does.
LINES = (
    f"margin:0;line-height:1.3;font-family:{FONTS};"
    "white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere"
)


def page(result: Any) -> str:
    """A result as one ``<div>``."""
    return f'<div class="netshell">{"".join(_block(block) for block in result.view())}</div>'


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
    head = "".join(
        f'<th style="text-align:{column.align}">{escape(clean(column.name))}</th>'
        for column in table.columns
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td style="text-align:{column.align};white-space:nowrap">{_span(cell)}</td>'
            for column, cell in zip(table.columns, row, strict=True)
        )
        + "</tr>"
        for row in table.rows
    )
    head = f"<thead><tr>{head}</tr></thead>" if table.has_head else ""
    return f"<table>{title}{head}<tbody>{rows}</tbody></table>"


def _span(cell: Cell) -> str:
    text, style = (cell.text, cell.style) if isinstance(cell, Span) else (cell, "")
    if style == "sql":
        from netshell.render.highlight import pieces

        return "".join(_span(Span(*piece)) for piece in pieces(clean(text)))
    css = _CSS.get(style)
    # Braces of template languages and "</script>" are plain text after escape(); quotes too.
    safe = escape(clean(text))
    return f'<span style="{css}">{safe}</span>' if css else safe

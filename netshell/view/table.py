"""A table in character cells: which columns are shown, and how wide each is."""

from __future__ import annotations

from collections.abc import Sequence

from netshell.view.blocks import Column, Paint, Style, Table, style_of, text_of
from netshell.view.text import cells, clean, cut, pad, wrap


def fit(
    columns: Sequence[Column], natural: Sequence[int], width: int
) -> tuple[list[int], list[int]]:
    """Which columns are shown in ``width`` cells, and how wide each is; ``natural`` are the widths
    their texts would take.

    Columns leave in order of ``keep`` (highest first, rightmost first) until the rest fits, then
    shrinkable ones give up cells, widest first, down to their ``least``. Nothing disappears
    silently: :func:`table_lines` names what left.
    """
    shown = list(range(len(columns)))
    if not width:
        return shown, list(natural)
    widths = dict(enumerate(natural))

    def total() -> int:
        return sum(widths[i] for i in shown) + 2 * (len(shown) - 1)

    def least(i: int) -> int:
        column = columns[i]
        return (
            min(natural[i], max(column.least, cells(column.name))) if column.shrink else natural[i]
        )

    while sum(map(least, shown)) + 2 * (len(shown) - 1) > width:
        droppable = [i for i in shown if columns[i].keep]
        if not droppable:
            break
        shown.remove(max(droppable, key=lambda i: (columns[i].keep, i)))
    while total() > width:
        wide = [i for i in shown if widths[i] > least(i)]
        if not wide:
            break
        widest = max(wide, key=lambda i: widths[i])
        widths[widest] -= min(widths[widest] - least(widest), total() - width)
    return shown, [widths[i] for i in shown]


def table_lines(table: Table, width: int, paint: Paint) -> list[str]:
    """The table in ``width`` cells (0: as wide as needed)."""
    lines = [paint(clean(table.title), "head")] if table.title else []
    if not table.rows:
        return [*lines, paint(clean(table.empty), "quiet")]
    # Column by column, each cell cleaned and measured once: a table may have 100,000 rows.
    cleaned = [
        [clean(text_of(cell)) for cell in column] for column in zip(*table.rows, strict=True)
    ]
    natural = [
        max(cells(column.name), _widest(texts))
        for column, texts in zip(table.columns, cleaned, strict=True)
    ]
    shown, widths = fit(table.columns, natural, width)
    drawn = [
        _column(table.columns[i], cleaned[i], [style_of(row[i]) for row in table.rows], size, paint)
        for i, size in zip(shown, widths, strict=True)
    ]
    lines += ["  ".join(parts).rstrip() for parts in zip(*drawn, strict=True)]
    gone = [column.name for i, column in enumerate(table.columns) if i not in shown]
    if gone:
        remark = f"not shown at this width: {', '.join(gone)}"
        lines += [paint(line, "quiet") for line in wrap(remark, width)]
    return lines


def _column(
    column: Column, texts: Sequence[str], styles: Sequence[Style], size: int, paint: Paint
) -> list[str]:
    """A column's head and cells, each as wide as the column."""
    drawn = [paint(pad(column.name, size, column.align), "head")]
    for text, style in zip(texts, styles, strict=True):
        wide = cells(text)
        if wide > size:
            text = cut(text, size, column.tail)
            wide = cells(text)
        painted = paint(text, style) if style else text
        blank = " " * (size - wide)
        drawn.append(blank + painted if column.align == "right" else painted + blank)
    return drawn


def _widest(texts: Sequence[str]) -> int:
    if "".join(texts).isascii():
        return max(map(len, texts))
    return max(map(cells, texts))

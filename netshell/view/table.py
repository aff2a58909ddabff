"""A table in character cells: which columns are shown, and how wide each is."""

from __future__ import annotations

from collections.abc import Sequence

from netshell.view.blocks import Column, Paint, Span, Style, Table, short_of, style_of, text_of
from netshell.view.text import cells, clean, cut, folded, pad, wrap


def fit(
    columns: Sequence[Column],
    natural: Sequence[int],
    width: int,
    short: Sequence[int] | None = None,
) -> tuple[list[int], list[int]]:
    """Which columns are shown in ``width`` cells, and how wide each is; ``natural`` are the widths
    their texts would take, ``short`` those of their short texts (0: there are none).

    Columns leave in order of ``keep`` (highest first, rightmost first) until the rest fits, then
    shrinkable ones give up cells, widest first, down to their ``least``; one that is to stay
    ``whole`` is not asked, or not beyond its ``room``, while a column of that rank is there.
    Nothing disappears silently: :func:`table_lines` names what left.
    """
    shown = list(range(len(columns)))
    if not width:
        return shown, list(natural)
    widths = dict(enumerate(natural))

    def total() -> int:
        return sum(widths[i] for i in shown) + 2 * (len(shown) - 1)

    def least(i: int, rank: int = 0) -> int:
        """The narrowest that it may be while a column of a rank is still there."""
        column = columns[i]
        if not column.shrink or 0 < column.whole <= rank:
            return min(natural[i], column.room or natural[i])
        floor = short[i] if short and rank > _LAST else 0
        return min(natural[i], max(column.least, cells(column.name), floor))

    rank = 0
    while droppable := [i for i in shown if columns[i].keep]:
        next_one = max(droppable, key=lambda i: (columns[i].keep, i))
        rank = columns[next_one].keep
        if sum(least(i, rank) for i in shown) + 2 * (len(shown) - 1) <= width:
            break
        shown.remove(next_one)
        rank = 0
    while total() > width:
        wide = [i for i in shown if widths[i] > least(i, rank)]
        if not wide:
            break
        widths[max(wide, key=lambda i: widths[i])] -= 1
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
    columns = table.columns
    if is_below := _is_below(columns, natural, width):
        columns = columns[:-1]
    brief = {
        i: [clean(short_of(row[i])) for row in table.rows]
        for i in range(len(columns))
        if any(isinstance(cell := row[i], Span) and cell.short for row in table.rows)
    }
    short = [_widest(brief[i]) if i in brief else 0 for i in range(len(columns))]
    shown, widths = fit(columns, natural[: len(columns)], width, short)
    drawn = []
    for i, size in zip(shown, widths, strict=True):
        texts = cleaned[i]
        if i in brief and size < natural[i]:
            texts = [
                text if cells(text) <= size else less
                for text, less in zip(texts, brief[i], strict=True)
            ]
        styles = [style_of(row[i]) for row in table.rows]
        drawn.append(_column(columns[i], texts, styles, size, paint))
    blank = [" " * size for size in widths]
    for row, parts in enumerate(zip(*drawn, strict=True)):
        if not row and not table.has_head:
            continue
        for line in range(max(map(len, parts))):
            pieces = [
                part[line] if line < len(part) else empty
                for part, empty in zip(parts, blank, strict=True)
            ]
            lines.append("  ".join(pieces).rstrip())
        if is_below and row:
            lines += _below(cleaned[-1][row - 1], style_of(table.rows[row - 1][-1]), width, paint)
    gone = [column.name for i, column in enumerate(columns) if i not in shown]
    if gone and table.has_head:
        remark = f"not shown at this width: {', '.join(gone)}"
        lines += [paint(line, "quiet") for line in wrap(remark, width)]
    return lines


def _is_below(columns: Sequence[Column], natural: Sequence[int], width: int) -> bool:
    """Whether what the last column says stands below the rows."""
    last, before = columns[-1], sum(natural[:-1]) + 2 * (len(natural) - 1)
    return bool(width and last.wrap) and before + min(natural[-1], last.least) > width


def _below(text: str, style: Style, width: int, paint: Paint) -> list[str]:
    """What stands below a row, indented."""
    indent = " " * min(_INDENT, width // 4)
    lines = folded(text, width - len(indent)) if text else []
    return [f"{indent}{paint(line, style) if style else line}" for line in lines]


_INDENT = 4
_LAST = 1  # the rank of columns that stay at any width but the smallest


def _column(
    column: Column, texts: Sequence[str], styles: Sequence[Style], size: int, paint: Paint
) -> list[list[str]]:
    """A column's head and cells, each in lines as wide as the column."""
    drawn = [[paint(pad(column.name, size, column.align), "head")]]
    for text, style in zip(texts, styles, strict=True):
        if cells(text) <= size:
            lines = [text]
        else:
            lines = folded(text, size) if column.wrap else [cut(text, size, column.tail)]
        cell = []
        for line in lines:
            painted = paint(line, style) if style else line
            blank = " " * (size - cells(line))
            cell.append(blank + painted if column.align == "right" else painted + blank)
        drawn.append(cell)
    return drawn


def _widest(texts: Sequence[str]) -> int:
    if "".join(texts).isascii():
        return max(map(len, texts))
    return max(map(cells, texts))

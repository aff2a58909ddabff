"""What results are shown as: a few block types, their layout, and plain text.

A result answers ``view()`` with blocks; a renderer paints them (``netshell.render``). Layout is
decided once, here, in character cells: renderers only add colour or markup, so a table has the
same columns in a terminal, in a log and in a test.

Invariant: text reaches a block's drawing only through :func:`clean`, so nothing that came from
the wire, from DNS or from a process name can move a cursor, colour a screen or reorder a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Style = Literal["", "head", "key", "good", "warn", "bad", "quiet", "sent", "received"]
"""What a piece of text means; each renderer decides how that looks."""

Paint = Callable[[str, Style], str]


# --- hostile text ---------------------------------------------------------------------------


def clean(text: object) -> str:
    r"""Text that is safe in any terminal or page: what does not print becomes a visible escape.

    C0 and C1 controls, DEL, bidi and zero-width marks, tags, lone surrogates, line separators and
    unassigned code points (everything :meth:`str.isprintable` refuses) are written as Python
    would escape them. Bytes are read as UTF-8, invalid ones shown as ``\xNN``.

    >>> clean("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    if isinstance(text, bytes | bytearray | memoryview):
        text = bytes(text).decode("utf-8", "backslashreplace")
    elif not isinstance(text, str):
        text = str(text)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def cells(text: str) -> int:
    """How many terminal cells cleaned text takes (wide and combining characters counted)."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth  # only for text beyond ASCII: the tables cost start-up time

    width = wcswidth(text)
    return width if width >= 0 else len(text)


# --- blocks ---------------------------------------------------------------------------------


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


# --- layout ---------------------------------------------------------------------------------


def draw(blocks: Iterable[Block], width: int = 0, paint: Paint | None = None) -> str:
    """The blocks as text, at most ``width`` cells wide where they can be (0: as wide as needed).

    ``paint`` receives each piece of cleaned text with its style and returns it coloured; without
    it the text is plain.
    """
    painter = paint or (lambda text, style: text)
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Table):
            lines += _table(block, width, painter)
        elif isinstance(block, Lines):
            lines += [part for line in block.lines for part in _line(line, width, painter)]
        else:
            lines += [painter(line, block.style) for line in _wrap(clean(block.text), width)]
    return "\n".join(lines)


def fit(
    columns: Sequence[Column], natural: Sequence[int], width: int
) -> tuple[list[int], list[int]]:
    """Which columns are shown in ``width`` cells, and how wide each is; ``natural`` are the widths
    their texts would take.

    Columns leave in order of ``keep`` (highest first, rightmost first) until the rest fits, then
    shrinkable ones give up cells, widest first, down to their ``least``. Nothing disappears
    silently: :func:`draw` names what left.
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


def _table(table: Table, width: int, paint: Paint) -> list[str]:
    lines = [paint(clean(table.title), "head")] if table.title else []
    if not table.rows:
        return [*lines, paint(clean(table.empty), "quiet")]
    # Column by column, each cell cleaned and measured once: a table may have 100,000 rows.
    cleaned = [[clean(_text(cell)) for cell in column] for column in zip(*table.rows, strict=True)]
    natural = [
        max(cells(column.name), _widest(texts))
        for column, texts in zip(table.columns, cleaned, strict=True)
    ]
    shown, widths = fit(table.columns, natural, width)
    drawn = [
        _column(table.columns[i], cleaned[i], [_style(row[i]) for row in table.rows], size, paint)
        for i, size in zip(shown, widths, strict=True)
    ]
    lines += ["  ".join(parts).rstrip() for parts in zip(*drawn, strict=True)]
    gone = [column.name for i, column in enumerate(table.columns) if i not in shown]
    if gone:
        remark = f"not shown at this width: {', '.join(gone)}"
        lines += [paint(line, "quiet") for line in _wrap(remark, width)]
    return lines


def _column(
    column: Column, texts: Sequence[str], styles: Sequence[Style], size: int, paint: Paint
) -> list[str]:
    """A column's head and cells, each as wide as the column."""
    drawn = [paint(_pad(column.name, size, column.align), "head")]
    for text, style in zip(texts, styles, strict=True):
        wide = cells(text)
        if wide > size:
            text = _cut(text, size, column.tail)
            wide = cells(text)
        painted = paint(text, style) if style else text
        blank = " " * (size - wide)
        drawn.append(blank + painted if column.align == "right" else painted + blank)
    return drawn


def _widest(texts: Sequence[str]) -> int:
    if "".join(texts).isascii():
        return max(map(len, texts))
    return max(map(cells, texts))


def _line(line: Line, width: int, paint: Paint) -> list[str]:
    """One line, continued below its beginning where it is wider than the width."""
    spans = (line,) if isinstance(line, str | Span) else line
    pieces = [(clean(_text(part)), _style(part)) for part in spans]
    whole = "".join(text for text, _ in pieces)
    if not width or cells(whole) <= width:
        return ["".join(paint(text, style) for text, style in pieces)]
    indent = len(whole) - len(whole.lstrip(" ")) + 4
    if indent >= width // 2:
        indent = 0
    rows: list[str] = []
    row, used, gap = "", 0, 0
    for text, style in pieces:
        for word in _words(text, width - indent):
            bare = word.rstrip(" ")
            size = cells(bare)
            if used + gap + size > width:
                if used > indent:
                    rows.append(row)
                    row, used = " " * indent, indent
                gap = 0
            if bare:
                row += " " * gap + paint(bare, style)
                used += gap + size
                gap = 0
            gap += len(word) - len(bare)
    return [*rows, row]


def _words(text: str, width: int) -> list[str]:
    """The text in pieces that a line may end after: words with the blanks behind them.

    A word wider than the width is cut.
    """
    words: list[str] = []
    word, size = "", 0
    for char in text:
        wide = cells(char)
        if word and char != " " and (word[-1] == " " or size + wide > width):
            words.append(word)
            word, size = "", 0
        word += char
        size += wide
    return [*words, word] if word else words


def _text(cell: Cell) -> str:
    return cell.text if isinstance(cell, Span) else cell


def _style(cell: Cell) -> Style:
    return cell.style if isinstance(cell, Span) else ""


def _cut(text: str, size: int, tail: int) -> str:
    """The text in ``size`` cells, an ellipsis where something is left out before the tail."""
    end = text[len(text) - tail :] if tail and tail < size - 1 else ""
    room = size - 1 - cells(end)
    kept = ""
    for char in text:
        room -= cells(char)
        if room < 0:
            break
        kept += char
    return f"{kept}…{end}"


def _pad(text: str, size: int, align: str) -> str:
    blank = " " * (size - cells(text))
    return blank + text if align == "right" else text + blank


def _wrap(text: str, width: int) -> list[str]:
    if not width or cells(text) <= width:
        return [text]
    lines, line = [], ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and cells(longer) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]

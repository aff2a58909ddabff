"""Lines as they are, continued below their beginning where they are too wide."""

from __future__ import annotations

from netshell.view.blocks import Line, Paint, Span, style_of, text_of
from netshell.view.text import BREAK, cells, clean


def line_rows(line: Line, width: int, paint: Paint) -> list[str]:
    """One line, continued below its beginning where it is wider than the width."""
    if isinstance(line, str | Span):  # the most lines by far
        alone = clean(text_of(line))
        if not width or cells(alone) <= width:
            return [paint(alone, style_of(line))]
    spans = (line,) if isinstance(line, str | Span) else line
    pieces = [(clean(text_of(part)), style_of(part)) for part in spans]
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
    ends = {match.end() for match in BREAK.finditer(text)}
    for at, char in enumerate(text):
        wide = cells(char)
        if word and char != " " and (at in ends or size + wide > width):
            words.append(word)
            word, size = "", 0
        word += char
        size += wide
    return [*words, word] if word else words

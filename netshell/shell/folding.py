"""Long lines broken between words, with what continues set in, so that columns stay readable."""

from __future__ import annotations

from collections.abc import Iterator

from netshell.view import Cell, Line, Span, cells, clean

HANGING = "        "


def folded(line: Line, width: int) -> Iterator[Line]:
    """A line broken between words into lines of at most ``width`` cells (0: never broken)."""
    pieces: list[Cell] = [line] if isinstance(line, str | Span) else list(line)
    current: list[Cell] = []
    used = 0
    for piece in pieces:
        text, style = (piece.text, piece.style) if isinstance(piece, Span) else (piece, "")
        for word in _words(clean(text)):
            if width and current and used + cells(word.rstrip()) > width:
                yield current
                current, used = [HANGING], len(HANGING)
                word = word.lstrip()
            current.append(Span(word, style))
            used += cells(word)
    yield current


def _words(text: str) -> Iterator[str]:
    """The text in pieces that may stand alone, each with the space before it.

    A number stays with its name and parentheses stay together: "ttl 64 (0 hops)" is one piece.
    """
    start = depth = 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        following = text[at + 1 : at + 2]
        if char == " " and at > start and depth <= 0 and (following.isalpha() or following in "<["):
            yield text[start:at]
            start = at
    if text:
        yield text[start:]

"""How much room text takes in a picture: one fixed-width font, counted in characters."""

from __future__ import annotations

from netshell.view import cells, clean

FONTS = "ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace"
SIZE = 13
ADVANCE = 0.602 * SIZE  # of a character, in the widest of the fonts
LINE = 20


def extent(text: str) -> float:
    """How wide text is, at most."""
    return cells(clean(text)) * ADVANCE

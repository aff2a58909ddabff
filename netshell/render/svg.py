"""Results as SVG documents: a ladder or a plot as a picture, every other block as lines of text
above or below it.

A document stands for itself: no font, style or script from elsewhere. It brings its background, a
dark one where the reader asks for dark (``prefers-color-scheme``), so it reads on any page. The
colours are presentation attributes first and a style second: what drops styles shows the light one.

Reference: SVG 1.1 (https://www.w3.org/TR/SVG11/), titles and descriptions section 5.4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from html import escape
from typing import Any

from netshell.errors import BadArgument
from netshell.render import chart
from netshell.render.arrows import Picture, in_words
from netshell.render.fonts import ADVANCE, FONTS, LINE, SIZE, extent
from netshell.saving import place_of, whole
from netshell.view import Block, Ladder, Plot, clean, draw
from netshell.view.blocks import text_of

MARGIN = 16
_LEAST = 60  # characters of a line
_OTHERS = (".png", ".pdf", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".eps",
           ".ps", ".html", ".htm", ".txt", ".json", ".svgz")  # fmt: skip
"""Names of which a reader would expect something else than SVG."""
TOLD = 40  # rungs that the description tells one by one

LIGHT = {
    "page": "#ffffff",
    "text": "#1f2328",
    "quiet": "#6a737d",
    "rail": "#aab2bd",
    "grid": "#e4e7eb",
    "key": "#0b7285",
    "good": "#23752f",
    "warn": "#a04b00",
    "bad": "#c92a2a",
    "sent": "#0b7285",
    "received": "#862e9c",
}
DARK = {
    "page": "#16191d",
    "text": "#e6e9ec",
    "quiet": "#9aa3ad",
    "rail": "#59616b",
    "grid": "#2a2f36",
    "key": "#3bc9db",
    "good": "#69db7c",
    "warn": "#ffb35c",
    "bad": "#ff8787",
    "sent": "#3bc9db",
    "received": "#da9cf0",
}


def page(result: Any, path: Any = None) -> Any:
    """A result as an SVG document; with a path, written there, and the path is returned.

    Raises BadArgument for the name of another kind of file.
    """
    text = document(result.view())
    if path is None:
        return text
    place = place_of(path, "picture.svg")
    if place.suffix.lower() in _OTHERS:
        has_figure = any(isinstance(block, Plot) for block in result.view())
        name = place.with_suffix(".svg").name
        raise BadArgument(
            "cannot save",
            where=f"to {place}",
            why="pictures are written as SVG",
            next_step=f'use "{name}"'
            + (f', or .figure().savefig("{place.name}")' if has_figure else ""),
        )
    with whole(place) as file:
        file.write(text.encode())
    return place


def document(blocks: Sequence[Block]) -> str:
    """Blocks as one SVG document, from top to bottom."""
    ink = Ink()
    top, width, room = float(MARGIN), 0.0, 0
    titles: list[str] = []
    for block in blocks:
        if isinstance(block, Ladder | Plot):
            make = Picture if isinstance(block, Ladder) else chart.Chart
            picture = make(block, ink, MARGIN, top)  # type: ignore[arg-type]
            titles.append(block.title)
            top, width = picture.bottom, max(width, picture.right)
            if isinstance(block, Plot):  # what is said below it is no wider than it
                room = max(int((picture.right - MARGIN) / ADVANCE), _LEAST)
        else:
            for line in draw([block], room).split("\n"):
                top += LINE
                ink.text(MARGIN, top - 5, line, "quiet")
                width = max(width, MARGIN + extent(line))
    words = " ".join(
        _words(block) if isinstance(block, Ladder) else chart.in_words(block)
        for block in blocks
        if isinstance(block, Ladder | Plot)
    )
    return _document(ink, width + MARGIN, top + MARGIN, ", ".join(titles), words)


def _words(ladder: Ladder) -> str:
    """A ladder for whoever does not see it: who says what, from the first rung on."""
    ends = {"right": ladder.left.role, "left": ladder.right.role, "both": "both"}
    told = [
        f"{ends[rung.way]}: "
        + (", ".join(map(text_of, rung.label)) if rung.is_fold else in_words(ladder.columns, rung))
        + "".join(f" ({mark.name})" for mark in rung.marks)
        for rung in ladder.rungs[:TOLD]
    ]
    if len(ladder.rungs) > TOLD:
        told.append(f"and {len(ladder.rungs) - TOLD:,} more")
    ends_of = f"{ladder.left.role} {ladder.left.place}, {ladder.right.role} {ladder.right.place}"
    return f"{ends_of}. {'; '.join(told) or ladder.empty}."


class Ink:
    """What was drawn so far."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def text(
        self, x: float, y: float, text: str, style: str = "", anchor: str = "", bold: bool = False
    ) -> None:
        """Cleaned text with its baseline at ``y``; ``anchor`` is "", "middle" or "end"."""
        shown = clean(text)
        if not shown:
            return
        kind = style or "text"
        more = f' text-anchor="{anchor}"' if anchor else ""
        more += ' font-weight="bold"' if bold else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" fill="{LIGHT[kind]}"{more}>'
            f"{written(shown)}</text>"
        )

    def line(
        self, x1: float, y1: float, x2: float, y2: float, style: str, dashes: str = ""
    ) -> None:
        more = f' stroke-dasharray="{dashes}"' if dashes else ""
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'class="{style}-line" stroke="{LIGHT[style]}"{more}/>'
        )

    def path(self, way: str, style: str, size: float, dashes: str = "") -> None:
        """A line along a path, ``size`` wide, nothing filled; one of no length is a dot."""
        kind = style or "text"
        more = f' stroke-dasharray="{dashes}"' if dashes else ' stroke-linecap="round"'
        self.parts.append(
            f'<path d="{way}" class="{kind}-line" stroke="{LIGHT[kind]}" '
            f'stroke-width="{size:g}" fill="none"{more}/>'
        )

    def shape(self, points: Sequence[tuple[float, float]], style: str) -> None:
        """A filled polygon."""
        at = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polygon points="{at}" class="{style}" fill="{LIGHT[style]}"/>')

    def group(self, title: str) -> None:
        """What follows, up to :meth:`ungroup`, is one thing, which the title tells when asked."""
        told = f"<title>{written(clean(title))}</title>" if title else ""
        self.parts.append(f"<g>{told}")

    def ungroup(self) -> None:
        self.parts.append("</g>")


def written(text: str) -> str:
    """Cleaned text as it stands in a document: escaped, its blanks kept."""
    return escape(text).replace("  ", "\u00a0 ")


def _document(ink: Ink, width: float, height: float, title: str, words: str) -> str:
    body = "\n".join(ink.parts)
    name = f"netshell-{hashlib.sha256(body.encode()).hexdigest()[:12]}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img" id="{name}" '
        f'aria-labelledby="{name}-title {name}-desc" font-family="{FONTS}" '
        f'font-size="{SIZE}" style="max-width:100%;height:auto">\n'
        f'<title id="{name}-title">{written(clean(title) or "netshell")}</title>\n'
        f'<desc id="{name}-desc">{written(clean(words))}</desc>\n'
        f"<style>{_styles(name)}</style>\n"
        f'<rect width="100%" height="100%" rx="6" class="page" fill="{LIGHT["page"]}"/>\n'
        f"{body}\n</svg>\n"
    )


def _styles(name: str) -> str:
    """The dark colours, for this picture alone: a page may hold several."""
    rules = "".join(
        f"#{name} .{kind}{{fill:{colour}}}#{name} .{kind}-line{{stroke:{colour}}}"
        for kind, colour in DARK.items()
    )
    return f"@media (prefers-color-scheme:dark){{{rules}}}"

"""The prompt: which interface this is about, and what is being captured right now.

    [eth0] In [1]:
    [eth0 ●  12 pkt 0 drop] In [4]:

While a capture runs, the line at the bottom carries the same figures and more. Colours are the
terminal's own sixteen, so both read on dark and light.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from IPython.terminal.prompts import Prompts
from pygments.token import Token

from netshell.view import Column, cells, clean, fit

if TYPE_CHECKING:
    from netshell.shell.figures import Figures

STYLE = {
    Token.Prompt.Interface: "ansicyan",
    Token.Prompt.Live: "ansired",
    Token.Prompt.Figures: "",
    Token.Prompt.Dropped: "ansired bold",
    Token.Prompt.Offline: "ansiyellow",
}
"""What IPython's theme does not know yet."""

THEMES = {"auto": "neutral", "dark": "linux", "light": "lightbg", "none": "nocolor"}
"""IPython's theme for each of a profile's ``colors``."""

_ON_LIGHT = {Token.Prompt.Interface: "ansiblue", Token.Prompt.Offline: "ansired"}
_ON_DARK = {
    Token.Prompt.Interface: "ansibrightcyan",
    Token.Prompt.Live: "ansibrightred",
    Token.Prompt.Dropped: "ansibrightred bold",
    Token.Prompt.Offline: "ansibrightyellow",
}


def style(colors: str) -> dict[Any, str]:
    """The prompt's colours for a profile's ``colors``."""
    if colors == "none":
        return dict.fromkeys(STYLE, "")
    return {**STYLE, **{"light": _ON_LIGHT, "dark": _ON_DARK}.get(colors, {})}


class NetshellPrompts(Prompts):
    """IPython's prompts, and before them what ``shell.interface`` and ``shell.figures`` say."""

    def in_prompt_tokens(self) -> list[Any]:
        """``[eth0] In [1]: ``"""
        before: list[Any] = super().in_prompt_tokens()  # type: ignore[no-untyped-call]
        return [*self._network(), *before]

    def _network(self) -> list[Any]:
        shell: Any = self.shell
        running: Sequence[Figures] = shell.figures
        if not running:
            name = clean(shell.interface)
            shown = (Token.Prompt.Interface, name) if name else (Token.Prompt.Offline, "offline")
            return [(Token.Prompt, "["), shown, (Token.Prompt, "] ")]
        from netshell.shell.figures import short  # the first prompt counts nothing

        names = dict.fromkeys(each.iface for each in running)
        packets = sum(each.packets for each in running)
        dropped = sum(each.dropped for each in running)
        return [
            (Token.Prompt, "["),
            (Token.Prompt.Interface, ",".join(names)),
            (Token.Prompt.Live, f" {mark()} "),
            (Token.Prompt.Figures, f"{short(packets):>3} pkt "),
            (
                Token.Prompt.Dropped if dropped else Token.Prompt.Figures,
                f"{short(dropped)} drop",
            ),
            (Token.Prompt, "] "),
        ]


def toolbar(figures: Sequence[Figures], width: int) -> str:
    """The lines below the input while captures run, each at most ``width`` cells.

    One line a capture, the last summing up the rest where there are many. Counts are never cut:
    time and rate leave, filter and interfaces shrink.
    """
    from netshell.shell.figures import clock, counted, short

    apart = figures if len(figures) <= _TOOLBAR_ROWS else figures[: _TOOLBAR_ROWS - 1]
    rows = [
        (
            f" {mark()} {each.iface}",
            each.filter or "every packet",
            counted(each.packets, "packet"),
            f"{each.dropped:,} dropped",
            f"{short(each.rate)}/s",
            clock(each.running_s),
        )
        for each in apart
    ]
    natural = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    shown, widths = fit(_TOOLBAR, natural, width)
    lines = []
    for row in rows:
        parts = [_fitted(row[i], size) for i, size in zip(shown, widths, strict=True)]
        lines.append("  ".join(parts).rstrip())
    if others := figures[len(apart) :]:
        packets = counted(sum(each.packets for each in others), "packet")
        dropped = sum(each.dropped for each in others)
        lines.append(f" {mark()} {len(others)} more  {packets}  {dropped:,} dropped  captures()")
    return "\n".join(lines)


_TOOLBAR_ROWS = 4
_TOOLBAR = (
    Column("", shrink=True, least=8),
    Column("", shrink=True, least=6, keep=1),
    Column(""),
    Column(""),
    Column("", keep=2),
    Column("", keep=3),
)


def _fitted(text: str, size: int) -> str:
    """The text in exactly so many cells."""
    if cells(text) <= size:
        return text + " " * (size - cells(text))
    while cells(text) > size - 1:
        text = text[:-1]
    return text + (">" if mark() == "*" else "…") + " " * (size - 1 - cells(text))


def mark() -> str:
    """The sign of a running capture: a dot, where the terminal can show one."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    try:
        "●".encode(encoding)
    except UnicodeEncodeError:
        return "*"
    return "●"

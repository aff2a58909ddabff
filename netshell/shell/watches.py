"""Watched flows in one place of the terminal: each time drawn over what was drawn before."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable

from netshell.flow.watching import Watch
from netshell.shell.printer import SCREEN
from netshell.view import Style, draw

Paint = Callable[[str, Style], str]

_BACK, _CLEAR = "\x1b[{}F", "\x1b[J"  # ECMA-48: CPL, so many lines up; ED, erase what is below
_AROUND = 8  # lines that are no flows: the head, notes, the prompt


def is_possible() -> bool:
    """Whether standard output is a terminal whose cursor can be moved."""
    return sys.stdout.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


def draw_in_place(watch: Watch, paint: Paint) -> None:
    """Draw the flows until the watch is over; the last ones stay."""
    drawn = 0

    def again() -> None:
        from netshell.render import terminal

        nonlocal drawn
        size = shutil.get_terminal_size()
        blocks = watch.blocks(max(size.lines - _AROUND, 1))
        lines = draw(blocks, size.columns, paint, terminal.is_ascii()).split("\n")
        # What does not fit would scroll away, and could not be drawn over.
        lines = lines[: max(size.lines - 1, 1)]
        back = _BACK.format(drawn) + _CLEAR if drawn else ""
        text = back + "".join(f"{line}\n" for line in lines)
        encoding = sys.stdout.encoding or "utf-8"
        with SCREEN:
            sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
            sys.stdout.flush()
        drawn = len(lines)

    watch.draw_until_over(again)
    if watch.stopped:  # the terminal has echoed Ctrl-C
        with SCREEN:
            sys.stdout.write(f"\r{_CLEAR}")
            sys.stdout.flush()

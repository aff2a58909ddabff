"""Text that is shown again each second: in place on a terminal, one below the other elsewhere.

On a terminal, lines that were not there the last time are marked, and what does not fit its
height is left out, with a last line that says how much.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TextIO

_HOME, _CLEAR_LINE, _CLEAR_REST = "\x1b[H", "\x1b[K", "\x1b[J"
_MARKED, _PLAIN = "\x1b[7m", "\x1b[27m"
_CLEAR_ALL = "\x1b[2J"


def repeat(lines: Callable[[], Iterable[str]], out: TextIO, seconds: float = 1.0) -> None:
    """Show what ``lines`` gives, each ``seconds``, until Ctrl-C (KeyboardInterrupt is raised)."""
    in_place = out.isatty()
    before: Counter[str] | None = None
    if in_place:
        out.write(_CLEAR_ALL)
    while True:
        if in_place:
            found = list(lines())
            out.write(screenful(found, before, *_size(out)))
            before = Counter(found)
        else:
            out.writelines(f"{line}\n" for line in lines())
        out.flush()
        time.sleep(seconds)


def screenful(lines: list[str], before: Counter[str] | None, columns: int, rows: int) -> str:
    """What brings these lines on a terminal of that size, in place of those ``before``."""
    left = Counter(before or ())
    shown = lines if len(lines) < rows else lines[: max(rows - 2, 1)]
    parts = [_HOME]
    for line in shown:
        is_new = before is not None and not left[line]
        left[line] -= 1
        text = line[: columns - 1]
        parts.append(f"{_MARKED}{text}{_PLAIN}" if is_new else text)
        parts.append(f"{_CLEAR_LINE}\r\n")
    if len(shown) < len(lines):
        parts.append(f"... {len(lines) - len(shown)} more lines{_CLEAR_LINE}")
    parts.append(_CLEAR_REST)
    return "".join(parts)


def _size(out: TextIO) -> tuple[int, int]:
    try:
        size = os.get_terminal_size(out.fileno())
    except (OSError, ValueError):
        return 80, 24
    return size.columns or 80, size.lines or 24

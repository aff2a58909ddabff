"""Asking at a terminal: the loop around a lesson, which prints, reads a line and goes on.

``?`` shows a hint; ``q``, Ctrl-D and Ctrl-C end it, with what was answered kept.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from netshell.commands.teaching.answers import HINT, QUIT
from netshell.commands.teaching.taking import Lesson, Turn, is_word
from netshell.errors import BadArgument
from netshell.render import terminal
from netshell.view import Block, Lines, Note

PROMPT = "> "


def can_ask() -> bool:
    """Whether somebody sits at a terminal, and could answer."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def ask(lesson: Lesson, read: Callable[[str], str] = input) -> bool:
    """Ask all that is left of a lesson; whether it was ended by Ctrl-C.

    Raises what :class:`Lesson` raises; then, too, nothing of it is left running.
    """
    try:
        _show(lesson.heads())
        _show([Lines([""])])
        _show_turn(lesson.begin())
        while not lesson.over:
            _show(lesson.asks())
            if not _answer(lesson, read):
                lesson.stop()
                return False
    except KeyboardInterrupt:
        sys.stdout.write("\n")
        lesson.stop()
        return True
    except BaseException:
        lesson.stop()
        raise
    return False


def _answer(lesson: Lesson, read: Callable[[str], str]) -> bool:
    """Read until there is an answer, and show what came of it; False if there is to be none."""
    while True:
        try:
            said = read(PROMPT)
        except EOFError:
            sys.stdout.write("\n")
            return False
        except UnicodeDecodeError as error:
            _show([Note(str(BadArgument("no answer", why=error.reason)), "warn")])
            continue
        if is_word(said, QUIT):
            return False
        if is_word(said, HINT):
            _show([lesson.hint()])
            continue
        if not said.strip():
            continue
        try:
            turn = lesson.answer(said)
        except BadArgument as error:
            _show([Note(str(error), "warn")])
            continue
        _show([Lines([""])])
        _show_turn(turn)
        return True


def _show_turn(turn: Turn) -> None:
    _show(turn.happened())


def _show(blocks: Sequence[Block]) -> None:
    if blocks:
        sys.stdout.write(terminal.blocks(blocks) + "\n")
        sys.stdout.flush()

"""The profile's ``startup.py``: runs once, when the verbs are there and before the first prompt.

An extension of IPython's, loaded behind netshell's own. What goes wrong is one line with the line
of the file that it is about, and the shell starts all the same.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from netshell.errors import NetshellError
from netshell.settings import Startup, in_force
from netshell.view import clean


def load_ipython_extension(shell: Any) -> None:
    """Run the startup.py of the profile in force, and say what of the profile is not done."""
    profile = in_force()
    said = list(profile.remarks)
    if profile.startup is not None:
        said += run(shell, profile.startup)
    if said:
        _say(shell, said)


def run(shell: Any, startup: Startup) -> list[str]:
    """Run it among the shell's names; what went wrong, in one line."""
    names = shell.user_ns
    before = names.get("__file__")
    names["__file__"] = startup.path
    try:
        exec(compile(startup.source, startup.path, "exec", dont_inherit=True), names)
    except BaseException as error:  # noqa: BLE001  whatever it raises, the shell is what was asked for
        return [complaint(error, startup.path)]
    finally:
        names.pop("__file__", None)
        if before is not None:
            names["__file__"] = before
    return []


def complaint(error: BaseException, path: str) -> str:
    """What went wrong in a startup.py, in one line with its line number."""
    line = _line(error, path)
    where = f"{path}, line {line}" if line else path
    kind = type(error).__name__
    if isinstance(error, SyntaxError) and error.filename == path:
        why = f"{kind}: {error.msg}"
    elif isinstance(error, NetshellError):
        why = str(error)
    else:
        why = f"{kind}: {_said(error)}".rstrip(": ")
    return f"startup.py failed at {where}: {why}; the shell starts without the rest of it"


def _line(error: BaseException, path: str) -> int:
    """The last line of the file that was run into."""
    if isinstance(error, SyntaxError) and error.filename == path:
        return error.lineno or 0
    line = 0
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _said(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001  a user's class may raise anything, and what is wrong is not this
        return ""


def _say(shell: Any, lines: Sequence[str]) -> None:
    """On standard error; in a notebook, when its first cell runs: before, nobody would see it."""
    text = "".join(f"netshell: {clean(line)[:_LONGEST]}\n" for line in lines)
    if not hasattr(shell, "kernel"):
        sys.stderr.write(text)
        return

    def at_first_cell(*_: object) -> None:
        shell.events.unregister("pre_run_cell", at_first_cell)
        sys.stderr.write(text)

    shell.events.register("pre_run_cell", at_first_cell)


_LONGEST = 1200

"""Code and scripts without a prompt: ``netshell -c CODE`` and ``netshell script.py``.

Like ``python -c`` and ``python script.py`` (``sys.argv``, ``sys.path[0]``, a fresh ``__main__``),
with the verbs already there. Two things differ: ``-c`` shows the value of a last expression, as a
shell would, and a :class:`NetshellError` is one line instead of a traceback.
"""

from __future__ import annotations

import ast
import builtins
import io
import os
import signal
import sys
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import Any

from netshell.classic import TOOLS
from netshell.errors import NetshellError, Stopped
from netshell.results import Result
from netshell.shell.verbs import LazyVerb, namespace
from netshell.view import clean

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
PIPE_CLOSED = 141  # as a shell reports a program that SIGPIPE ended: `netshell -c ... | head`


def run_code(code: str, arguments: list[str]) -> int:
    """Run ``-c CODE`` and show the value of its last expression; the exit status.

    ``SystemExit`` passes through to the caller.
    """
    _set_path("")
    return _run(code, "<string>", ["-c", *arguments], show_last=True)


def run_script(name: str, arguments: list[str]) -> int:
    """Run a script (``-``: standard input); the exit status, as :func:`run_code`."""
    if name == "-":
        _set_path("")
        return _run(sys.stdin.buffer.read(), "<stdin>", [name, *arguments])
    path = Path(name)
    try:
        if path.is_dir():
            raise IsADirectoryError(0, "is a directory, not a script")
        with io.open_code(str(path.absolute())) as file:
            source = file.read()
    except OSError as error:
        from difflib import get_close_matches

        near = get_close_matches(name, [tool.name for tool in TOOLS], 1)
        hint = f"; did you mean netshell {near[0]}?" if near else ""
        hint = hint or ("" if path.suffix else "; `netshell --help` lists what there is")
        complain(f"cannot run {name}: {error.strerror}{hint}")
        return USAGE
    _set_path(str(path.resolve().parent))
    return _run(source, name, [name, *arguments])


def complain(message: str) -> None:
    """One line on standard error, named after who says it."""
    sys.stderr.write(f"netshell: {clean(message)}\n")


def _set_path(folder: str) -> None:
    # What python puts first when it runs the code itself; -P and PYTHONSAFEPATH ask for nothing.
    # The console script's own folder goes: it is no place to import from.
    if sys.flags.safe_path:
        return
    if sys.path and sys.path[0] == str(Path(sys.argv[0]).resolve().parent):
        sys.path.pop(0)
    sys.path.insert(0, folder)


def _run(source: str | bytes, filename: str, argv: list[str], show_last: bool = False) -> int:
    sys.argv = argv
    main = ModuleType("__main__")
    main.__dict__.update(namespace(), __builtins__=builtins)
    if not filename.startswith("<"):
        main.__file__ = filename
    sys.modules["__main__"] = main
    try:
        try:
            for code, is_value in _compiled(source, filename, show_last):
                value = eval(code, main.__dict__)
                if is_value:
                    show(value)
        finally:
            # What was printed comes before what went wrong, and a closed pipe shows itself here.
            sys.stdout.flush()
    except NetshellError as error:
        complain(str(error))
        return INTERRUPTED if isinstance(error, Stopped) else FAILED
    except BrokenPipeError:
        close_quietly()
        return PIPE_CLOSED
    except KeyboardInterrupt:
        _end_quietly()
        return INTERRUPTED
    except SystemExit:
        raise
    except BaseException as error:
        trace = _from_file(error.__traceback__, filename)
        if trace is None and isinstance(error, OSError):
            raise  # the output's own: nothing of the script ran into it
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        return FAILED
    return OK


def _compiled(source: str | bytes, filename: str, show_last: bool) -> list[tuple[CodeType, bool]]:
    """The code to evaluate, and for each piece whether its value is to be shown."""
    tree = ast.parse(source, filename)
    last = tree.body[-1] if show_last and tree.body else None
    if not isinstance(last, ast.Expr):
        return [(compile(tree, filename, "exec", dont_inherit=True), False)]
    body = ast.Module(tree.body[:-1], tree.type_ignores)
    return [
        (compile(body, filename, "exec", dont_inherit=True), False),
        (compile(ast.Expression(last.value), filename, "eval", dont_inherit=True), True),
    ]


def show(value: Any) -> None:
    """A value on standard output: a result as the prompt shows it, anything else as its repr."""
    if isinstance(value, LazyVerb) and isinstance(value.verb.load(), Result):
        value = value.verb.load()
    if value is None:
        return
    if isinstance(value, Result):
        from netshell.render.terminal import screen

        sys.stdout.write(screen(value) + "\n")
    else:
        sys.stdout.write(f"{value!r}\n")


def _end_quietly() -> None:
    """End captures whole, and then at once at the next Ctrl-C, without a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if "netshell.capture.endings" in sys.modules:
        sys.modules["netshell.capture.endings"].end_all()
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def close_quietly() -> None:
    """Point standard output at nothing: its reader is gone, and the interpreter flushes at exit."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())


def _from_file(trace: TracebackType | None, filename: str) -> TracebackType | None:
    """The traceback from the user's first line on; nothing if none of theirs ran."""
    while trace is not None and trace.tb_frame.f_code.co_filename != filename:
        trace = trace.tb_next
    return trace

"""How values and errors look at the prompt.

Results are drawn for the terminal's width, long ones cut with a note; a verb named without
parentheses shows how it is called; a :class:`NetshellError` is its one line, not a traceback.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from types import FunctionType
from typing import Any

from netshell.commands import VERBS
from netshell.errors import NetshellError
from netshell.results import Records, Result
from netshell.shell.folding import folded
from netshell.shell.verbs import LazyVerb
from netshell.view import Block, Lines, Note, Span, clean

ROWS = 500
"""The rows of a table shown at the prompt before the rest is only counted."""


def install(shell: Any, rows: int = ROWS) -> None:
    """Teach an IPython shell to show results, verbs and errors."""
    formatter = shell.display_formatter.formatters["text/plain"]
    plain_function = formatter.for_type(FunctionType)

    def show_result(result: Result, printer: Any, cycle: bool) -> None:
        printer.text(draw_result(result, rows))

    def show_function(function: Any, printer: Any, cycle: bool) -> None:
        if is_verb(function):
            printer.text(draw_verb(function))
        else:
            plain_function(function, printer, cycle)

    def show_verb(verb: LazyVerb, printer: Any, cycle: bool) -> None:
        printer.text(draw_verb(verb.verb.load()))

    formatter.for_type(Result, show_result)
    formatter.for_type(FunctionType, show_function)
    formatter.for_type(LazyVerb, show_verb)
    # IPython's own hook for exceptions that know how they are to be shown; it serves cells, %run,
    # awaited code and Jupyter alike.
    NetshellError._render_traceback_ = lambda error: [draw_error(error)]  # type: ignore[attr-defined]


def draw_result(result: Result, rows: int = ROWS) -> str:
    """A result for the screen; a table of more than ``rows`` is cut, and says so."""
    if isinstance(result, Records) and len(result) > rows:
        note = (
            f"{rows:,} of {len(result):,} rows shown; print(_) shows all, "
            f"_[{rows}:{2 * rows}] the next"
        )
        return _screen([*result[:rows].view(), Note(note, "warn")])
    return _screen(result.view())


def is_verb(function: Any) -> bool:
    """Whether this function is one of the verbs."""
    module, name = getattr(function, "__module__", ""), getattr(function, "__name__", "")
    return any(verb.name == name and f"netshell.commands.{verb.module}" == module for verb in VERBS)


def draw_verb(function: Any) -> str:
    """How a verb is called: its signature, what it does, its examples."""
    name = function.__name__
    does = next((verb.does for verb in VERBS if verb.name == name), "")
    from netshell.render.terminal import width

    columns = width()
    lines = list(folded((Span(name, "key"), _parameters(function)), columns))
    lines.append(f"    {does}")
    for example in examples(function):
        fits = not columns or len(example) + 4 <= columns
        shown = example if fits else example.partition("  #")[0].rstrip()
        lines.append(Span(f"    {shown}", "quiet"))
    lines.append((Span(f"{name}()", "key"), " runs it, ", Span(f"{name}?", "key"), " tells more"))
    return _screen([Lines(lines)])


def examples(function: Any) -> list[str]:
    """The calls shown in a docstring, without their prompts."""
    lines = (line.strip() for line in inspect.getdoc(function).splitlines())  # type: ignore[union-attr]
    shown = [line[4:] for line in lines if line.startswith((">>> ", "... "))]
    return [line.partition("# doctest:")[0].rstrip() for line in shown]


def draw_error(error: NetshellError) -> str:
    """An error's one line: what failed stands out, the rest reads on."""
    from netshell.render import terminal

    line = clean(str(error))
    what = clean(f"{error.what} {error.where}".rstrip())
    if not terminal.coloured():
        return line
    return terminal.paint(what, "bad") + line[len(what) :]


def _parameters(function: Any) -> str:
    signature = inspect.signature(function)
    bare = [each.replace(annotation=each.empty) for each in signature.parameters.values()]
    return str(signature.replace(parameters=bare, return_annotation=signature.empty))


def _screen(blocks: Sequence[Block]) -> str:
    from netshell.render.terminal import blocks as draw_blocks

    return draw_blocks(blocks)

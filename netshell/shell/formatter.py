"""IPython's side of showing: results as tables, verbs as how they are called.

Long results are cut with a note. What draws is loaded when the first thing is shown. (An error is
shown as one line wherever IPython is: see ``netshell.render``.)
"""

from __future__ import annotations

from pathlib import PurePath
from types import FunctionType, MethodType
from typing import Any

from netshell.settings import in_force
from netshell.shell.verbs import LazyVerb, is_verb
from netshell.view import clean


def install(shell: Any) -> None:
    """Teach an IPython shell to show results and verbs."""
    formatter = shell.display_formatter.formatters["text/plain"]
    show_plainly = formatter.for_type(FunctionType)

    def show_result(result: Any, printer: Any, cycle: bool) -> None:
        from netshell.shell.display import draw_head, draw_result

        if _ends_a_printed_capture(shell):
            printer.text(draw_head(result))
            shell.printer.told(result)
        else:
            printer.text(draw_result(result, in_force().rows))

    def show_verb(function: Any, printer: Any, cycle: bool) -> None:
        if isinstance(function, LazyVerb):
            function = function.verb.load()
        if is_verb(function):
            from netshell.shell.display import draw_verb

            printer.text(draw_verb(function))
        else:
            show_plainly(function, printer, cycle)

    def show_method(method: MethodType, printer: Any, cycle: bool) -> None:
        """One that the () was forgotten of: without all of what it belongs to."""
        owner = method.__self__
        owner = owner if isinstance(owner, type) else type(owner)
        if owner.__module__.partition(".")[0] == "netshell":
            name = f"{owner.__name__}.{method.__name__}"
            printer.text(f"{name} is a method: call it, .{method.__name__}()")
        else:
            printer.text(repr(method))

    def explain_verb(data: Any) -> list[tuple[str, str]] | None:
        if data.detail_level:
            return None  # IPython's own way, as for `verb??`
        from netshell.render.terminal import width
        from netshell.shell.manual import is_ours, pages

        if not is_ours(data.obj):
            return None
        (head, signature), *rest = pages(data.obj, width())
        return [(head, shell.inspector.format(signature)), *rest]

    shell.inspector.mime_hooks["text/plain"] = explain_verb

    def show_path(path: PurePath, printer: Any, cycle: bool) -> None:
        printer.text(clean(path))

    formatter.for_type(PurePath, show_path)
    formatter.for_type_by_name("netshell.results", "Result", show_result)
    formatter.for_type(FunctionType, show_verb)
    formatter.for_type(LazyVerb, show_verb)
    formatter.for_type(MethodType, show_method)


def _ends_a_printed_capture(shell: Any) -> bool:
    """Whether this is the answer to ``cap.stop()`` where the packets were printed as they came."""
    cells = shell.user_ns.get("In") or [""]
    return "printer" in vars(shell) and str(cells[-1]).rstrip().endswith(".stop()")

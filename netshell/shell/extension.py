"""netshell inside any IPython: ``%load_ext netshell``.

Loads the verbs, the classic commands, the way results, verbs and errors are shown, and the
completion, into IPython, a Jupyter kernel or netshell's own shell, which starts with it. Nothing
heavy is imported.
"""

from __future__ import annotations

import re
import sys
from typing import Any

from netshell.errors import NetshellError
from netshell.settings import is_chosen
from netshell.shell import formatter, matcher
from netshell.shell.magics import Commands
from netshell.shell.verbs import LazyVerb, namespace


def load_ipython_extension(shell: Any) -> None:
    """What ``%load_ext`` calls."""
    unload_ipython_extension(shell)
    _settle()
    verbs = _Verbs(shell)
    verbs.offer()
    verbs.commands.install()
    shell.events.register("pre_run_cell", verbs.load_named)
    shell.events.register("post_run_cell", verbs.restore)
    _LOADED[id(shell)] = verbs
    formatter.install(shell)
    matcher.install(shell)
    verbs.tell_wrong_calls()


def unload_ipython_extension(shell: Any) -> None:
    """What ``%unload_ext`` calls: the names stay, the shell stops minding them."""
    verbs = _LOADED.pop(id(shell), None)
    if verbs:
        matcher.uninstall(shell)
        verbs.forget_wrong_calls()
        verbs.commands.uninstall()
        shell.events.unregister("pre_run_cell", verbs.load_named)
        shell.events.unregister("post_run_cell", verbs.restore)


def _settle() -> None:
    """In somebody else's IPython, let the user's profile hold; one that cannot be used is told."""
    if is_chosen():
        return
    from netshell.shell.profile import start

    try:
        start()
    except NetshellError as error:
        sys.stderr.write(f"netshell: {error}\n")


_LOADED: dict[int, _Verbs] = {}


class _Verbs:
    """Keeps the verbs in one shell's namespace."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self.commands = Commands(shell)
        self._tells = False
        self._named: list[Any] = []  # running captures that had a name before the cell

    def offer(self) -> None:
        self._shell.push(namespace(), interactive=False)

    def load_named(self, info: Any) -> None:
        """Before a cell runs: the verbs it names become the functions themselves."""
        words = set(re.findall(r"\w+", info.raw_cell or ""))
        for name in words & self._shell.user_ns.keys():
            value = self._shell.user_ns[name]
            if isinstance(value, LazyVerb):
                try:
                    self._shell.push({name: value.verb.load()}, interactive=False)
                except ImportError:
                    # The verb is only named here; calling it raises this where it can be seen.
                    continue
        self._follow_captures()
        self._named = [capture for capture in _running() if self._is_named(capture)]

    def restore(self, result: Any) -> None:
        """After a cell: ``%reset`` has taken every name; a single ``del`` is the user's wish."""
        if not any(name in self._shell.user_ns for name in namespace()):
            self.offer()
        self._follow_captures()
        for capture in self._named:
            if capture.running and not self._is_named(capture):
                self._tell_lost(capture)
        self._named = []

    def tell_wrong_calls(self) -> None:
        """Have a call with arguments that a verb does not take told in one line, unless the shell
        does so itself or the user has a handler of their own."""
        if "printer" not in dir(type(self._shell)) and not self._shell.custom_exceptions:
            self._shell.set_custom_exc((TypeError,), _tell_type_error)
            self._tells = True

    def forget_wrong_calls(self) -> None:
        """Undo it."""
        if self._tells and self._shell.custom_exceptions == (TypeError,):
            self._shell.set_custom_exc((), None)

    def _is_named(self, capture: Any) -> bool:
        """Whether a name of the user's is left for it; ``_`` and its like are IPython's."""
        names = self._shell.user_ns.items()
        return any(value is capture and not name.startswith("_") for name, value in list(names))

    def _tell_lost(self, capture: Any) -> None:
        from netshell.commands.captures import captures
        from netshell.shell.display import draw_lost

        number = next(at for at, each in enumerate(captures()) if each is capture)
        sys.stdout.write(f"{draw_lost(capture, number)}\n")

    def _follow_captures(self) -> None:
        """Have the shell's printer, if it has one, told of each capture that a verb starts, of
        each ladder that grows, of flows that are watched, and of messages that are to come."""
        sniff = sys.modules.get("netshell.commands.sniff")  # not loaded: nothing was captured
        printer = getattr(self._shell, "printer", None) if sniff is not None else None
        if sniff is None or printer is None:
            return
        from netshell.flow import growing, watching
        from netshell.protocols import live

        for tell, started in (
            (printer.follow, sniff.started),
            (printer.grow, growing.started),
            (printer.watch, watching.started),
            (printer.tell, live.started),
        ):
            if tell not in started:
                started.append(tell)


def _tell_type_error(shell: Any, kind: Any, error: Any, trace: Any, tb_offset: Any = None) -> None:
    """IPython's hook for a TypeError: the line that a wrong call is told in, else its traceback."""
    from netshell.shell.wrong_calls import told

    line = told(error, trace)
    shell.showtraceback(
        (type(line), line, trace) if line else (kind, error, trace), None, tb_offset
    )


def _running() -> list[Any]:
    """The captures that run; nothing is loaded for the answer."""
    loaded = sys.modules.get("netshell.commands.captures")
    return [each for each in loaded.captures() if each.running] if loaded is not None else []

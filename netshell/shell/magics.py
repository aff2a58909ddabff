"""The classic commands at the prompt: ``%netstat -ant``, and ``netstat -ant`` as it is.

Works in any IPython that has loaded ``netshell.shell.extension``. The text is written, the
records stay in ``_`` and ``Out``, undisplayed; ``x = %netstat -ant`` gives them to a name.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

from netshell.classic import TOOLS, Tool
from netshell.errors import NotPermitted


class LineMagic:
    # ``%netstat``, as IPython holds it. (A comment and no docstring: an instance's is its help.)

    needs_local_scope = True  # IPython's: the names of the function that it is typed in
    _ipython_magic_no_var_expand = True  # values go into words that are taken apart already

    def __init__(self, tool: Tool, shell: Any) -> None:
        self.tool = tool
        self._shell = shell

    def __call__(self, line: str, local_ns: Mapping[str, Any] | None = None) -> Any:
        names = {**self._shell.user_ns, **(local_ns or {})}
        return run(self._shell, self.tool, line, names)

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        return self.tool.help()

    @property
    def __name__(self) -> str:
        return self.tool.name


def run(shell: Any, tool: Tool, text: str, names: Mapping[str, Any]) -> Any:
    """Run one command line, its text going where the line says; the records.

    Raises NetshellError for what cannot be done.
    """
    from netshell.shell.streams import streams
    from netshell.shell.words import expand, read

    line = read(text)
    records: Any = None
    status = 0
    with streams(line, names) as opened:
        records, status = tool.run(expand(line.words, names), opened.out, opened.err)
    shell.user_ns["_exit_code"] = opened.reader.status if opened.reader else status  # as ! does
    return records


class Commands:
    """What the extension puts into one shell, and takes away again."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._checker = _PythonFirst(shell)

    def install(self) -> None:
        """Add the magics and let plain lines be commands."""
        shell = self._shell
        for tool in TOOLS:
            shell.register_magic_function(LineMagic(tool, shell), "line", tool.name)
        shell.run_tool = self._run_statement
        shell.input_transformers_cleanup.append(self._rewrite)
        shell.prefilter_manager.register_checker(self._checker)

    def uninstall(self) -> None:
        """Take it away."""
        shell = self._shell
        for tool in TOOLS:
            shell.magics_manager.magics["line"].pop(tool.name, None)
            vars(shell.magics_manager.user_magics).pop(tool.name, None)
        del shell.run_tool
        shell.input_transformers_cleanup.remove(self._rewrite)
        shell.prefilter_manager.unregister_checker(self._checker)

    def _rewrite(self, lines: list[str]) -> list[str]:
        from netshell.shell.plain import rewritten

        return rewritten(lines, self._shell.user_ns)

    def _run_statement(self, name: str, text: str, as_root: bool = False) -> None:
        """What a line that is a command becomes: its records are kept, not displayed.

        Raises NotPermitted for ``sudo`` where the shell is not root's: it cannot become root.
        """
        tool = next(each for each in TOOLS if each.name == name)
        if as_root and os.geteuid() != 0:
            raise NotPermitted(
                "sudo is not done here",
                why="the shell stays who it is",
                next_step=f"!sudo {sys.executable} -m netshell {name} {text}",
            )
        records = run(self._shell, tool, text, self._shell.user_ns)
        if records is not None:
            self._shell.displayhook.update_user_ns(records)
            self._shell.displayhook.fill_exec_result(records)


class _PythonFirst:
    """Keeps IPython's automagic, which asks for no Python, away from the tools' names."""

    priority = 650  # before its AutoMagicChecker
    enabled = True

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    def check(self, line: Any) -> Any:
        """The handler that leaves a line alone, for what begins with a tool's name."""
        if any(tool.name == line.ifun for tool in TOOLS) and not line.esc:
            return self._shell.prefilter_manager.get_handler_by_name("normal")
        return None

"""Opening the shell: IPython with the verbs, netshell's prompt and a profile of its own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from netshell._version import VERSION
from netshell.shell.folders import open_state_folder


def run(profile: str = "default") -> int:
    """Open the shell and stay until the user leaves it; the exit status."""
    folder, lasting = open_state_folder()
    try:
        return _run(folder, lasting)
    finally:
        if not lasting:
            shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, lasting: bool) -> int:
    from IPython import start_ipython

    start_ipython(argv=[], config=_config(folder, lasting))
    return 0


def _config(folder: Path, lasting: bool) -> Any:
    from traitlets.config import Config

    config = Config()
    # IPython's own folder inside ours: the user's ~/.ipython is neither read nor written.
    ipython = folder / "ipython"
    ipython.mkdir(mode=0o700, exist_ok=True)
    config.BaseIPythonApplication.ipython_dir = str(ipython)
    config.HistoryManager.hist_file = str(folder / "history.sqlite") if lasting else ":memory:"
    config.InteractiveShellApp.exec_PYTHONSTARTUP = False
    config.InteractiveShellApp.extensions = ["netshell.shell.extension"]
    config.TerminalIPythonApp.interactive_shell_class = "netshell.shell.terminal.Shell"
    config.Completer.use_jedi = False
    terminal = config.TerminalInteractiveShell
    terminal.banner1 = f"netshell {VERSION}\n"
    terminal.enable_tip = False
    terminal.confirm_exit = False
    terminal.term_title_format = "netshell"
    terminal.debugger_history_file = str(folder / "pdb_history")
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        terminal.colors = "nocolor"
    return config

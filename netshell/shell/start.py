"""Opening the shell: IPython with the verbs, netshell's prompt and a profile."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from netshell.settings import Profile, in_force, use
from netshell.shell.folders import open_state_folder

_LAB = "netshell lab"


def run(names: dict[str, Any] | None = None, in_lab: bool = False) -> int:
    """Open the shell, with the profile in force, and stay until the user leaves it; the exit
    status.

    ``names`` are there at the prompt beside the verbs; ``in_lab`` leaves out what leads there, and
    the profile's interface, which the lab's hosts do not have.
    """
    if in_lab:
        now = in_force()
        use(now._replace(tips=tuple(tip for tip in now.tips if _LAB not in tip), interface=""))
    folder, lasting = open_state_folder()
    try:
        return _run(in_force(), folder, lasting, names or {})
    finally:
        if not lasting:
            shutil.rmtree(folder, ignore_errors=True)


def _run(profile: Profile, folder: Path, lasting: bool, names: dict[str, Any]) -> int:
    # Importing makes some 200,000 objects that all stay: until the first prompt the collector
    # would search them again and again for nothing (a tenth of the time to the prompt).
    gc.disable()
    from IPython import start_ipython

    from netshell.shell.terminal import Shell

    sys.argv = ["netshell"]
    Shell.given = names
    try:
        start_ipython(argv=[], config=configuration(profile, folder, lasting))
    finally:
        if Shell.initialized():
            Shell.instance().close()
    return 0


def configuration(profile: Profile, folder: Path, lasting: bool) -> Any:
    """IPython's settings for a session that keeps its things in ``folder``."""
    from traitlets.config import Config

    from netshell.shell.banner import banner
    from netshell.shell.prompt import THEMES, style

    config = Config()
    # IPython's own folder inside ours: the user's ~/.ipython is neither read nor written.
    ipython = folder / "ipython"
    ipython.mkdir(mode=0o700, exist_ok=True)
    config.BaseIPythonApplication.ipython_dir = str(ipython)
    config.HistoryManager.hist_file = str(folder / "history.sqlite") if lasting else ":memory:"
    config.InteractiveShellApp.exec_PYTHONSTARTUP = False
    config.InteractiveShellApp.extensions = ["netshell"]
    if profile.startup or profile.remarks:
        config.InteractiveShellApp.extensions.append("netshell.shell.profile_startup")
    config.TerminalIPythonApp.interactive_shell_class = "netshell.shell.terminal.Shell"
    config.Completer.use_jedi = False
    terminal = config.TerminalInteractiveShell
    terminal.banner1 = banner(profile, lasting)
    terminal.enable_tip = False
    terminal.confirm_exit = False
    terminal.term_title_format = "netshell"
    terminal.debugger_history_file = str(folder / "pdb_history")
    terminal.prompts_class = "netshell.shell.prompt.NetshellPrompts"
    terminal.highlighting_style_overrides = style(profile.colors)
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    terminal.colors = THEMES["none" if plain else profile.colors]
    return config

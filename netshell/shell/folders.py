"""Where the shell keeps its own things: history in the state folder, set-ups in the other.

XDG's base directories on Linux, ``~/Library/Application Support`` on macOS. Nothing of the user's
own IPython is read or written, so neither shell can break the other.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path


def state_folder() -> Path:
    """Where history belongs (XDG_STATE_HOME, by default ``~/.local/state``); may not exist."""
    return _application_support() or _xdg("XDG_STATE_HOME", ".local/state")


def config_folder() -> Path:
    """Where the user's own profiles are looked for (XDG_CONFIG_HOME, ``~/.config``)."""
    return _application_support() or _xdg("XDG_CONFIG_HOME", ".config")


def open_state_folder() -> tuple[Path, bool]:
    """A folder that can be written to, and whether it lasts.

    A service account has a home that does not exist, a live system one that is read-only: then a
    temporary folder does for this session, which its caller removes.
    """
    folder = state_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.access(folder, os.W_OK | os.X_OK):
            return folder, True
    except OSError:
        # Why it cannot be written matters to nobody: the banner says that nothing is kept.
        return Path(tempfile.mkdtemp(prefix="netshell-")), False
    return Path(tempfile.mkdtemp(prefix="netshell-")), False


def _application_support() -> Path | None:
    return _home() / "Library/Application Support/netshell" if sys.platform == "darwin" else None


def _xdg(variable: str, default: str) -> Path:
    # The specification: a relative path in one of these variables is to be ignored.
    named = Path(os.environ.get(variable, ""))
    return (named if named.is_absolute() else _home() / default) / "netshell"


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # no HOME, and no entry in the password file
        return Path("/nonexistent")

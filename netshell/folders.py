"""Where netshell's own files belong: what it keeps in the state folder, set-ups in the other.

XDG's base directories on Linux, ``~/Library/Application Support`` on macOS.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def state_folder() -> Path:
    """Where history belongs (XDG_STATE_HOME, by default ``~/.local/state``); may not exist."""
    return _application_support() or _xdg("XDG_STATE_HOME", ".local/state")


def config_folder() -> Path:
    """Where the user's own profiles are looked for (XDG_CONFIG_HOME, ``~/.config``)."""
    return _application_support() or _xdg("XDG_CONFIG_HOME", ".config")


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

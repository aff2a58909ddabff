"""Where the shell keeps its own things: history in the state folder, set-ups in the other.

Nothing of the user's own IPython is read or written, so neither shell can break the other.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from netshell.folders import config_folder as config_folder
from netshell.folders import state_folder


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

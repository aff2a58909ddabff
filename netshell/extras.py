"""The line that installs what is missing: into the environment that this Python runs in."""

from __future__ import annotations

import shlex
import sys


def install(what: str) -> str:
    """The command for a package or an extra, to be copied into a shell.

    >>> install("netshell[frames]")                                    # doctest: +SKIP
    "/home/ann/venv/bin/python -m pip install 'netshell[frames]'"
    """
    python = shlex.quote(sys.executable) if sys.executable else "python3"
    return f"{python} -m pip install {shlex.quote(what)}"

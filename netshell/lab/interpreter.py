"""How a Python process of the lab is started: the interpreter and modules of this one.

The lab must find netshell just where this process found it: in a source tree, a virtual
environment, a test run's own path.
"""

from __future__ import annotations

import os
import sys


def module_command(name: str) -> list[str]:
    """The command that runs a module of netshell; needs `module_environment()`."""
    # -P: the module, not a file of the same name in the working directory.
    return [sys.executable, "-P", "-m", name]


def module_environment() -> dict[str, str]:
    """The environment in which `module_command` finds what this process finds."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

"""netshell's kernel for notebooks: ipykernel, with the verbs, a profile and its startup.py in it.

``python -m netshell.shell.kernel -f FILE [--profile NAME]``, as the kernelspec that
``netshell install-kernel`` writes says. Jupyter waits for the kernel and shows nothing of what it
writes before the first cell, so what is wrong with a profile is said there, and the kernel starts
with the built-in one.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from netshell.errors import NetshellError
from netshell.settings import in_force, use
from netshell.shell.profile import start

EXTENSIONS = ("netshell", "netshell.shell.profile_startup")


def main(argv: list[str]) -> None:
    """Run the kernel until Jupyter ends it; what is not netshell's of ``argv`` is ipykernel's."""
    from ipykernel.kernelapp import IPKernelApp

    profile, rest = _profile(argv)
    try:
        start(profile)
    except NetshellError as error:
        use(in_force()._replace(remarks=(f"{error}; the kernel goes on without it",)))
    _look_here()
    IPKernelApp.launch_instance(argv=rest, config=_configuration())


def _configuration() -> Any:
    from traitlets.config import Config

    config = Config()
    config.InteractiveShellApp.extensions = list(EXTENSIONS)
    config.Completer.use_jedi = False  # it runs what is typed, and knows less of the verbs
    return config


def _look_here() -> None:
    """Let the notebook import what is beside it, but never instead of what the kernel is made of:
    it runs under ``python -P``, and IPython then leaves the folder out altogether."""
    if "" not in sys.path:
        libraries = (Path(each).name in ("site-packages", "dist-packages") for each in sys.path)
        sys.path.insert(next((at for at, is_one in enumerate(libraries) if is_one), 0), "")


def _profile(argv: list[str]) -> tuple[str | None, list[str]]:
    """The profile's name, and the other arguments."""
    if "--profile" in argv[:-1]:
        at = argv.index("--profile")
        return argv[at + 1], [*argv[:at], *argv[at + 2 :]]
    return None, argv


if __name__ == "__main__":
    main(sys.argv[1:])

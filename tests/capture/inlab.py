"""Python code run on the lab's client, as a user would type it there."""

from __future__ import annotations

import sys
from pathlib import Path

from netshell.lab.interpreter import module_environment
from netshell.lab.wire import Wire

HERE = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
BEGIN = f"import sys; sys.path[:0] = {HERE!r}\nimport onhost\nfrom netshell import *\n"


def python(wire: Wire, code: str) -> str:
    """What it prints; a warning or an error fails the test."""
    done = wire.client.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", BEGIN + code],
        env=module_environment(),
        timeout_s=120,
    )
    assert done.stderr == ""
    return str(done.stdout)

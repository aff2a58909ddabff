"""What every test may ask for: a wire between two real hosts, and the programs to compare with.

Where this machine cannot give it, the test is skipped with the reason. NETSHELL_PEERS=require,
as in .ci/run, makes it fail instead: there, nothing may be missing.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings

from netshell.errors import Unavailable
from netshell.lab.wire import Wire

# No deadline: a slow machine is no failure. No database: a run depends on nothing but the tree.
settings.register_profile(
    "netshell", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("netshell")

# Nor on how whoever runs it likes texts and terminals, nor on the proxies of the network outside.
for name in list(os.environ):
    if name.startswith("LC_") or name.lower().endswith("_proxy"):
        del os.environ[name]
for name in ("LANGUAGE", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"):
    os.environ.pop(name, None)
os.environ["LANG"] = "C.UTF-8"

# A shell starts what runs in its background with Ctrl-C ignored, and programs inherit that: those
# that the tests start are to take it as at a terminal.
signal.signal(signal.SIGINT, signal.default_int_handler)


def missing(reason: str) -> NoReturn:
    """Skip the test for `reason`, or fail it where nothing may be missing."""
    if os.environ.get("NETSHELL_PEERS") == "require":
        pytest.fail(f"NETSHELL_PEERS=require, but {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A wire of the test's own: nothing of another test's sockets or packets is on it."""
    try:
        opened = Wire.open()
    except Unavailable as error:
        missing(str(error))
    with opened:
        yield opened


@pytest.fixture(scope="session")
def peer() -> Callable[[str], Path]:
    """`peer("tcpdump")` is the path of a program to compare with."""

    def find(name: str) -> Path:
        # Debian keeps some of them where an ordinary user's PATH does not look.
        search = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
        found = shutil.which(name, path=search)
        if found is None:
            missing(f"{name} not installed")
        return Path(found)

    return find

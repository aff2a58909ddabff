"""Which interfaces are captured on, and what is said where that cannot be."""

from __future__ import annotations

import shlex
import sys

import pytest

from netshell.capture.opening import _chosen
from netshell.errors import CaptureFailed


@pytest.mark.skipif(sys.platform != "linux", reason="the hint is of Linux")
@pytest.mark.parametrize("name", ["v0", "$(id)", "a b", "x;reboot", "`id`"])
def test_the_line_to_copy_names_the_interface_and_runs_nothing_else(name: str) -> None:
    with pytest.raises(CaptureFailed) as caught:
        _chosen([name], {name: False})
    command = str(caught.value).partition("; ")[2]
    assert shlex.split(command) == ["sudo", "ip", "link", "set", name, "up"]

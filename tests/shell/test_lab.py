"""``netshell lab``: the shell on one host of a wire, the other within reach."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pty_shell import Shell

from netshell.lab.wire import Wire


def test_the_lab_has_a_web_page_names_and_both_hosts(wire: Wire, tmp_path: Path) -> None:
    with Shell(tmp_path, "lab") as shell:
        shell.ready()
        assert "http://www.lab/" in shell.text
        assert "[eth0] In [1]:" in shell.text
        shell.run('dig("www.lab", short=True)')
        shell.shows("10.77.0.2")
        shell.run("from urllib.request import urlopen; urlopen('http://www.lab/').status")
        shell.shows("Out[2]: 200")
        shell.run("wire.server.call(listeners, proto='tcp')[0].local.address")
        shell.shows("0.0.0.0")


def test_it_takes_no_arguments() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "netshell", "lab", "now"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr == "netshell: netshell lab: takes no 'now'; run it alone\n"

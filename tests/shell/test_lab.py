"""``netshell lab``: the shell on one host of a wire, the other within reach."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pty_shell import Shell

from netshell.lab.wire import Wire


def test_the_lab_has_a_web_page_names_and_both_hosts(wire: Wire, tmp_path: Path) -> None:
    with Shell(tmp_path, "lab", "shell") as shell:
        shell.ready()
        assert "http://www.lab/" in shell.text
        assert "[eth0] In [1]:" in shell.text
        shell.run('dig("www.lab", short=True)')
        shell.shows("10.77.0.2")
        shell.run("from urllib.request import urlopen; urlopen('http://www.lab/').status")
        shell.shows("Out[2]: 200")
        shell.run("wire.server.call(listeners, proto='tcp')[0].local.address")
        shell.shows("0.0.0.0")


def test_the_welcome_fits_80_columns_and_what_it_says_works(wire: Wire, tmp_path: Path) -> None:
    with Shell(tmp_path, "--profile", "teach", "lab", "shell", columns=80) as shell:
        shell.ready()
        above = shell.lines[: next(at for at, line in enumerate(shell.lines) if "In [1]" in line)]
        assert any(line.startswith("wire.server.call(listeners) ") for line in above)
        assert above[0].startswith("On a private wire") and above[3].startswith("netshell ")
        assert 'explain("SYN")' in "".join(above)
        assert "netshell lab" not in "".join(above)  # one is there already
        shell.run("wire.server.call(listeners)")
        shell.shows("0.0.0.0:80")
        shell.run("wire")
        shell.shows("<wire: .client 10.77.0.1, .server 10.77.0.2>")
        shell.run("wire.server")
        shell.shows("<server eth0 10.77.0.2 fd77::2 pid ")


def test_what_there_is_not_is_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "netshell", "lab", "now"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr == "netshell: no scenario 'now' in the lab; lab lists them\n"

"""``netshell lab [scenario]``: the list, a scenario from end to end, and what is left of it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from awaited import await_true
from conftest import missing
from pty_shell import CTRL_C, CTRL_D, ENTER, Shell

from netshell.errors import Unavailable
from netshell.lab.scenarios import SCENARIOS
from netshell.lab.wire import Wire

AS_USER = Path(__file__).parents[1] / "lab" / "as_user.py"


def netshell(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-m", "netshell", *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **environment},
    )


@pytest.fixture
def namespaces() -> None:
    """Skips where this kernel allows none."""
    try:
        Wire.open().close()
    except Unavailable as error:
        missing(str(error))


def descendants(pid: int) -> set[int]:
    """The processes below one, each with its children."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status = (entry / "stat").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(status.rpartition(")")[2].split()[1])
    found: set[int] = set()
    while more := {child for child, parent in parents.items() if parent in found | {pid}} - found:
        found |= more
    return found


def networks(pids: set[int]) -> set[str]:
    """Their network namespaces."""
    found = set()
    for pid in pids:
        try:
            found.add(str(Path(f"/proc/{pid}/ns/net").readlink()))
        except OSError:  # gone, or not to be looked into
            continue
    return found


def all_pids() -> set[int]:
    return {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()}


def test_without_a_name_it_lists_them() -> None:
    done = netshell("lab")
    assert (done.returncode, done.stderr) == (0, "")
    names = [line.split()[0] for line in done.stdout.splitlines()]
    assert set(SCENARIOS) <= set(names)
    assert "netshell lab shell" in done.stdout


def test_its_help_needs_no_lab() -> None:
    done = netshell("lab", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: netshell lab [SCENARIO | shell]\n")


def test_a_scenario_into_a_pipe(namespaces: None) -> None:
    done = netshell("lab", "active_close")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.findall("^Step (.*)$", done.stdout, re.M) == [f"{n} of 4" for n in range(1, 5)]
    assert "TIME_WAIT │◄─ FIN,ACK" in done.stdout
    assert done.stdout.endswith("\nAll 4 steps happened.\n")
    assert "Enter" not in done.stdout


def test_in_code_it_is_there_as_at_the_prompt(namespaces: None) -> None:
    done = netshell("-c", "lab")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("scenario ")
    done = netshell("-c", "lab.run('refused'); print(lab.step().states); lab.play.flow.ended")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "('CLOSED', 'CLOSED')\n'RST by server: refused'\n"


def test_what_cannot_be_played_is_one_line() -> None:
    done = netshell("lab", "handshak")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "netshell: no scenario 'handshak' in the lab; did you mean handshake?\n"
    done = netshell("lab", "one", "two")
    assert done.returncode == 1
    assert done.stderr.startswith("netshell: netshell lab: takes one scenario, not 2")


def test_at_a_terminal_each_step_waits_for_enter(namespaces: None, tmp_path: Path) -> None:
    with Shell(tmp_path, "lab", "rst_on_close", columns=80) as shell:
        shell.shows("Enter: the next step (1 of 3)")
        assert "Step 1" not in shell.text
        for number in (1, 2, 3):
            shell.process.send(ENTER)
            shell.shows(f"Step {number} of 3")
        shell.shows("All 3 steps happened.")
        shell.process.wait()
        assert shell.process.exitstatus == 0


@pytest.mark.parametrize(("key", "status"), [(CTRL_C, 130), (CTRL_D, 0)])
def test_it_ends_when_asked_to(namespaces: None, tmp_path: Path, key: str, status: int) -> None:
    with Shell(tmp_path, "lab", "handshake") as shell:
        shell.shows("Enter: the next step (1 of 5)")
        shell.process.send(ENTER)
        shell.shows("Enter: the next step (2 of 5)")
        left = descendants(shell.process.pid)
        inside = networks(left) - networks({os.getpid()})
        assert len(inside) == 2
        left |= {pid for pid in all_pids() if networks({pid}) & inside}
        shell.process.send(key)
        shell.process.wait()
        assert shell.process.exitstatus == status
    await_true(lambda: not left & all_pids())


def test_killed_it_leaves_nothing_behind(namespaces: None, tmp_path: Path) -> None:
    """No process of the lab, nor any in its namespaces: one without a process is gone."""
    with Shell(tmp_path, "lab", "http_keep_alive") as shell:  # two servers run there, too
        shell.shows("Enter: the next step (1 of 7)")
        shell.process.send(ENTER)
        shell.shows("Enter: the next step (2 of 7)")
        left = descendants(shell.process.pid)
        inside = networks(left) - networks({os.getpid()})
        assert len(left) == 4
        assert len(inside) == 2
        left |= {pid for pid in all_pids() if networks({pid}) & inside}
        os.kill(shell.process.pid, signal.SIGKILL)
        shell.process.wait()
    await_true(lambda: not left & all_pids())


def test_no_root_is_needed(namespaces: None) -> None:
    code = "from netshell.cli import main; raise SystemExit(main(['lab', 'simultaneous_close']))"
    done = subprocess.run(
        [sys.executable, AS_USER, "user", code],
        capture_output=True,
        text=True,
        timeout=300,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("\nAll 5 steps happened.\n")


def test_where_no_namespaces_are_it_says_so(namespaces: None) -> None:
    code = "from netshell.cli import main; raise SystemExit(main(['lab', 'handshake']))"
    done = subprocess.run(
        [sys.executable, AS_USER, "user", "user.max_net_namespaces=0", code],
        capture_output=True,
        text=True,
        timeout=300,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 2  # what it would have shown
    assert done.stderr.startswith("netshell: cannot open the lab: the kernel refuses a namespace")
    assert "user.max_net_namespaces is 0" in done.stderr


def test_a_shell_inside_a_host(namespaces: None, tmp_path: Path) -> None:
    code = "lab.run('refused'); print('status', lab.server.shell('/bin/sh'))"
    with Shell(tmp_path, "-c", code) as shell:
        shell.shows("[server] $")
        shell.process.send("grep -c : /proc/net/dev; readlink /proc/self/ns/net\r")
        shell.shows("net:[")  # lo and eth0
        assert "\n2\n" in re.sub(" +\n", "\n", shell.text)
        assert not networks({os.getpid()}) & set(re.findall(r"net:\[\d+\]", shell.text))
        shell.process.send("exit 3\r")
        shell.shows("status 3")

"""Long filters: compiled once, and ended by Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import onhost
import pytest
from frames import chunk_of, segment

from netshell.capture import apart, bpf
from netshell.errors import BadArgument
from netshell.lab.interpreter import module_environment

pytest.importorskip("cypcap")

HOSTS = [f"host 10.1.{i // 250}.{i % 250}" for i in range(120)]
LONG = " or ".join([*HOSTS, "tcp dst port 81"])


def test_a_long_filter_is_the_same_program_and_made_once() -> None:
    cypcap = pytest.importorskip("cypcap")
    with cypcap.open_dead(1, bpf.SNAPLEN) as handle:
        assert bpf.compile(LONG, 1) == tuple(handle.compile(LONG, netmask=bpf.NETMASK_UNKNOWN))
    assert bpf.compile(LONG, 1) is bpf.compile(LONG, 1)


def test_a_long_filter_over_stored_packets() -> None:
    chunk = chunk_of([segment(dport=80 + i % 2) for i in range(10)])
    assert bpf.matches(LONG, chunk).tolist() == [False, True] * 5


def test_a_long_filter_that_is_wrong() -> None:
    with pytest.raises(BadArgument, match="syntax error"):
        bpf.compile(f"{LONG} prot", 1)
    with pytest.raises(apart.Refused, match="syntax error"):
        apart.compile("tcp prot", 1, 100, bpf.NETMASK_UNKNOWN, False)


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc for the process that compiles")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_it_ends_with_who_asked(how: signal.Signals) -> None:
    many = " or ".join(f"host 10.{i // 250}.{i % 250}.1" for i in range(2000))
    code = f"from netshell.capture import bpf; bpf.compile({many!r}, 1)"
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=module_environment(), stderr=subprocess.PIPE, text=True
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    assert onhost.eventually(lambda: bool(children.read_text()))
    child = Path("/proc", children.read_text().split()[0])
    # Once it has the modules that compile, it has been told whom to end with.
    assert onhost.eventually(lambda: "cypcap" in (child / "maps").read_text())
    process.send_signal(how)
    _, complaints = process.communicate(timeout=onhost.DEADLINE_S)
    assert how == signal.SIGKILL or complaints.rstrip().endswith("KeyboardInterrupt")
    assert onhost.eventually(lambda: not child.exists())

"""The demo: every step happens, is shown as the shell would, and a step that did not is told."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from netshell.errors import NotFound
from netshell.lab.wire import Wire
from netshell.shell.walk import Step, Walk

AS_USER = Path(__file__).parent.parent / "lab" / "as_user.py"
DEMO = "from netshell.cli import main; raise SystemExit(main(['demo']))"


def demo(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, timeout=120)


def in_order(text: str, *parts: str) -> bool:
    return re.search(".*".join(map(re.escape, parts)), text, re.DOTALL) is not None


def test_the_whole_walk_happens_on_a_wire(wire: Wire) -> None:
    done = demo("-W", "error", "-m", "netshell", "demo")
    assert done.stderr == ""
    assert done.returncode == 0, done.stdout
    assert in_order(
        done.stdout,
        'In [1]: dig("www.lab")',
        "10.77.0.2",
        'iface_for("www.lab")',
        "[server eth0] In [3]: listeners()",
        "0.0.0.0:80",
        "ESTABLISHED",
        "0 were dropped",
        " SYN seq 0 ",
        " SYN,ACK seq 0 ack 1 ",
        "ttl 64 (0 hops)",
        "GET / HTTP/1.1",
        "HTTP/1.1 200 OK",
        "FIN,ACK",
        "cap.flows[0].ladder()",
        "ESTABLISHED",
        "explain(cap.flows[0])",
        "Its end: FIN by client",
        "TIME_WAIT",
        "RFC 9293",
        "All 17 steps happened.",
    )


def test_without_namespaces_it_says_so_and_walks_through_a_recording(wire: Wire) -> None:
    done = demo(AS_USER, "user", "user.max_user_namespaces=0", DEMO)
    assert done.stderr == ""
    assert done.returncode == 0, done.stdout
    assert in_order(
        done.stdout,
        "cannot open the lab",
        "user.max_user_namespaces",
        "a recorded connection",
        "www.lab.",
        "ESTABLISHED",
        " SYN,ACK seq 0 ack 1 ",
        "GET / HTTP/1.1",
        "FIN,ACK",
        "cap.flows[0].ladder()",
        "Its end: FIN by client",
        "TIME_WAIT",
        "All 11 steps happened.",
    )


def test_it_takes_no_arguments() -> None:
    done = demo("-m", "netshell", "demo", "--fast")
    assert done.returncode == 1
    assert done.stderr == "netshell: netshell demo: takes no '--fast'; run it alone\n"


def test_a_step_that_did_not_happen_fails_the_walk(capsys: pytest.CaptureFixture[str]) -> None:
    walk = Walk({})
    assert walk.take(Step("x = 40 + 2", lambda x: f"x is {x}", lambda x: x == 42)) == 42
    walk.take(Step("x", lambda _: "never said", lambda x: x == 41))
    assert walk.closing() == 1
    assert capsys.readouterr().out.splitlines() == [
        "",
        "[eth0] In [1]: x = 40 + 2",
        "│ x is 42",
        "",
        "[eth0] In [2]: x",
        "42",
        "│ This is not what a working network shows here: the step failed.",
        "",
        "1 of 2 steps failed: x",
    ]


def test_an_error_fails_the_walk_with_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    def unknown(code: str) -> None:
        raise NotFound("no such host", where="www.lab")

    walk = Walk({})
    walk.take(Step("dig()", lambda _: "", lambda _: True, run=unknown))
    assert walk.closing() == 1
    assert "no such host www.lab" in capsys.readouterr().out

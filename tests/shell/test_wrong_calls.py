"""Calls with wrong arguments, and rows that are not there: one line at the prompt, no traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pty_shell import Shell

from netshell.capture.capture import Capture
from netshell.capture.store import Store
from netshell.commands.conns import conns
from netshell.errors import BadArgument
from netshell.shell.wrong_calls import told


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (
            lambda cap: conns(stat="LISTEN"),
            "conns() takes no 'stat'; did you mean state=?",
        ),
        (
            lambda cap: cap.stop(1, 2),
            "Capture.stop() takes 1 positional argument but 3 were given; it takes nothing",
        ),
    ],
)
def test_what_a_call_does_not_take(call: Any, line: str) -> None:
    with pytest.raises(TypeError) as caught:
        call(Capture(Store()))
    assert str(told(caught.value, caught.value.__traceback__)) == line


def test_what_a_method_does_not_take_is_told_without_a_shell_too() -> None:
    cap = Capture(Store())
    with pytest.raises(BadArgument, match=r"^where\(\) takes no 'kind'; one of 'port', 'host'"):
        cap.flows.where(kind="x")  # type: ignore[call-arg]
    with pytest.raises(
        BadArgument, match=r"^show\(\): too many .*called as show\(payload=None, \*, fold"
    ):
        cap.show(1, 2, 3)  # type: ignore[call-arg, arg-type]


def test_other_errors_keep_their_traceback() -> None:
    def mine(x: int) -> int:
        return x

    for call in (lambda: mine(), lambda: len(5), lambda: mine(1) + "x"):  # type: ignore
        with pytest.raises(TypeError) as caught:
            call()  # type: ignore[no-untyped-call]
        assert told(caught.value, caught.value.__traceback__) is None


def test_at_the_prompt(tmp_path: Path) -> None:
    with Shell(tmp_path, columns=80) as shell:
        shell.ready()
        shell.run("from netshell.capture.capture import Capture")
        shell.run("from netshell.capture.store import Store; cap = Capture(Store())")
        shell.run("conns(stat=1)")
        shell.shows("conns() takes no 'stat'; did you mean state=?")
        for line in ("cap.flows[0]", "cap.findings[0]", "cap[0]", "cap.flows['x']"):
            shell.run(line)
        shell.shows("no such row: 0 of 0 flows")
        shell.shows("no such row: 0 of 0 findings")
        shell.shows("packet 0 of 0")
        shell.shows("flows have numbers: take one as [0]")
        shell.run("cap.save('empty.pcap')")
        shell.until(lambda: "empty.pcap" in shell.lines[-1] or "]: empty.pcap" in shell.text, "it")
        assert "PosixPath" not in shell.text
        assert "Traceback" not in shell.text and "-----" not in shell.text

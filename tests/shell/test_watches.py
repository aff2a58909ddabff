"""Flows drawn in one place while their capture runs, on a real wire, on a real screen."""

from __future__ import annotations

import io
import random
import re
from pathlib import Path

import pytest
from pty_shell import CTRL_C, ENTER, Shell

from netshell.capture.capture import Capture
from netshell.capture.store import Store
from netshell.flow import watching
from netshell.lab.servers import start_http
from netshell.lab.wire import Wire
from netshell.shell.printer import Printer
from tests.flow.findings.conversations import captured, faulty
from tests.shell import traffic


def rows(shell: Shell) -> list[str]:
    return [line for line in shell.lines if re.match(r"\s*\d+  (tcp +)?10\.77\.", line)]


@pytest.mark.parametrize("columns", [80, 140])
def test_it_is_drawn_in_one_place_until_the_capture_stops(
    tmp_path: Path, wire: Wire, columns: int
) -> None:
    start_http(wire.server)
    with Shell(tmp_path, enter=wire.client.enter, columns=columns, rows=30) as shell:
        shell.ready()
        shell.run('cap = sniff("tcp port 80", iface="eth0", count=40)')
        shell.type("cap.flows.watch()" + ENTER)
        shell.shows("0 flows, 0 packets in the capture")
        for i in range(1, 3):
            wire.client.call(traffic.get, wire.server.ipv4)
            shell.until(lambda: len(rows(shell)) == i, f"{i} flows, each once")  # noqa: B023
        shell.until(
            lambda: all(re.search("FIN (by|cli|srv)", row) for row in rows(shell)), "how they ended"
        )
        assert not re.search(r" SYN seq", shell.text), "packets are not printed meanwhile"
        for _ in range(4):
            wire.client.call(traffic.get, wire.server.ipv4)
        shell.shows("the watch is over, the capture stopped")
        assert len(set(rows(shell))) == len(rows(shell)) >= 3
        assert "Traceback" not in shell.text


def test_ctrl_c_ends_it_and_not_the_capture(tmp_path: Path, wire: Wire) -> None:
    start_http(wire.server)
    with Shell(tmp_path, enter=wire.client.enter, columns=100) as shell:
        shell.ready()
        shell.run('cap = sniff("tcp port 80", iface="eth0")')
        shell.type("cap.flows.where(port=80).watch('packets')" + ENTER)
        shell.shows("Ctrl-C ends the watch")
        wire.client.call(traffic.get, wire.server.ipv4)
        shell.until(lambda: len(rows(shell)) == 1, "the flow")
        shell.type(CTRL_C)
        shell.shows("the watch is over, the capture goes on")
        shell.run("cap.running, len(cap.flows)")
        shell.shows("(True, 1)")
        # Packets are printed again.
        wire.client.call(traffic.get, wire.server.ipv4)
        shell.shows(" SYN seq")
        assert "Traceback" not in shell.text


def capture() -> Capture:
    rng = random.Random(3)
    cap = Capture(Store())
    cap.add(captured([faulty(rng, 5000 + i) for i in range(9)]))
    cap._store.end()
    return cap


def test_outside_a_terminal_nothing_is_drawn(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    printer = Printer(str)
    monkeypatch.setattr(watching, "started", [printer.watch])
    watch = capture().flows.watch()
    assert capsys.readouterr().out == ""
    assert not watch.was_shown and "10.0.0.1" in str(watch)


@pytest.mark.parametrize("columns", [80, 140])
def test_what_is_drawn_fits_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    class Terminal(io.StringIO):
        encoding = "utf-8"  # type: ignore[assignment]

        def isatty(self) -> bool:
            return True

    printer, out = Printer(str), Terminal()
    monkeypatch.setattr(watching, "started", [printer.watch])
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("LINES", "14")
    watch = capture().flows.watch()
    lines = out.getvalue().splitlines()
    assert watch.was_shown and "the watch is over" in str(watch)
    assert 8 <= len(lines) <= 13 and max(map(len, lines)) <= columns
    assert any("3 not shown" in line for line in lines)
    out.truncate(0)
    monkeypatch.setenv("TERM", "dumb")
    assert not capture().flows.watch().was_shown and not out.getvalue().strip("\0")

"""A ladder that grows above the prompt, on a real wire, on a real screen."""

from __future__ import annotations

import re
import sys
import threading
import time
from pathlib import Path

import pytest
import traffic
from pty_shell import CTRL_C, Shell
from tcp_talk import chunk

from netshell.capture.capture import Capture
from netshell.capture.source import Costs, Counters
from netshell.capture.store import Store
from netshell.errors import NetshellError
from netshell.flow import growing
from netshell.lab.servers import start_http
from netshell.lab.wire import Wire
from netshell.shell.printer import Printer


def railed(shell: Shell) -> list[str]:
    return [line for line in shell.lines if line.count("│") == 2]


def rungs(shell: Shell) -> list[str]:
    """The arrows; where the width is short, states stand on lines of their own below them."""
    return [line for line in railed(shell) if "►" in line or "◄" in line]


def test_it_grows_while_one_types_and_ends_with_the_connection(tmp_path: Path, wire: Wire) -> None:
    start_http(wire.server)
    with Shell(tmp_path, enter=wire.client.enter, columns=80) as shell:
        shell.ready()
        shell.run('cap = sniff("tcp port 80", iface="eth0")')
        wire.client.call(traffic.dial, wire.server.ipv4)
        shell.shows(" ACK ")
        shell.run("cap.flows[0].ladder(live=True)")
        shell.shows("the ladder of flow 0 grows above the prompt")
        shell.until(lambda: len(rungs(shell)) == 3, "the handshake")
        shell.type("half a line")
        shell.until(lambda: shell.cursor_line.endswith("half a line"), "what was typed")
        wire.client.call(traffic.ask)
        shell.until(lambda: any("PSH,ACK" in line for line in rungs(shell)), "the request")
        wire.client.call(traffic.hang_up)
        shell.shows("the ladder of flow 0 ends: the connection is over")
        shell.until(lambda: shell.cursor_line.endswith("half a line"), "what was typed, below it")

        drawn = railed(shell)
        places = {tuple(m.start() for m in re.finditer("│", line)) for line in drawn}
        assert len(places) == 1, "the rails are straight"
        said = "\n".join(drawn)
        for once in ("SYN_SENT", "SYN_RECEIVED", " SYN ", " SYN,ACK "):
            assert said.count(once) == 1, once
        assert "TIME_WAIT" in said and "LAST_ACK" in said
        assert "Traceback" not in shell.text
        # Packets are printed again: those of the next connection.
        wire.client.call(traffic.get, wire.server.ipv4)
        shell.until(lambda: len(re.findall(r" SYN seq", shell.text)) == 2, "a packet's own line")


def test_ctrl_c_ends_it_and_not_the_capture(tmp_path: Path, wire: Wire) -> None:
    start_http(wire.server)
    with Shell(tmp_path, enter=wire.client.enter, columns=100) as shell:
        shell.ready()
        shell.run('cap = sniff("tcp port 80", iface="eth0")')
        wire.client.call(traffic.dial, wire.server.ipv4)
        shell.shows(" ACK ")
        shell.run("ladder = cap.flows[0].ladder(live=True)")
        shell.until(lambda: len(rungs(shell)) == 3, "the handshake")
        shell.type("gone")
        shell.until(lambda: shell.cursor_line.endswith("gone"), "what was typed")
        shell.type(CTRL_C)  # as ever: the line is given up
        shell.until(lambda: not shell.cursor_line.endswith("gone"), "an empty line")
        shell.until(lambda: shell.at_prompt, "the prompt")
        assert "ladder of flow 0 ends" not in shell.text
        shell.type(CTRL_C)
        shell.shows("the ladder of flow 0 ends: stopped")
        shell.run("ladder.running, cap.running")
        shell.shows("(False, True)")
        wire.client.call(traffic.hang_up)
        shell.run("cap.stop().flows[0].ladder()[-1].flags")
        assert "Traceback" not in shell.text


CLOSED = """
0 > S 0
10 < S. 0 1
20 > . 1 1
30 > P. 1 1 78
40 < F. 1 79
50 > R 79
"""


@pytest.mark.parametrize("columns", [60, 80, 140])
@pytest.mark.parametrize(("encoding", "rails"), [("utf-8", "│┊"), ("ascii", "|:")])
def test_a_ladder_at_the_prompt_fits_the_terminal(
    tmp_path: Path, columns: int, encoding: str, rails: str
) -> None:
    capture = Capture(Store())
    capture.add(chunk(CLOSED))
    capture.save(tmp_path / "x.pcap")
    with Shell(tmp_path, columns=columns, PYTHONIOENCODING=encoding) as shell:
        shell.ready()
        shell.run('read("x.pcap").flows[0].ladder()')
        drawn = [line for line in shell.lines if sum(map(line.count, rails)) == 2]
        drawn = [line for line in drawn if "[" not in line and "10.0.0.2" not in line]
        assert len(drawn) >= 6
        places = {tuple(i for i, char in enumerate(line) if char in rails) for line in drawn}
        assert len(places) == 1
        said = "\n".join(shell.lines)
        for text in ("SYN_SENT", "FIN,ACK", "RST", "ESTABLISHED", "client", "10.0.0.2:80"):
            assert text in said
        assert "Traceback" not in said


class ByHand:
    """A run that a test feeds and ends."""

    files = ()
    notes = ()
    problem: NetshellError | None = None
    running = True

    def counters(self) -> Counters:
        return Counters(0, 0)

    def costs(self) -> Costs:
        return Costs(0, 0, 0, 0)

    def stop(self) -> None:
        self.running = False


def printed(capsys: pytest.CaptureFixture[str], until: str) -> str:
    text, deadline, turn = "", time.monotonic() + 60, threading.Event()
    while until not in text:
        assert time.monotonic() < deadline, text
        turn.wait(0.02)
        text += capsys.readouterr().out
    return text


def test_packets_are_not_printed_between_its_rungs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = Printer(lambda packet: f"packet {packet.index}")
    monkeypatch.setattr(growing, "started", [printer.grow])
    run = ByHand()
    capture = Capture(Store(), names=["eth0"], run=run)
    printer.follow(capture)
    capture.add(chunk("0 > S 0"))
    text = printed(capsys, "packet 0")
    ladder = capture.flows[0].ladder(live=True)
    assert printer.ladders == [ladder]
    capture.add(chunk("10 < S. 0 1\n20 > . 1 1"))
    text += printed(capsys, " ESTABLISHED │")
    ladder.stop()
    text += printed(capsys, "ends: stopped")
    capture.add(chunk("30 > P. 1 1 5"))
    text += printed(capsys, "packet 3")
    printer.close()
    lines = text.splitlines()
    assert "packet 1" not in lines and "packet 2" not in lines
    drawn = [line for line in lines if line.count("│") == 2]
    assert [word for line in drawn for word in re.findall(r" ([SYNACK,]{3,7}) +seq", line)] == [
        "SYN",
        "SYN,ACK",
        "ACK",
    ]


def test_a_ladder_that_cannot_be_drawn_says_so_and_printing_goes_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from netshell.shell import ladders

    class Broken(ladders.Growing):
        def lines(self, most: int) -> list[str]:
            raise ZeroDivisionError("odd")

    monkeypatch.setattr(ladders, "Growing", Broken)
    printer = Printer(lambda packet: f"packet {packet.index}")
    monkeypatch.setattr(growing, "started", [printer.grow])
    run = ByHand()
    capture = Capture(Store(), names=["eth0"], run=run)
    capture.add(chunk("0 > S 0"))
    capture.flows[0].ladder(live=True)
    assert "cannot be drawn: ZeroDivisionError('odd')" in printed(capsys, "cannot be drawn")
    printer.follow(capture)
    printed(capsys, "packet 0")
    printer.close()


def test_what_came_before_is_shown_first_and_more_is_folded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from netshell.shell import ladders

    monkeypatch.setattr(growing, "started", [])
    run = ByHand()
    capture = Capture(Store(), names=["eth0"], run=run)
    capture.add(chunk("0 > S 0\n" + "".join(f"{i} > S 0\n" for i in range(1, 300))))
    run.stop()
    lines = ladders.Growing(capture.flows[0].ladder(live=True), lambda text, style: text).lines(5)
    shown = [line for line in lines if "SYN      seq" in line]
    assert len(shown) == ladders.HISTORY - 1
    assert any(f"{300 - len(shown)} segments, SYN among them" in line for line in lines)


def test_it_goes_on_below_new_heads_where_the_width_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from netshell.render import terminal
    from netshell.shell.ladders import Growing

    monkeypatch.setattr(growing, "started", [])
    widths = iter([80, 80, 120, 120, 120, 120])
    monkeypatch.setattr(terminal, "width", lambda: next(widths))
    run = ByHand()
    capture = Capture(Store(), names=["eth0"], run=run)
    capture.add(chunk("0 > S 0\n10 < S. 0 1\n20 > . 1 1"))
    run.stop()
    lines = Growing(capture.flows[0].ladder(live=True), lambda text, style: text).lines(5)
    assert sum("client" in line for line in lines) == 2  # the ends are told anew
    places = {tuple(m.start() for m in re.finditer("│", line)) for line in lines if "seq" in line}
    assert len(places) == 2


@pytest.mark.parametrize(("encoding", "rail"), [("utf-8", "│"), ("ascii", "|")])
def test_it_is_drawn_in_what_the_output_has(
    monkeypatch: pytest.MonkeyPatch, encoding: str, rail: str, tmp_path: Path
) -> None:
    from netshell.shell.ladders import Growing

    monkeypatch.setattr(growing, "started", [])
    run = ByHand()
    capture = Capture(Store(), names=["eth0"], run=run)
    capture.add(chunk("0 > S 0\n10 < S. 0 1"))
    run.stop()
    with (tmp_path / "out").open("w", encoding=encoding) as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        ladder = capture.flows[0].ladder(live=True)
        lines = Growing(ladder, lambda text, style: text).lines(10)
    assert sum(line.count(rail) == 2 for line in lines) == 3
    assert lines[-1].endswith("the ladder of flow 0 ends: the capture stopped")

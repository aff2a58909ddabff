"""Messages above the prompt as they come, on a real wire, on a real screen."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import traffic
from pty_shell import CTRL_C, Shell
from recorder import Exchange

from netshell.lab.servers import start_http
from netshell.lab.wire import Wire
from netshell.protocols.api import Message, Part
from netshell.protocols.live import LiveMessages
from netshell.shell.messages import MOST, Coming


def test_they_are_printed_while_one_types_and_ctrl_c_ends_it(tmp_path: Path, wire: Wire) -> None:
    start_http(wire.server)
    with Shell(tmp_path, enter=wire.client.enter, columns=140) as shell:
        shell.ready()
        shell.run('cap = sniff("tcp port 80", iface="eth0")')
        shell.run("coming = cap.messages.live()")
        shell.shows("packets are not printed while messages are")
        shell.type("half a line")
        shell.until(lambda: shell.cursor_line.endswith("half a line"), "what was typed")
        wire.client.call(traffic.get, wire.server.ipv4)
        shell.until(lambda: "GET /" in shell.text and "200 OK" in shell.text, "the exchange")
        shell.until(lambda: shell.cursor_line.endswith("half a line"), "what was typed, below it")
        shell.type(CTRL_C)  # the line is given up
        shell.until(lambda: not shell.cursor_line.endswith("half a line"), "an empty line")
        shell.until(lambda: shell.at_prompt, "the prompt")
        shell.type(CTRL_C)
        shell.shows("messages: stopped")
        shell.run("cap.running")
        shell.shows("True")
        assert "Traceback" not in shell.text


@dataclass
class Origin:
    """A capture that a test feeds."""

    found: list[Message]
    running: bool = True
    is_behind: bool = False

    def since(self, count: int) -> tuple[list[Message], int]:
        return self.found[count:], len(self.found)

    def wait(self, seconds: float) -> None:
        raise AssertionError("nobody waits here")


def said(number: int) -> Message:
    parts = (Part("client", 0, 5, 1000, 1000), Part("server", 0, 4, 2000, 3000))
    return Exchange(kind="ask", parts=parts, line=f"ask {number}", answer="\x1b[2Jno")


def printed(coming: Coming, monkeypatch: pytest.MonkeyPatch) -> Sequence[str]:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "utf-8"))
    return coming.lines(16)


def test_each_is_printed_once_and_what_is_too_much_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    origin = Origin([said(0)])
    coming = Coming(LiveMessages(origin))
    note, line = printed(coming, monkeypatch)
    assert "not printed" in note and "ask 0 → \\x1b[2Jno" in line and line.endswith(" took 2 µs")
    assert printed(coming, monkeypatch) == []
    origin.found += [said(number) for number in range(1, 200)]
    first, *rest = printed(coming, monkeypatch)
    assert first == f"… {199 - MOST} messages not shown, they are kept" and len(rest) == MOST
    origin.found += [said(number) for number in range(MOST + 2)]  # which is no flood
    assert len(printed(coming, monkeypatch)) == MOST + 2
    origin.running = False
    (note,) = printed(coming, monkeypatch)
    assert note == f"{242 + MOST - 40} messages: the capture stopped" and coming.ended


def test_stopped_it_prints_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    coming = Coming(LiveMessages(Origin([said(0)])))
    coming.stop()
    assert printed(coming, monkeypatch)[-1] == "0 messages: stopped" and coming.ended

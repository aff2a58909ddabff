"""A ladder that grows above the prompt, on a real wire, on a real screen."""

from __future__ import annotations

import re
from pathlib import Path

import traffic
from pty_shell import CTRL_C, Shell

from netshell.lab.servers import start_http
from netshell.lab.wire import Wire


def rungs(shell: Shell) -> list[str]:
    return [line for line in shell.lines if line.count("│") == 2]


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

        drawn = rungs(shell)
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

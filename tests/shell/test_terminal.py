"""Capturing while typing, on a real wire, on a real screen."""

from __future__ import annotations

import re
from pathlib import Path

import traffic
from pty_shell import CTRL_C, ENTER, Shell

from netshell.lab.servers import start_http
from netshell.lab.wire import Wire


def test_capture_while_typing(tmp_path: Path, wire: Wire) -> None:
    start_http(wire.server)
    with Shell(tmp_path, enter=wire.client.enter, columns=100) as shell:
        shell.ready()
        assert shell.cursor_line == "[eth0] In [1]:"
        shell.run('cap = sniff("tcp port 80", iface="eth0")')
        assert shell.cursor_line == "[eth0 ●   0 pkt 0 drop] In [2]:"
        shell.type("half a line")
        shell.until(lambda: shell.cursor_line.endswith("half a line"), "what was typed")

        assert wire.client.call(traffic.get, wire.server.ipv4) == 200
        shell.until(
            lambda: re.search(r"●  1\d pkt 0 drop\] In \[2\]: half a line", shell.cursor_line),
            "the figures beside what was typed",
        )
        # What comes while the printer prints is counted at once, and printed at its next look.
        shell.until(
            lambda: all(
                flags in shell.text.partition("half a line")[0]
                for flags in (" SYN ", " SYN,ACK ", " PSH,ACK ", " FIN,ACK ")
            ),
            "every kind of packet above",
        )
        shell.until(
            lambda: re.search(r"● eth0  tcp port 80  1\d packets  0 dropped", shell.text),
            "the line below",
        )

        shell.type(CTRL_C)
        shell.until(lambda: shell.at_prompt, "an empty line")
        shell.run("cap.stop()")
        shell.shows('Out[2]: captured on eth0, filter "tcp port 80": 1')
        assert "capture stopped" not in shell.text  # it was just said
        assert shell.text.count(" SYN ") == 1  # printed as it came, not again at the stop
        shell.until(lambda: shell.cursor_line == "[eth0] In [3]:", "the idle prompt")
        assert not any("tcp port 80  1" in line for line in shell.lines[-3:])
        shell.run("cap.stats.received == len(cap) >= 10")
        shell.shows("True")


def test_a_result_is_not_torn_apart_by_what_is_printed(tmp_path: Path, wire: Wire) -> None:
    """IPython applies patch_stdout only while prompting, not while a cell shows its value."""
    with Shell(tmp_path, enter=wire.client.enter, columns=100) as shell:
        shell.ready()
        shell.run('cap = sniff("udp port 9", iface="eth0")')
        shell.run("class Late: __repr__ = lambda self: (cap.stop(), end.join(1), 'the value')[2]")
        shell.type("end = get_ipython().printer._thread; Late()" + ENTER)
        shell.shows("capture stopped: 0 packets")
        shell.until(lambda: shell.cursor_line.startswith("[eth0] In ["), "the idle prompt")
        assert "Out[3]: the value\n" in shell.text


def test_a_hostile_payload_leaves_the_terminal_alone(tmp_path: Path, wire: Wire) -> None:
    hostile = [
        b"\x1b]0;owned\x07\x1b[2J\x1b[31mred\x1b[0m",
        b"\x00\x08\x7f\r\rover\x9b31m\xff\xfe",
        "\u202egnp.exe \u2066x\u200b\U000e0041".encode(),
    ]
    shell_on = Shell(tmp_path, "--profile", "teach", enter=wire.client.enter, columns=120, rows=60)
    with shell_on as shell:
        shell.ready()
        title = shell.screen.title
        shell.run('cap = sniff("udp port 9", iface="eth0")')
        start = len(shell.raw)
        wire.server.call(traffic.datagrams, wire.client.ipv4, 9, hostile)
        shell.until(lambda: "3 pkt" in shell.cursor_line, "three packets")
        shell.shows(".]0;owned")
        shell.run("cap.show()")
        shell.shows("red")
        shell.run("[packet.payload for packet in cap[:]]")
        received = shell.raw[start:]
        for sequence in (b"\x1b]0;owned", b"\x1b[31mred", b"\x9b31m", "\u202e".encode(), b"\x00"):
            assert sequence not in received
        assert shell.screen.title == title


def test_a_hostile_interface_name_leaves_the_terminal_alone(tmp_path: Path, wire: Wire) -> None:
    """The kernel allows any bytes but white space, "/" and ":"; a name is in nearly every line."""
    title, struck = "\x1b]0;own\x07", "\x1b[9m\u202e\udcff"
    for command in (
        ["link", "add", title, "type", "veth", "peer", "name", "far0"],
        ["link", "add", struck, "type", "veth", "peer", "name", "far1"],
        *(["link", "set", name, "up"] for name in (title, struck, "far0", "far1")),
        ["address", "add", "10.9.0.1/24", "dev", title],
        ["route", "add", "default", "via", "10.9.0.2"],
    ):
        wire.client.run(["ip", *command], check=True)
    with Shell(tmp_path, enter=wire.client.enter, columns=120, rows=60) as shell:
        shell.ready()
        own = "\\x1b]0;own\\x07"
        assert shell.cursor_line == f"[{own}] In [1]:"  # the prompt names where the default leads
        before = shell.screen.title
        shell.run("names = [i.name for i in ifaces() if i.name[0] == chr(27)]")
        shell.run('cap = sniff("ether proto 0x88b6", iface=names)')
        wire.client.call(traffic.frames, "far0", 2)
        wire.client.call(traffic.frames, "far1", 1)
        shell.until(lambda: "3 pkt" in shell.cursor_line, "three packets")
        shell.shows(f" {own} In ")
        shell.until(lambda: f"● {own}" in shell.text, "the line below")
        wire.client.run(["ip", "link", "delete", title], check=True)
        shell.shows(f"{own} delivers no more")
        wire.client.run(["ip", "link", "delete", struck], check=True)
        shell.shows("capture stopped: 3 packets")
        shell.shows("the capture ended on every interface")
        for line in ("cap", "cap[0]", "cap[2]", "ifaces()", "cap.names", "explain(cap[0])"):
            shell.run(line)
        shell.run("sniff(iface=names[0])")
        shell.shows("no such interface")
        for sequence in (title, struck[:4]):
            assert sequence.encode() not in shell.raw
        for octets in ("\u202e".encode(), b"\xff"):
            assert octets not in shell.raw
        assert shell.screen.title == before
        assert "Traceback" not in shell.text


def test_a_flood_is_counted_not_printed(tmp_path: Path, wire: Wire) -> None:
    with Shell(tmp_path, enter=wire.client.enter, columns=100) as shell:
        shell.ready()
        shell.run('cap = sniff("udp port 9", iface="eth0")')
        wire.server.call(traffic.flood, wire.client.ipv4, 9, 20_000)
        shell.shows("packets not shown (captured all the same)")
        shell.until(lambda: "20k pkt 0 drop" in shell.cursor_line, "all of them counted")
        shell.run("len(cap)")
        shell.shows(": 20000")
        assert sum("10.77.0.2:" in line for line in shell.lines) < 1000
        shell.type("exit" + ENTER)
        assert shell.end() == 0
        assert "capture stopped: 20,000 packets, 0 dropped" in shell.text
        assert "Traceback" not in shell.text


def test_waiting_in_the_foreground_prints_and_stops_with_ctrl_c(tmp_path: Path, wire: Wire) -> None:
    with Shell(tmp_path, enter=wire.client.enter, columns=100) as shell:
        shell.ready()
        shell.run('cap = sniff("udp port 9", iface="eth0")')
        shell.type("print('wait', 'ing'); n = len(cap.wait(count=10))" + ENTER)
        shell.shows("wait ing")
        wire.server.call(traffic.flood, wire.client.ipv4, 9, 4)
        shell.until(lambda: shell.text.count("UDP len 20") == 4, "four packets")
        shell.type(CTRL_C)
        shell.until(lambda: shell.at_prompt, "the prompt")
        shell.run("n, len(cap.stop())")
        shell.shows("(4, 4)")
        assert "Traceback" not in shell.text


def test_a_capture_that_lost_its_name_is_told_of_and_can_be_stopped(
    tmp_path: Path, wire: Wire
) -> None:
    with Shell(tmp_path, enter=wire.client.enter, columns=80) as shell:
        shell.ready()
        shell.run('cap = sniff("udp port 9", iface="eth0")')
        shell.run("also = cap; del cap")
        assert "still being captured" not in shell.text  # it has another name
        shell.run("also = None")
        shell.shows('"udp port 9" on eth0 is still being captured: captures()[0].stop() ends it')
        shell.run('cap = sniff("udp port 7", iface="eth0")')
        shell.run("%reset -f")
        shell.shows('"udp port 7" on eth0 is still being captured: captures()[1].stop() ends it')
        shell.run("len(captures().stop())")
        shell.until(lambda: shell.text.count("capture stopped") == 2, "both to end")
        shell.until(lambda: shell.cursor_line.startswith("[eth0] In ["), "the idle prompt")
        assert "Traceback" not in shell.text

"""``tcpdump -i`` in the lab, beside the real one on the same interface: lines, counters, ends."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import talks
from patience import DEADLINE_S, shortest

from netshell.lab.interpreter import module_environment
from netshell.lab.wire import Host, Wire

UDP = "udp port 9999"
CODE = """
import sys
from netshell.classic.tcpdump import run
try:
    found = run(sys.argv[1:], sys.stdout, sys.stderr)
except BrokenPipeError:
    sys.stderr.flush()
    import os
    os._exit(141)
if found.records is not None:
    sys.stderr.write(f"records {len(found.records)} {found.records.running}\\n")
sys.exit(found.status)
"""


class Live:
    """A program that captures on a host, known to be listening."""

    def __init__(self, host: Host, command: list[str], stdout: int = subprocess.PIPE) -> None:
        self.process = host.popen(
            command, stdout=stdout, stderr=subprocess.PIPE, env=module_environment()
        )
        self.said: list[str] = []
        assert self.process.stderr is not None
        while not self.said or "listening on" not in self.said[-1]:
            line = self.process.stderr.readline()
            assert line, self.said
            self.said.append(line)

    def end(self, number: int | None = signal.SIGINT) -> tuple[str, list[str], int]:
        """Interrupt it, or wait for its end: what it printed, said, and its status."""
        if number is not None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=DEADLINE_S)
        said = [line for line in self.said if "dropped privs" not in line]
        return out, said + err.splitlines(keepends=True), self.process.returncode


def ours(host: Host, *arguments: str) -> Live:
    return Live(host, [sys.executable, "-W", "error", "-c", CODE, *arguments])


@pytest.fixture
def theirs(peer: Callable[[str], Path]) -> Callable[..., Live]:
    program = str(peer("tcpdump"))

    def start(host: Host, *arguments: str) -> Live:
        # A lab's host is root in a namespace where there is nobody else to go on as.
        return Live(host, [program, "-Z", "root", *arguments])

    return start


def counters(said: list[str]) -> list[str]:
    return [line for line in said if " packet" in line]


def without_records(said: list[str]) -> list[str]:
    return [line for line in said if not line.startswith("records ")]


def until(live: Live, count: int) -> list[str]:
    """So many lines of its output, as they come."""
    assert live.process.stdout is not None
    return [live.process.stdout.readline() for _ in range(count)]


@pytest.mark.parametrize("options", ["-nn", "-nne", "-nnX", "-nnvv", "-nnA -s 60", "-nnq -p"])
def test_lines_and_closing_lines_are_tcpdump_s(
    options: str, wire: Wire, theirs: Callable[..., Live]
) -> None:
    arguments = ("-i", "eth0", "-t", *options.split(), "-c", "14", "port 9999 or port 10000")
    running = [ours(wire.client, *arguments), theirs(wire.client, *arguments)]
    wire.server.call(talks.listen, wire.server.ipv4, wire.server.ipv6)
    wire.client.call(talks.datagrams, wire.server.ipv4, 5)
    wire.client.call(talks.datagrams, wire.server.ipv6, 3)
    wire.client.call(talks.connection, wire.server.ipv4)
    (out, said, status), (their_out, their_said, their_status) = (
        live.end(None) for live in running
    )
    assert out.splitlines() == their_out.splitlines()
    assert status == their_status == 0
    assert said[-1] == "records 14 False\n"
    here, there = without_records(said), their_said
    assert [line for line in here if "received by filter" not in line] == [
        line for line in there if "received by filter" not in line
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_with_the_closing_lines(
    number: int, wire: Wire, theirs: Callable[..., Live]
) -> None:
    running = [start(wire.client, "-nnt", "-l", "-i", "eth0", UDP) for start in (ours, theirs)]
    wire.server.call(talks.listen, wire.server.ipv4)
    wire.client.call(talks.datagrams, wire.server.ipv4, 4)
    first = [until(live, 4) for live in running]
    ends = [live.end(number) for live in running]
    assert first[0] == first[1]
    assert ends[0][0] == ends[1][0] == "\n"
    assert without_records(ends[0][1]) == ends[1][1]
    assert counters(ends[0][1])[-3:] == [
        "4 packets captured\n", "4 packets received by filter\n", "0 packets dropped by kernel\n",
    ]  # fmt: skip
    assert ends[0][2] == ends[1][2] == 0


def test_a_packet_is_shown_at_once(wire: Wire) -> None:
    live = ours(wire.client, "-nnt", "-i", "eth0", UDP)
    wire.server.call(talks.listen, wire.server.ipv4)

    def delay() -> float:
        begin = time.monotonic()
        wire.client.call(talks.datagrams, wire.server.ipv4, 1)
        assert until(live, 1)[0].endswith("UDP, length 0\n")
        return time.monotonic() - begin

    assert shortest(delay, 0.5) <= 0.5  # 0.1 s where nothing else runs
    live.end()


def test_a_reader_that_is_gone_ends_it_with_the_closing_lines(wire: Wire) -> None:
    live = ours(wire.client, "-nnt", "-i", "eth0", UDP)
    wire.server.call(talks.listen, wire.server.ipv4)
    wire.client.call(talks.datagrams, wire.server.ipv4, 1)
    until(live, 1)
    assert live.process.stdout is not None
    live.process.stdout.close()
    wire.client.call(talks.datagrams, wire.server.ipv4, 2)
    assert live.process.wait(DEADLINE_S) == 141
    assert live.process.stderr is not None
    assert re.search(r"(?m)^[123] packets? captured$", live.process.stderr.read())


def test_any_has_cooked_headers(wire: Wire, theirs: Callable[..., Live]) -> None:
    arguments = ("-i", "any", "-nnte", "-c", "6", UDP)
    running = [ours(wire.client, *arguments), theirs(wire.client, *arguments)]
    wire.client.call(talks.listen, "127.0.0.1")
    wire.server.call(talks.listen, wire.server.ipv4, wire.server.ipv6)
    wire.client.call(talks.datagrams, "127.0.0.1", 2)
    wire.client.call(talks.datagrams, wire.server.ipv4, 2)
    wire.client.call(talks.datagrams, wire.server.ipv6, 2)
    (out, said, _), (their_out, their_said, _) = (live.end(None) for live in running)
    assert sorted(out.splitlines()) == sorted(their_out.splitlines())
    assert said[:3] == their_said[:3]


@pytest.mark.parametrize("direction", ["in", "out", "inout"])
def test_directions(direction: str, wire: Wire, theirs: Callable[..., Live]) -> None:
    arguments = ("-i", "eth0", "-nnt", "-l", "-Q", direction, UDP)
    running = [start(wire.client, *arguments) for start in (ours, theirs)]
    wire.server.call(talks.listen, wire.server.ipv4)
    wire.client.call(talks.listen, wire.client.ipv4)
    wire.client.call(talks.datagrams, wire.server.ipv4, 2)
    wire.server.call(talks.datagrams, wire.client.ipv4, 2)
    count = 4 if direction == "inout" else 2
    first, second = (until(live, count) for live in running)
    assert first == second
    (out, _, _), (their_out, _, _) = (live.end() for live in running)
    assert out == their_out == "\n"


def test_written_and_read_again(wire: Wire, tmp_path: Path, theirs: Callable[..., Live]) -> None:
    from tcpdumps import run

    for options in ("", "--nano"):
        made = []
        for name, start in (("ours", ours), ("theirs", theirs)):
            place = tmp_path / name
            words = ["-i", "eth0", "-U", "-w", str(place), "-c", "3", *options.split(), UDP]
            made.append((place, start(wire.client, *words)))
        if not options:
            wire.server.call(talks.listen, wire.server.ipv4)
        wire.client.call(talks.datagrams, wire.server.ipv4, 3)
        said = [live.end(None)[1] for _, live in made]
        assert without_records(said[0])[0] == said[1][0].replace("data link", "")
        assert counters(said[0])[0] == counters(said[1])[0] == "3 packets captured\n"
        texts = [run("-nnt", "-r", str(place)).out for place, _ in made]
        assert texts[0] == texts[1] != ""
        heads = [place.read_bytes()[:24] for place, _ in made]
        assert heads[0] == heads[1]


def test_an_interface_by_its_number(wire: Wire) -> None:
    listed = wire.client.run(
        [sys.executable, "-c", CODE, "-D"], env=module_environment()
    ).stdout.splitlines()
    number = next(line.partition(".")[0] for line in listed if ".eth0" in line)
    live = ours(wire.client, "-i", number, "-c", "1", UDP)
    assert "listening on eth0, link-type EN10MB" in live.said[-1]
    live.end()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [("-i nope", "cannot capture on nope: no such interface"),
     ("-i 77", "tcpdump -i: invalid adapter index 77"),
     ("-i eth0 bad filter", 'filter "bad filter"')],
)  # fmt: skip
def test_refusals(arguments: str, said: str, wire: Wire) -> None:
    done = wire.client.run(
        [sys.executable, "-c", CODE, *arguments.split()], env=module_environment(), check=False
    )
    assert said in done.stderr
    assert done.returncode


def test_a_burst_is_counted_packet_by_packet(wire: Wire) -> None:
    """Lines are written many at a time then."""
    live = ours(wire.client, "-nnt", "-i", "lo", UDP)
    wire.client.call(talks.listen, "127.0.0.1")
    wire.client.call(talks.datagrams, "127.0.0.1", 1000)
    lines = until(live, 1000)
    assert [line.rpartition(" ")[2] for line in lines] == [f"{size}\n" for size in range(1000)]
    _, said, _ = live.end()
    assert counters(said)[0] == "1000 packets captured\n"


def test_counting_prints_no_packet(wire: Wire) -> None:
    live = ours(wire.client, "--count", "-c", "3", "-i", "lo", UDP)
    wire.client.call(talks.listen, "127.0.0.1")
    wire.client.call(talks.datagrams, "127.0.0.1", 5)
    out, said, _ = live.end(None)
    assert out == ""
    assert counters(said)[0] == "3 packets captured\n"

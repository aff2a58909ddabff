"""Live capture: packets lost and CPU spent, netshell beside ``tcpdump -w``, on the same wire.

    python benchmarks/capture.py [RATE ...] [--seconds 4] [--best-of 5] [--sizes small|mixed]
                                 [--rows memory,write,...]

In the lab (two network namespaces, a veth pair; no root where the kernel allows it)
``benchmarks/flood.py`` sends TCP packets to port 80 at each RATE a second (50,000 200,000
1,000,000) for so many seconds. Each program gets the same traffic in a run of its own, with the
filter ``tcp port 80``:

    tcpdump   -w to a file in memory, with a buffer of 64 MiB, as netshell's
    dumpcap   the same to a pcapng file, which tcpdump does not write
    memory    netshell, all packets kept in memory, and nothing written
    write     with write= to a pcap file in memory, beside keeping all
    only      with write= and keep=0
    pcapng    as write, to a pcapng file: 104 bytes for a packet of 60, where pcap has 76, as each
              says its direction
    keep      with keep="100 MB"
    busy      as memory, while the main thread runs a Python loop, as code at the prompt might
    libpcap   as memory, with the engine of systems without packet rings

CPU is the whole receiving process's while the traffic lasts, from /proc/PID/schedstat of all its
threads (nanoseconds), and counted a packet: runs differ in how many were sent. What tcpdump loses
without counting it is the last block of its ring, which it leaves there when it is interrupted.
Of several runs the cheapest counts; lost are those of all.

Held: nothing dropped in memory and with ``write``; at 1,000,000, CPU within 1.2 times that of the
program that writes the same format.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from netshell.lab.interpreter import module_environment
from netshell.lab.wire import Wire

FILTER = "tcp port 80"
HERE = Path(__file__).resolve()
FLOOD = HERE.with_name("flood.py")
OPTIONS: dict[str, dict[str, Any]] = {
    "memory": {},
    "write": {"write": "x.pcap"},
    "only": {"write": "x.pcap", "keep": 0},
    "pcapng": {"write": "x.pcapng"},
    "keep": {"keep": "100 MB"},
    "busy": {},
    "libpcap": {},
}


class Result(NamedTuple):
    """What one run came to; packets, and seconds of CPU."""

    sent: int
    captured: int
    dropped: int  # as the program says
    cpu_s: float


# --- the receivers, on the server -----------------------------------------------------------


def receive(how: str) -> None:
    """Capture until a line comes on standard input, then say what was captured and lost."""
    from netshell.capture import live, opening

    opener = opening.open_libpcap if how == "libpcap" else opening.open_source
    cap = live.start(FILTER, ["eth0"], open_source=opener, **OPTIONS[how])
    print("ready", flush=True)
    if how == "busy":
        import threading

        over = threading.Event()
        threading.Thread(target=lambda: (sys.stdin.readline(), over.set()), daemon=True).start()
        while not over.is_set():
            sum(range(10_000))
    else:
        sys.stdin.readline()
    cap.stop()
    stats = cap.stats
    held = stats.written if "write" in OPTIONS[how] else stats.received
    print(held, stats.dropped + stats.unwritten, flush=True)


def run_netshell(wire: Wire, flood: Sequence[str], folder: str, how: str) -> Result:
    process = wire.server.popen(
        [sys.executable, HERE, "receive", how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=module_environment(),
        cwd=folder,
    )
    assert process.stdout is not None
    process.stdout.readline()
    before = cpu_s(process.pid)
    sent = send(wire, flood)
    spent = cpu_s(process.pid) - before
    output, _ = process.communicate("\n")
    captured, dropped = output.split()
    return Result(sent, int(captured), int(dropped), spent)


def run_tcpdump(wire: Wire, flood: Sequence[str], folder: str) -> Result:
    user = ["-Z", "root"] if os.geteuid() == 0 else []
    command = ["tcpdump", "-i", "eth0", "-n", "-B", "65536", *user, "-w", "x.pcap", FILTER]
    sent, spent, said = run_peer(wire, flood, folder, command, "listening")
    numbers = {
        line.split(maxsplit=1)[1]: int(line.split()[0])
        for line in said.splitlines()
        if line[:1].isdigit()
    }
    return Result(sent, numbers["packets captured"], numbers["packets dropped by kernel"], spent)


def run_dumpcap(wire: Wire, flood: Sequence[str], folder: str) -> Result:
    command = ["dumpcap", "-q", "-i", "eth0", "-B", "64", "-w", "x.pcapng", "-f", FILTER]
    sent, spent, said = run_peer(wire, flood, folder, command, "File:")
    found = re.search(r"interface '.*': (\d+)/(\d+)", said)
    assert found is not None, said
    return Result(sent, int(found[1]), int(found[2]), spent)


def run_peer(
    wire: Wire, flood: Sequence[str], folder: str, command: Sequence[str], ready: str
) -> tuple[int, float, str]:
    """Packets sent, seconds of CPU, and what the program says at its end."""
    process = wire.server.popen(command, stderr=subprocess.PIPE, cwd=folder)
    assert process.stderr is not None
    while ready not in (line := process.stderr.readline()):
        assert line, f"{command[0]} ended"
    before = cpu_s(process.pid)
    sent = send(wire, flood)
    spent = cpu_s(process.pid) - before
    process.send_signal(signal.SIGINT)
    return sent, spent, process.communicate()[1]


def send(wire: Wire, flood: Sequence[str]) -> int:
    done = wire.client.run(
        [sys.executable, FLOOD, *flood],
        env=module_environment(),
        check=True,
        timeout_s=float(flood[0]) + 30,
    )
    return int(done.stdout)


def cpu_s(pid: int) -> float:
    """CPU seconds all threads of a process have used, user and system."""
    spent = (path.read_text().split()[0] for path in Path(f"/proc/{pid}/task").glob("*/schedstat"))
    return sum(map(int, spent)) / 1e9


# --- the table ------------------------------------------------------------------------------


def main(rates: Sequence[int], seconds: float, runs: int, sizes: str, chosen: str) -> None:
    wanted = chosen.split(",")
    rows = {how: partial(run_netshell, how=how) for how in OPTIONS if how in wanted}
    for name, run in (("dumpcap", run_dumpcap), ("tcpdump", run_tcpdump)):
        if shutil.which(name) and (name == "tcpdump" or "pcapng" in wanted):
            rows = {name: run, **rows}
    print(
        f"{seconds:g} s, {sizes} packets, filter {FILTER!r}, {os.cpu_count()} CPUs, "
        f"load {os.getloadavg()[0]:.1f}, best of {runs}"
    )
    head = f"{'asked/s':>9} {'sent/s':>9}  {'program':8} {'captured':>10} {'lost':>8}"
    print(f"{head} {'ns CPU/packet':>14}  to its peer")
    for rate in rates:
        flood = [str(seconds), str(rate), sizes]
        found: dict[str, list[Result]] = {name: [] for name in rows}
        for _ in range(runs):  # in turn, so that a noisy minute meets all of them
            for name, measure in rows.items():
                with Wire.open() as wire, tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
                    found[name].append(measure(wire, flood, folder))
        bases: dict[str, float] = {}
        for name, results in found.items():
            cost, best = min((result.cpu_s / result.sent, result) for result in results)
            lost = sum(result.sent - result.captured for result in results)
            said = sum(result.dropped for result in results)
            peer = "dumpcap" if name in ("dumpcap", "pcapng") else "tcpdump"
            base = bases.setdefault(peer, cost) if name == peer else bases.get(peer)
            ratio = f"{cost / base:.2f} x {peer}" if base and name != "busy" else ""
            print(
                f"{rate or 'all':>9} {best.sent / seconds:9,.0f}  {name:8} {best.captured:10,} "
                f"{lost:8,} {cost * 1e9:14,.0f}  {ratio}"
                + ("" if lost == said else f"   (it says {said:,} dropped)"),
                flush=True,
            )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("rates", nargs="*", type=int, help="packets a second; 0: all that go")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--best-of", type=int, default=5)
    parser.add_argument("--sizes", choices=["small", "mixed"], default="small")
    parser.add_argument("--rows", default=",".join(OPTIONS))
    return parser.parse_args()


if __name__ == "__main__":
    if sys.argv[1:2] == ["receive"]:
        receive(sys.argv[2])
    else:
        given = arguments()
        asked = given.rates or [50_000, 200_000, 1_000_000]
        main(asked, given.seconds, given.best_of, given.sizes, given.rows)

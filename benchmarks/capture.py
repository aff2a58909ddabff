"""Live capture: packets lost and CPU spent, netshell beside ``tcpdump -w``, on the same wire.

    python benchmarks/capture.py [SECONDS] [RATE ...]         (best of 5: of 1 with RUNS=1 set)

In the lab (two network namespaces, a veth pair; no root where the kernel allows it) a generator
sends small TCP packets to port 80 at each RATE a second (50,000 200,000, and 0 for as fast as it
can) for SECONDS (4). Each program gets the same traffic in a run of its own, with the filter
``tcp port 80``; ``write`` is netshell with ``write=`` to a file in memory as tcpdump does,
``keep`` with ``keep="100 MB"``, ``busy`` while the main thread runs a Python loop, as a user's
code at the prompt might. CPU is the whole receiving process's while the traffic lasts, from
/proc/PID/schedstat of all its threads (nanoseconds), and counted a packet: runs differ in how
many were sent. What tcpdump loses without counting it is the last block of its ring, which it
leaves there when it is interrupted. Of several runs the cheapest counts; lost are those of all.

Held: nothing dropped; CPU within 1.2 times tcpdump's at the fastest rate.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from netshell.lab.interpreter import module_environment
from netshell.lab.wire import Wire

FILTER = "tcp port 80"
SOL_PACKET, PACKET_QDISC_BYPASS = 263, 20
BATCH = 64


# --- the generator, in the client's namespace -----------------------------------------------


def generate(seconds: float, rate: int) -> int:
    """Send small segments to port 80; how many. ``rate`` a second, or 0 for all that go."""
    flows = 1024
    frames = np.zeros((flows, 60), np.uint8)
    ip = struct.pack(
        ">BBHHHBBH4s4s", 0x45, 0, 46, 1, 0x4000, 64, 6, 0, b"\x0a\x4d\0\1", b"\x0a\x4d\0\2"
    )
    for i in range(flows):
        tcp = struct.pack(">HHIIBBHHH", 20_000 + i, 80, 1000 * i, 1, 0x50, 0x10, 500, 0, 0)
        # A MAC address that is nobody's: the receiver's stack drops it early, the capture sees it.
        ethernet = b"\x02\0\0\0\0\x77" + b"\x02\0\0\0\0\x01" + b"\x08\0"
        frames[i] = np.frombuffer((ethernet + ip + tcp).ljust(60, b"\0"), np.uint8)
    vectors = np.zeros((flows, 2), np.uint64)
    vectors[:, 0] = frames.ctypes.data + 60 * np.arange(flows, dtype=np.uint64)
    vectors[:, 1] = 60
    messages = np.zeros((flows, 8), np.uint64)  # struct mmsghdr, on 64-bit Linux
    messages[:, 2] = vectors.ctypes.data + 16 * np.arange(flows, dtype=np.uint64)
    messages[:, 3] = 1
    send = ctypes.CDLL(None, use_errno=True).sendmmsg
    sent = 0
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as out:
        out.bind(("eth0", 0))
        out.setsockopt(SOL_PACKET, PACKET_QDISC_BYPASS, 1)
        start = time.perf_counter()
        while (passed := time.perf_counter() - start) < seconds:
            due = int(passed * rate) - sent if rate else flows
            if due < (BATCH if rate else 1):
                time.sleep(BATCH / rate / 2)
                continue
            done = send(out.fileno(), ctypes.c_void_p(messages.ctypes.data), min(due, flows), 0)
            sent += max(done, 0)
    return sent


# --- the receivers, in the server's ---------------------------------------------------------


def receive(how: str, path: str) -> None:
    """Capture until a line comes on standard input, then say what was captured and lost."""
    from netshell.capture import live

    every: dict[str, dict[str, Any]] = {
        "write": {"write": path},
        "keep": {"keep": "100 MB"},
        "only": {"write": path, "keep": 0},
    }
    options = every.get(how, {})
    cap = live.start(FILTER, ["eth0"], **options)
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
    held = stats.written if "write" in options else stats.received
    print(held, stats.dropped + stats.unwritten, flush=True)


def run_netshell(wire: Wire, seconds: float, rate: int, how: str) -> tuple[int, int, int, float]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        return _run_netshell(wire, seconds, rate, how, str(Path(folder) / "x.pcap"))


def _run_netshell(
    wire: Wire, seconds: float, rate: int, how: str, path: str
) -> tuple[int, int, int, float]:
    process = wire.server.popen(
        [sys.executable, __file__, "receive", how, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=module_environment(),
    )
    assert process.stdout is not None
    assert process.stdin is not None
    process.stdout.readline()
    before = cpu_s(process.pid)
    sent = send(wire, seconds, rate)
    spent = cpu_s(process.pid) - before
    output, _ = process.communicate("\n")
    captured, dropped = output.split()
    return sent, int(captured), int(dropped), spent


def run_tcpdump(wire: Wire, seconds: float, rate: int) -> tuple[int, int, int, float]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        user = ["-Z", "root"] if os.geteuid() == 0 else []
        path = str(Path(folder) / "x.pcap")
        process = wire.server.popen(
            ["tcpdump", "-i", "eth0", "-n", "-B", "65536", *user, "-w", path, FILTER],
            stderr=subprocess.PIPE,
        )
        assert process.stderr is not None
        while "listening" not in process.stderr.readline():
            pass
        before = cpu_s(process.pid)
        sent = send(wire, seconds, rate)
        spent = cpu_s(process.pid) - before
        process.send_signal(signal.SIGINT)
        said = process.communicate()[1]
    numbers = {
        line.split(maxsplit=1)[1]: int(line.split()[0])
        for line in said.splitlines()
        if line[:1].isdigit()
    }
    return sent, numbers["packets captured"], numbers["packets dropped by kernel"], spent


def send(wire: Wire, seconds: float, rate: int) -> int:
    done = wire.client.run(
        [sys.executable, __file__, "generate", str(seconds), str(rate)],
        env=module_environment(),
        check=True,
        timeout_s=seconds + 30,
    )
    return int(done.stdout)


def cpu_s(pid: int) -> float:
    """CPU seconds all threads of a process have used, user and system."""
    spent = (path.read_text().split()[0] for path in Path(f"/proc/{pid}/task").glob("*/schedstat"))
    return sum(map(int, spent)) / 1e9


Row = tuple[int, int, int, float]


def main(seconds: float = 4, *rates: int) -> None:
    rows: list[tuple[str, Callable[[Wire, int], Row]]] = [
        (f"netshell {how}".strip(), partial(_measured, seconds=seconds, how=how))
        for how in ("", "write", "only", "keep", "busy")
    ]
    if shutil.which("tcpdump"):
        rows.insert(0, ("tcpdump -w", lambda wire, rate: run_tcpdump(wire, seconds, rate)))
    runs = int(os.environ.get("RUNS", "5"))
    load = os.getloadavg()[0]
    print(
        f"{seconds:g} s, filter {FILTER!r}, {os.cpu_count()} CPUs, load {load:.1f}, best of {runs}"
    )
    head = f"{'asked/s':>9} {'sent/s':>9}  {'program':14} {'captured':>10} {'lost':>8}"
    print(f"{head} {'ns CPU/packet':>14}  to tcpdump")
    for rate in rates or (50_000, 200_000, 0):
        found: dict[str, list[Row]] = {name: [] for name, _ in rows}
        for _ in range(runs):  # in turn, so that a noisy minute meets all of them
            for name, measure in rows:
                with Wire.open() as wire:
                    found[name].append(measure(wire, rate))
        base = 0.0
        for name, results in found.items():
            cost, (sent, captured, _, _) = min((row[3] / row[1], row) for row in results)
            lost = sum(row[0] - row[1] for row in results)
            said = sum(row[2] for row in results)
            base = cost if name.startswith("tcpdump") else base
            ratio = f"{cost / base:.2f}" if base and "busy" not in name else ""
            print(
                f"{rate or 'all':>9} {sent / seconds:9,.0f}  {name:14} {captured:10,} "
                f"{lost:8,} {cost * 1e9:14,.0f}  {ratio}"
                + ("" if lost == said else f"   (it says {said:,} dropped)"),
                flush=True,
            )


def _measured(wire: Wire, rate: int, seconds: float, how: str) -> Row:
    return run_netshell(wire, seconds, rate, how)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["generate", seconds, rate]:
            print(generate(float(seconds), int(rate)))
        case ["receive", how, path]:
            receive(how, path)
        case [seconds, *rates]:
            main(float(seconds), *map(int, rates))
        case _:
            main()

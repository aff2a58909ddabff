"""How fast a capture file becomes a flow table, beside the programs that go through the same one.

    python benchmarks/flows.py [PACKETS] [RUNS]

A seeded capture of PACKETS (1,000,000) is made in a temporary folder (benchmarks/generate.py); it
is in the page cache then. Every figure is a whole process, from its start to its end, the best of
RUNS (5), tshark's of two at most. A program's runs follow each other: a virtual machine may give
memory that was free for a while back to its host, and whoever needs it next waits for that, not
for what is measured. Scapy's PcapReader counts the packets of each pair of endpoints in the first
fiftieth; its time for that is multiplied. The stages below are measured inside one process, one
after the other, in one thread; "shown" is the table of the first forty flows with their details,
"details" those of all flows.

Asserted: the TCP conversations, their packets and their bytes are those that tshark counts.
Held: 15 x tshark, 300 x Scapy, 3 x tcpdump, at most 5 x cat.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from generate import generate

from netshell.capture.file import read
from netshell.flow.table import FlowTable
from netshell.packet.table import decode

SCAPY_SHARE = 50
HELD = {"tshark": 15, "Scapy": 300, "tcpdump": 3}
AIMED_AT_CAT = 5
OURS = "import sys; from netshell import read; print(len(read(sys.argv[1]).flows))"
_CONVERSATION = re.compile(
    r"^(\S+)\s+<->\s+(\S+)\s+(\d+) (\d+) (\w+)\s+(\d+) (\d+) (\w+)\s+(\d+) (\d+) (\w+)\s"
)
_UNITS = {"bytes": 1, "kB": 1000, "MB": 1_000_000, "GB": 1_000_000_000}
Row = tuple[str, str, int, int, int, int]


def program(*command: str) -> str:
    return subprocess.run(
        command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    ).stdout  # fmt: skip


def unread(*command: str) -> None:
    subprocess.run(
        command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def scapy(path: Path, packets: int) -> float:
    """Seconds that Scapy would take to count packets by endpoints, from the file's beginning."""
    from scapy.all import IP, TCP, IPv6, PcapReader

    share = max(packets // SCAPY_SHARE, 1)
    counts: Counter[tuple[object, ...]] = Counter()
    start = time.perf_counter()
    with PcapReader(str(path)) as reader:
        for packet in islice(reader, share):
            if TCP in packet:
                ip = packet[IP] if IP in packet else packet[IPv6]
                counts[ip.src, packet[TCP].sport, ip.dst, packet[TCP].dport] += 1
    return (time.perf_counter() - start) * packets / share


def conversations(printed: str) -> list[Row]:
    """tshark's: both ends, packets and bytes each way, ordered; many bytes it rounds."""
    rows = []
    for line in printed.splitlines():
        found = _CONVERSATION.match(line)
        if found:
            left, right = found[1], found[2]
            back = int(found[3]), int(found[4]) * _UNITS[found[5]]
            out = int(found[6]), int(found[7]) * _UNITS[found[8]]
            rows.append(_ordered(left, right, out, back))
    return sorted(rows)


def ours(path: Path) -> list[Row]:
    return sorted(
        _ordered(
            f"{flow.client.address}:{flow.client.port}",
            f"{flow.server.address}:{flow.server.port}",
            (flow.client_packets, flow.client_bytes),
            (flow.server_packets, flow.server_bytes),
        )
        for flow in read(path).flows.where(proto="tcp")
    )


def same(row: Row, told: Row) -> bool:
    """Whether tshark counted this: all but the bytes that it rounds to their first digits."""
    counts = row[:3] == told[:3] and row[4] == told[4]
    return counts and all(abs(row[i] - told[i]) < _last_digit(told[i]) for i in (3, 5))


def _last_digit(size: int) -> int:
    return 1 if size < 10_000 else 1000 if size < 10_000_000 else 1_000_000


def _ordered(left: str, right: str, out: tuple[int, int], back: tuple[int, int]) -> Row:
    return (left, right, *out, *back) if left < right else (right, left, *back, *out)


def stages(path: Path, runs: int) -> dict[str, float]:
    """Seconds of each stage by itself."""
    names = (
        "read: where packets are", "decode: who talks to whom", "count the flows", "table",
        "decode: the rest", "shown", "details",
    )  # fmt: skip
    least = dict.fromkeys(names, float("inf"))
    for _ in range(runs):
        times = [time.perf_counter()]
        parts = read(path)._store.parts()
        times.append(time.perf_counter())
        decoded = [decode(part.chunk) for part in parts]
        for columns in decoded:
            columns.group("flow")
        times.append(time.perf_counter())
        table = FlowTable()
        for columns in decoded:
            table.extend(columns)
        times.append(time.perf_counter())
        table.columns()
        times.append(time.perf_counter())
        capture = read(path)
        flows = capture.flows
        begun = time.perf_counter()
        for part in capture._store.parts():
            part.columns.group("detail")
        times.append(times[-1] + time.perf_counter() - begun)
        for look in (lambda: str(flows), lambda: next(flows.data() or iter(()))):  # noqa: B023
            begun = time.perf_counter()
            look()
            times.append(times[-1] + time.perf_counter() - begun)
        for name, begin, end in zip(names, times, times[1:], strict=False):
            least[name] = min(least[name], end - begin)
    return least


def main(packets: int, runs: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = generate(Path(folder) / "flows.pcap", packets)
        file, size = str(path), path.stat().st_size
        work: dict[str, Callable[[], object]] = {
            "netshell": lambda: unread(sys.executable, "-c", OURS, file),
            "cat": lambda: unread("cat", file),
            "python, import": lambda: unread(sys.executable, "-c", "import netshell, numpy"),
        }
        if shutil.which("tcpdump"):
            # As root it would become another user, who may not look into the folder.
            dump = ["tcpdump", "-nn", "-r", file]
            if subprocess.run([*dump, "-c1", "-Z", "root"], capture_output=True).returncode == 0:
                dump += ["-Z", "root"]
            work["tcpdump"] = lambda: unread(*dump)
        if shutil.which("tshark"):
            work["tshark"] = lambda: program("tshark", "-q", "-z", "conv,tcp", "-r", file)
        least = dict.fromkeys(work, float("inf"))
        for name, do in work.items():
            for run in range(min(runs, 2) if name == "tshark" else runs):
                start = time.perf_counter()
                printed = do()
                least[name] = min(least[name], time.perf_counter() - start)
                if name == "tshark" and run == 0:
                    theirs, mine = conversations(str(printed)), ours(path)
                    assert len(mine) == len(theirs), (len(mine), len(theirs))
                    for row, told in zip(mine, theirs, strict=True):
                        assert same(row, told), (row, told)
                    print(f"{len(mine):,} TCP conversations, each as tshark counts it")
        least["Scapy"] = scapy(path, packets)
        inside = stages(path, runs)
    print(f"{packets:,} packets, {size / 1e6:,.0f} MB, best of {runs}")
    for name, seconds in least.items():
        print(f"{name:28} {seconds * 1000:10,.0f} ms {seconds / least['netshell']:9.2f} x netshell")
    for name, seconds in inside.items():
        print(f"  {name:26} {seconds * 1000:10,.0f} ms {packets / seconds:14,.0f} packets/s")
    wrong = [
        f"{name} {factor} x"
        for name, factor in HELD.items()
        if name in least and least[name] < factor * least["netshell"]
    ]
    if least["netshell"] > AIMED_AT_CAT * least["cat"]:
        print(f"cat: {least['netshell'] / least['cat']:.1f} x its time; aimed at {AIMED_AT_CAT} x")
    for name in HELD:
        if name not in least:
            print(f"{name} is not installed: not compared")
    print(f"NOT HELD: {', '.join(wrong)}" if wrong else "held")
    return 1 if wrong else 0


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:3]]
    sys.exit(main(*arguments, *(1_000_000, 5)[len(arguments) :]))

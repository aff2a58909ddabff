"""How fast frames become columns, baselines and lines, beside Scapy and tshark on the same file.

    python benchmarks/decode.py [PACKETS] [RUNS]

A seeded capture of PACKETS (200,000) is made in a temporary folder (benchmarks/generate.py). Each
figure is the best of RUNS (5), the programs taken in turns so that a busy moment hits all. Scapy
reads a tenth as many packets, tshark prints the same eight fields that Scapy is asked for.

Held: decode at 2 M packets/s, the columns of a flow table at 3 M, one packet in 1 ms, 20,000
lines/s; a packet's arrays (chunk, columns, baselines) take 128 B at most.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from generate import generate

from netshell.flow.baseline import Baselines
from netshell.packet import pcap
from netshell.packet.chunk import Chunk
from netshell.packet.packet import Packet
from netshell.packet.table import Columns, decode

CHUNK = 65_536
FLOW = ("time_ns", "wire_len", "proto", "src", "dst", "sport", "dport", "tcp_flags", "payload_len")
FIELDS = (
    "ip.src",
    "ip.dst",
    "ip.ttl",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.flags",
    "tcp.seq",
    "tcp.len",
)


def by_chunk(chunk: Chunk) -> None:
    for first in range(0, len(chunk), CHUNK):
        decode(chunk[first : first + CHUNK]).load()


def flow_columns(chunk: Chunk) -> None:
    """What a flow table needs."""
    for first in range(0, len(chunk), CHUNK):
        columns = decode(chunk[first : first + CHUNK])
        for name in FLOW:
            getattr(columns, name)


def lines(chunk: Chunk, columns: Columns) -> None:
    baseline = Baselines().extend(columns)
    for i in range(len(chunk)):
        Packet(i, columns, i, chunk.frame(i), baseline.row(i), "eth0").line()


def scapy_fields(path: Path, count: int) -> None:
    from scapy.layers.inet import IP, TCP
    from scapy.utils import PcapReader

    with PcapReader(str(path)) as reader:
        for packet, _ in zip(reader, range(count), strict=False):
            if IP in packet and TCP in packet:
                ip, tcp = packet[IP], packet[TCP]
                (ip.src, ip.dst, ip.ttl, tcp.sport, tcp.dport, tcp.flags, tcp.seq, len(tcp.payload))


def tshark_fields(tshark: str, path: Path) -> None:
    asked = [argument for field in FIELDS for argument in ("-e", field)]
    subprocess.run(
        [tshark, "-n", "-r", str(path), "-T", "fields", *asked],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def main(packets: int, runs: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = generate(Path(folder) / "decode.pcap", packets, seed=1)
        chunk, damage = pcap.parse(path.read_bytes())
        assert damage is None
        columns = decode(chunk)
        few, one = packets // 10, chunk[:1]
        work: dict[str, tuple[int, Callable[[], None]]] = {
            "decode": (packets, lambda: by_chunk(chunk)),
            "flow columns": (packets, lambda: flow_columns(chunk)),
            "one packet": (1, lambda: by_chunk(one)),
            "baselines": (packets, lambda: (Baselines().extend(columns), None)[1]),
            "lines": (few, lambda: lines(chunk[:few], columns[:few])),
            "parse pcap": (packets, lambda: (pcap.parse(chunk.data), None)[1]),
            "Scapy": (few, lambda: scapy_fields(path, few)),
        }
        tshark = shutil.which("tshark")
        if tshark:
            work["tshark"] = (packets, lambda: tshark_fields(str(tshark), path))
        best = dict.fromkeys(work, float("inf"))
        for _ in range(runs):
            for name, (_, run) in work.items():
                start = time.perf_counter()
                run()
                best[name] = min(best[name], time.perf_counter() - start)
    rate = {name: count / best[name] for name, (count, _) in work.items()}
    print(f"{packets:,} packets, best of {runs}")
    for name in work:
        ratio = (
            f"{rate['decode'] / rate[name]:8.1f} x slower than decode" if name != "decode" else ""
        )
        print(f"{name:12} {rate[name]:14,.0f} packets/s {ratio}")
    baseline = Baselines().extend(columns)
    arrays = [getattr(chunk, name) for name in Chunk.__slots__ if name != "data"]
    arrays += [getattr(baseline, name) for name in type(baseline).__slots__]
    each = (columns.nbytes + sum(array.nbytes for array in arrays)) / packets
    print(
        f"memory beyond its bytes: {each:.0f} B a packet, {columns.nbytes / packets:.0f} of columns"
    )
    print(f"one packet alone: {best['one packet'] * 1000:.3f} ms")
    held = rate["decode"] >= 2e6 and rate["flow columns"] >= 3e6 and best["one packet"] <= 0.001
    held = held and rate["lines"] >= 20_000 and each <= 128
    print("held" if held else "NOT HELD: see the figures at the top of this file")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(
        main(*(int(argument) for argument in sys.argv[1:3]), *(200_000, 5)[len(sys.argv) - 1 :])
    )

"""Damaged capture files by the hundred thousand: nothing but NetshellError, and nothing hangs.

    python tests/fuzz/fuzz_files.py [CASES] [--seed 1] [--first 0]

Each case is a small pcap or pcapng file of one link type and encapsulation with bytes flipped,
words made extreme, pieces cut out, doubled or cut off. It is read, all its columns and its flows
are made, and every packet is written as a line with its payload. A case is told by its number:
--first 4711 with CASES 1 repeats that one alone.
"""

from __future__ import annotations

import argparse
import random
import signal
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from encapsulations import ENCAPSULATIONS, FOUR, SIX, ether
from frames import chunk_of
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_Router_Alert
from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop
from scapy.packet import Raw

from netshell.capture.file import read
from netshell.errors import NetshellError
from netshell.packet import pcap, pcapng
from netshell.packet.schema import COLUMNS

HANGS_S = 60
EXTREMES = (0, 1, 4, 0x7F, 0xFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


class Hangs(BaseException):
    """A case takes too long; no handler for exceptions stops this one."""


def originals() -> list[bytes]:
    """Whole files: every encapsulation, as pcap in both byte orders and as pcapng."""
    networks = [
        IP(**FOUR) / TCP(flags="S", options=[("MSS", 1460), ("WScale", 7), ("SAckOK", b"")]),
        IP(**FOUR, options=[IPOption_Router_Alert()]) / UDP(sport=53) / Raw(b"\x1b[2Jhello" * 3),
        IPv6(**SIX) / IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt() / TCP(flags="PA") / Raw(b"GET /"),
        IPv6(**SIX) / IPv6ExtHdrFragment(m=1) / UDP() / Raw(b"part"),
        IP(**FOUR) / ICMP() / Raw(b"ping"),
    ]
    files = []
    for kind, encapsulate in ENCAPSULATIONS:
        chunk = chunk_of([encapsulate(network) for network in networks], kind)
        files.append(pcap.header(kind) + b"".join(pcap.records(chunk)))
        writer = pcapng.Writer(["eth0"])
        files.append(writer.header() + b"".join(writer.records(chunk)))
        files.append(_swapped(files[-2]))
    chunk = chunk_of([bytes(ether() / network) for network in networks], 1)
    files.append(pcap.header(1) + b"".join(pcap.records(chunk[:0])))
    return files


def _swapped(data: bytes) -> bytes:
    """A pcap file as a machine of the other byte order writes it."""
    made = bytearray(struct.pack(">IHHIIII", *struct.unpack("<IHHIIII", data[:24])))
    at = 24
    while at < len(data):
        head = struct.unpack_from("<IIII", data, at)
        made += struct.pack(">IIII", *head) + data[at + 16 : at + 16 + head[2]]
        at += 16 + head[2]
    return bytes(made)


def damaged(data: bytes, rng: random.Random) -> bytes:
    """The file with one to four kinds of damage."""
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        if not made:
            break
        at = rng.randrange(len(made))
        kind = rng.randrange(6)
        if kind < 2:
            for _ in range(rng.choice((1, 2, 8, 40))):
                made[rng.randrange(len(made))] ^= 1 << rng.randrange(8)
        elif kind == 2:
            word = struct.pack(rng.choice("<>") + "I", rng.choice(EXTREMES))
            at &= ~3
            made[at : at + 4] = word
        elif kind == 3:
            del made[at:]
        elif kind == 4:
            del made[at : at + rng.randrange(1, 40)]
        else:
            made[at:at] = made[at : at + rng.randrange(1, 200)]
    return bytes(made)


def look(path: Path) -> int:
    """Read a file and look at all of it; how many packets there were."""
    try:
        cap = read(path)
        columns = cap.columns.load()
        for field in COLUMNS:
            getattr(columns, field.name)
        len(cap.flows)
        for i, packet in enumerate(cap):
            packet.line(("ascii", "hex", "none")[i % 3])
        _ = cap.stats.bytes
        return len(cap)
    except NetshellError:
        return 0


def cases(first: int, count: int, seed: int) -> Iterator[tuple[int, bytes]]:
    """Damaged files by number; the same ones for the same seed."""
    files = originals()
    for number in range(first, first + count):
        rng = random.Random(seed * 1_000_003 + number)
        yield number, damaged(files[number % len(files)], rng)


def run(first: int, count: int, seed: int, folder: Path, every: int = 0) -> int:
    """Goes through the cases and returns how many packets they had; raises what should not be."""

    def late(signum: int, frame: FrameType | None) -> None:
        raise Hangs(f"more than {HANGS_S} s")

    before = signal.signal(signal.SIGALRM, late)
    packets, start = 0, time.monotonic()
    try:
        for number, data in cases(first, count, seed):
            path = folder / "case"
            path.unlink(missing_ok=True)  # the one before is mapped
            path.write_bytes(data)
            signal.alarm(HANGS_S)
            try:
                packets += look(path)
            except BaseException as error:
                error.add_note(f"case {number} of seed {seed}")
                raise
            finally:
                signal.alarm(0)
            if every and (number + 1) % every == 0:
                rate = (number + 1 - first) / (time.monotonic() - start)
                print(f"{number + 1 - first:,} cases, {rate:,.0f} a second", flush=True)
    finally:
        signal.signal(signal.SIGALRM, before)
    return packets


def main() -> int:
    parser = argparse.ArgumentParser(description="Read damaged capture files.")
    parser.add_argument("cases", type=int, nargs="?", default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        packets = run(options.first, options.cases, options.seed, Path(folder), every=10_000)
    took = time.monotonic() - start
    print(f"{options.cases:,} damaged files, {packets:,} packets in them, {took:.0f} s: nothing")
    print("but NetshellError was raised, and nothing hung")
    return 0


if __name__ == "__main__":
    sys.exit(main())

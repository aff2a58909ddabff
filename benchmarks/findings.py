"""How fast a capture's findings are found, beside the flow table they rest on, and tshark.

    python benchmarks/findings.py [PACKETS] [RUNS]

A seeded capture of PACKETS (1,000,000; benchmarks/generate.py) gets faults: packets missing, sent
again, late, and in another order. It is made in a temporary folder and in the page cache then.
Every figure is a whole process, from its start to its end, the best of RUNS (5), taken in turns so
that a busy moment hits all; tshark's two, expert information and the display filter for what is
remarkable, are run twice at most. The stages are measured inside one process, one after the other.

Asserted: at least 98 % of the TCP segments that either names are named by both.
Held: findings in 2 x the time of the flow table, from the file on; 10 x tshark.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from generate import generate

from netshell.capture.file import read
from netshell.capture.save import save
from netshell.flow.findings import ANALYSIS, BEYOND
from netshell.flow.findings.running import Running
from netshell.flow.segments import segments_of
from netshell.packet.chunk import Chunk

OF_FLOWS, OF_TSHARK, AGREEMENT = 2, 10, 0.98
MISSING, AGAIN, LATE = 0.004, 0.004, 0.006
FLOWS = "import sys; from netshell import read; print(len(read(sys.argv[1]).flows))"
OURS = "import sys; from netshell import read; print(read(sys.argv[1]).findings.counts)"


def faulty(chunk: Chunk, seed: int) -> Chunk:
    """The packets with some missing, some there twice, and some moved a little further."""
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(rng.random(len(chunk)) >= MISSING)
    again = rows[rng.random(len(rows)) < AGAIN]
    time_ns = chunk.time_ns[rows].copy()
    late = rng.random(len(rows)) < LATE
    time_ns[late] += rng.integers(1_000, 50_000_000, np.count_nonzero(late))
    delays = rng.choice((100_000, 300_000_000), len(again))
    rows = np.concatenate([rows, again])
    time_ns = np.concatenate([time_ns, chunk.time_ns[again] + delays])
    order = np.argsort(time_ns, kind="stable")
    return replace(chunk[rows[order]], time_ns=time_ns[order])


def run(*command: str) -> str:
    return subprocess.run(
        command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    ).stdout  # fmt: skip


def stages(path: Path, runs: int) -> dict[str, float]:
    """Seconds of each stage by itself."""
    least: dict[str, float] = {}
    for _ in range(runs):
        capture = read(path)
        times = {"": time.perf_counter()}
        source = capture.source
        flows = source.flows
        times["flow table"] = time.perf_counter()
        segments = segments_of(source, flows)
        for name in ("seq", "ack", "flags", "length", "time_ns", "window", "offer", "packet"):
            getattr(segments, name)
        times["segments"] = time.perf_counter()
        running = Running(segments)
        for name in ("peer", "repeats", "same_window", "raises", "behind"):
            getattr(running, name)
        times["running values"] = time.perf_counter()
        for rule in ANALYSIS:
            running.rows(rule.find)
        times["tshark's kinds"] = time.perf_counter()
        for rule in BEYOND:
            running.rows(rule.find)
        times["kinds beyond"] = time.perf_counter()
        before = times.pop("")
        for name, now in times.items():
            least[name] = min(least.get(name, float("inf")), now - before)
            before = now
    return least


def agreement(path: Path, printed: str) -> float:
    """The share of named segments that both name."""
    theirs = {int(line) - 1 for line in printed.split()}
    kinds = {rule.kind for rule in ANALYSIS}
    ours = {finding.packet for finding in read(path).findings if finding.kind in kinds}
    return len(theirs & ours) / max(len(theirs | ours), 1)


def main(packets: int, runs: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        whole = generate(Path(folder) / "whole.pcap", packets)
        parts = read(whole)._store.parts()
        path = save(
            (faulty(part.chunk, part.start) for part in parts), Path(folder) / "faulty.pcap"
        )
        del parts
        whole.unlink()
        file = str(path)
        work: dict[str, Callable[[], str]] = {
            "netshell, flows": lambda: run(sys.executable, "-c", FLOWS, file),
            "netshell, findings": lambda: run(sys.executable, "-c", OURS, file),
        }
        if shutil.which("tshark"):
            shown = ("-Y", "tcp.analysis.flags", "-T", "fields", "-e", "frame.number")
            work["tshark, expert"] = lambda: run("tshark", "-q", "-z", "expert", "-r", file)
            work["tshark, filter"] = lambda: run("tshark", "-r", file, *shown)
        least = dict.fromkeys(work, float("inf"))
        for name, do in work.items():  # one's runs in a row, as in benchmarks/flows.py
            for turn in range(min(runs, 2) if name.startswith("tshark") else runs):
                start = time.perf_counter()
                printed = do()
                least[name] = min(least[name], time.perf_counter() - start)
                if name == "tshark, filter" and turn == 0:
                    share = agreement(path, printed)
                    print(f"{share:.2%} of the segments that tshark or we name are named by both")
                    assert share >= AGREEMENT, share
        inside = stages(path, runs)
        print(f"{packets:,} packets, {path.stat().st_size / 1e6:,.0f} MB, best of {runs}")
        print(f"  {read(path).findings.counts}")
    ours = least["netshell, findings"]
    for name, seconds in least.items():
        print(f"{name:28} {seconds * 1000:10,.0f} ms {seconds / ours:9.2f} x netshell's findings")
    for name, seconds in inside.items():
        print(f"  {name:26} {seconds * 1000:10,.0f} ms {packets / seconds:14,.0f} packets/s")
    wrong = []
    if ours > OF_FLOWS * least["netshell, flows"]:
        wrong.append(f"{OF_FLOWS} x the flow table")
    for name in ("tshark, expert", "tshark, filter"):
        if name not in least:
            print("tshark is not installed: not compared")
        elif least[name] < OF_TSHARK * ours:
            wrong.append(f"{OF_TSHARK} x {name}")
    print(f"NOT HELD: {', '.join(wrong)}" if wrong else "held")
    return 1 if wrong else 0


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:3]]
    sys.exit(main(*arguments, *(1_000_000, 5)[len(arguments) :]))

"""How fast a capture file is read, beside the programs that read the same one.

    python benchmarks/files.py [PACKETS] [RUNS]

A seeded capture of PACKETS (1,000,000) is made in a temporary folder (benchmarks/generate.py); it
is in the page cache then. Each figure is the best of RUNS (5), the programs taken in turns so that
a busy moment hits all; tshark is run once, and Scapy reads the first fiftieth, for which its time
is multiplied. netshell is measured from the path to the result, without the start of Python; the
others with theirs. Below, what the same packets cost as pcapng, beside pcap.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from generate import generate

from netshell.capture.file import read
from netshell.packet.framing import Blocks, Frames, Framing
from netshell.packet.lanes import Walk
from netshell.packet.schema import COLUMNS

SCAPY_SHARE = 50
GLOBAL_HEADER = 24
PCAPNG = " (pcapng)"


def read_only(path: Path) -> None:
    """Every record found, and its header read."""
    len(read(path))


def read_columns(path: Path) -> None:
    """Every column of every packet; no flows."""
    columns = read(path).columns
    for field in COLUMNS:
        getattr(columns, field.name)


def records(path: Path) -> None:
    """Where the records are, no more: pcap, or the one section of a pcapng file."""
    data = np.memmap(path, np.uint8, "r").view(np.ndarray)
    begin, framing = GLOBAL_HEADER, Frames(data, "<", 1_000_000)
    walked: Framing = framing
    if path.suffix == ".pcapng":
        begin, walked = int(data[4:8].view("<u4")[0]), Blocks(data, "<")
    for _ in Walk(walked, begin):
        pass


def program(*command: str) -> None:
    subprocess.run(
        command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def scapy(path: Path, packets: int) -> float:
    """Seconds that Scapy would take for the whole file, by the packets of its beginning."""
    from scapy.all import PcapReader  # with its layers: else it would dissect nothing

    share = max(packets // SCAPY_SHARE, 1)
    start = time.perf_counter()
    with PcapReader(str(path)) as reader:
        for _ in islice(reader, share):
            pass
    return (time.perf_counter() - start) * packets / share


def best(runs: int, work: dict[str, Callable[[], None]]) -> dict[str, float]:
    """The least time of each, taken in turns."""
    least = dict.fromkeys(work, float("inf"))
    for _ in range(runs):
        for name, run in work.items():
            start = time.perf_counter()
            run()
            least[name] = min(least[name], time.perf_counter() - start)
    return least


def main(packets: int, runs: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = generate(Path(folder) / "file.pcap", packets)
        blocks = generate(Path(folder) / "file.pcapng", packets, format="pcapng")
        size = path.stat().st_size
        file = str(path)
        ours: dict[str, Callable[[Path], None]] = {
            "records": records,
            "read()": read_only,
            "read().columns, all": read_columns,
        }
        work: dict[str, Callable[[], None]] = {
            f"{name}{mark}": partial(run, file_)
            for name, run in ours.items()
            for mark, file_ in (("", path), (PCAPNG, blocks))
        }
        work |= {
            "cat >/dev/null": lambda: program("cat", file),
        }
        missing = []
        if shutil.which("tcpdump"):
            # As root it would become another user, who may not look into the folder.
            dump = ["tcpdump", "-nn", "-r", file]
            if _runs(*dump, "-Z", "root", "-c", "1"):
                dump += ["-Z", "root"]
            work["tcpdump, tcp port 80"] = lambda: program(*dump, "tcp port 80")
            work["tcpdump, every line"] = lambda: program(*dump)
        else:
            missing.append("tcpdump")
        taken = best(runs, work)
        if shutil.which("tshark"):
            conversations = ("tshark", "-q", "-z", "conv,tcp", "-r", file)
            taken |= best(1, {"tshark conv,tcp (once)": lambda: program(*conversations)})
        else:
            missing.append("tshark")
        taken[f"Scapy PcapReader (1/{SCAPY_SHARE}, extrapolated)"] = scapy(path, packets)
    all_columns = taken["read().columns, all"]
    print(f"{packets:,} packets, {size / 1e6:,.0f} MB, best of {runs}")
    for name, seconds in taken.items():
        share = f"{seconds / all_columns:9.2f} x all columns"
        print(f"{name:42} {seconds * 1000:10,.0f} ms {packets / seconds:14,.0f} packets/s {share}")
    print(f"\n{'':42} {'pcap':>10}    {'pcapng':>10}")
    for name in ours:
        classic, other = taken[name], taken[name + PCAPNG]
        print(
            f"{name:42} {classic * 1000:10,.0f} ms {other * 1000:10,.0f} ms"
            f" {other / classic:14.2f} x pcap"
        )
    for name in missing:
        print(f"{name} is not installed: not compared")
    return 0


def _runs(*command: str) -> bool:
    try:
        program(*command)
    except subprocess.CalledProcessError:
        return False
    return True


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:3]]
    sys.exit(main(*arguments, *(1_000_000, 5)[len(arguments) :]))

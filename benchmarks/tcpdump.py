"""How fast ``netshell tcpdump -nn -r`` prints a capture, beside the real tcpdump.

    python benchmarks/tcpdump.py [FILE] [--packets 1000000] [--best-of 3]

Without a file, one is made (benchmarks/generate.py). Both are whole programs from their start to
their end, in turns, their lines thrown away; "first line" is how long until it is there. The aims:
within 4 x of tcpdump's time, the first line within 0.3 s. Python may write and use compiled
modules, as where it is installed. The last rows are processor time and memory.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

OURS = (sys.executable, "-m", "netshell", "tcpdump")


def best(of: int, runs: dict[str, Callable[[], float]]) -> dict[str, float]:
    """The shortest of so many runs of each, in turns."""
    least = dict.fromkeys(runs, float("inf"))
    for _ in range(of):
        for name, run in runs.items():
            least[name] = min(least[name], run())
    return least


def whole(command: Sequence[str], environment: dict[str, str]) -> float:
    """Seconds until the program has printed everything."""
    begin = time.perf_counter()
    subprocess.run(
        command, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return time.perf_counter() - begin


def first(command: Sequence[str], environment: dict[str, str]) -> float:
    """Seconds until its first line is there."""
    begin = time.perf_counter()
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        seconds = time.perf_counter() - begin
        running.stdout.close()
        running.kill()
    return seconds


def cpu(command: Sequence[str], environment: dict[str, str]) -> tuple[float, float]:
    """Processor seconds of the program, and its most memory in MB."""
    code = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL,"
        " stderr=subprocess.DEVNULL)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command], check=True, capture_output=True, text=True,
        env=environment,
    )  # fmt: skip
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--packets", type=int, default=1_000_000)
    parser.add_argument("--best-of", type=int, default=3)
    wanted = parser.parse_args()
    program = shutil.which("tcpdump")
    if program is None:
        print("tcpdump is not installed: there is nothing to compare with")
        return 1
    # As root it would go on as a user who may not look into the folder.
    theirs = (program, "-Z", "root") if os.geteuid() == 0 else (program,)
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:
        path = wanted.file
        if path is None:
            from generate import generate

            path = generate(Path(folder) / "made.pcap", wanted.packets)
        path.read_bytes()  # both find it in the page cache
        measure(path, theirs, environment, wanted.best_of)
    return 0


def measure(path: Path, theirs: Sequence[str], environment: dict[str, str], of: int) -> None:
    """Print times, ratios and memory."""
    arguments = ("-nn", "-r", str(path))
    ours, real = (*OURS, *arguments), (*theirs, *arguments)
    first(ours, environment)  # modules are compiled
    taken = best(of, {
        "every line, tcpdump": lambda: whole(real, environment),
        "every line, netshell": lambda: whole(ours, environment),
        "first line, tcpdump": lambda: first(real, environment),
        "first line, netshell": lambda: first(ours, environment),
        "python -c 'import numpy'": lambda: whole(
            (sys.executable, "-c", "import numpy"), environment
        ),
    })  # fmt: skip
    print(f"{path.stat().st_size / 1e6:,.0f} MB, best of {of}, load {os.getloadavg()[0]:.1f}")
    for name, seconds in taken.items():
        print(f"{name:28} {seconds:8.3f} s")
    ratio = taken["every line, netshell"] / taken["every line, tcpdump"]
    print(f"{'netshell / tcpdump':28} {ratio:8.2f} x")
    for name, command in (("tcpdump", real), ("netshell", ours)):
        seconds, megabytes = cpu(command, environment)
        print(f"{'processor, ' + name:28} {seconds:8.3f} s  {megabytes:8,.0f} MB")


if __name__ == "__main__":
    sys.exit(main())

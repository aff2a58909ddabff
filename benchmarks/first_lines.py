"""How long until the first lines of a large file are on screen, beside tcpdump -c 50.

    python benchmarks/first_lines.py [FILE] [--packets 1000000] [--best-of 5]

Without a file, one is made (benchmarks/generate.py). ``netshell -c 'read(...)'`` is the whole
program from its start to its end: it counts the packets and shows the first 30 and the last 10;
"in the shell" is the same where netshell runs already. The aim is 0.3 s.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path


def best(of: int, run: Callable[[], object]) -> float:
    """The shortest of so many runs, in seconds."""
    times = []
    for _ in range(of):
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--packets", type=int, default=1_000_000)
    parser.add_argument("--best-of", type=int, default=5)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = wanted.file
        if path is None:
            path = Path(folder) / "made.pcap"
            maker = Path(__file__).with_name("generate.py")
            packets = str(wanted.packets)
            subprocess.run([sys.executable, maker, path, "--packets", packets], check=True)
        measure(path, wanted.best_of)


def measure(path: Path, of: int) -> None:
    """Print each program's time."""
    from netshell import read
    from netshell.render.terminal import screen

    path.read_bytes()  # everyone finds it in the page cache

    def outside(*argv: str) -> Callable[[], object]:
        return lambda: subprocess.run(argv, capture_output=True, check=True)

    rows = [
        (
            "netshell -c 'read(...)'",
            best(of, outside(sys.executable, "-m", "netshell", "-c", f"read({str(path)!r})")),
        ),
        ("the same in the shell", best(of, lambda: screen(read(path)))),
        (
            "netshell -c 'scan(...)'",
            best(of, outside(sys.executable, "-m", "netshell", "-c", f"scan({str(path)!r})")),
        ),
        ("python -c 'import numpy'", best(of, outside(sys.executable, "-c", "import numpy"))),
    ]
    tcpdump = shutil.which("tcpdump")
    if tcpdump:
        line = best(of, outside(tcpdump, "-nn", "-c", "50", "-r", str(path)))
        rows.append(("tcpdump -nn -c 50 -r ...", line))
    load = os.getloadavg()[0]
    print(f"{path.stat().st_size / 1e6:,.0f} MB, best of {of}, load {load:.1f}")
    for name, seconds in rows:
        print(f"{name:28} {seconds:7.3f} s")


if __name__ == "__main__":
    main()

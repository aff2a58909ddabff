"""How long until one can type: ``netshell`` beside plain IPython, the import beside bare Python.

    python benchmarks/startup.py [RUNS]

Each figure is the best of RUNS (10), the programs taken in turns so that a busy moment hits all.
The first prompt is measured in a pseudo terminal, from the program's start until "In [1]" is on
the screen, with a home of its own that has been used once before. Held: the first prompt within
1.1 times IPython's, the import within 30 ms of bare Python.
"""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

PROMPT = b"]: "
IPYTHON = [sys.executable, "-m", "IPython", "--no-confirm-exit", "--no-banner"]
NETSHELL = [sys.executable, "-m", "netshell"]
HELD_PROMPT, HELD_IMPORT_MS = 1.1, 30


def to_prompt(command: list[str], home: str) -> float:
    """Seconds until the program's first prompt is on the screen."""
    environment = {"PATH": os.environ["PATH"], "HOME": home, "TERM": "xterm-256color"}
    environment["LANG"] = "C.UTF-8"
    start = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(command[0], command, environment)
    seen = b""
    while not (b"In [" in seen and PROMPT in seen.rpartition(b"In [")[2].replace(b"\x1b[0m", b"")):
        try:
            data = os.read(terminal, 65536)
        except OSError as error:
            raise SystemExit(f"{command} ended before its prompt:\n{seen!r}") from error
        seen += data
        if b"\x1b[6n" in data:  # prompt_toolkit asks where the cursor is
            os.write(terminal, b"\x1b[1;1R")
    taken = time.perf_counter() - start
    os.write(terminal, b"\x04")
    while True:  # until it has ended and written its history
        try:
            if not os.read(terminal, 65536):
                break
        except OSError:
            break
    os.waitpid(child, 0)
    os.close(terminal)
    return taken


def to_end(command: list[str]) -> float:
    """Seconds that a program takes from start to end."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def best(runs: int, *measures: Callable[[], float]) -> list[float]:
    """The least of each measure's runs."""
    for measure in measures:
        measure()  # compiled files and caches are there from now on
    rounds = [[measure() for measure in measures] for _ in range(runs)]
    return [min(column) for column in zip(*rounds, strict=True)]


def main() -> int:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory() as folder:
        homes = [str(Path(folder) / name) for name in ("ipython", "netshell")]
        for home in homes:
            Path(home).mkdir()
        plain, ours = best(
            runs,
            lambda: to_prompt(IPYTHON, homes[0]),
            lambda: to_prompt(NETSHELL, homes[1]),
        )
    bare, imported, code, script = best(
        runs,
        lambda: to_end([sys.executable, "-c", "pass"]),
        lambda: to_end([sys.executable, "-c", "import netshell"]),
        lambda: to_end([*NETSHELL, "-c", "pass"]),
        lambda: to_end([*NETSHELL, "--help"]),
    )
    over_ms = 1000 * (imported - bare)
    print(f"first prompt     IPython {plain * 1000:.0f} ms, netshell {ours * 1000:.0f} ms: "
          f"{ours / plain:.2f} x (held: {HELD_PROMPT} x)")  # fmt: skip
    print(f"import netshell  {over_ms:.0f} ms over bare Python's {bare * 1000:.0f} ms "
          f"(held: {HELD_IMPORT_MS} ms)")  # fmt: skip
    print(f"netshell -c pass {1000 * (code - bare):.0f} ms over bare Python; "
          f"--help {1000 * (script - bare):.0f} ms")  # fmt: skip
    return 0 if ours <= HELD_PROMPT * plain and over_ms <= HELD_IMPORT_MS else 1


if __name__ == "__main__":
    sys.exit(main())

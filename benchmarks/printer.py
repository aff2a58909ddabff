"""Live printing: what the screen costs the capture, and what the capture costs the prompt.

    python benchmarks/printer.py [SECONDS] [RATE ...]

The real shell in a pseudo terminal, on a host of the lab, captures what ``benchmarks/flood.py``
sends at each RATE a second (0 50,000 200,000) for SECONDS (4), and prints it. Meanwhile
a key is pressed every tenth of a second; how long until it is echoed is the delay at the prompt.
"lines" are packets' lines on the screen, "said" is the number in the lines that count the rest:
with what is shown, they are every packet captured.

Held: nothing dropped at 50,000 a second, the median echo within 0.1 s.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pexpect

from netshell.lab.interpreter import module_environment
from netshell.lab.wire import Wire

PRESS_S = 0.1
DEADLINE_S = 30
KEYS = "abcdefghij"


class Screen:
    """The shell's terminal: everything it wrote, and the answers a terminal owes."""

    def __init__(self, wire: Wire, home: str) -> None:
        environment = {**os.environ, **module_environment(), "HOME": home, "TERM": "xterm-256color"}
        environment.pop("XDG_STATE_HOME", None)
        self.process = pexpect.spawn(
            sys.executable,
            ["-m", "netshell"],
            env=environment,
            dimensions=(40, 120),
            preexec_fn=wire.server.enter,
            cwd=home,
        )
        self.text = ""

    def read(self, seconds: float) -> str:
        """What comes within that time, if anything does."""
        ready, _, _ = select.select([self.process.child_fd], [], [], max(0, seconds))
        if not ready:
            return ""
        data = os.read(self.process.child_fd, 1 << 16)
        for _ in range(data.count(b"\x1b[6n")):  # where is the cursor?
            self.process.send("\x1b[1;1R")
        fresh = data.decode(errors="replace")
        self.text += fresh
        return fresh

    def until(self, pattern: str, since: int = 0) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not re.search(pattern, self.text[since:]):
            left = deadline - time.monotonic()
            if left <= 0:
                raise SystemExit(
                    f"waited for {pattern!r}; the end of the screen:\n{self.text[-2000:]}"
                )
            self.read(left)

    def echo(self, key: str) -> float:
        """Seconds from pressing a key until the line that is typed shows it."""
        before = time.perf_counter()
        seen = ""
        self.process.send(key)
        while key not in _typed(seen):
            if time.perf_counter() - before > DEADLINE_S:
                raise SystemExit(f"{key!r} was not echoed")
            seen += self.read(1)
        return time.perf_counter() - before


def _typed(written: str) -> str:
    """What was written apart from control sequences and whole lines, which are packets'."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written)
    return plain.rpartition("\n")[2]


def measure(seconds: float, rate: int) -> tuple[int, int, int, int, int, list[float]]:
    with Wire.open() as wire, tempfile.TemporaryDirectory() as home:
        screen = Screen(wire, home)
        with contextlib.closing(screen.process):
            screen.until(r"In \[.*1.*\]")
            screen.process.send('cap = sniff("tcp port 80", iface="eth0")\r')
            screen.until(r"0 pkt")
            start = len(screen.text)
            sender = None
            if rate:
                flood = str(Path(__file__).with_name("flood.py"))
                sender = wire.client.popen(
                    [sys.executable, flood, str(seconds), str(rate)],
                    env=module_environment(),
                    stdout=subprocess.PIPE,
                )
            delays = []
            end = time.monotonic() + seconds
            turn = 0
            while time.monotonic() < end or (sender is not None and sender.poll() is None):
                delays.append(screen.echo(KEYS[turn % len(KEYS)]))
                turn += 1
                pause = time.monotonic() + PRESS_S
                while (left := pause - time.monotonic()) > 0:
                    screen.read(left)
            sent = 0
            if sender is not None:
                assert sender.stdout is not None
                sent = int(sender.stdout.read())
            screen.process.send("\x15")  # empties the line
            screen.process.send("cap.stop(); print('told', len(cap), cap.stats.dropped, 'end')\r")
            screen.until(r"told \d+ \d+ end", start)
            screen.until(r"capture stopped", start)
            found = re.search(r"told (\d+) (\d+) end", screen.text[start:])
            assert found is not None
            plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.text[start:])
            lines = len(re.findall(r"10\.77\.0\.1[:.]\d+ > 10\.77\.0\.2", plain))
            said = sum(
                int(number.replace(",", ""))
                for number in re.findall(r"… ([\d,]+) packets? not shown", plain)
            )
            screen.process.send("\x04")
        return sent, int(found[1]), int(found[2]), lines, said, delays


def main(seconds: float = 4, *rates: int) -> None:
    print(f"{seconds:g} s, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}")
    print(f"{'rate/s':>9} {'sent':>10} {'captured':>10} {'dropped':>8} {'lines':>6} {'said':>10}"
          f"  echo ms: median  95 %  worst")  # fmt: skip
    for rate in rates or (0, 50_000, 200_000):
        sent, captured, dropped, lines, said, delays = measure(seconds, rate)
        ms = sorted(1000 * delay for delay in delays)
        print(
            f"{rate:9,} {sent:10,} {captured:10,} {dropped:8,} {lines:6,} {said:10,}"
            f"  {statistics.median(ms):15.0f} {ms[int(len(ms) * 0.95)]:5.0f} {ms[-1]:6.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main(*(float(one) if i == 0 else int(one) for i, one in enumerate(sys.argv[1:])))  # type: ignore[arg-type]

"""One route: ``iface_for(address)`` beside ``ip route get``, for IPv4, IPv6 and loopback.

    python benchmarks/iface_for.py [RUNS]

The median and the worst of RUNS (2,000) calls, and the best of 20 runs of ip(8), a process each.
Held: the median within 1 ms.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time

HELD_MS = 1.0
ADDRESSES = ("127.0.0.1", "::1", "198.41.0.4", "2001:503:ba3e::2:30")


def main(runs: int = 2000) -> int:
    from netshell import iface_for

    failed = False
    for address in ADDRESSES:
        iface_for(address)
        times = []
        for _ in range(runs):
            started = time.perf_counter()
            route = iface_for(address)
            times.append(time.perf_counter() - started)
        median_ms = statistics.median(times) * 1000
        failed = failed or median_ms > HELD_MS
        line = f"{address:22} {route!s:12} median {median_ms:.3f} ms, worst {max(times) * 1e3:.3f}"
        if shutil.which("ip"):
            theirs = min(_ip_route_get(address) for _ in range(20)) * 1000
            line += f"; ip route get {theirs:.1f} ms, ratio {median_ms / theirs:.3f}"
        print(line + (" MISSED" if median_ms > HELD_MS else ""))
    print(f"hold: {HELD_MS:g} ms")
    return int(failed)


def _ip_route_get(address: str) -> float:
    started = time.perf_counter()
    subprocess.run(["ip", "route", "get", address], capture_output=True, check=False)
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))

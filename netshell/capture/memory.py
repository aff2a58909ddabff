"""How much memory may be taken without hurting anybody."""

from __future__ import annotations

from pathlib import Path


def available() -> int:
    """Bytes that programs can get before the system begins to swap."""
    try:
        # psutil does the same, but takes 30 ms to load.
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass  # not Linux
    import psutil

    return int(psutil.virtual_memory().available)

"""A whole process, measured: what the benchmarks that compare programs have alike."""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path


def run(command: Sequence[str], out: Path | str = os.devnull) -> tuple[float, float]:
    """Seconds of a whole process, and those it computed. Python may keep what it compiled, as an
    installed package."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "cache")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start, used = time.perf_counter(), computed()
    with Path(out).open("wb") as file:
        subprocess.run(
            command, check=True, env=environment,
            stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    return time.perf_counter() - start, computed() - used


def computed() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime

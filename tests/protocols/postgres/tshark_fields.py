"""What tshark reads of PostgreSQL in a capture."""

from __future__ import annotations

import subprocess
from pathlib import Path


def pgsql_queries(tshark: Path, path: Path, port: int) -> list[str]:
    """Its ``pgsql.query`` of each packet that has one: of Query and Parse messages."""
    done = subprocess.run(
        [tshark, "-r", path, "-d", f"tcp.port=={port},pgsql", "-Y", "pgsql.query", "-T", "fields",
         "-e", "pgsql.query", "-E", "aggregator=\x01"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return [each for line in done.stdout.splitlines() for each in line.split("\x01")]

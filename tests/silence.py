"""What a test runs inside the lab: a connect() to a peer that never answers."""

from __future__ import annotations

import socket
import time
from pathlib import Path


def silent_connect(address: str, retries: int, linear: int) -> tuple[int, float]:
    """errno and seconds of a connect() to `address`, with these settings of SYN retries."""
    settings = Path("/proc/sys/net/ipv4")
    (settings / "tcp_syn_retries").write_text(str(retries))
    (settings / "tcp_syn_linear_timeouts").write_text(str(linear))
    started = time.monotonic()
    with socket.socket() as link:
        failed = link.connect_ex((address, 80))
    return failed, time.monotonic() - started

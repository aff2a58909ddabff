"""How programs of the lab are ended: asked first, killed if they do not heed it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from typing import Any

GRACE_S = 2.0  # how long what is asked to end may take before it is killed


def signal_group(process: subprocess.Popen[Any], number: int) -> None:
    """Signal a program, and its children too unless its caller put it into another group."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            if os.getpgid(process.pid) == process.pid:
                os.killpg(process.pid, number)
            else:
                process.send_signal(number)


def is_over(process: subprocess.Popen[Any], grace_s: float) -> bool:
    """Whether a process ends within that time."""
    try:
        process.wait(grace_s)
    except subprocess.TimeoutExpired:
        return False
    return True


def end_program(process: subprocess.Popen[Any], grace_s: float) -> None:
    """Wait for a program that was asked to end, kill it if it does not, close its pipes."""
    if not is_over(process, grace_s):
        signal_group(process, signal.SIGKILL)
        process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):  # input it never read
                pipe.close()

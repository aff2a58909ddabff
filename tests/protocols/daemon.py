"""Real servers on loopback for as long as a test needs them, never as root."""

from __future__ import annotations

import contextlib
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

DEADLINE_S = 60
USER = "nobody"


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens at.

    The kernel gives it to nobody who asks for any port: it stays free until it is bound to.
    """
    while True:
        port = random.randrange(28_500, 32_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def is_open(port: int) -> bool:
    """Whether something listens at a TCP port of 127.0.0.1."""
    with socket.socket() as asking:
        asking.settimeout(1)
        return asking.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder that the server may write to; its path is short enough for a Unix socket."""
    path = Path(tempfile.mkdtemp(prefix="ns-", dir="/tmp"))
    try:
        path.chmod(0o755)
        if os.geteuid() == 0:
            user = pwd.getpwnam(USER)
            os.chown(path, user.pw_uid, user.pw_gid)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def unprivileged(command: Sequence[str | Path]) -> list[str]:
    """A command as an ordinary user runs it, whoever we are."""
    plain = [str(each) for each in command]
    if os.geteuid() != 0:
        return plain
    group = str(pwd.getpwnam(USER).pw_gid)
    return ["setpriv", f"--reuid={USER}", f"--regid={group}", "--clear-groups", *plain]


def run(command: Sequence[str | Path], cwd: Path) -> None:
    """Have an unprivileged command do its work. Raises RuntimeError with its output if it fails."""
    done = subprocess.run(
        unprivileged(command), cwd=cwd, env=_environment(cwd), capture_output=True, text=True,
        timeout=DEADLINE_S, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")


@contextlib.contextmanager
def serving(
    command: Sequence[str | Path], cwd: Path, ready: Callable[[], bool]
) -> Iterator[subprocess.Popen[bytes]]:
    """A server in the foreground of its own process group, from when it is ready to the end.

    Raises RuntimeError with what it wrote if it ends, or is not ready in time.
    """
    with (cwd / "output").open("wb") as output:
        server = subprocess.Popen(
            unprivileged(command), cwd=cwd, env=_environment(cwd), stdin=subprocess.DEVNULL,
            stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + DEADLINE_S
        while not ready():
            if server.poll() is not None or time.monotonic() > deadline:
                said = (cwd / "output").read_text(errors="replace")
                raise RuntimeError(f"{command[0]} does not serve: {said[-2000:]}")
            time.sleep(0.02)  # between two looks at the real condition
        yield server
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _environment(home: Path) -> dict[str, str]:
    return {**os.environ, "HOME": str(home), "LC_ALL": "C.UTF-8"}

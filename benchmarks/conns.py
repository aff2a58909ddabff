"""The sockets of a busy machine: ``conns()`` beside ss, netstat and psutil, on the same sockets.

    python benchmarks/conns.py [SOCKETS] [RUNS]

It makes SOCKETS (20,000) TCP sockets on loopback, in processes of its own, in a network namespace
of its own where the kernel allows it. Each figure is the best of RUNS (5), the programs taken in
turns so that a busy moment hits all. ss writes to /dev/null, which is the least it can do.

Held: ``conns()`` within ``ss -tan``, the same with its records and processes within ``ss -tanp``.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

HELD = 1.0


def enter_namespace() -> str:
    """A network of its own, if that is allowed; where the sockets are made, in words."""
    from netshell.errors import NetshellError
    from netshell.lab import link, namespaces

    try:
        namespaces.unshare(namespaces.CLONE_NEWNET)
        link.bring_up("lo")
    except (NetshellError, OSError):
        return "on this machine's loopback"
    return "in a network namespace"


@contextlib.contextmanager
def sockets(count: int) -> Iterator[None]:
    """So many connected TCP sockets, held by as many processes as their limit of files needs."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    each = min(count, (hard - 100) // 2 * 2, 20_000)
    ready, says_ready = os.pipe()
    waits, goes = os.pipe()
    children = []
    for first in range(0, count, each):
        child = os.fork()
        if child == 0:
            os.close(goes)
            kept = connect((min(each, count - first)) // 2, f"127.0.0.{1 + len(children)}")
            os.write(says_ready, b"x")
            os.read(waits, 1)  # until the parent has measured, or is gone
            os._exit(len(kept) == 0)
        children.append(child)
    os.close(waits)
    os.close(says_ready)
    try:
        for _ in children:
            if not os.read(ready, 1):
                raise SystemExit("the sockets could not be made: see above")
        yield
    finally:
        os.close(goes)
        for child in children:
            os.waitpid(child, 0)


def connect(pairs: int, address: str) -> list[socket.socket]:
    """So many connections of this process with itself, both ends."""
    listener = socket.create_server((address, 0), backlog=128)
    kept = [listener]
    for _ in range(pairs):
        near = socket.create_connection(listener.getsockname())
        kept += [near, listener.accept()[0]]
    return kept


def program(*argv: str) -> Callable[[], object]:
    """A program to its end, its output thrown away."""
    return lambda: subprocess.run(argv, stdout=subprocess.DEVNULL, check=True)


def measured(runs: int, what: dict[str, Callable[[], object]]) -> dict[str, float]:
    """The best of so many runs of each, in seconds."""
    best = dict.fromkeys(what, float("inf"))
    for _ in range(runs):
        for name, function in what.items():
            started = time.perf_counter()
            function()
            best[name] = min(best[name], time.perf_counter() - started)
    return best


def main(count: int = 20_000, runs: int = 5) -> int:
    where = enter_namespace()
    from netshell import conns

    ours: dict[str, Callable[[], object]] = {
        "conns()": conns,
        "conns(), states counted": lambda: len(conns("ESTABLISHED")),
        "conns(port=9)": lambda: conns(port=9),
        "list(conns())": lambda: list(conns()),
        "conns(), tcp_info of all": lambda: [each.tcp_info for each in conns()],
        "conns().json()": _json,
    }
    peers: dict[str, Callable[[], object]] = {}
    if shutil.which("ss"):
        peers |= {
            "ss -tan": program("ss", "-tan"),
            "ss -tani": program("ss", "-tani"),
            "ss -tanp": program("ss", "-tanp"),
        }
    if shutil.which("netstat"):
        peers["netstat -tan"] = program("netstat", "-tan")
    peers["psutil"] = _psutil
    with sockets(count):
        print(f"{len(conns())} sockets {where}; best of {runs}, in turns")
        best = measured(runs, ours | peers)
    for name, seconds in best.items():
        print(f"  {name:28} {seconds * 1000:8.1f} ms")
    if "ss -tan" not in best:
        print("ss is not installed: nothing to hold the figures against")
        return 0
    failed = False
    for name, peer in (("conns()", "ss -tan"), ("list(conns())", "ss -tanp")):
        ratio = best[name] / best[peer]
        failed = failed or ratio > HELD
        print(f"{name} / {peer}: {ratio:.2f} (hold {HELD:g}){' MISSED' if ratio > HELD else ''}")
    return int(failed)


def _json() -> object:
    import netshell.render  # noqa: F401 (offers json)
    from netshell import conns

    return conns().json()


def _psutil() -> object:
    import psutil

    return psutil.net_connections("tcp")


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))

"""Which process holds a socket: one walk over /proc/<pid>/fd, as far as this user may look.

Sources: proc(5). A socket's descriptor links to ``socket:[inode]``; the inode is the same number
that the kernel's socket dump carries, and unique over all network namespaces.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_PROC = "/proc"
_LINK = "socket:["


@dataclass(slots=True)
class Owners:
    """Who holds which socket.

    ``by_inode`` maps a socket's inode to its processes, lowest pid first; ``denied`` counts the
    processes that this user may not look into.
    """

    by_inode: dict[int, tuple[int, ...]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    denied: int = 0

    def partial(self) -> bool:
        """Whether root would see more: other users' processes are closed, or hidden (hidepid)."""
        return os.geteuid() != 0


def read_owners(pids: Iterable[int] = ()) -> Owners:
    """The holders of all sockets, or of those that these processes hold.

    A process that ends during the walk is left out; one that may not be looked into is counted.
    """
    owners = Owners()
    by_inode = owners.by_inode
    readlink = os.readlink
    for pid in sorted(pids) or _all_pids():
        try:
            directory = os.open(f"{_PROC}/{pid}/fd", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except PermissionError:
            owners.denied += 1
            continue
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended since it was listed
        try:
            holds = False
            for descriptor in os.listdir(directory):  # noqa: PTH208 (a descriptor)
                try:
                    link = readlink(descriptor, dir_fd=directory)
                except FileNotFoundError:
                    continue  # closed since it was listed
                if link[:8] != _LINK:
                    continue
                inode = int(link[8:-1])
                before = by_inode.get(inode)
                if before is None:
                    by_inode[inode] = (pid,)
                elif before[-1] != pid:
                    by_inode[inode] = (*before, pid)
                holds = True
            if holds:
                owners.names[pid] = process_name(pid)
        except PermissionError:
            owners.denied += 1
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended during the walk
        finally:
            os.close(directory)
    return owners


def process_name(pid: int) -> str:
    """What a process calls itself (15 bytes at most, its own choice); "" once it ended."""
    try:
        name = Path(_PROC, str(pid), "comm").read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return ""
    return name.removesuffix(b"\n").decode("utf-8", "backslashreplace")


@cache
def user_name(uid: int) -> str:
    """A user's name, or the number as text where the system knows none."""
    import pwd  # not on every platform

    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        return str(uid)


def _all_pids() -> list[int]:
    return sorted(int(path.name) for path in Path(_PROC).iterdir() if path.name.isdigit())

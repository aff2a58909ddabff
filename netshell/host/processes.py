"""Which process holds a socket: one walk over /proc/<pid>/fd, as far as this user may look.

Sources: proc(5). A socket's descriptor links to ``socket:[inode]``; the inode is the same number
that the kernel's socket dump carries, and unique over all network namespaces.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_PROC = "/proc"
_LINK = "socket:["
_CAP_SYS_PTRACE = 19
_FIRST_USER_NAMESPACE = "user:[4026531837]"  # PROC_USER_INIT_INO, the same on every Linux


@dataclass(slots=True)
class Owners:
    """Who holds which socket.

    ``by_inode`` maps a socket's inode to its processes, lowest pid first; ``denied`` counts the
    processes that this user may not look into, ``unlisted`` those of them of which not even the
    number of descriptors is told.
    """

    by_inode: dict[int, tuple[int, ...]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    denied: int = 0
    unlisted: int = 0

    def partial(self) -> bool:
        """Whether root would see more: other users' processes are closed, or hidden (hidepid)."""
        return os.geteuid() != 0


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether this process may look into another one (ptrace(2), proc(5))."""

    uid: int
    """This process's effective user."""
    owner: int | None
    """The other process's; None where /proc hides it (hidepid)."""
    ptrace: bool
    """Whether this process has CAP_SYS_PTRACE."""
    outermost: bool
    """Whether it is in the machine's first user namespace, outside of rootless containers."""

    @classmethod
    def towards(cls, pid: int) -> Standing:
        """This process's, as /proc tells it."""
        try:
            owner = Path(_PROC, str(pid)).stat().st_uid
        except OSError:
            owner = None
        status = _text("self/status")
        capabilities = re.search(r"^CapEff:\s*([0-9a-f]+)", status, re.MULTILINE)
        effective = int(capabilities[1], 16) if capabilities else 0
        try:
            namespace = str(Path(_PROC, "self/ns/user").readlink())
        except OSError:
            namespace = _FIRST_USER_NAMESPACE  # a kernel without user namespaces
        ptrace = bool(effective >> _CAP_SYS_PTRACE & 1)
        return cls(os.geteuid(), owner, ptrace, namespace == _FIRST_USER_NAMESPACE)

    def refusal(self) -> tuple[str, str]:
        """Why the kernel refuses, and the next step."""
        if self.uid:
            if self.owner is None:
                return "/proc hides it from this user (hidepid)", "run as root"
            if self.owner == self.uid:
                return "it is closed even to its own user, as ssh-agent is", "run as root"
            return "it is another user's", "run as root"
        if not self.ptrace:
            return (
                "the kernel refuses even root here: without CAP_SYS_PTRACE, as in most containers",
                "give the container that capability, or look from outside of it",
            )
        if not self.outermost:
            return (
                "the kernel refuses even root here: root of a user namespace, which the process "
                "is outside of",
                "look from outside of the container",
            )
        return (
            "the kernel refuses even root here: the process is in another user namespace, or a "
            "security module or a sandbox forbids it",
            "look from where it was started",
        )


def read_owners(pids: Iterable[int] = ()) -> Owners:
    """The holders of all sockets, or of those that these processes hold.

    A process that ends during the walk is left out; one that may not be looked into is counted.
    """
    owners = Owners()
    by_inode = owners.by_inode
    readlink = os.readlink
    pids = sorted(pids)
    for pid in pids or _all_pids():
        try:
            directory = os.open(f"{_PROC}/{pid}/fd", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except PermissionError:
            owners.denied += 1
            owners.unlisted += 1
            continue
        except (FileNotFoundError, ProcessLookupError):
            # It ended since it was listed, or, if it was asked for, /proc may hide it (hidepid).
            owners.denied += bool(pids) and _hidden(pid)
            continue
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


def command_line(pid: int) -> tuple[bytes, ...]:
    """What a process was started with, as it tells now (its own choice); () once it ended.

    The kernel's own threads and processes that nobody waited for have none either.
    """
    try:
        words = Path(_PROC, str(pid), "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return ()
    return tuple(words.removesuffix(b"\0").split(b"\0")) if words else ()


@cache
def user_name(uid: int) -> str:
    """A user's name, or the number as text where the system knows none."""
    import pwd  # not on every platform

    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        return str(uid)


def _hidden(pid: int) -> bool:
    """Whether a process that /proc does not show is there all the same."""
    if Path(_PROC, str(pid)).exists():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _text(name: str) -> str:
    try:
        return Path(_PROC, name).read_text("utf-8", "replace")
    except OSError:
        return ""


def _all_pids() -> list[int]:
    return sorted(int(path.name) for path in Path(_PROC).iterdir() if path.name.isdigit())

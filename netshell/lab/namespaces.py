"""Linux namespaces by their system calls: make new ones, join another process's.

Owns the few calls that Python 3.11 has no name for (unshare(2), setns(2), mount(2), capset(2),
prctl(2)), and how a process of the lab ends with its wire. Everything here raises OSError; what
that means for the user is said in `netshell.lab.refusal`.

Only the standard library is imported, because `Host.popen` runs this very file as a script:

    python -I -S namespaces.py PID LIFELINE PROGRAM [ARGUMENT ...]

joins the namespaces of PID and becomes PROGRAM. A launcher of its own, rather than Popen's
preexec_fn: the shell has threads, and Python code between fork and exec of a process with
threads can deadlock; setns(2) also refuses a user namespace to a process with threads.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
from pathlib import Path

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000

MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000
MNT_DETACH = 2

_PR_SET_PDEATHSIG = 1
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAPABILITY_VERSION_3 = 0x20080522


def _call(name: str, *arguments: object) -> None:
    """Call `name` of the C library; its errno as an OSError naming the call."""
    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Leave the namespaces named by `flags` (CLONE_NEW*) for new ones: unshare(2)."""
    _call("unshare", flags)


def map_own_ids(uid: int, gid: int) -> None:
    """In a new user namespace, be the same user and group as outside: user_namespaces(7).

    The user stays who they are, rather than becoming root: tcpdump and BIND do not try to drop
    to a user that does not exist here, PostgreSQL does not refuse to run, and the owner of a
    process is shown by its name. What root could do comes from `keep_capabilities`.
    """
    # Without CAP_SETGID outside, a group map is accepted only once setgroups(2) is denied.
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1", encoding="ascii")


def keep_capabilities() -> None:
    """Let programs that this process runs keep its capabilities, root or not: capabilities(7).

    Ambient capabilities must be inheritable first.
    """
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    # Two halves of 32 bits, each: effective, permitted, inheritable.
    sets = (ctypes.c_uint32 * 6)()
    _call("capget", header, sets)
    sets[2], sets[5] = sets[1], sets[4]
    _call("capset", header, sets)
    permitted = sets[1] | sets[4] << 32
    for capability in range(64):
        if permitted >> capability & 1:
            _call("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0)


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """Mount `source` on `target`: mount(2)."""
    _call("mount", source.encode(), target.encode(), kind.encode(), flags, options.encode())


def unmount(target: str) -> None:
    """Take away what was mounted last on `target`, now or when it is no longer in use."""
    _call("umount2", target.encode(), MNT_DETACH)


def join(pid: int) -> None:
    """Move this process into the user, network and mount namespaces of `pid`: setns(2).

    The working directory stays what it was. The process must have one thread only. Raises
    OSError: EINVAL with several threads, EPERM for another user's, ENOENT if `pid` has ended.
    """
    directory = Path.cwd()
    opened = []
    try:
        for kind in ("user", "net", "mnt"):  # user first: it brings the right to join the others
            theirs = Path(f"/proc/{pid}/ns/{kind}")
            # Joining the user namespace one is in already is refused, and not needed.
            if kind != "user" or theirs.readlink() != Path("/proc/self/ns/user").readlink():
                opened.append(os.open(theirs, os.O_RDONLY | os.O_CLOEXEC))
        for namespace in opened:
            _call("setns", namespace, 0)
    finally:
        for namespace in opened:
            os.close(namespace)
    os.chdir(directory)  # setns(2) into a mount namespace moves to its root
    if os.geteuid() != 0:
        keep_capabilities()


def die_with_parent() -> None:
    """Have the kernel kill this process when the thread that forked it ends: prctl(2)."""
    _call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def die_with(lifeline: int, *, inherit: bool = False) -> None:
    """Have the kernel kill this process group once nobody holds the pipe's other end.

    `lifeline` is the reading end of a pipe whose writing end only the wire's owner holds; it is
    closed here. Signal-driven I/O (F_SETSIG in fcntl(2)) turns the hang-up into SIGKILL. Unlike
    PR_SET_PDEATHSIG it asks about the owning process, not about the one thread that happened to
    start this one, and it survives programs that change their user. `inherit` keeps it through
    exec.
    """
    import fcntl  # not on Windows, where this module is imported too

    # Opened anew: owner and signal belong to the open file, which all readers would share.
    own = os.open(f"/proc/self/fd/{lifeline}", os.O_RDONLY | os.O_CLOEXEC)
    os.close(lifeline)
    os.set_inheritable(own, inherit)
    leads_its_group = os.getpgrp() == os.getpid()
    fcntl.fcntl(own, fcntl.F_SETOWN, -os.getpid() if leads_its_group else os.getpid())
    fcntl.fcntl(own, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(own, fcntl.F_SETFL, fcntl.fcntl(own, fcntl.F_GETFL) | os.O_ASYNC)
    hangup = select.poll()
    hangup.register(own, 0)  # POLLHUP is always reported
    if hangup.poll(0):  # the owner was gone before the signal was armed
        os._exit(1)


def _launch(pid: str, lifeline: str, program: str, *arguments: str) -> None:
    die_with(int(lifeline), inherit=True)
    join(int(pid))
    os.execvp(program, [program, *arguments])


if __name__ == "__main__":
    try:
        _launch(*sys.argv[1:])
    except OSError as error:
        sys.stderr.write(f"cannot run {sys.argv[3]} in the lab: {error}\n")
        sys.exit(127 if isinstance(error, FileNotFoundError) else 126)

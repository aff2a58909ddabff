"""Run Python code as an ordinary user, whoever runs the tests, and one the kernel is strict with.

    python as_user.py user|stranger|container SETTING=VALUE ... CODE

In a user namespace of its own this process may set the limits of /proc/sys/user, for itself and
its children. A `user` has uid 1000 there, a `stranger` none at all; `container` is uid 0 without
CAP_SYS_ADMIN. Then it becomes a Python that runs CODE: exec takes the capabilities away from all
but uid 0.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

from netshell.lab import namespaces

_PR_CAPBSET_DROP = 24
_CAP_SYS_ADMIN = 21


def main(kind: str, *rest: str) -> None:
    *settings, code = rest
    uid, gid = os.geteuid(), os.getegid()
    namespaces.unshare(namespaces.CLONE_NEWUSER)
    if kind != "stranger":
        number = 1000 if kind == "user" else 0
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/gid_map").write_text(f"{number} {gid} 1")
        Path("/proc/self/uid_map").write_text(f"{number} {uid} 1")
    for setting in settings:
        name, _, value = setting.partition("=")
        Path("/proc/sys", name.replace(".", "/")).write_text(value)
    if kind == "container":
        ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, _CAP_SYS_ADMIN, 0, 0, 0)
    os.execv(sys.executable, [sys.executable, "-X", "dev", "-W", "error", "-c", code])


if __name__ == "__main__":
    main(*sys.argv[1:])

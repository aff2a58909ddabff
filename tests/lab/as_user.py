"""Run Python code as an ordinary user, whoever runs the tests, and one the kernel is strict with.

    python as_user.py own|none SETTING=VALUE ... CODE

In a user namespace of its own this process may set the limits of /proc/sys/user, for itself and
its children. `own` maps it to uid 1000 there, `none` to nobody at all. Then it becomes a Python
that runs CODE: exec takes the capabilities away from all but uid 0.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from netshell.lab import namespaces


def main(mapping: str, *rest: str) -> None:
    *settings, code = rest
    uid, gid = os.geteuid(), os.getegid()
    namespaces.unshare(namespaces.CLONE_NEWUSER)
    if mapping == "own":
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/gid_map").write_text(f"1000 {gid} 1")
        Path("/proc/self/uid_map").write_text(f"1000 {uid} 1")
    for setting in settings:
        name, _, value = setting.partition("=")
        Path("/proc/sys", name.replace(".", "/")).write_text(value)
    os.execv(sys.executable, [sys.executable, "-X", "dev", "-W", "error", "-c", code])


if __name__ == "__main__":
    main(*sys.argv[1:])

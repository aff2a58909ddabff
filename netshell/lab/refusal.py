"""Why this kernel lets no lab be made, in words, and what changes it.

The errno alone does not say: distributions, containers and sandboxes each forbid user namespaces
in a way of their own. The settings that do it are read from /proc/sys.
"""

from __future__ import annotations

import errno
from pathlib import Path

from netshell.errors import Unavailable

_NEXT_STEP = "run it as root, or run `sudo sysctl -w {setting}`"

# Setting, the value that forbids, the value that allows: the first that forbids is the reason.
_SETTINGS = (
    ("user.max_user_namespaces", "0", "15000"),
    ("user.max_net_namespaces", "0", "15000"),
    ("user.max_mnt_namespaces", "0", "15000"),
    ("kernel.unprivileged_userns_clone", "0", "1"),  # Debian's and Arch's patch
    ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),  # Ubuntu 23.10 and later
)


def explain_refusal(error: OSError, proc_sys: Path = Path("/proc/sys")) -> Unavailable:
    """The Unavailable that says why making the namespaces failed with `error`.

    `proc_sys` is where the kernel's settings are read.
    """
    why = f"the kernel refuses a namespace ({error.strerror or error})"
    if error.errno in (errno.EINVAL, errno.ENOSYS):
        return _unavailable(f"{why}: it was built without them", "use another kernel")
    if error.errno in (errno.EPERM, errno.EACCES, errno.ENOSPC, errno.EUSERS):
        for setting, forbids, allows in _SETTINGS:
            if _read(proc_sys / setting.replace(".", "/")) == forbids:
                return _unavailable(
                    f"{why}: {setting} is {forbids}",
                    _NEXT_STEP.format(setting=f"{setting}={allows}"),
                )
    if error.errno in (errno.ENOSPC, errno.EUSERS):
        return _unavailable(
            f"{why}: too many are in use, or nested too deep",
            _NEXT_STEP.format(setting="user.max_user_namespaces=15000"),
        )
    return _unavailable(
        f"{why}: a container or sandbox forbids it",
        "run it outside, or give the container CAP_SYS_ADMIN and CAP_NET_ADMIN",
    )


def explain_wiring(error: OSError, proc_net: Path = Path("/proc/net")) -> Unavailable:
    """The Unavailable that says why two hosts could not be connected.

    `proc_net` is where the kernel shows whether it has IPv6.
    """
    if not (proc_net / "if_inet6").exists():
        return _unavailable("this kernel has no IPv6", "boot it without ipv6.disable=1")
    if error.errno == errno.EOPNOTSUPP:
        return _unavailable(
            "this kernel has no veth interfaces", "load them with `sudo modprobe veth`"
        )
    return _unavailable(f"its hosts cannot be connected ({error})", "report this")


def _unavailable(why: str, next_step: str) -> Unavailable:
    return Unavailable("cannot open the lab", why=why, next_step=next_step)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:  # a kernel without that setting
        return None

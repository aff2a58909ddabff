"""Each host's own answer to "who is www.lab?": /etc/resolv.conf and the files beside it.

Runs inside the hosts, once, in their own mount namespace: nothing outside sees it, nothing is
left behind. The names of the lab are the business of its DNS server; /etc/hosts knows only
the loopback and one name that no DNS server knows.
"""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from netshell.lab.namespaces import MS_BIND, MS_PRIVATE, MS_REC, mount, unmount

HOSTS = """\
127.0.0.1 localhost
::1 localhost ip6-localhost
10.77.0.2 noticeboard
"""

# Files first, then DNS; no systemd-resolved, nscd or avahi: they answer over Unix sockets, which
# lead out of the network namespace, and know nothing of the lab's names.
_SWITCH = "hosts: files dns\n"


def make_private(nameserver: str) -> None:
    """Give this mount namespace its own resolv.conf, hosts and nsswitch.conf.

    `nameserver` is the address of the lab's DNS server. Raises OSError.
    """
    mount("none", "/", "", MS_REC | MS_PRIVATE)
    files = {"resolv.conf": f"nameserver {nameserver}\n", "hosts": HOSTS}
    switch = Path("/etc/nsswitch.conf")
    if switch.exists():
        kept = [line for line in switch.read_text().splitlines() if not line.startswith("hosts:")]
        files[switch.name] = "\n".join([*kept, _SWITCH])
    # A tmpfs needs somewhere to be mounted; what it hides there comes back in a moment, and the
    # files stay alive through the mounts on /etc.
    scratch = Path(tempfile.gettempdir())
    mount("tmpfs", str(scratch), "tmpfs", 0, "mode=755")
    try:
        if not all(Path("/etc", name).exists() for name in files):
            _replicate_etc(scratch / "etc", files)
        for name, text in files.items():
            (scratch / name).write_text(text, encoding="utf-8")
            mount(str(scratch / name), f"/etc/{name}", "", MS_BIND)  # follows a symbolic link
    finally:
        unmount(str(scratch))
    # The sysfs of outside lists the interfaces of outside. A container that masks parts of /sys
    # may not mount a new one; what reads /sys/class/net is then shown those.
    with contextlib.suppress(OSError):
        mount("sysfs", "/sys", "sysfs", 0)


def _replicate_etc(copy: Path, missing: dict[str, str]) -> None:
    """Cover /etc by a copy in which the files of `missing` exist, so that they can be covered.

    The copy is made of mounts of the original's entries; the two differ in those files only.
    """
    copy.mkdir()
    for entry in Path("/etc").iterdir():
        twin = copy / entry.name
        if entry.is_symlink():
            if entry.exists() or entry.name not in missing:
                twin.symlink_to(entry.readlink())
        elif entry.is_dir():
            twin.mkdir()
            mount(str(entry), str(twin), "", MS_BIND | MS_REC)
        else:
            twin.touch()
            mount(str(entry), str(twin), "", MS_BIND)
    for name in missing:
        if not (copy / name).exists():
            (copy / name).touch()
    mount(str(copy), "/etc", "", MS_BIND | MS_REC)

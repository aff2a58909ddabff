"""From interface names and a filter to an open source of frames, with every refusal explained."""

from __future__ import annotations

import errno
import os
import shlex
import sys
from collections.abc import Sequence

from netshell.capture import bpf
from netshell.capture.source import Source
from netshell.errors import BadArgument, CaptureFailed, NetshellError, NotFound, NotPermitted

ANY = "any"


def open_source(
    filter: str, ifaces: Sequence[str], *, snaplen: int, promisc: bool, ring_bytes: int
) -> Source:
    """The engine of this platform, capturing on the interfaces with the filter in the kernel.

    Raises BadArgument, NotFound, NotPermitted, CaptureFailed, Unavailable.
    """
    if sys.platform == "linux":
        return _open_rings(filter, ifaces, snaplen, promisc, ring_bytes)
    return _open_libpcap(filter, ifaces, snaplen, promisc, ring_bytes)


def _open_rings(
    filter: str, ifaces: Sequence[str], snaplen: int, promisc: bool, ring_bytes: int
) -> Source:
    from netshell.capture.nic import nics

    present = nics()
    wanted = list(present) if ANY in ifaces else _known(ifaces, list(present))
    chosen = [present[name] for name in wanted]
    if ANY in ifaces:
        chosen = [nic for nic in chosen if nic.is_up]
    down = [nic.name for nic in chosen if not nic.is_up]
    if down or not chosen:
        raise CaptureFailed(
            "cannot capture",
            where=f"on {down[0] if down else ANY}",
            why="the interface is down" if down else "no interface is up",
            next_step=f"sudo ip link set {down[0] if down else 'lo'} up",
        )
    where = ", ".join(ifaces)
    try:
        programs = [bpf.compile(filter, nic.link, snaplen, nic.name) for nic in chosen]
        from netshell.capture.ring import RingSocket

        return RingSocket(
            chosen,
            programs,
            ring_bytes=ring_bytes,
            promisc=promisc and ANY not in ifaces,
        )
    except OSError as error:
        raise explained(error, where) from error


def _open_libpcap(
    filter: str, ifaces: Sequence[str], snaplen: int, promisc: bool, ring_bytes: int
) -> Source:
    raise NotImplementedError


def _known(ifaces: Sequence[str], present: Sequence[str]) -> list[str]:
    """The names asked for, each once. Raises NotFound naming those there are."""
    if not ifaces:
        raise BadArgument("no interface to capture on", next_step=f"use {', '.join(present)}")
    for name in ifaces:
        if name not in present:
            raise NotFound(
                "cannot capture",
                where=f"on {name!r}",
                why="no such interface",
                next_step=f"use {', '.join([*present, ANY])}",
            )
    return list(dict.fromkeys(ifaces))


def explained(error: OSError, where: str) -> NetshellError:
    """What the system refused, as the line a user can act on."""
    if isinstance(error, PermissionError):
        return NotPermitted(
            "cannot capture",
            where=f"on {where}",
            why="this needs the right to open packet sockets",
            next_step=f"{_permit()}, or try it in the lab: netshell lab",
        )
    reasons = {
        errno.ENETDOWN: "the interface is down",
        errno.ENODEV: "the interface is gone",
        errno.ENOMEM: "the kernel has no memory for the packet ring",
        errno.EAFNOSUPPORT: "this kernel has no packet sockets",
    }
    why = reasons.get(error.errno or 0, error.strerror or str(error))
    return CaptureFailed("cannot capture", where=f"on {where}", why=why)


def _permit() -> str:
    """The exact command that gives the right: to this Python for good, or to this run."""
    command = shlex.join(sys.orig_argv)
    if sys.platform != "linux":
        return f"start it with: sudo {command}"
    python = shlex.quote(os.path.realpath(sys.executable))
    return f"sudo setcap cap_net_raw,cap_net_admin+eip {python} (lets every script of that Python capture), or: sudo {command}"

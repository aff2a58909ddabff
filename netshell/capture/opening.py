"""From interface names and a filter to an open source of frames, with every refusal explained."""

from __future__ import annotations

import contextlib
import errno
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from netshell.capture import bpf, cbpf, scapylog
from netshell.capture.source import Program, Source
from netshell.errors import (
    BadArgument,
    CaptureFailed,
    NetshellError,
    NotFound,
    NotPermitted,
    Unavailable,
)
from netshell.extras import install
from netshell.packet.chunk import SLL
from netshell.view import clean

if TYPE_CHECKING:
    from netshell.capture.nic import MakeSocket

ANY = "any"


def open_source(
    filter: str, ifaces: Sequence[str], *, snaplen: int, promisc: bool, ring_bytes: int
) -> Source:
    """The engine of this platform, capturing on the interfaces with the filter in the kernel.

    Raises BadArgument, NotFound, NotPermitted, CaptureFailed, Unavailable.
    """
    opener = open_rings if _has_packet_sockets() else open_libpcap
    return opener(filter, ifaces, snaplen=snaplen, promisc=promisc, ring_bytes=ring_bytes)


def _has_packet_sockets() -> bool:
    import socket

    return hasattr(socket, "AF_PACKET")


def open_rings(
    filter: str,
    ifaces: Sequence[str],
    *,
    snaplen: int,
    promisc: bool,
    ring_bytes: int,
    make_socket: MakeSocket | None = None,
) -> Source:
    """Linux: one packet ring an interface (ring.py).

    ``make_socket`` makes the sockets of another network namespace: it is captured there.
    """
    import socket

    from netshell.capture.nic import Nic, netmask, nics, shown

    make_socket = make_socket or socket.socket

    def program(nic: Nic) -> Program:
        name = os.fsdecode(nic.octets)
        made = bpf.compile(filter, nic.link, snaplen, name, netmask(nic.octets, make_socket))
        return bpf.cooked(made) if nic.link == SLL else made

    present = nics(make_socket)
    wanted = [shown(name) for name in ifaces]
    names = _chosen(wanted, {nic.name: nic.is_up for nic in present.values()})
    chosen = [present[name] for name in names]
    # A wrong filter is said first, permitted or not.
    bpf.compile(filter, chosen[0].link, netmask=netmask(chosen[0].octets, make_socket))
    try:
        programs = [program(nic) for nic in chosen]
        if any(map(cbpf.loops, programs)):
            raise BadArgument(
                f'filter "{clean(filter)}"',
                why="protochain follows headers in a loop, and the kernel runs none",
                next_step="capture more, and then cap.filter(...) by it",
            )
        scapylog.replace_handlers()
        from netshell.capture.ring import RingSocket

        source = RingSocket(
            chosen,
            programs,
            ring_bytes=ring_bytes,
            promisc=promisc and ANY not in ifaces,
            make_socket=make_socket,
        )
    except OSError as error:
        raise explained(error, ", ".join(ifaces)) from error
    if ANY in ifaces and ANY in present:
        source.notes.append(
            '"any" is every interface that is up; the one that is named any, too, '
            "cannot be chosen alone: rename it"
        )
    return source


def open_libpcap(
    filter: str, ifaces: Sequence[str], *, snaplen: int, promisc: bool, ring_bytes: int
) -> Source:
    """macOS, Windows: one libpcap handle an interface (pcapdev.py)."""
    try:
        import cypcap
    except ImportError:
        raise Unavailable(
            "cannot capture", why="cypcap is not installed", next_step=install("cypcap")
        ) from None
    scapylog.replace_handlers()
    from netshell.capture import pcapdev

    try:
        names = _chosen(ifaces, pcapdev.devices())
        return pcapdev.PcapSocket(
            names,
            filter,
            snaplen=snaplen,
            promisc=promisc and ANY not in ifaces,
            buffer_bytes=ring_bytes // len(names),
        )
    except cypcap.Error as error:
        raise explained(bpf.as_oserror(error), ", ".join(ifaces)) from error


def _chosen(ifaces: Sequence[str], present: dict[str, bool]) -> list[str]:
    """The names asked for, each once; ``present`` says which are up.

    Raises NotFound naming those there are, CaptureFailed for one that is down.
    """
    if ANY in ifaces:
        names = [name for name, is_up in present.items() if is_up]
        if not names:
            raise CaptureFailed("cannot capture", where="on any", why="no interface is up")
        return names
    if not ifaces:
        raise BadArgument("no interface to capture on", next_step=f"use {', '.join(present)}")
    for name in ifaces:
        if name not in present:
            raise NotFound(
                "cannot capture",
                where=f"on {clean(name)}",
                why="no such interface",
                next_step=f"use {clean(', '.join([*present, ANY]))}",
            )
        if not present[name]:
            raise CaptureFailed(
                "cannot capture",
                where=f"on {clean(name)}",
                why="the interface is down",
                next_step=f"sudo ip link set {clean(shlex.quote(name))} up"
                if sys.platform == "linux"
                else "",
            )
    return list(dict.fromkeys(ifaces))


_REASONS = {
    errno.ENETDOWN: "the interface is down",
    errno.ENODEV: "the interface is gone",
    errno.ENXIO: "the interface is gone",
    errno.ENOMEM: "the kernel has no memory for the packet ring",
    errno.EAFNOSUPPORT: "this kernel has no packet sockets",
    errno.EMFILE: "this process has too many files open",
}


def explained(error: OSError, where: str) -> NetshellError:
    """What the system refused, as the line a user can act on."""
    if isinstance(error, PermissionError):
        return NotPermitted(
            "cannot capture",
            where=f"on {where}",
            why="this user may not open packet sockets",
            next_step=_permit(),
        )
    why = _REASONS.get(error.errno or 0, error.strerror or str(error))
    return CaptureFailed("cannot capture", where=f"on {where}", why=clean(why))


def _permit() -> str:
    """The exact commands that give the right: to this run, or to this Python for good."""
    # Absolute: sudo has a search path of its own, and the user may be in another folder by then.
    program, *arguments = sys.orig_argv
    given = [sys.executable or program, *map(_absolute, arguments)]
    once = f"sudo {clean(shlex.join(given))}  (this once)"
    practise = "netshell lab shell  (practise without)" if sys.platform == "linux" else ""
    always = ""
    if sys.platform == "linux":
        # Capabilities belong to the file itself, not to the symbolic links of a venv.
        python = clean(shlex.quote(os.path.realpath(sys.executable)))
        always = f"sudo setcap cap_net_raw+eip {python}  (for every program of this Python)"
    return "run one of:  " + "  or  ".join(filter(None, (once, always, practise)))


def _absolute(argument: str) -> str:
    with contextlib.suppress(OSError, ValueError):  # code given to -c is no file's name
        path = Path(argument)
        if path.is_file():
            return str(path.absolute())
    return argument

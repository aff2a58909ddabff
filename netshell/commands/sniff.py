"""``sniff``: capture the packets that a BPF filter selects."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from netshell.capture import live
from netshell.capture.arguments import iface_names
from netshell.capture.capture import Capture
from netshell.capture.live import SNAPLEN
from netshell.commands import sniff_owners
from netshell.commands.captures import remember

started: list[Callable[[Capture], object]] = [remember]
"""Who is told of every capture that a verb started: captures(), and the prompt's printer."""


def sniff(
    filter: str = "",
    iface: str | Iterable[str] | None = None,
    count: int | None = None,
    seconds: float | None = None,
    snaplen: int = SNAPLEN,
    promisc: bool = True,
    *,
    keep: int | str | None = None,
    write: str | os.PathLike[str] | None = None,
    rotate: str | None = None,
    files: int | None = None,
    quiet: bool = False,
) -> Capture:
    """Capture in the background and return at once.

    ``filter`` is a BPF filter as of tcpdump (pcap-filter(7)), run by the
    kernel. ``iface`` is an interface, several, or "any" (those that are up now;
    one that comes up later is noted, not captured); without it, the one the
    default route goes through, or "any" without such a route. The capture ends
    after ``count`` packets or ``seconds``, if given, and otherwise with
    ``stop()``. Frames longer than ``snaplen`` bytes are cut. ``promisc`` asks
    the card for frames to other machines too, as tcpdump does; it is off for
    "any". At netshell's prompt, packets are printed as they come; not with
    ``quiet=True``, nor after ``cap.stop()``.

    Memory and disk: ``keep`` holds the newest packets only, a number of them (a
    little more, as old ones go in blocks) or at most some memory, what looking
    at them takes included. Numbers stay: of ``keep=1000``, ``cap[5000]`` is
    packet 5000 until it is let go; ``cap.first`` is the oldest held,
    ``cap.stats.let_go`` counts the others. ``write`` streams to a .pcapng or
    .pcap file as packets come; an existing file is replaced, as tcpdump does.
    With ``rotate``, a new file x_00001_YYYYmmddHHMMSS.pcapng (local time)
    begins at a size or a time after its first packet; of more than ``files``,
    the oldest is deleted. When the disk is full, writing stops with a note and
    the capture goes on. ``keep=0`` only writes, for hours if need be.

    >>> cap = sniff("tcp port 80", count=100)
    >>> cap.wait(seconds=5); cap.stop(); print(cap)
    >>> cap = sniff(keep="200 MB", write="x.pcapng", rotate="100 MB", files=10)

    Raises BadArgument for a filter (libpcap's words, and the place), a number
    or an amount, NotFound for an interface (naming those there are),
    NotPermitted (with the command that changes it; or for a file),
    CaptureFailed when the interface is down, BadFile.
    """
    return start(
        filter, _ifaces(iface), count=count, seconds=seconds, snaplen=snaplen, promisc=promisc,
        keep=keep, write=write, rotate=rotate, files=files, quiet=quiet,
    )  # fmt: skip


def start(filter: str, ifaces: tuple[str, ...], quiet: bool = False, **options: Any) -> Capture:
    """Start the capture (live.start) and tell those in ``started``; if ``quiet``, only the list
    of captures."""
    capture = live.start(filter, ifaces, **options)
    sniff_owners.follow(capture)
    for tell in [remember] if quiet else started:
        tell(capture)
    return capture


def _ifaces(iface: str | Iterable[str] | None) -> tuple[str, ...]:
    if iface is None:
        from netshell import host

        route = host.default_route()
        return (route.iface if route is not None and route.iface else "any",)
    return iface_names(iface)

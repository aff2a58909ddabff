"""``sniff``: capture the packets that a BPF filter selects."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from netshell.capture import live
from netshell.capture.arguments import iface_names
from netshell.capture.capture import Capture
from netshell.commands import sniff_owners
from netshell.commands.captures import remember
from netshell.errors import NetshellError
from netshell.settings import in_force

started: list[Callable[[Capture], object]] = [remember]
"""Who is told of every capture that a verb started: captures(), and the prompt's printer."""


def sniff(
    filter: str | None = None,
    iface: str | Iterable[str] | None = None,
    count: int | None = None,
    seconds: float | None = None,
    snaplen: int | None = None,
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
    ``stop()``. Frames longer than ``snaplen`` bytes are cut; without it, those
    of more than 262,144. ``promisc`` asks
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

    What is not given is the profile's: ``filter``, ``iface``, ``snaplen`` and
    ``keep`` (see ``profile()``); ``filter=""`` is every packet, ``keep="all"``
    holds all.

    >>> cap = sniff("tcp port 80", count=100)
    >>> cap.wait(seconds=5); cap.stop(); print(cap)
    >>> cap = sniff(keep="200 MB", write="x.pcapng", rotate="100 MB", files=10)

    Raises BadArgument for a filter (libpcap's words, and the place), a number
    or an amount, NotFound for an interface (naming those there are),
    NotPermitted (with the command that changes it; or for a file),
    CaptureFailed when the interface is down, BadFile.
    """
    now = in_force()
    unset = {
        "capture.filter": filter is None and now.filter,
        "capture.interface": iface is None and now.interface,
    }
    with owned(key for key, value in unset.items() if value):
        return start(
            now.filter if filter is None else filter,
            _ifaces(iface if iface is not None else now.interface or None),
            count=count, seconds=seconds, snaplen=snaplen, promisc=promisc,
            keep=keep, write=write, rotate=rotate, files=files, quiet=quiet,
        )  # fmt: skip


def start(
    filter: str,
    ifaces: tuple[str, ...],
    *,
    snaplen: int | None = None,
    keep: int | str | None = None,
    quiet: bool = False,
    **options: Any,
) -> Capture:
    """Start the capture (live.start) and tell those in ``started``; if ``quiet``, only the list
    of captures. ``snaplen`` and ``keep`` are the profile's where they are not given."""
    now = in_force()
    snaplen = now.snaplen if snaplen is None else snaplen
    keep = (now.keep if now.keep != "" else None) if keep is None else keep
    if keep == "all":
        keep = None
    capture = live.start(filter, ifaces, snaplen=snaplen, keep=keep, **options)
    sniff_owners.follow(capture)
    for tell in [remember] if quiet else started:
        tell(capture)
    return capture


@contextmanager
def owned(keys: Iterable[str]) -> Iterator[None]:
    """Says of an error that the settings with these keys may be what is wrong, and where they are
    from: who did not type them looks for them elsewhere."""
    try:
        yield
    except NetshellError as error:
        if named := list(keys):
            origins = in_force().origins
            said = ", ".join(f"{key} is set by {origins.get(key, 'the profile')}" for key in named)
            step = f"{error.next_step} ({said})" if error.next_step else said
            raise type(error)(
                error.what, where=error.where, why=error.why, next_step=step
            ) from None
        raise


def _ifaces(iface: str | Iterable[str] | None) -> tuple[str, ...]:
    if iface is None:
        from netshell import host

        route = host.default_route()
        return (route.iface if route is not None and route.iface else "any",)
    return iface_names(iface)

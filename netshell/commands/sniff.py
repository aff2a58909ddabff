"""``sniff``: capture the packets that a BPF filter selects."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from netshell.capture import live
from netshell.capture.capture import Capture
from netshell.capture.live import SNAPLEN
from netshell.commands.captures import remember
from netshell.errors import BadArgument

started: list[Callable[[Capture], object]] = [remember]
"""Who is told of every capture that a verb started: captures(), and the prompt's printer."""


def sniff(
    filter: str = "",
    iface: str | Iterable[str] | None = None,
    count: int | None = None,
    seconds: float | None = None,
    snaplen: int = SNAPLEN,
    promisc: bool = True,
) -> Capture:
    """Capture in the background and return at once.

    ``filter`` is a BPF filter as of tcpdump (pcap-filter(7)), run by the kernel. ``iface`` is an
    interface, several, or "any"; without it, the one the default route goes through, or "any"
    without such a route. The capture ends after ``count`` packets or ``seconds``, if given, and
    otherwise with ``stop()``. Frames longer than ``snaplen`` bytes are cut. ``promisc`` asks the
    card for frames to other machines too, as tcpdump does; it is off for "any".

    >>> cap = sniff("tcp port 80", count=100)
    >>> cap.wait(seconds=5); cap.stop(); print(cap)

    Raises BadArgument for a filter (libpcap's words, and the place) or a number, NotFound for an
    interface (naming those there are), NotPermitted (with the command that changes it),
    CaptureFailed when the interface is down.
    """
    return start(filter, _ifaces(iface), count, seconds, snaplen, promisc)


def start(
    filter: str,
    ifaces: tuple[str, ...],
    count: int | None,
    seconds: float | None,
    snaplen: int,
    promisc: bool,
) -> Capture:
    """Start the capture and tell those in ``started``."""
    capture = live.start(
        filter, ifaces, count=count, seconds=seconds, snaplen=snaplen, promisc=promisc
    )
    for tell in started:
        tell(capture)
    return capture


def _ifaces(iface: str | Iterable[str] | None) -> tuple[str, ...]:
    if iface is None:
        from netshell import host

        route = host.default_route()
        return (route.iface if route is not None and route.iface else "any",)
    named = (iface,) if isinstance(iface, str) else tuple(str(one) for one in iface)
    if not named or not all(named):
        raise BadArgument("no interface to capture on", next_step='use a name, or "any"')
    return named

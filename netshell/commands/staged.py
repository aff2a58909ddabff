"""How a scenario of the lab is watched: packets by netshell's capture, sockets by sock_diag.

The lab knows neither; both are given to it (:data:`EYES`). A capture of a host runs in this
process, through packet sockets that the host made and handed over.
"""

from __future__ import annotations

import socket
import weakref
from collections.abc import Sequence
from functools import partial
from typing import Any

from netshell.capture import live, opening
from netshell.capture.capture import Capture
from netshell.commands import sniff as sniffing
from netshell.commands.captures import remember
from netshell.commands.socket_rows import rows
from netshell.lab.play import Eyes, Row
from netshell.lab.wire import Host

RING_BYTES = 4 << 20  # a scenario has some dozens of packets

_kept: weakref.WeakKeyDictionary[Capture, weakref.finalize[[], Capture]] = (
    weakref.WeakKeyDictionary()
)


def sniff_in(host: Host, filter: str = "", quiet: bool = False, **options: Any) -> Capture:
    """Capture a host's eth0 in the background, as ``sniff`` does here.

    ``options`` are those of :func:`netshell.sniff`. It is to end before its host does
    (:func:`let_go`). Raises what ``sniff`` raises.
    """
    # What a capture asks while it ends must not depend on a host that may be gone.
    kept = host.call(socket.socket, socket.AF_NETLINK, socket.SOCK_RAW, 0)

    def make_socket(family: int, kind: int, protocol: int) -> socket.socket:
        if family == socket.AF_NETLINK:
            return kept.dup()
        return host.call(socket.socket, family, kind, protocol)

    opener = partial(opening.open_rings, make_socket=make_socket)
    options = {"ring_bytes": RING_BYTES, **options, "open_source": opener}
    try:
        capture = live.start(filter, (host.iface,), **options)
    except BaseException:
        kept.close()
        raise
    _kept[capture] = weakref.finalize(capture, kept.close)
    for tell in [remember] if quiet else sniffing.started:
        tell(capture)
    return capture


def let_go(capture: Capture) -> None:
    """End a capture of a host, and with it all that it holds of the host's network."""
    capture.stop()
    if (close := _kept.get(capture)) is not None:
        close()


def sockets_of(host: Host) -> Sequence[Row]:
    """The TCP sockets of one of the lab's hosts: state, own end, the other one."""
    return host.call(rows)


EYES = Eyes(sniff=partial(sniff_in, quiet=True), sockets=sockets_of)

"""How a scenario of the lab is watched: packets by netshell's capture, sockets by sock_diag.

The lab knows neither; both are given to it (:data:`EYES`). A capture of a host runs in this
process, through packet sockets that the host made and handed over.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
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


def make_socket(host: Host) -> Callable[[int, int, int], socket.socket]:
    """What makes sockets of a host's network, for use in this process."""
    return lambda family, kind, protocol: host.call(socket.socket, family, kind, protocol)


def sniff_in(host: Host, filter: str = "", quiet: bool = False, **options: Any) -> Capture:
    """Capture a host's eth0 in the background, as ``sniff`` does here.

    ``options`` are those of :func:`netshell.sniff`. Raises what that raises.
    """
    opener = partial(opening.open_rings, make_socket=make_socket(host))
    options = {"ring_bytes": RING_BYTES, **options, "open_source": opener}
    capture = live.start(filter, (host.iface,), **options)
    for tell in [remember] if quiet else sniffing.started:
        tell(capture)
    return capture


def sockets_of(host: Host) -> Sequence[Row]:
    """The TCP sockets of one of the lab's hosts: state, own end, the other one."""
    return host.call(rows)


EYES = Eyes(sniff=partial(sniff_in, quiet=True), sockets=sockets_of)

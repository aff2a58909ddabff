"""Where the notebooks' traffic comes from: two hosts in the lab, or a capture of them.

    from classroom import enter
    room = enter("07-http")              # says in one line which of the two it is
    room.client.sniff("tcp port 80"), room.client.dig("www.lab"), room.server.listeners()

In the lab, both hosts are network namespaces with TCP stacks of their own on a private wire: no
root, no internet. Where the kernel allows none, the same calls are answered from
``captures/NAME.pcap``, recorded there by ``record.py``: names from the replies in it, sockets from
the states that its packets prove.
"""

from __future__ import annotations

import atexit
import http.client
import os
import socket
from pathlib import Path
from typing import Any

from recorded import RecordedHost, Recording

from netshell.commands import playing
from netshell.commands.conns import listeners
from netshell.commands.iface_for import iface_for
from netshell.commands.ifaces import ifaces
from netshell.commands.sniff_host import filter_for
from netshell.errors import Unavailable
from netshell.lab import offload
from netshell.lab.servers import start_dns, start_http
from netshell.lab.wire import Wire
from netshell.results import Result
from netshell.view import Block, Note

CAPTURES = Path(os.environ.get("NETSHELL_NOTEBOOK_CAPTURES", Path(__file__).parent / "captures"))

RECORD = "NETSHELL_NOTEBOOKS_RECORD"  # set by record.py: what passes is saved at the end


class Room(Result):
    """The client and the server; shown as the line that says where they are."""

    def __init__(self, client: Any, server: Any, where: str) -> None:
        self.client = client
        self.server = server
        self.is_live = isinstance(client, LabHost)
        self._where = where

    def view(self) -> tuple[Block, ...]:
        return (Note(self._where, "good" if self.is_live else "warn"),)


def enter(name: str) -> Room:
    """The room of the notebook ``name``: in the lab where it can be, else as recorded."""
    try:
        wire = Wire.open()
    except Unavailable as error:
        recording = Recording(CAPTURES / f"{name}.pcap")
        return Room(
            RecordedHost(recording, "client"),
            RecordedHost(recording, "server"),
            f"From a recorded capture, {recording.path.name}, because {error.why}.",
        )
    atexit.register(wire.close)
    for host in wire.hosts:
        host.call(offload.turn_off, host.iface)  # segments as they are on a real wire
    start_dns(wire.server)
    start_http(wire.server)
    client = LabHost(wire.client)
    if RECORD in os.environ:
        capture = client.sniff()
        atexit.register(lambda: capture.stop().save(CAPTURES / f"{name}.pcap"))
    return Room(
        client,
        LabHost(wire.server),
        f"In the lab: {wire.client.ipv4} and {wire.server.ipv4} are two real TCP stacks on a "
        "private wire, without root and without the internet.",
    )


class LabHost(playing.LabHost):
    """The verbs, as if typed on one host of the lab."""

    def dig(self, *asked: Any, **options: Any) -> Any:
        """``dig`` on this host."""
        from netshell.commands.dig import dig

        return self.call(dig, *asked, **options)

    def iface_for(self, host: str) -> Any:
        """``iface_for`` on this host."""
        return self.call(iface_for, host)

    def ifaces(self) -> Any:
        """``ifaces`` on this host."""
        return self.call(ifaces)

    def listeners(self) -> Any:
        """``listeners`` on this host."""
        return self.call(listeners)

    def sniff_host(self, host: str, port: int) -> Any:
        """``sniff_host`` on this host: the filter is made of the addresses of ``host``."""
        route = self.iface_for(host)
        addresses = tuple(one.destination for one in route.candidates or (route,))
        capture = self.sniff(filter_for(addresses, port, "tcp"))
        for address in addresses:
            capture.remarks.hosts.setdefault(address, []).append(host)
        return capture

    def browse(self, *paths: str, host: str = "www.lab", keep: bool = True) -> list[int]:
        """Fetch pages, over one connection or each over its own; their statuses."""
        return list(self.call(fetch, host, paths, keep))

    def hold(self, host: str = "www.lab", port: int = 80) -> None:
        """Connect, and keep the connection open until ``let_go``."""
        self.call(hold, host, port)

    def let_go(self) -> None:
        """Close what ``hold`` opened."""
        self.call(let_go)


def fetch(host: str, paths: tuple[str, ...], keep: bool) -> list[int]:
    """What ``browse`` does; runs in the host."""
    statuses = []
    address = socket.gethostbyname(host)
    web = http.client.HTTPConnection(address, timeout=30)
    for path in paths:
        headers = {"Host": host} | ({} if keep else {"Connection": "close"})
        web.request("GET", path, headers=headers)
        answer = web.getresponse()
        answer.read()
        statuses.append(answer.status)
        if not keep:
            web.close()
    web.close()
    return statuses


_held: list[socket.socket] = []


def hold(host: str, port: int) -> None:
    """Connect and stay connected; runs in the host."""
    _held.append(socket.create_connection((socket.gethostbyname(host), port), timeout=30))


def let_go() -> None:
    """Close all of them; runs in the host."""
    while _held:
        _held.pop().close()

"""What only the portable module does: reading `route -n get`, and doing without permission."""

from __future__ import annotations

import os
import socket
from typing import Any

import psutil
import pytest

from netshell.errors import BadArgument, NotFound
from netshell.host import portable
from netshell.host.sockets import Wanted

# As macOS 14 prints it.
BY_GATEWAY = """\
   route to: 198.41.0.4
destination: default
       mask: default
    gateway: 192.168.1.1
  interface: en0
      flags: <UP,GATEWAY,DONE,STATIC,PRCLONING,GLOBAL>
 recvpipe  sendpipe  ssthresh  rtt,msec    rttvar  hopcount      mtu     expire
       0         0         0         0         0         0      1500         0
"""
ON_LINK = """\
   route to: 192.168.1.7
destination: 192.168.1.0
       mask: 255.255.255.0
    gateway: link#11
  interface: en0
      flags: <UP,DONE,CLONING,STATIC,PRCLONING>
"""


def test_reads_route_get() -> None:
    assert portable.read_route_get(BY_GATEWAY)["interface"] == "en0"
    assert portable.read_route_get(BY_GATEWAY)["gateway"] == "192.168.1.1"
    assert "gateway" not in portable.read_route_get(ON_LINK)
    assert portable.read_route_get(ON_LINK)["interface"] == "en0"
    assert portable.read_route_get("route: writing to routing socket: not in table") == {
        "route": "writing to routing socket: not in table"
    }


def test_without_permission_our_own_sockets_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS tells the whole list only to root; each process may still ask about itself."""

    def refuse(kind: str) -> Any:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil, "net_connections", refuse)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        rows = portable.list_sockets(Wanted(ports=(range(port, port + 1),)))
    assert [each.pid for each in rows] == [os.getpid()]
    assert rows.denied()


def test_scopes() -> None:
    with pytest.raises(NotFound, match="no interface 'nope'"):
        portable.find_route("fe80::1%nope")
    with pytest.raises(BadArgument, match="an address on every link"):
        portable.find_route("fe80::1")
    with pytest.raises(BadArgument, match="only Linux's routes"):
        portable.find_route("127.0.0.1", mark=7)
    with pytest.raises(BadArgument, match="no interface of this machine has that address"):
        portable.find_route("127.0.0.1", source="203.0.113.9")

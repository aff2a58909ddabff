"""The routing table and the UNIX sockets show themselves like all other results."""

from __future__ import annotations

from netshell.commands.routes import RouteTable
from netshell.commands.unix import UnixSockets
from netshell.host.procnet import TableRoute
from netshell.host.unix import UnixSocket


def test_a_routing_table() -> None:
    table = RouteTable([TableRoute("10.0.0.0", 8, "192.0.2.1", 3, 7, 0, 0, "eth\x1b0")])
    text = str(table)
    assert "10.0.0.0/8" in text
    assert "192.0.2.1" in text
    assert "\x1b" not in text
    assert str(RouteTable()) == "no routes"
    assert "metric" in repr(table[0])


def test_unix_sockets() -> None:
    one = UnixSocket("STREAM", "LISTENING", "/run/\x1b[31mx", 42, 2, 0x10000, pid=7, process="p")
    text = str(UnixSockets([one]))
    assert "LISTENING" in text
    assert "\x1b" not in text
    assert "pid 7" in repr(one)
    assert str(UnixSockets()) == "no UNIX sockets"

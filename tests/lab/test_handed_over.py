"""Sockets that a host makes and this process uses."""

from __future__ import annotations

import socket

import inside

from netshell.lab.wire import Wire


def test_both_ends_of_a_connection_in_one_process(wire: Wire) -> None:
    port = wire.server.call(inside.listen, wire.server.ipv4)
    with wire.client.call(socket.create_connection, (wire.server.ipv4, port)) as ours:
        assert isinstance(ours, socket.socket)
        assert ours.getpeername() == (wire.server.ipv4, port)
        assert ours.getsockname()[0] == wire.client.ipv4
        ours.sendall(b"hello")
        assert wire.server.call(inside.accept) == (wire.client.ipv4, b"hello")
        assert ours.recv(10) == b"HELLO"
    states = wire.client.call(inside.states_of_port, port)
    assert "01" not in states  # closed here is closed: the host kept no copy


def test_it_stays_a_socket_of_the_hosts_network(wire: Wire) -> None:
    with wire.client.call(socket.socket, socket.AF_PACKET, socket.SOCK_RAW, 0) as raw:
        raw.bind(("eth0", 0))
        assert raw.getsockname()[4] == bytes.fromhex(wire.client.mac.replace(":", ""))

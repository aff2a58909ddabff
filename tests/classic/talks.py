"""What the tests of live captures have the lab's hosts say to each other."""

from __future__ import annotations

import socket

PORT = 9999
sinks: list[socket.socket] = []


def listen(*addresses: str) -> None:
    """Take datagrams in and throw them away; take connections of the next port."""
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sink = socket.socket(family, socket.SOCK_DGRAM)
        sink.bind((address, PORT))
        server = socket.create_server((address, PORT + 1), family=family)
        sinks.extend((sink, server))


def datagrams(address: str, count: int) -> None:
    """So many datagrams, each longer than the one before."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        for number in range(count):
            sender.sendto(b"x" * number, (address, PORT))


def connection(address: str) -> None:
    """One that sends a little and ends."""
    with socket.create_connection((address, PORT + 1), 60) as sock:
        sock.sendall(b"hello\r\n")

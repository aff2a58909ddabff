"""Traffic that the shell's tests have a host of the lab send (run by ``Host.call``)."""

from __future__ import annotations

import http.client
import socket


def get(address: str) -> int:
    """Fetch the page of a web server; the HTTP status."""
    connection = http.client.HTTPConnection(address, timeout=60)
    connection.request("GET", "/")
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


def datagrams(address: str, port: int, payloads: list[bytes]) -> None:
    """Send each payload as a UDP datagram."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for payload in payloads:
            sender.sendto(payload, (address, port))


def flood(address: str, port: int, count: int) -> None:
    """Send so many datagrams as fast as they go."""
    datagrams(address, port, [b"x" * 20] * count)


def frames(iface: str, count: int) -> None:
    """Send so many frames of a local experiment's protocol."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sender:
        sender.bind((iface, 0))
        for _ in range(count):
            sender.send(b"\xff" * 6 + b"\x02\0\0\0\0\x99\x88\xb6" + b"\0" * 50)


dialled: list[socket.socket] = []


def dial(address: str, port: int = 80) -> int:
    """Connect, and stay connected; our port."""
    dialled.append(socket.create_connection((address, port), timeout=60))
    return int(dialled[-1].getsockname()[1])


def ask(count: int = 1) -> int:
    """Ask a web server for its page over that connection; the bytes of the answers."""
    total = 0
    for _ in range(count):
        dialled[-1].sendall(b"GET / HTTP/1.1\r\nHost: www.lab\r\n\r\n")
        total += len(dialled[-1].recv(65536))
    return total


def hang_up() -> None:
    """Close it."""
    dialled.pop().close()

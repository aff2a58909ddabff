"""A DNS message to a server and its reply back, as bytes, within a time (RFC 1035 section 4.2).

Knows sockets and the two bytes of length that TCP needs, nothing of what messages mean. The UDP
socket is connected: the kernel then drops datagrams from any other address and port, and reports
a closed port at once.
"""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable

from netshell.flow.key import Endpoint

MAX_MESSAGE = 65535


class Closed(Exception):
    """The server closed the TCP connection before its reply was complete."""


def over_udp(
    message: bytes, server: Endpoint, timeout_s: float, fits: Callable[[bytes], bool]
) -> bytes:
    """The first datagram that ``fits``; others are passed over until the time is up.

    Raises TimeoutError after ``timeout_s``, any other OSError as the kernel gives it.
    """
    deadline = time.monotonic() + timeout_s
    with _socket(server, socket.SOCK_DGRAM, deadline) as link:
        link.send(message)
        while True:
            link.settimeout(_left(deadline))
            reply = link.recv(MAX_MESSAGE)
            if fits(reply):
                return reply


def over_tcp(message: bytes, server: Endpoint, timeout_s: float) -> bytes:
    """The reply over a connection of its own. ``timeout_s`` bounds the whole exchange.

    Raises TimeoutError, Closed, or any other OSError as the kernel gives it.
    """
    deadline = time.monotonic() + timeout_s
    with _socket(server, socket.SOCK_STREAM, deadline) as link:
        link.settimeout(_left(deadline))
        link.sendall(len(message).to_bytes(2, "big") + message)
        length = int.from_bytes(_exactly(link, 2, deadline), "big")
        return _exactly(link, length, deadline)


def _socket(server: Endpoint, kind: socket.SocketKind, deadline: float) -> socket.socket:
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    try:
        family, kind, proto, _, where = socket.getaddrinfo(
            server.address, server.port, type=kind, flags=flags
        )[0]
    except socket.gaierror as error:  # a literal address fails only for its zone or its family
        zone = server.address.partition("%")[2]
        why = f"there is no interface {zone!r}" if zone else error.strerror
        raise OSError(errno.ENODEV, why) from error
    link = socket.socket(family, kind, proto)
    try:
        link.settimeout(_left(deadline))
        link.connect(where)
    except BaseException:
        link.close()
        raise
    return link


def _exactly(link: socket.socket, count: int, deadline: float) -> bytes:
    got = bytearray()
    while len(got) < count:
        link.settimeout(_left(deadline))
        part = link.recv(count - len(got))
        if not part:
            raise Closed(f"after {len(got)} of {count} bytes")
        got += part
    return bytes(got)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left

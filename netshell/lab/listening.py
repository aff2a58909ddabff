"""What the lab's servers have in common: both IP versions, and a word when they are ready.

One socket per IP version, as most servers do it: a socket for both would show IPv4 connections
as IPv6 ones (::ffff:10.77.0.1).
"""

from __future__ import annotations

import socket
import socketserver
import sys
import threading

READY = "listening"


class _TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def server_bind(self) -> None:
        _bind_one_version(self.socket)
        super().server_bind()


class _UdpServer(socketserver.UDPServer):
    max_packet_size = 65535

    def server_bind(self) -> None:
        _bind_one_version(self.socket)
        super().server_bind()


class _TcpServer6(_TcpServer):
    address_family = socket.AF_INET6


class _UdpServer6(_UdpServer):
    address_family = socket.AF_INET6


Handler = type[socketserver.BaseRequestHandler]


def serve(port: int, *, tcp: Handler, udp: Handler | None = None) -> None:
    """Listen on `port`, say so on standard output, and serve until killed.

    Says in one line why instead if it cannot listen, and returns.
    """
    try:
        servers: list[socketserver.BaseServer] = [
            _TcpServer(("0.0.0.0", port), tcp),
            _TcpServer6(("::", port), tcp),
        ]
        if udp is not None:
            servers += [_UdpServer(("0.0.0.0", port), udp), _UdpServer6(("::", port), udp)]
    except OSError as error:
        sys.stdout.write(f"cannot listen on port {port}: {error.strerror}\n")
        return
    sys.stdout.write(READY + "\n")
    sys.stdout.flush()
    threads = [threading.Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _bind_one_version(listening: socket.socket) -> None:
    if listening.family == socket.AF_INET6:
        listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)

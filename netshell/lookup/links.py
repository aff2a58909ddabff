"""Ways to a name server that stay open: UDP, TCP, TLS, HTTPS, message by message.

For tools that say what happens at each step: opening one, sending and receiving fail apart, with
the kernel's own OSError. :func:`open_link` picks one; ``transport`` serves one question at once.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol

from netshell.errors import BadFile, Unavailable
from netshell.extras import install
from netshell.flow.key import Endpoint
from netshell.lookup.transport import MAX_MESSAGE


class Ended(OSError):
    """The server closed the connection where a message was due."""


class Link(Protocol):
    """A way to one server."""

    def send(self, message: bytes) -> None:
        """Send a message. Raises OSError."""

    def receive(self, timeout_s: float) -> bytes:
        """The next message. Raises TimeoutError, Ended, OSError."""

    def close(self) -> None:
        """End it. May be repeated."""


@dataclass(frozen=True, slots=True)
class Way:
    """How to reach a server: ``kind`` is "udp", "tcp", "tls" or "https"."""

    kind: str = "udp"
    source: Endpoint | None = None
    """The address and port to send from; port 0: any."""
    host: str = ""
    """The name that the server's certificate is for; "" the address."""
    authorities: str | None = None
    """Check the certificate against this file's authorities ("" the system's); None: do not."""
    certificate: tuple[str, str] | None = None
    """Our own certificate's file and its key's."""
    path: str = "/dns-query"
    get: bool = False


def open_link(server: Endpoint, way: Way, timeout_s: float) -> Link:
    """Open a way to a server.

    Raises TimeoutError and OSError as the kernel has them (ssl.SSLError among them), BadFile for
    certificates that cannot be used, Unavailable where HTTPS's library is missing.
    """
    if way.kind == "https":
        return _Https(server, way)
    deadline = time.monotonic() + timeout_s
    kind = socket.SOCK_DGRAM if way.kind == "udp" else socket.SOCK_STREAM
    link = _connected(server, way.source, kind, timeout_s)
    if way.kind == "udp":
        return _Datagrams(link)
    if way.kind == "tcp":
        return _Stream(link)
    try:
        context = _context(way, ["dot"])
        link.settimeout(max(deadline - time.monotonic(), 0.001))
        secure = context.wrap_socket(
            link, server_hostname=way.host or server.address.partition("%")[0]
        )
    except BaseException:
        link.close()
        raise
    return _Stream(secure)


class _Datagrams:
    def __init__(self, link: socket.socket) -> None:
        self._link = link

    def send(self, message: bytes) -> None:
        self._link.send(message)

    def receive(self, timeout_s: float) -> bytes:
        self._link.settimeout(max(timeout_s, 0.001))
        return self._link.recv(MAX_MESSAGE)

    def close(self) -> None:
        self._link.close()


class _Stream:
    """Messages behind two bytes of length (RFC 1035 4.2.2), over TCP or TLS."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._had = bytearray()

    def send(self, message: bytes) -> None:
        self._link.sendall(len(message).to_bytes(2, "big") + message)

    def receive(self, timeout_s: float) -> bytes:
        deadline = time.monotonic() + timeout_s
        while (whole := self._whole()) is None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._link.settimeout(left)
            part = self._link.recv(MAX_MESSAGE)
            if not part:
                raise Ended("the server closed the connection")
            self._had += part
        return whole

    def _whole(self) -> bytes | None:
        length = int.from_bytes(self._had[:2], "big")
        if len(self._had) < 2 or len(self._had) < 2 + length:
            return None
        message = bytes(self._had[2 : 2 + length])
        del self._had[: 2 + length]
        return message

    def close(self) -> None:
        self._link.close()


class _Https:
    """One message a request (RFC 8484)."""

    def __init__(self, server: Endpoint, way: Way) -> None:
        import dns.query

        if not dns.query.have_doh:
            raise Unavailable(
                "cannot ask over HTTPS",
                why="what dnspython needs for it is not installed, or too old",
                next_step=install("dnspython[doh]"),
            )
        self._server, self._way = server, way
        library = "httpx2" if find_spec("httpx2") else "httpx"  # dnspython 2.9 and before
        self._error: type[Exception] = import_module(library).HTTPError
        self._asked = b""

    def send(self, message: bytes) -> None:
        self._asked = message

    def receive(self, timeout_s: float) -> bytes:
        import dns.exception
        import dns.message
        import dns.query

        way = self._way
        host = way.host or self._server.address
        url = f"https://{f'[{host}]' if ':' in host else host}:{self._server.port}{way.path}"
        query = dns.message.from_wire(self._asked)
        try:
            reply = dns.query.https(
                query,
                url,
                timeout=timeout_s,
                port=self._server.port,
                bootstrap_address=self._server.address,
                source=way.source.address if way.source else None,
                source_port=way.source.port if way.source else 0,
                verify=False if way.authorities is None else way.authorities or True,
                post=not way.get,
            )
        except dns.exception.Timeout as error:
            raise TimeoutError(str(error)) from error
        except (dns.exception.DNSException, ValueError, self._error) as error:
            raise OSError(str(error).partition("\n")[0]) from error
        return reply.wire if reply.wire is not None else reply.to_wire()

    def close(self) -> None:
        self._asked = b""


def _context(way: Way, protocols: list[str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(protocols)
    if way.authorities is None:
        # As dig: without +tls-ca the channel is private, whoever is at its end (RFC 7858 4.1).
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif way.authorities:
        _load(context.load_verify_locations, way.authorities)
    else:
        context.load_default_certs()
    if way.certificate is not None:
        _load(context.load_cert_chain, *way.certificate)
    return context


def _load(take: Callable[..., None], *files: str) -> None:
    """Have TLS take files; BadFile where it cannot."""
    try:
        take(*files)
    except OSError as error:  # ssl.SSLError is one
        why = error.strerror or str(error)
        raise BadFile("cannot use for TLS", where=" and ".join(files), why=why) from error


def _connected(
    server: Endpoint, source: Endpoint | None, kind: socket.SocketKind, timeout_s: float
) -> socket.socket:
    family, where = _resolved(server, kind)
    link = socket.socket(family, kind)
    try:
        link.settimeout(timeout_s)
        if source is not None:
            if kind == socket.SOCK_STREAM:
                link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            link.bind(_resolved(source, kind)[1])
        link.connect(where)
    except BaseException:
        link.close()
        raise
    return link


def _resolved(end: Endpoint, kind: socket.SocketKind) -> tuple[int, tuple[object, ...]]:
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    try:
        found = socket.getaddrinfo(end.address, end.port, type=kind, flags=flags)[0]
    except socket.gaierror as error:
        raise OSError(str(error)) from error
    return found[0], found[4]

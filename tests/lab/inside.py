"""What the tests have the hosts do: plain functions that Host.call runs in a host's process.

They leave their sockets in `kept`, so that the next call finds them.
"""

from __future__ import annotations

import fcntl
import http.client
import os
import signal
import socket
import struct
import subprocess
import tempfile
from pathlib import Path
from typing import NoReturn

from netshell.errors import BadFile
from netshell.lab import etc, link, namespaces

TIMEOUT_S = 60
kept: dict[str, socket.socket] = {}


def family(address: str) -> int:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def listen(address: str) -> int:
    kept["listener"] = socket.create_server((address, 0), family=family(address))
    kept["listener"].settimeout(TIMEOUT_S)
    return int(kept["listener"].getsockname()[1])


def connect(address: str, port: int, payload: bytes) -> None:
    kept["connection"] = socket.create_connection((address, port), timeout=TIMEOUT_S)
    kept["connection"].sendall(payload)


def accept() -> tuple[str, bytes]:
    """The caller's address and what it sent; it gets the same back in capitals."""
    connection, caller = kept["listener"].accept()
    with connection:
        payload = connection.recv(65536)
        connection.sendall(payload.upper())
    return caller[0], payload


def receive() -> bytes:
    return kept["connection"].recv(65536)


def bind_datagrams(address: str) -> int:
    kept["datagrams"] = socket.socket(family(address), socket.SOCK_DGRAM)
    kept["datagrams"].settimeout(TIMEOUT_S)
    kept["datagrams"].bind((address, 0))
    return int(kept["datagrams"].getsockname()[1])


def send_datagram(address: str, port: int, payload: bytes) -> None:
    with socket.socket(family(address), socket.SOCK_DGRAM) as sender:
        sender.sendto(payload, (address, port))


def receive_datagram() -> tuple[str, bytes]:
    payload, sender = kept["datagrams"].recvfrom(65536)
    return sender[0], payload


def ask(address: str, port: int, query: bytes) -> bytes:
    """The datagram that answers `query`."""
    with socket.socket(family(address), socket.SOCK_DGRAM) as asker:
        asker.settimeout(TIMEOUT_S)
        asker.sendto(query, (address, port))
        return asker.recv(65536)


def ping(address: str) -> bytes:
    """The payload of the first echo reply to one echo request: RFC 792, RFC 4443."""
    version6 = ":" in address
    protocol = socket.IPPROTO_ICMPV6 if version6 else socket.IPPROTO_ICMP
    request, reply, header = (128, 129, 0) if version6 else (8, 0, 20)
    body = struct.pack("!BBHHH", request, 0, 0, 7, 1) + b"netshell"
    total = sum(struct.unpack(f"!{len(body) // 2}H", body))
    checksum = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF  # for ICMPv6 the kernel fills it in
    with socket.socket(family(address), socket.SOCK_RAW, protocol) as raw:
        raw.settimeout(TIMEOUT_S)
        raw.sendto(body[:2] + struct.pack("!H", checksum) + body[4:], (address, 0))
        answer = b"\xff"
        while answer[0] != reply:
            answer = raw.recv(65536)[header:]
    return answer[8:]


def take_down(iface: str) -> None:
    """Clear the flags of an interface, IFF_UP among them: netdevice(7)."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", iface.encode(), 0))


def address_at_once(address: str) -> None:
    """link.address() with next to no patience."""
    patience, link._UP_S = link._UP_S, 0.05
    try:
        link.address("eth0", address)
    finally:
        link._UP_S = patience


def get(host: str, path: str = "/", headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """One GET on a connection of its own, which the client closes when it has the response."""
    connection = http.client.HTTPConnection(host, 80, timeout=TIMEOUT_S)
    connection.request("GET", path, headers=headers or {})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, body


def send_and_read(address: str, port: int, payload: bytes) -> bytes:
    """Everything a server sends in answer to `payload` until it closes."""
    with socket.create_connection((address, port), timeout=TIMEOUT_S) as connection:
        connection.sendall(payload)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received


def read_to_the_end(address: str, port: int, payload: bytes) -> bytes:
    """The same, by a client that closes after the server has."""
    with socket.create_connection((address, port), timeout=TIMEOUT_S) as connection:
        connection.sendall(payload)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received


def states_of_port(port: int) -> list[str]:
    """The states of this host's IPv4 TCP sockets with that port at either end, in hexadecimal."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [row[3] for row in rows if f"{port:04X}" in (row[1][-4:], row[2][-4:])]


class Stubborn(Exception):
    """It can be pickled but not unpickled."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(f"{one} and {two}")


def fail(kind: str) -> NoReturn:
    if kind == "netshell":
        raise BadFile("cannot read it", why="just so")
    if kind == "stubborn":
        raise Stubborn("this", "that")
    raise SystemExit(3)


def return_lambda() -> object:
    return lambda: None


def wait_for_signal() -> None:
    """Runs until SIGINT."""
    signal.pause()


def ignore_everything() -> None:
    """Runs until killed."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    signal.pause()


def leave_program_running() -> int:
    return subprocess.Popen(["sleep", "1000"]).pid


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def addresses_of(name: str) -> set[str]:
    return {str(found[4][0]) for found in socket.getaddrinfo(name, None)}


def replace_etc(resolv_conf: str) -> tuple[str, str, list[str]]:
    """Put another /etc in place, make it private again, and tell what is in it.

    `resolv_conf` is what /etc/resolv.conf is at first: "file", "link", "dangling" or "missing".
    """
    namespaces.unshare(namespaces.CLONE_NEWNS)
    scratch = Path(tempfile.gettempdir())
    namespaces.mount("tmpfs", str(scratch), "tmpfs", 0, "mode=755")
    other = scratch / "etc"
    (other / "folder").mkdir(parents=True)
    (other / "folder" / "resolv.conf").write_text("nameserver 192.0.2.1\n")
    (other / "hosts").write_text("192.0.2.1 somewhere\n")
    (other / "alias").symlink_to("folder/resolv.conf")
    target = other / "resolv.conf"
    if resolv_conf == "file":
        target.write_text("nameserver 192.0.2.1\n")
    elif resolv_conf == "link":
        target.symlink_to("folder/resolv.conf")
    elif resolv_conf == "dangling":
        target.symlink_to("../run/no/such/resolv.conf")
    namespaces.mount(str(other), "/etc", "", namespaces.MS_BIND)
    namespaces.unmount(str(scratch))
    etc.make_private("10.77.0.2")
    names = sorted(entry.name for entry in Path("/etc").iterdir())
    return Path("/etc/resolv.conf").read_text(), Path("/etc/hosts").read_text(), names

"""Real sockets in every TCP state, made by two hosts of the lab, and `ss` to compare with.

The functions run inside the hosts; what they leave open in SOCKETS lives on there. How each state
is reached: :func:`reach_all`. Nothing is waited for by time: a state is there when `ss` says so.
"""

from __future__ import annotations

import ctypes
import re
import socket
import struct
import time
from typing import Any

SOCKETS: dict[str, socket.socket] = {}

DEADLINE_S = 60.0
_LOCAL, _REMOTE = 3, 4


# --- inside a host --------------------------------------------------------------------------


def listen(name: str, address: str, port: int, *, backlog: int = 8, both: bool = False) -> int:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not both)
    sock.bind((address, port))
    sock.listen(backlog)
    SOCKETS[name] = sock
    return int(sock.getsockname()[1])


def connect(name: str, address: str, port: int, source: str = "", *, wait: bool = True) -> int:
    family, kind, proto, _name, there = socket.getaddrinfo(
        address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
    )[0]
    sock = socket.socket(family, kind, proto)
    if source:
        sock.bind((source, 0))
    if wait:
        sock.settimeout(DEADLINE_S)
        sock.connect(there)
    else:
        sock.setblocking(False)
        sock.connect_ex(there)
    SOCKETS[name] = sock
    return int(sock.getsockname()[1])


def accept(listener: str, name: str) -> None:
    SOCKETS[listener].settimeout(DEADLINE_S)
    SOCKETS[name] = SOCKETS[listener].accept()[0]


def udp(name: str, address: str, port: int, peer: tuple[str, int] | None = None) -> int:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.bind((address, port))
    if peer:
        sock.connect(peer)
    SOCKETS[name] = sock
    return int(sock.getsockname()[1])


def send(name: str, size: int) -> None:
    SOCKETS[name].sendall(bytes(size))


def send_to(name: str, address: str, port: int, size: int) -> None:
    SOCKETS[name].sendto(bytes(size), (address, port))


def keep_alive(name: str) -> None:
    SOCKETS[name].setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def stop_sending(name: str) -> None:
    SOCKETS[name].shutdown(socket.SHUT_WR)


def close(name: str) -> None:
    SOCKETS.pop(name).close()


def go_deaf(name: str) -> None:
    """Drop whatever arrives for this socket: a one-instruction filter that keeps nothing."""
    code = ctypes.create_string_buffer(struct.pack("=HBBI", 0x06, 0, 0, 0))
    program = struct.pack("@HxxxxxxP", 1, ctypes.addressof(code))
    SOCKETS[name].setsockopt(socket.SOL_SOCKET, 26, program)  # SO_ATTACH_FILTER


def send_lone_syn(source: str, destination: str, port: int) -> None:
    """A SYN whose answer goes nowhere, because nobody has its source address."""
    head = struct.pack("!HHIIBBHHH", 4321, port, 1, 0, 5 << 4, 2, 1024, 0, 0)
    ends = socket.inet_aton(source) + socket.inet_aton(destination)
    total = sum(struct.unpack("!16H", ends + struct.pack("!HH", 6, len(head)) + head))
    total = (total & 0xFFFF) + (total >> 16)
    checksum = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    head = head[:16] + struct.pack("!H", checksum) + head[18:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(head), 1, 0, 64, 6, 0) + ends
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        raw.sendto(ip + head, (destination, 0))


def conns_of(*args: Any, **options: Any) -> list[Any]:
    from netshell import conns

    return list(conns(*args, **options))


# --- ss -------------------------------------------------------------------------------------

_ENDPOINT = re.compile(r"\[?(?P<address>[^\]%]*)\]?(?:%(?P<scope>[^\]:]+))?\]?:(?P<port>[\d*]+)\Z")
_NAMES = {
    "ESTAB": "ESTABLISHED",
    "SYN-RECV": "SYN_RECEIVED",
    "UNCONN": "",
}


def ss_rows(host: Any, ss: Any, *options: str) -> list[tuple[str, str, str, str, str]]:
    """`ss`'s rows as (state, recv-q, send-q, local, remote), in our spelling, sorted."""
    rows = []
    for line in host.run([ss, "-H", "-O", "-an", *options]).stdout.splitlines():
        state, received, sent, local, remote = line.split()[:5]
        state = _NAMES.get(state, state.replace("-", "_"))
        rows.append((state, received, sent, spelled(local), spelled(remote, remote=True)))
    return sorted(rows)


def ss_lines(host: Any, ss: Any, *options: str) -> dict[tuple[str, str], str]:
    """`ss`'s whole lines by their two ends, in our spelling."""
    lines = host.run([ss, "-H", "-O", "-an", *options]).stdout.splitlines()
    return {
        (spelled(line.split()[_LOCAL]), spelled(line.split()[_REMOTE], remote=True)): line
        for line in lines
    }


def our_rows(sockets: list[Any]) -> list[tuple[str, str, str, str, str]]:
    return sorted(
        (str(each.state), str(each.recv_q), str(each.send_q), str(each.local), str(each.remote))
        for each in sockets
    )


def spelled(endpoint: str, *, remote: bool = False) -> str:
    """An end as our records spell it: IPv4 inside IPv6 as IPv4, no scope, any peer as `*:*`."""
    match = _ENDPOINT.match(endpoint)
    assert match, endpoint
    address, port = match["address"], match["port"]
    if address.startswith("::ffff:"):
        address = address.removeprefix("::ffff:")
    if remote and port == "*":
        address = "*"
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


# --- every state ----------------------------------------------------------------------------


def reach_all(wire: Any, ss: Any, v6: bool) -> int:
    """Bring both hosts' sockets into every state, over one IP version; the server's port."""
    client, server = wire.client, wire.server
    here = server.ipv6 if v6 else server.ipv4
    port = server.call(listen, "listener", "::" if v6 else "0.0.0.0", 0)

    def pair(name: str) -> None:
        client.call(connect, name, here, port)
        server.call(accept, "listener", name)

    for name in ("established", "half-closed", "time-wait", "last-ack", "closing", "queued"):
        pair(name)
    client.call(stop_sending, "half-closed")  # FIN_WAIT_2 here, CLOSE_WAIT there
    client.call(close, "time-wait")
    server.call(close, "time-wait")
    client.call(send, "queued", 5000)  # read by nobody: recv-q there
    server.call(go_deaf, "queued")
    client.call(send, "queued", 700)  # acknowledged by nobody: send-q here
    server.call(stop_sending, "last-ack")
    reached(client, ss, "CLOSE_WAIT")
    server.call(go_deaf, "last-ack")
    client.call(close, "last-ack")  # its FIN is never acknowledged
    server.call(go_deaf, "closing")
    client.call(stop_sending, "closing")  # FIN_WAIT_1: unanswered
    server.call(stop_sending, "closing")  # the FINs crossed: CLOSING here, FIN_WAIT_1 there
    # A full queue answers no SYN.
    full = server.call(listen, "full", "::" if v6 else "0.0.0.0", 0, backlog=0)
    client.call(connect, "waiting", here, full)
    client.call(connect, "syn-sent", here, full, wait=False)
    wanted = {"ESTABLISHED", "FIN_WAIT_2", "TIME_WAIT", "LAST_ACK", "CLOSING", "SYN_SENT"}
    reached(client, ss, *wanted)
    if not v6:
        client.call(send_lone_syn, "10.77.0.50", server.ipv4, port)
        reached(server, ss, "SYN_RECEIVED")
    reached(server, ss, "LISTEN", "CLOSE_WAIT", "FIN_WAIT_1", "ESTABLISHED")
    return int(port)


def reached(host: Any, ss: Any, *states: str) -> None:
    """Wait until `ss` shows each of these states."""
    deadline = time.monotonic() + DEADLINE_S
    while missing := set(states) - {row[0] for row in ss_rows(host, ss, "-t")}:
        assert time.monotonic() < deadline, f"{host.name} never reached {missing}"
        time.sleep(0.01)

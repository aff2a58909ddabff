"""A long talk both ways between the lab's hosts, over a wire that loses packets, captured."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from typing import Any

from netshell.lab.wire import Wire

PORT, DEADLINE_S, MSS = 8009, 60.0, 700
TALKS = 20
"""With segments put together by offload, few packets are on the wire: all may arrive."""


def letters(size: int, seed: int) -> bytes:
    """Bytes of which no stretch comes twice."""
    return b"".join(b"%d:%07d\n" % (seed, number) for number in range(size // 10))


# --- inside a host --------------------------------------------------------------------------


def _talk(sock: socket.socket, said: bytes) -> bytes:
    """Send all of it, and receive until the other side has closed."""
    sock.settimeout(DEADLINE_S)
    sender = threading.Thread(target=lambda: (sock.sendall(said), sock.shutdown(socket.SHUT_WR)))
    sender.start()
    heard = b"".join(iter(lambda: sock.recv(1 << 16), b""))
    sender.join(DEADLINE_S)
    return heard


_threads: list[threading.Thread] = []


def serve(address: str, size: int) -> None:
    """Listen; a thread answers one connection."""
    listener = socket.create_server((address, PORT))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, MSS)
    listener.settimeout(DEADLINE_S)

    def answer() -> None:
        sock, _ = listener.accept()
        with sock, listener:
            _talk(sock, letters(size, 2))

    _threads.append(threading.Thread(target=answer))
    _threads[-1].start()


def served() -> None:
    _threads.pop().join(DEADLINE_S)


def _closed(cap: Any) -> set[int]:
    """The ports whose FIN was captured."""
    columns = cap.columns
    return set(columns.sport[columns.tcp_flags & 1 > 0].tolist())


def ask(address: str, size: int, path: str) -> int:
    """Talk to the server with a capture around it, saved; how many bytes came back right."""
    from netshell import sniff

    cap = sniff(f"tcp port {PORT}", iface="eth0")
    with socket.socket() as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, MSS)
        sock.settimeout(DEADLINE_S)
        sock.connect((address, PORT))
        heard = _talk(sock, letters(size, 1))
    deadline = time.monotonic() + DEADLINE_S
    while len(_closed(cap)) < 2 and time.monotonic() < deadline:
        cap.wait(count=len(cap) + 1, seconds=1)
    cap.stop().save(path)
    return len(heard) if heard == letters(size, 2) else -1


# --- outside --------------------------------------------------------------------------------


def captured(wire: Wire, nft: Path, path: Path, size: int, loss: int) -> Any:
    """What was on the client's wire while ``size`` bytes went each way and one packet in ``loss``
    was lost on arrival: the first talk of which something had to be sent again."""
    from netshell import read

    for host in (wire.client, wire.server):
        rule = f"tcp dport {PORT} tcp flags & (syn|fin) == 0 numgen random mod {loss} 0 drop"
        if host is wire.client:
            rule = rule.replace("dport", "sport")
        hook = "type filter hook input priority 0"
        table = "\n".join(["table inet lab {", "chain input {", hook, rule, "}", "}", ""])
        host.run([nft, "-f", "-"], input=table, check=True)
    for _ in range(TALKS):
        wire.server.call(serve, wire.server.ipv4, size)
        assert wire.client.call(ask, wire.server.ipv4, size, str(path)) == size
        wire.server.call(served)
        cap = read(path)
        if cap.columns.payload_len.sum() > 2 * size:
            return cap
    raise AssertionError(f"nothing was lost in {TALKS} talks")

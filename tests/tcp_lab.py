"""A connection between the lab's hosts, watched twice: in a capture, and by both kernels.

The capture runs on the client's host and sees what is on the wire: a packet that a host's own
nftables drop on arrival is in it. Nothing is waited for by time: :meth:`Watched.reach` asks both
kernels and the capture until they agree on what is expected, or says what they say instead.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import time
from pathlib import Path
from typing import Any

import tcp_states
from tcp_states import SOCKETS

from netshell.flow.state import State
from netshell.lab.wire import Host, Wire

DEADLINE_S = 120.0
_captures: list[Any] = []

Both = tuple[str, str]


# --- inside a host --------------------------------------------------------------------------


def connect_from(name: str, local: tuple[str, int], remote: tuple[str, int]) -> None:
    """connect() without waiting for its end, from a port of one's own."""
    sock = socket.socket(socket.AF_INET6 if ":" in remote[0] else socket.AF_INET)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(local)
    sock.setblocking(False)
    sock.connect_ex(remote)
    SOCKETS[name] = sock


def allow_fast_open() -> None:
    Path("/proc/sys/net/ipv4/tcp_fastopen").write_text("3")


def listen_fast(name: str, address: str, port: int) -> None:
    tcp_states.listen(name, address, port)
    SOCKETS[name].setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 8)


def connect_fast(name: str, local: tuple[str, int], remote: tuple[str, int], size: int) -> None:
    """Data in the SYN, if the kernel has a cookie for the server; it asks for one otherwise."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(local)
    sock.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        sock.sendto(bytes(size), socket.MSG_FASTOPEN, remote)
    SOCKETS[name] = sock


def fast_open(client: tuple[str, int]) -> str:
    """What the capture tells of it."""
    return next(flow for flow in _captures[-1].flows if flow.client == client).handshake.fast_open


def linger_0(name: str) -> None:
    SOCKETS[name].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def send_if_possible(name: str, size: int) -> None:
    """Data, even for a peer that is gone."""
    with contextlib.suppress(OSError):
        SOCKETS[name].send(bytes(size))


def read_all(name: str) -> None:
    """What is there by now."""
    with contextlib.suppress(OSError):
        SOCKETS[name].setblocking(False)
        while SOCKETS[name].recv(65536):
            pass


def stop_sending(name: str) -> None:
    with contextlib.suppress(OSError):
        SOCKETS[name].shutdown(socket.SHUT_WR)


def wait_for_data(name: str) -> None:
    """Until there is something to read, which stays unread."""
    readable, _, _ = select.select([SOCKETS[name]], [], [], DEADLINE_S)
    assert readable


def kernel_states(local: tuple[str, int], remote: tuple[str, int]) -> list[str]:
    """The states that a host's kernel may be said to have one connection in.

    Without a socket of its own, a connection is CLOSED, or LISTEN where a socket waits for it.
    """
    from netshell import conns

    rows = [row for row in conns() if row.local.port == local[1]]
    own = [row for row in rows if row.remote == remote and row.local.address == local[0]]
    if own:
        return [str(row.state) for row in own]
    waits = any(row.state == State.LISTEN for row in rows)
    return [str(State.CLOSED), str(State.LISTEN)] if waits else [str(State.CLOSED)]


def watch() -> None:
    from netshell import sniff

    _captures.append(sniff("tcp", iface="eth0"))


def seen(client: tuple[str, int], server: tuple[str, int]) -> tuple[Both, str, str] | None:
    """What the capture tells of a connection: its ends' states, how it ended, all of it."""
    flows = [
        flow
        for flow in _captures[-1].flows
        if {tuple(flow.client), tuple(flow.server)} == {client, server}
    ]
    if not flows:
        return None
    flow = flows[-1]
    states = flow.states
    told = str(states.client), str(states.server)
    if tuple(flow.client) != client:
        told = told[::-1]
    return told, flow.ended, f"{states}\n{flow.teardown!r}"


def first_fins(client: tuple[str, int]) -> list[tuple[int, bytes]]:
    """The number and the bytes of the first FIN of the client and of the server.

    Their checksums were left to the card when they were captured: they are filled in.
    """
    flow = next(flow for flow in _captures[-1].flows if flow.client == client)
    packets = [_captures[-1][int(number)] for number in flow.numbers]
    fins = [packet for packet in packets if packet.flags is not None and packet.flags & 1]
    both = (
        next(fin for fin in fins if (fin.src == client[0]) is by_client)
        for by_client in (True, False)
    )
    found = []
    for fin in both:
        whole = fin.scapy
        del whole["TCP"].chksum
        found.append((fin.seq, bytes(whole)))
    return found


def put_on_the_wire(frame: bytes) -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.bind(("eth0", 0))
        sock.send(frame)


# --- outside --------------------------------------------------------------------------------


class Watched:
    """A server that listens, and a client about to connect to it."""

    def __init__(self, wire: Wire, nft: Path | None = None, v6: bool = False) -> None:
        self.wire, self.nft = wire, nft
        address = [host.ipv6 if v6 else host.ipv4 for host in (wire.client, wire.server)]
        self.client, self.server = (address[0], 40001), (address[1], 8001)
        wire.client.call(watch)

    def next(self) -> None:
        """On to another connection, between other ports."""
        self.client = (self.client[0], self.client[1] + 1)
        self.server = (self.server[0], self.server[1] + 1)

    def listen(self) -> None:
        self.wire.server.call(tcp_states.listen, "listener", *self.server)

    def connect(self) -> None:
        self.wire.client.call(connect_from, "client", self.client, self.server)

    def open(self) -> None:
        """A connection that both programs hold."""
        self.listen()
        self.connect()
        self.reach("ESTABLISHED", "ESTABLISHED")
        self.wire.server.call(tcp_states.accept, "listener", "server")

    def do(self, side: str, function: Any, *args: Any) -> None:
        """Have one side's host do something with its socket."""
        self.host(side).call(function, side, *args)

    def host(self, side: str) -> Host:
        return self.wire.client if side == "client" else self.wire.server

    def drop(self, side: str, *matches: str) -> None:
        """Have one side's host drop what matches, on arrival, instead of what it dropped before."""
        assert self.nft is not None
        rules = [f"add rule inet lab input {match} drop" for match in matches]
        table = ["table inet lab", "delete table inet lab", "table inet lab {", "chain input {",
                 "type filter hook input priority 0", "}", "}"]  # fmt: skip
        self.host(side).run(
            [self.nft, "-f", "-"], input="\n".join(table + rules) + "\n", check=True
        )

    def agree(self) -> None:
        """Wait until the capture says what both kernels say, whatever it is."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            told = self.wire.client.call(seen, self.client, self.server)
            kernel = self._kernel()
            if told and all(a in b for a, b in zip(told[0], kernel, strict=True)):
                return
            assert time.monotonic() < deadline, f"kernels {kernel}, inferred {told and told[2]}"
            time.sleep(0.01)

    def _kernel(self) -> tuple[list[str], list[str]]:
        return (
            self.wire.client.call(kernel_states, self.client, self.server),
            self.wire.server.call(kernel_states, self.server, self.client),
        )

    def reach(self, client: str, server: str) -> str:
        """Wait until both kernels and the capture say these states; how it ended, as a phrase."""
        expected = (client, server)
        deadline = time.monotonic() + DEADLINE_S
        while True:
            kernel = self._kernel()
            told = self.wire.client.call(seen, self.client, self.server)
            agreed = all(state in states for state, states in zip(expected, kernel, strict=True))
            if agreed and told is not None and told[0] == expected:
                return told[1]
            assert time.monotonic() < deadline, (
                f"expected {expected}, kernels {kernel}, inferred {told and told[0]}\n"
                + (told[2] if told else "nothing captured")
            )
            time.sleep(0.01)

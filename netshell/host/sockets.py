"""What a socket is here: one frozen record, and what may be asked for.

The records are the same on every platform; ``diag`` fills them from the kernel's dump,
``portable`` from psutil and ``fake`` from data.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, overload

from netshell.flow.key import Endpoint
from netshell.flow.state import State
from netshell.host.tcp_info import TcpInfo
from netshell.results import Single
from netshell.view import clean

Family = Literal["IPv4", "IPv6", "both"]

ANYWHERE = ("*", "0.0.0.0", "::")
"""The addresses that stand for "any": both families, IPv4 only, IPv6 only."""
NOWHERE = Endpoint("*", 0)
"""The remote end of a socket without a peer."""


TIMERS: dict[str, str] = {
    "on": "unacknowledged data, a SYN or a FIN is sent again when it ends",
    "keepalive": "an idle peer is probed when it ends",
    "probe": "the peer's closed window is asked about again when it ends",
    "timewait": "TIME_WAIT is over when it ends",
}
"""What each kind of timer does."""


class Timer(NamedTuple):
    """A socket's running timer, by netstat(8)'s names.

    "on" sends unacknowledged data again, "keepalive" probes an idle peer, "probe" asks about a
    closed window, "timewait" ends TIME_WAIT. ``retries`` counts what it did so far.

    >>> str(Timer("on", 204, 3))
    'on 204 ms, 3 retries'
    """

    kind: str
    expires_ms: int
    retries: int

    def __str__(self) -> str:
        left = self.expires_ms
        if left < 1000:
            text = f"{self.kind} {left} ms"
        elif left < 120_000:
            text = f"{self.kind} {left / 1000:.0f} s"
        else:
            text = f"{self.kind} {left / 60_000:.0f} min"
        if self.retries:
            text += f", {self.retries} retr{'y' if self.retries == 1 else 'ies'}"
        return text


@dataclass(frozen=True, slots=True, repr=False)
class Socket(Single):
    """One socket of the Internet protocols, at the moment it was asked about.

    ``recv_q`` and ``send_q`` are bytes waiting for the application and for the peer; of a TCP
    listener they are the connections waiting for ``accept()`` and the most that may wait.
    ``process`` is text chosen by that process: draw it through :func:`netshell.view.clean`.
    """

    proto: Literal["tcp", "udp", "udplite", "raw"]
    local: Endpoint
    """Bound address; "0.0.0.0" any IPv4, "::" any IPv6, "*" any of both."""
    remote: Endpoint
    """The peer; ``*:*`` where there is none."""
    state: State | Literal[""]
    """TCP's state; of UDP ESTABLISHED if connected, else empty."""
    pid: int | None = None
    """The process that holds it (the lowest, see ``shared_with``); None if none or not visible."""
    process: str = ""
    user: str = ""
    recv_q: int | None = 0
    send_q: int | None = 0
    timer: Timer | None = None
    iface: str = ""
    """The interface that carries it; "*" if bound to any address, "" if not known."""
    tcp_info: TcpInfo | None = None
    """The connection's measurements; None for listeners, TIME_WAIT, UDP and other platforms."""
    inode: int = 0
    """The socket's number in /proc/<pid>/fd; 0 once no process holds it."""
    shared_with: tuple[int, ...] = ()
    """Other processes that hold the same socket (after a fork)."""
    drops: int | None = None
    """Packets the kernel threw away because this socket had no room (Linux)."""
    uid: int | None = None
    """``user``'s number; the kernel's 0 for what belongs to nobody any more (Linux)."""
    opened_as: Literal["", "IPv4", "IPv6"] = ""
    """The family it was opened for: an IPv6 socket may carry IPv4 (Linux)."""

    @property
    def family(self) -> Family:
        """By what goes over the wire: an IPv4 peer on an IPv6 socket is IPv4."""
        if self.local.address == "*":
            return "both"
        return "IPv6" if ":" in self.local.address else "IPv4"

    @property
    def listening(self) -> bool:
        """Whether it waits for peers: a TCP listener, or a UDP socket without a peer."""
        return self.state == State.LISTEN or (self.proto == "udp" and self.state == "")

    def __str__(self) -> str:
        who = f" {self.process}[{self.pid}]" if self.pid is not None else ""
        state = f" {self.state}" if self.state else ""
        return clean(f"{self.proto} {self.local} {self.remote}{state}{who}")

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "proto", self.proto
        yield "state", self.state
        yield "local", str(self.local)
        yield "remote", "" if self.remote == NOWHERE else str(self.remote)
        yield "iface", "any" if self.iface == "*" else self.iface
        if self.pid is not None:
            yield "process", f"{self.process}, pid {self.pid}".removeprefix(", ")
        yield "shared with", ", ".join(f"pid {pid}" for pid in self.shared_with)
        yield "user", self.user
        if self.state == State.LISTEN:
            yield "waiting", _count(self.recv_q, "connection")
            yield "backlog", _count(self.send_q, "connection")
        else:
            yield "recv-q", _count(self.recv_q, "byte")
            yield "send-q", _count(self.send_q, "byte")
        yield "drops", _count(self.drops, "packet")
        yield "timer", str(self.timer or "")
        if self.tcp_info is not None:
            yield from self.tcp_info.important()
        yield "inode", str(self.inode or "")


def _count(number: int | None, what: str) -> str:
    return "" if number is None else f"{number} {what}{'' if number == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Network:
    """A range of addresses to look for: 128-bit numbers, IPv4 as ::ffff:a.b.c.d."""

    base: int
    mask: int

    def holds(self, address: int) -> bool:
        """Whether the address is in it; ::/0 holds no IPv4 address."""
        if address >> 32 == 0xFFFF and self.mask >> 32 != 2**96 - 1:
            return False
        return address & self.mask == self.base


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sockets are asked for; what is left empty does not narrow.

    ``networks`` and ``ports`` match either end. ``states`` holds "" for UDP without a peer.
    """

    protos: tuple[Literal["tcp", "udp"], ...] = ("tcp",)
    states: frozenset[State | Literal[""]] = frozenset()
    networks: tuple[Network, ...] = ()
    ports: tuple[range, ...] = ()
    pids: frozenset[int] = frozenset()
    process: str = ""
    listening: bool | None = None

    def matches(self, socket: Socket) -> bool:
        """Whether a record is wanted: the same answer that the kernel's bytes get in ``diag``."""
        return self.matches_ends(socket) and self.matches_owner(socket)

    def matches_ends(self, socket: Socket) -> bool:
        """The same without the process."""
        if socket.proto not in self.protos:
            return False
        if self.states and socket.state not in self.states:
            return False
        if self.listening is not None and socket.listening is not self.listening:
            return False
        if self.ports and not any(
            end.port in ports for ports in self.ports for end in (socket.local, socket.remote)
        ):
            return False
        return not self.networks or any(
            network.holds(as_number(end.address))
            for network in self.networks
            for end in (socket.local, socket.remote)
            if end != NOWHERE
        )

    def matches_owner(self, socket: Socket) -> bool:
        """Whether its process is one of those asked for."""
        if self.pids and self.pids.isdisjoint((socket.pid, *socket.shared_with)):
            return False
        return not self.process or socket.process == self.process


def as_number(address: str) -> int:
    """An address as the 128-bit number that :class:`Network` compares (any scope is ignored)."""
    from ipaddress import ip_address  # 3 ms that a plain conns() does not need

    if address == "*":
        return 0
    ip = ip_address(address.partition("%")[0])
    return int(ip) | (0xFFFF << 32) if ip.version == 4 else int(ip)


class SocketRows(Sequence[Socket]):
    """What a back end answers: records, made when looked at, and what it could not see."""

    interrupted = False
    """The kernel's table changed during the dump: a socket may be missing or twice."""

    @abstractmethod
    def unseen(self) -> int:
        """How many of these sockets are held by a process that could not be seen."""

    @abstractmethod
    def denied(self) -> bool:
        """Whether that is for want of permission."""


class PlainRows(SocketRows):
    """Records that are made already, as the portable and the fake back end have them."""

    def __init__(self, rows: Sequence[Socket], unseen: int = 0, denied: bool = False) -> None:
        self._rows = rows
        self._unseen = unseen
        self._denied = denied

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Socket: ...
    @overload
    def __getitem__(self, index: slice) -> PlainRows: ...
    def __getitem__(self, index: int | slice) -> Socket | PlainRows:
        if isinstance(index, slice):
            return PlainRows(self._rows[index], self._unseen, self._denied)
        return self._rows[index]

    def unseen(self) -> int:
        return self._unseen

    def denied(self) -> bool:
        return self._denied

"""The stage of a scenario: two hosts, the connection that is looked at, and the capture of it."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from netshell.errors import Unavailable
from netshell.flow.key import Endpoint
from netshell.lab import acts
from netshell.lab.acts import Option
from netshell.lab.faults import holding, losing, patience, repeating
from netshell.lab.faults.losing import EVERYTHING, Lost
from netshell.lab.wire import Host, Wire

if TYPE_CHECKING:
    from netshell.packet.packet import Packet

PORT = 8000
NETWORK = "10.77.0.0/24"
REUSE: Option = (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
NO_DELAY: Option = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class Watched(Protocol):
    """What the stage asks of a capture: its packets and its conversations up to now."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: Any) -> Any: ...
    @property
    def flows(self) -> Any: ...
    @property
    def findings(self) -> Any: ...
    def wait(self, count: int | None = None, seconds: float | None = None) -> Any: ...
    def stop(self) -> Any: ...


class Side:
    """One host, and what a program there does with its sockets: each method is one act."""

    def __init__(self, stage: Stage, host: Host) -> None:
        self.stage, self.host = stage, host

    def listen(
        self, port: int = PORT, *, name: str = "listener", backlog: int = 8, reuse: bool = True,
        options: Sequence[Option] = (),
    ) -> str:  # fmt: skip
        """Listen; the name of the error, or ""."""
        given = [REUSE, *options] if reuse else list(options)
        return self.host.call(acts.listen, name, port, backlog, given)

    def connect(
        self, to: Side, port: int = PORT, *, name: str = "connection",
        options: Sequence[Option] = (), local_port: int = 0,
    ) -> str:  # fmt: skip
        """Begin to connect; from now on, this is the connection that the stage looks at."""
        heard, own = self.host.call(
            acts.connect, name, to.host.ipv4, port, list(options), local_port
        )
        self.stage.look_at(Endpoint(self.host.ipv4, own), Endpoint(to.host.ipv4, port))
        return heard

    def connect_with(self, to: Side, data: bytes, port: int = PORT) -> str:
        """Connect and send in one go, the data in the SYN where TCP Fast Open allows it."""
        heard, own = self.host.call(acts.connect_with, "connection", to.host.ipv4, port, data)
        self.stage.look_at(Endpoint(self.host.ipv4, own), Endpoint(to.host.ipv4, port))
        return heard

    def accept(self, *, listener: str = "listener", name: str = "connection") -> str:
        """Take a waiting connection, under the name its client gave it as a rule."""
        return self.host.call(acts.accept, listener, name)

    def send(self, *pieces: bytes | int, name: str = "connection") -> str:
        """Send bytes, or that many letters, piece by piece; the name of the error, or ""."""
        made = [letters(piece) if isinstance(piece, int) else piece for piece in pieces]
        return self.host.call(acts.send, name, *made)

    def fill(self, name: str = "connection") -> int:
        """Write until the kernel takes no more; how many bytes."""
        return self.host.call(acts.fill, name)

    def read(self, name: str = "connection", most: int = 1 << 20) -> str:
        """Read what is there: "5 B", "0 B" once the peer has closed, or the name of an error."""
        return self.host.call(acts.read, name, most)

    def reply(self, name: str = "connection") -> str:
        """Read on; the first line of what came since the last send()."""
        return self.host.call(acts.reply, name)

    def message_kinds(self, name: str = "connection") -> str:
        """Read on; the kinds of PostgreSQL's messages since the last send()."""
        return self.host.call(acts.message_kinds, name)

    def ask(self, name: str, rdtype: str = "A", server: str = "10.77.0.2") -> str:
        """Ask a DNS server over UDP; the answer in a few words."""
        from netshell.lab import asking

        return self.host.call(asking.over_udp, name, rdtype, server)

    def ask_by_tcp(self, name: str, rdtype: str, to: Side) -> str:
        """Ask a DNS server over TCP, and close; the answer in a few words."""
        from netshell.lab import asking

        heard, own = self.host.call(asking.over_tcp, name, rdtype, to.host.ipv4)
        self.stage.look_at(Endpoint(self.host.ipv4, own), Endpoint(to.host.ipv4, 53))
        return heard

    def waiting(self, name: str = "connection") -> int:
        """How many bytes wait to be read."""
        return self.host.call(acts.waiting, name)

    def problem(self, name: str = "connection") -> str:
        """The error that waits for the program, by its name."""
        return self.host.call(acts.problem, name)

    def set(self, *options: Option, name: str = "connection") -> None:
        """Set socket options."""
        self.host.call(acts.set_options, name, options)

    def stop_sending(self, name: str = "connection") -> str:
        """Close the sending direction only."""
        return self.host.call(acts.stop_sending, name)

    def close(self, name: str = "connection") -> None:
        """Close a socket."""
        self.host.call(acts.close, name)

    def abort(self, name: str = "connection") -> None:
        """Close with a RST."""
        self.host.call(acts.abort, name)

    def lose(self, lost: Lost = EVERYTHING, name: str = "connection") -> None:
        """Have a socket lose the segments that are so, on arrival."""
        self.host.call(losing.lose, name, lost)

    def hear(self, name: str = "connection") -> None:
        """Have it lose nothing any more."""
        self.host.call(losing.hear, name)

    def hold(self) -> None:
        """Keep all that this host sends from now on. Raises Unavailable."""
        self.host.call(holding.shut, self.host.iface)

    def release(self) -> None:
        """Let go what was kept."""
        self.host.call(holding.release, self.host.iface)

    def be_patient(self) -> None:
        """Send again only after minutes, on connections that are opened from now on."""
        host = self.host
        host.call(patience.wait_long, host.iface, host.ipv4, NETWORK)

    def repeat(self, packet: Packet) -> None:
        """Put a packet that this host sent on the wire once more."""
        self.host.call(repeating.repeat, self.host.iface, packet.raw)

    def configure(self, settings: Mapping[str, str]) -> None:
        """Set this host's sysctls below net.ipv4; those of newer kernels, marked "?", where they
        are there. Raises Unavailable."""
        try:
            self.host.call(acts.configure, tuple(settings.items()))
        except OSError as error:
            raise Unavailable(
                "cannot play this",
                where=f"on the lab's host {self.host.name}",
                why=f"a setting of the kernel cannot be changed ({error})",
                next_step="use a Linux whose /proc/sys may be written to in a namespace",
            ) from None


class Stage:
    """What a scenario's functions are given."""

    def __init__(self, wire: Wire, capture: Watched) -> None:
        self.wire, self.capture = wire, capture
        self.client, self.server = Side(self, wire.client), Side(self, wire.server)
        self.connection: tuple[Endpoint, Endpoint] | None = None
        self.held: dict[str, Any] = {}
        """What one step leaves for the next."""

    def be_patient(self) -> None:
        """Both sides: nothing is sent again by a timer while somebody thinks about a step."""
        for side in (self.client, self.server):
            side.be_patient()

    def look_at(self, client: Endpoint, server: Endpoint) -> None:
        """From now on, steps' states are those of this connection."""
        self.connection = client, server

    def open(self, **options: Any) -> None:
        """A connection that both programs hold, before the first step or in one."""
        self.server.listen()
        self.client.connect(self.server, **options)
        self.server.accept()

    def packets(self) -> Sequence[Packet]:
        """What the capture holds by now."""
        return [self.capture[index] for index in range(len(self.capture))]

    def packets_of(self, side: Side) -> Sequence[Packet]:
        """Those of the connection that one side sent."""
        assert self.connection is not None
        ends = {end.port for end in self.connection}
        return [
            packet
            for packet in self.packets()
            if packet.src == side.host.ipv4 and {packet.sport, packet.dport} == ends
        ]

    def has_acknowledged(self, side: Side) -> bool:
        """Whether this side's last packet of the connection acknowledges all that came."""
        other = self.client if side is self.server else self.server
        sent, answers = self.packets_of(other), self.packets_of(side)
        if not sent or not answers or answers[-1].ack is None:
            return False
        first = sent[0].seq or 0  # numbers wrap, distances from here do not
        return (answers[-1].ack - first) % 2**32 == max(
            (_end(packet) - first) % 2**32 for packet in sent
        )


def _end(packet: Packet) -> int:
    """The number behind the last byte of a segment, a SYN or FIN counted."""
    flags = packet.flags or 0
    return (packet.seq or 0) + packet.payload_len + bool(flags & 0x01) + bool(flags & 0x02)


def letters(size: int) -> bytes:
    """So many bytes, of which no stretch of 8 comes twice soon."""
    return b"".join(b"%07d\n" % number for number in range(size // 8 + 1))[:size]

"""The stage of a scenario: two hosts, the connection that is looked at, and the capture of it."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from netshell.errors import Unavailable
from netshell.flow.key import Endpoint
from netshell.lab import acts
from netshell.lab.acts import Option
from netshell.lab.wire import Host, Wire

if TYPE_CHECKING:
    from netshell.packet.packet import Packet

PORT = 8000
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

    def accept(self, *, listener: str = "listener", name: str = "connection") -> str:
        """Take a waiting connection, under the name its client gave it as a rule."""
        return self.host.call(acts.accept, listener, name)

    def send(self, data: bytes | int, name: str = "connection") -> str:
        """Send bytes, or that many letters; the name of the error, or ""."""
        return self.host.call(acts.send, name, letters(data) if isinstance(data, int) else data)

    def fill(self, name: str = "connection") -> int:
        """Write until the kernel takes no more; how many bytes."""
        return self.host.call(acts.fill, name)

    def read(self, name: str = "connection", most: int = 1 << 20) -> str:
        """Read what is there: "5 B", "0 B" once the peer has closed, or the name of an error."""
        return self.host.call(acts.read, name, most)

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

    def configure(self, settings: Mapping[str, str]) -> None:
        """Set this host's sysctls below net.ipv4. Raises Unavailable."""
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


def letters(size: int) -> bytes:
    """So many bytes, of which no stretch of 8 comes twice soon."""
    return b"".join(b"%07d\n" % number for number in range(size // 8 + 1))[:size]

"""MySQL and MariaDB: what their decoder is; :mod:`~netshell.protocols.mysql.connection` reads.

What reads is loaded with the first connection that is in MySQL, so that nobody else waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from netshell.flow.sides import Side
from netshell.protocols.api import Decoder, Likeness, Message, Peek

if TYPE_CHECKING:
    from netshell.protocols.mysql.connection import Connection

_VERSION_OR_ERROR = b"\x0a\xff"


class MySqlDecoder(Decoder):
    """Reads one connection."""

    name: ClassVar[str] = "mysql"
    ports: ClassVar[frozenset[int]] = frozenset((3306, 33060))
    most: ClassVar[int] = 17 << 20  # a compressed packet; without compression, far less

    def __init__(self, begun: bool = True, client_at: int = 0, server_at: int = 0) -> None:
        super().__init__(begun, client_at, server_at)
        from netshell.protocols.mysql.connection import Connection

        self._connection: Connection = Connection(begun, client_at, server_at)

    @classmethod
    def looks_like(cls, client: bytes, server: bytes, begun: bool = True) -> Likeness:
        if begun:
            # Numbered 0, as nearly nothing else is: what it says is looked at only then.
            if server[3:4] not in (b"", b"\0") or (client and not server and client[3:4] != b"\0"):
                return Likeness.NO
            if len(server) < 5 and len(client) < 5:
                return Likeness.MORE
        elif client[3:4] not in (b"", b"\0"):
            return Likeness.NO
        from netshell.protocols.mysql.likeness import looks_like

        return looks_like(client, server, begun)

    @classmethod
    def peek(cls, data: bytes, on_port: bool) -> Peek | None:
        if len(data) < 5 or not (on_port or (data[3] == 0 and data[4] in _VERSION_OR_ERROR)):
            return None
        from netshell.protocols.mysql.peeking import peek

        return peek(data, on_port)

    def feed(self, side: Side, data: bytes, time_ns: int) -> Sequence[Message]:
        return self._ended(self._connection.feed(side, data, time_ns))

    def gap(self, side: Side, size: int, time_ns: int) -> Sequence[Message]:
        return self._ended(self._connection.gap(side, size, time_ns))

    def close(self, side: Side, time_ns: int) -> Sequence[Message]:
        return self._ended(self._connection.close(side, time_ns))

    def _ended(self, made: Sequence[Message]) -> Sequence[Message]:
        self.why_stopped, self.follows = self._connection.why_stopped, self._connection.follows
        return made

    def waiting(self) -> Sequence[Message]:
        return self._connection.waiting()

    def rest(self, side: Side) -> bytes:
        return self._connection.rest(side)

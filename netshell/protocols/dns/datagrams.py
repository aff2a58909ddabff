"""DNS over UDP: every datagram is a message. Also mDNS (RFC 6762) and LLMNR (RFC 4795)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from netshell.flow.sides import SIDES, Side
from netshell.protocols.api import Decoder, Likeness, Message, Part, Peek
from netshell.protocols.dns.exchanges import Exchanges
from netshell.protocols.dns.outline import could_be, is_message
from netshell.protocols.dns.peeking import summary


class DnsDatagrams(Decoder):
    """Reads a conversation of DNS datagrams.

    On any port only what is whole and without a doubt; on DNS's ports whatever has a header.
    """

    name: ClassVar[str] = "dns"
    ports: ClassVar[frozenset[int]] = frozenset({53, 5353, 5355})
    transport: ClassVar[str] = "udp"
    most: ClassVar[int] = 1 << 22

    def __init__(self, begun: bool = True, client_at: int = 0, server_at: int = 0) -> None:
        super().__init__(begun, client_at, server_at)
        self._at: dict[Side, int] = {SIDES[0]: client_at, SIDES[1]: server_at}
        self._exchanges = Exchanges(is_stream=False)

    @classmethod
    def looks_like(cls, client: bytes, server: bytes, begun: bool = True) -> Likeness:
        data = client or server
        if not data:
            return Likeness.MORE
        if is_message(data):
            return Likeness.SURE
        return Likeness.LIKELY if could_be(data) else Likeness.NO

    @classmethod
    def peek(cls, data: bytes, on_port: bool) -> Peek | None:
        if could_be(data) if on_port else is_message(data):
            return Peek(summary(data))
        return None

    def feed(self, side: Side, data: bytes, time_ns: int) -> Sequence[Message]:
        at = self._at[side]
        end = self._at[side] = at + len(data)
        return list(self._exchanges.heard(data, Part(side, at, end, time_ns, time_ns)))

    def gap(self, side: Side, size: int, time_ns: int) -> Sequence[Message]:
        # The datagram before was cut when it was captured: where it breaks off says it itself.
        return ()

    def waiting(self) -> Sequence[Message]:
        return list(self._exchanges.waiting())

    def rest(self, side: Side) -> bytes:
        return b""

"""DNS over UDP: every datagram is a message. Also mDNS (RFC 6762) and LLMNR (RFC 4795)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from netshell.flow.sides import SIDES, Side
from netshell.protocols.api import Decoder, Message, Part
from netshell.protocols.dns.exchanges import Exchanges
from netshell.protocols.dns.signs import DatagramSigns


class DnsDatagrams(DatagramSigns, Decoder):
    """Reads a conversation of DNS datagrams."""

    most: ClassVar[int] = 1 << 22

    def __init__(self, begun: bool = True, client_at: int = 0, server_at: int = 0) -> None:
        super().__init__(begun, client_at, server_at)
        self._at: dict[Side, int] = {SIDES[0]: client_at, SIDES[1]: server_at}
        self._exchanges = Exchanges(is_stream=False)

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

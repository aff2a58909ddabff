"""What DNS is told by: a header, and that a whole message follows it."""

from __future__ import annotations

from typing import ClassVar

from netshell.protocols.api import Decoder, Likeness, Peek, Signs
from netshell.protocols.dns.outline import SIZE, could_be, is_message


class DatagramSigns(Signs):
    """Of DNS over UDP.

    On any port only what is whole and without a doubt; on DNS's ports whatever has a header.
    """

    name: ClassVar[str] = "dns"
    ports: ClassVar[frozenset[int]] = frozenset({53, 5353, 5355})
    transport: ClassVar[str] = "udp"

    @classmethod
    def decoder(cls) -> type[Decoder]:
        from netshell.protocols.dns.datagrams import DnsDatagrams

        return DnsDatagrams

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
            from netshell.protocols.dns.peeking import summary

            return Peek(summary(data))
        return None


class StreamSigns(Signs):
    """Of DNS over TCP, where each message is behind its length."""

    name: ClassVar[str] = "dns"
    ports: ClassVar[frozenset[int]] = frozenset({53})

    @classmethod
    def decoder(cls) -> type[Decoder]:
        from netshell.protocols.dns.stream import DnsStream

        return DnsStream

    @classmethod
    def looks_like(cls, client: bytes, server: bytes, begun: bool = True) -> Likeness:
        first, second = _likeness(client), _likeness(server)
        if Likeness.NO in (first, second):
            return Likeness.NO
        if Likeness.SURE in (first, second):
            return Likeness.SURE
        return max(first, second)

    @classmethod
    def peek(cls, data: bytes, on_port: bool) -> Peek | None:
        size = int.from_bytes(data[:2], "big")
        is_whole = size == len(data) - 2 and is_message(data[2:])
        if is_whole or (on_port and could_be(data[2:]) and SIZE <= size <= len(data) - 2):
            from netshell.protocols.dns.peeking import summary

            return Peek(summary(data[2 : 2 + size]))
        return None


def _likeness(data: bytes) -> Likeness:
    """Of what one side said first."""
    if len(data) < 2 + SIZE:
        size = int.from_bytes(data[:2], "big") if len(data) >= 2 else SIZE + 5
        return Likeness.MORE if size >= SIZE + 5 or not data else Likeness.NO
    size = int.from_bytes(data[:2], "big")
    whole = data[2 : 2 + size]
    if not could_be(data[2:]) or size < SIZE:
        return Likeness.NO
    if len(whole) < size:
        return Likeness.MORE if size < 2048 else Likeness.LIKELY
    return Likeness.SURE if is_message(whole) else Likeness.LIKELY

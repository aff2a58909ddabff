"""What tests say in DNS: messages made by dnspython, given to a decoder as both sides' bytes."""

from __future__ import annotations

from collections.abc import Sequence

import dns.flags
import dns.message
import dns.rrset

from netshell.flow.sides import Side
from netshell.protocols.dns.datagrams import DnsDatagrams
from netshell.protocols.dns.message import DnsMessage
from netshell.protocols.dns.stream import DnsStream

CLIENT: Side = "client"
SERVER: Side = "server"
SECOND = 10**9


def query(
    name: str = "www.example.test.", kind: str = "A", number: int = 7, **given: object
) -> bytes:
    made = dns.message.make_query(name, kind, id=number, **given)  # type: ignore[arg-type]
    return made.to_wire()


def answer(asked: bytes, *records: str, flags: str = "QR RD RA", rcode: int = 0) -> bytes:
    made = dns.message.make_response(dns.message.from_wire(asked))
    made.flags = dns.flags.from_text(flags)
    made.set_rcode(rcode)
    made.answer = [dns.rrset.from_text(*_fields(each)) for each in records]
    return made.to_wire()


def _fields(record: str) -> tuple[str, str, str, str, str]:
    name, ttl, rdclass, kind, data = record.split(" ", 4)
    return name, ttl, rdclass, kind, data


def over_udp(*said: tuple[Side, bytes, float]) -> list[DnsMessage]:
    """The messages of datagrams, each by a side at a second; what waits comes last."""
    decoder = DnsDatagrams()
    found = []
    for side, data, at in said:
        found += decoder.feed(side, data, int(at * SECOND))
    return [*found, *decoder.waiting()]  # type: ignore[list-item]


def framed(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data


def over_tcp(*said: tuple[Side, bytes], begun: bool = True, piece: int = 0) -> list[DnsMessage]:
    """The messages of a stream, in pieces of that size; what waits comes last."""
    decoder = DnsStream(begun)
    found = []
    for at, (side, data) in enumerate(said):
        size = piece or len(data)
        for begin in range(0, len(data), size):
            found += decoder.feed(side, data[begin : begin + size], at * SECOND)
    return [*found, *decoder.waiting()]  # type: ignore[list-item]


def texts(messages: Sequence[DnsMessage]) -> list[str]:
    return [str(each) for each in messages]

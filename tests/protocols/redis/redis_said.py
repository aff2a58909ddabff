"""What tests say in RESP, and what the decoder makes of it."""

from __future__ import annotations

from typing import Any

from netshell.flow.sides import Side
from netshell.protocols.redis.decoder import RedisDecoder
from netshell.protocols.redis.message import RedisMessage

CLIENT: Side = "client"
SERVER: Side = "server"


def command(*words: str | bytes) -> bytes:
    """A command as clients send it."""
    octets = [each.encode() if isinstance(each, str) else each for each in words]
    return b"*%d\r\n" % len(octets) + b"".join(b"$%d\r\n%s\r\n" % (len(x), x) for x in octets)


def asked(*words: str | bytes) -> tuple[Side, bytes]:
    return CLIENT, command(*words)


def answered(reply: bytes) -> tuple[Side, bytes]:
    return SERVER, reply


def said(
    *turns: tuple[Side, bytes | int], begun: bool = True, piece: int = 0
) -> list[RedisMessage]:
    """The messages of turns, in pieces of that size (0: whole); a number is a gap. What waits
    comes last."""
    decoder = RedisDecoder(begun)
    found: list[Any] = []
    for at, (side, data) in enumerate(turns):
        if isinstance(data, int):
            found += decoder.gap(side, data, at)
            continue
        size = piece or max(len(data), 1)
        for begin in range(0, len(data), size):
            found += decoder.feed(side, data[begin : begin + size], at)
    return [*found, *decoder.waiting()]

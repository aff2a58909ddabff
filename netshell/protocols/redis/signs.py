"""What Redis is told by."""

from __future__ import annotations

from typing import ClassVar

from netshell.protocols.api import Decoder, Likeness, Peek, Signs


class RedisSigns(Signs):
    """Of RESP2 and RESP3."""

    name: ClassVar[str] = "redis"
    ports: ClassVar[frozenset[int]] = frozenset({6379, 6380, 16379, 26379})

    @classmethod
    def decoder(cls) -> type[Decoder]:
        from netshell.protocols.redis.decoder import RedisDecoder

        return RedisDecoder

    @classmethod
    def looks_like(cls, client: bytes, server: bytes, begun: bool = True) -> Likeness:
        from netshell.protocols.redis.likeness import likeness

        return likeness(client, server, begun)

    @classmethod
    def peek(cls, data: bytes, on_port: bool) -> Peek | None:
        if not on_port and data[:1] != b"*":
            return None
        from netshell.protocols.redis.peeking import peeked

        return peeked(data, on_port)

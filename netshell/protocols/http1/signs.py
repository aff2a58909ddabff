"""What HTTP/1.x is told by: a first byte, mostly."""

from __future__ import annotations

from typing import ClassVar

from netshell.protocols.api import Decoder, Likeness, Peek, Signs


class HttpSigns(Signs):
    """Of HTTP/1.x, and of HTTP/2 without TLS, which is named only."""

    name: ClassVar[str] = "http"
    ports: ClassVar[frozenset[int]] = frozenset(
        (80, 591, 2375, 3000, 3128, 5000, 5985, 7474, 8000, 8008, 8080, 8081, 8086, 8088, 8090,
         8118, 8123, 8200, 8500, 8888, 8983, 9000, 9090, 9200, 15672)
    )  # fmt: skip

    @classmethod
    def decoder(cls) -> type[Decoder]:
        from netshell.protocols.http1.decoder import Http1Decoder

        return Http1Decoder

    @classmethod
    def looks_like(cls, client: bytes, server: bytes, begun: bool = True) -> Likeness:
        from netshell.protocols.http1.looks import likeness

        return likeness(client, server, begun)

    @classmethod
    def peek(cls, data: bytes, on_port: bool) -> Peek | None:
        if not b"A" <= data[:1] <= b"Z":  # as all methods begin that are registered, and answers
            return None
        from netshell.protocols.http1.peeking import peeked

        return peeked(data)

"""What PostgreSQL's protocol is told by."""

from __future__ import annotations

from typing import ClassVar

from netshell.protocols.api import Decoder, Likeness, Peek, Signs


class PostgresSigns(Signs):
    """Of version 3."""

    name: ClassVar[str] = "postgres"
    ports: ClassVar[frozenset[int]] = frozenset({5432, 6432})

    @classmethod
    def decoder(cls) -> type[Decoder]:
        from netshell.protocols.postgres.decoder import Postgres

        return Postgres

    @classmethod
    def looks_like(cls, client: bytes, server: bytes, begun: bool = True) -> Likeness:
        from netshell.protocols.postgres.looks import looks

        return looks(client, server, begun)

    @classmethod
    def peek(cls, data: bytes, on_port: bool) -> Peek | None:
        if not on_port and data[1:2] != b"\0":  # nearly all that is no PostgreSQL
            return None
        from netshell.protocols.postgres.peeking import peek

        return peek(data, on_port)

"""What TLS is told by: the header of a record."""

from __future__ import annotations

from typing import ClassVar

from netshell.protocols.api import Decoder, Likeness, Peek, Signs


class TlsSigns(Signs):
    """Of all versions."""

    name: ClassVar[str] = "tls"
    ports: ClassVar[frozenset[int]] = frozenset(
        {443, 4443, 6443, 8443, 9443}  # HTTPS and its like
        | {
            465,
            563,
            636,
            853,
            989,
            990,
            992,
            993,
            994,
            995,
            3269,
        }  # mail, news, LDAP, DNS, ...
        | {2376, 5061, 5223, 5671, 6514, 6697, 8883, 9093}  # Docker, SIP, XMPP, AMQP, ...
    )

    @classmethod
    def decoder(cls) -> type[Decoder]:
        from netshell.protocols.tls.decoder import Tls

        return Tls

    @classmethod
    def looks_like(cls, client: bytes, server: bytes, begun: bool = True) -> Likeness:
        from netshell.protocols.tls.looks import looks

        return looks(client, server, begun)

    @classmethod
    def peek(cls, data: bytes, on_port: bool) -> Peek | None:
        if not b"\x14" <= data[:1] <= b"\x18":  # the types of records
            return None
        from netshell.protocols.tls.peeking import peek

        return peek(data, on_port)

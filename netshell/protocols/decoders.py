"""The protocols that are read. A new one is a folder beside these, and a line here."""

from __future__ import annotations

from netshell.protocols.api import Decoder
from netshell.protocols.dns.datagrams import DnsDatagrams
from netshell.protocols.dns.stream import DnsStream
from netshell.protocols.http1.decoder import Http1Decoder
from netshell.protocols.mysql.decoder import MySqlDecoder
from netshell.protocols.postgres.decoder import Postgres
from netshell.protocols.redis.decoder import RedisDecoder
from netshell.protocols.tls.decoder import Tls

DECODERS: tuple[type[Decoder], ...] = (
    Tls,
    DnsStream,
    DnsDatagrams,
    RedisDecoder,
    Http1Decoder,
    Postgres,
    MySqlDecoder,
)
"""In the order they are asked, those of a conversation's ports first."""

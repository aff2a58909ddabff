"""The protocols that are read. A new one is a folder beside these, and a line here."""

from __future__ import annotations

from netshell.protocols.api import Signs
from netshell.protocols.dns.signs import DatagramSigns, StreamSigns
from netshell.protocols.http1.signs import HttpSigns
from netshell.protocols.mysql.decoder import MySqlDecoder
from netshell.protocols.postgres.signs import PostgresSigns
from netshell.protocols.redis.signs import RedisSigns
from netshell.protocols.tls.signs import TlsSigns

DECODERS: tuple[type[Signs], ...] = (
    TlsSigns,
    StreamSigns,
    DatagramSigns,
    RedisSigns,
    HttpSigns,
    PostgresSigns,
    MySqlDecoder,
)
"""In the order they are asked, those of a conversation's ports first."""

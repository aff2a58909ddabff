"""What both say first: the server's greeting, and the client's response or its wish for TLS.

Sources: the MySQL Source Code Documentation, "Protocol::HandshakeV10",
"Protocol::HandshakeResponse41" and "Protocol::HandshakeResponse320"; the MariaDB reference,
"Connection" (the capabilities beyond 32 bits).
"""

from __future__ import annotations

from typing import NamedTuple

from netshell.packet.payload import Places
from netshell.protocols.masking import in_value, mask, moved
from netshell.protocols.mysql import capabilities as can
from netshell.protocols.mysql.wire import Malformed, Reader, readable
from netshell.protocols.secret_names import is_secret

VERSION = 10


class Greeted(NamedTuple):
    """A greeting."""

    version: str
    connection_id: int
    capabilities: int
    charset: int = 0
    status: int = 0
    plugin: str = ""


def read_greeting(data: bytes) -> Greeted:
    """A greeting of protocol 10. Raises Malformed."""
    reader = Reader(data)
    if reader.number(1) != VERSION:
        raise Malformed(f"a greeting of protocol {data[0]}")
    version = readable(reader.ended())
    connection = reader.number(4)
    reader.take(8)  # what the password is hashed with
    if reader.number(1):
        raise Malformed("a greeting without its filler")
    bits = reader.number(2)
    if not reader.left:
        return Greeted(version, connection, bits)
    charset, status = reader.number(1), reader.number(2)
    bits |= reader.number(2) << 16
    size = reader.number(1)
    reader.take(6)
    more = reader.number(4)
    if not bits & can.MYSQL:  # MariaDB
        bits |= more << 32
    if bits & can.SECURE_CONNECTION:
        reader.take(min(max(12, size - 9), reader.left))
        if reader.left:
            reader.number(1)
    plugin = readable(reader.ended()) if bits & can.PLUGIN_AUTH else ""
    return Greeted(version, connection, bits, charset, status, plugin)


class Response(NamedTuple):
    """A handshake response; ``proof`` is where the authentication's data are."""

    capabilities: int
    charset: int = 0
    user: str = ""
    database: str = ""
    plugin: str = ""
    proof: tuple[int, int] = (0, 0)
    attributes: tuple[tuple[str, str], ...] = ()
    wants_tls: bool = False
    is_old: bool = False  # of before MySQL 4.1
    hidden: Places = ()  # in the attributes


def read_response(data: bytes, size: int, server: int) -> Response:
    """A handshake response of ``size`` bytes to a server with these capabilities.

    Raises Malformed.
    """
    reader = Reader(data)
    bits = reader.number(2)
    if not bits & can.PROTOCOL_41:
        return _old(reader, bits)
    bits |= reader.number(2) << 16
    reader.number(4)  # the largest packet that it takes
    charset = reader.number(1)
    reader.take(19)
    more = reader.number(4)
    if not bits & can.MYSQL and not server & can.MYSQL:
        bits |= more << 32
    if size == 32 and bits & can.SSL:
        return Response(bits, charset, wants_tls=True)
    text = can.encoding(charset)
    user = readable(reader.ended(), text)
    if bits & can.AUTH_LENENC:
        proof = _place(reader, reader.length())
    elif bits & can.SECURE_CONNECTION:
        proof = _place(reader, reader.number(1))
    else:
        proof = _place(reader, None)
    database = plugin = ""
    if bits & can.WITH_DB:
        database = readable(reader.ended(), text)
    if bits & can.PLUGIN_AUTH:
        plugin = readable(reader.ended(), text)
    told: tuple[tuple[str, str], ...] = ()
    hidden: Places = ()
    if bits & can.CONNECT_ATTRS and reader.left:
        told, hidden = read_attributes(reader, text)
    return Response(bits, charset, user, database, plugin, proof, told, hidden=hidden)


def _old(reader: Reader, bits: int) -> Response:
    reader.number(3)
    if bits & can.SSL and not reader.left:
        return Response(bits, wants_tls=True, is_old=True)
    user = readable(reader.ended())
    if bits & can.WITH_DB:
        proof = _place(reader, None)
        return Response(bits, 0, user, readable(reader.ended()), "", proof, is_old=True)
    begin = reader.at
    reader.rest()
    return Response(bits, 0, user, "", "", (begin, reader.at), is_old=True)


def _place(reader: Reader, size: int | None) -> tuple[int, int]:
    """Where so many bytes are; without a size, those up to a NUL."""
    begin = reader.at
    if size is None:
        return begin, begin + len(reader.ended())
    reader.take(size)
    return begin, reader.at


def read_attributes(reader: Reader, encoding: str) -> tuple[tuple[tuple[str, str], ...], Places]:
    """What a client says of itself: its name and version, the program; where secrets are in it.
    Raises Malformed."""
    block = reader.take(reader.length())
    inner, begin = Reader(block), reader.at - len(block)
    made: list[tuple[str, str]] = []
    hidden: list[tuple[int, int]] = []
    while inner.left:
        name = readable(inner.counted(), encoding)
        value = inner.counted()
        places = ((0, len(value)),) if value and is_secret(name) else in_value(value)
        shown = mask(value, places) if places else readable(value, encoding)
        made.append((name, shown))
        hidden += moved(places, begin + inner.at - len(value))
    return tuple(made), tuple(hidden)


def read_change(data: bytes, bits: int) -> Response:
    """A COM_CHANGE_USER of a connection with these capabilities. Raises Malformed."""
    reader = Reader(data, 1)
    user = readable(reader.ended())
    if bits & can.SECURE_CONNECTION:
        proof = _place(reader, reader.number(1))
    else:
        proof = _place(reader, None)
    database, plugin, charset = readable(reader.ended()), "", 0
    told: tuple[tuple[str, str], ...] = ()
    hidden: Places = ()
    if reader.left >= 2:
        charset = reader.number(2)
        if bits & can.PLUGIN_AUTH and reader.left:
            plugin = readable(reader.ended())
        if bits & can.CONNECT_ATTRS and reader.left:
            told, hidden = read_attributes(reader, can.encoding(charset))
    return Response(bits, charset, user, database, plugin, proof, told, hidden=hidden)

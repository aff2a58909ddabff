"""Packets of MySQL as a test writes them, for what no server here sends, and for what lacks."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from feeding import read

from netshell.flow.delivery import Heard
from netshell.flow.sides import Side
from netshell.protocols.api import Message
from netshell.protocols.mysql import capabilities as can
from netshell.protocols.mysql.decoder import MySqlDecoder

MYSQL_8 = (
    can.MYSQL | can.WITH_DB | can.PROTOCOL_41 | can.SECURE_CONNECTION | can.PLUGIN_AUTH
    | can.CONNECT_ATTRS | can.AUTH_LENENC | can.SESSION_TRACK | can.DEPRECATE_EOF
)  # fmt: skip
OLD = MYSQL_8 & ~can.DEPRECATE_EOF & ~can.SESSION_TRACK
SALT = bytes(range(1, 21))


def packet(number: int, data: bytes) -> bytes:
    """A packet of that number."""
    return len(data).to_bytes(3, "little") + bytes([number & 0xFF]) + data


def packets(number: int, *data: bytes) -> bytes:
    """Several, numbered from there on."""
    return b"".join(packet(number + at, each) for at, each in enumerate(data))


def squeezed(number: int, data: bytes, plain: bool = False) -> bytes:
    """A compressed packet around bytes."""
    packed = data if plain else zlib.compress(data)
    whole = 0 if plain else len(data)
    return (len(packed).to_bytes(3, "little") + bytes([number]) + whole.to_bytes(3, "little")
            + packed)  # fmt: skip


def counted(data: bytes) -> bytes:
    """Bytes after their length."""
    if len(data) < 251:
        return bytes([len(data)]) + data
    return b"\xfc" + len(data).to_bytes(2, "little") + data


def greeting(
    bits: int = MYSQL_8, version: bytes = b"8.0.36", plugin: bytes = b"caching_sha2_password"
) -> bytes:
    """A server's."""
    return packet(
        0,
        b"\x0a" + version + b"\0" + (77).to_bytes(4, "little") + SALT[:8] + b"\0"
        + (bits & 0xFFFF).to_bytes(2, "little") + b"\xff\x02\0"
        + (bits >> 16 & 0xFFFF).to_bytes(2, "little") + b"\x15" + bytes(6)
        + (bits >> 32).to_bytes(4, "little") + SALT[8:] + b"\0" + plugin + b"\0",
    )  # fmt: skip


def response(
    bits: int = MYSQL_8,
    proof: bytes = b"\xaa" * 32,
    plugin: bytes = b"caching_sha2_password",
    *named: bytes,
) -> bytes:
    """A client's response to it."""
    said = b"".join(map(counted, named or (b"program_name", b"test")))
    return packet(
        1,
        (bits & 0xFFFFFFFF).to_bytes(4, "little") + bytes(4) + b"\xff" + bytes(19)
        + (bits >> 32).to_bytes(4, "little") + b"ann\0" + counted(proof) + b"shop\0" + plugin
        + b"\0" + counted(said),
    )  # fmt: skip


def ok(
    affected: int = 0, status: int = 2, info: bytes = b"", head: bytes = b"\0", warnings: int = 0
) -> bytes:
    """What an OK packet says."""
    tail = counted(info) if info else b""
    return (head + bytes([affected, 0]) + status.to_bytes(2, "little")
            + warnings.to_bytes(2, "little") + tail)  # fmt: skip


def eof(status: int = 2, warnings: int = 0) -> bytes:
    """What an EOF packet says."""
    return b"\xfe" + warnings.to_bytes(2, "little") + status.to_bytes(2, "little")


def err(number: int = 1064, state: bytes = b"42000", words: bytes = b"No") -> bytes:
    """What an ERR packet says."""
    return b"\xff" + number.to_bytes(2, "little") + b"#" + state + words


def column(name: bytes, kind: int = 253, extended: bytes | None = None) -> bytes:
    """What a column definition says."""
    more = b"" if extended is None else counted(extended)
    return (counted(b"def") + b"\0\0\0" + counted(name) + counted(name) + more + b"\x0c\xff\0"
            + bytes(4) + bytes([kind, 0, 0, 0, 0, 0]))  # fmt: skip


def rows(*texts: bytes) -> list[bytes]:
    """Rows of one column."""
    return [counted(each) for each in texts]


def query(sql: bytes) -> bytes:
    """A COM_QUERY."""
    return packet(0, b"\x03" + sql)


LOGIN: tuple[tuple[Side, bytes], ...] = (
    ("server", greeting()), ("client", response()), ("server", packet(2, ok())),
)  # fmt: skip
OLD_LOGIN: tuple[tuple[Side, bytes], ...] = (
    ("server", greeting(OLD)), ("client", response(OLD)), ("server", packet(2, ok())),
)  # fmt: skip


def said(
    *turns: tuple[Side, bytes | int], begun: bool = True, ports: Sequence[int] = (3306,)
) -> list[Message]:
    """The messages of a conversation; a number instead of bytes: so many lack."""
    pieces = [
        Heard(side, b"", at, at, data) if isinstance(data, int) else Heard(side, data, at, at)
        for at, (side, data) in enumerate(turns)
    ]
    return read(pieces, ports, begun, [MySqlDecoder])

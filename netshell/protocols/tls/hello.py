"""ClientHello and ServerHello in numbers, as they came: RFC 8446, 4.1 and 4.2; RFC 5246, 7.4.1.

A hello that ends too early, or whose lengths do not fit, is read as far as it goes: ``is_cut``.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import unpack_from
from typing import NamedTuple

SERVER_NAME, GROUPS, POINTS, SIGNATURES, ALPN = 0, 10, 11, 13, 16
TICKET, PRE_SHARED_KEY, EARLY_DATA, VERSIONS, KEY_SHARE = 35, 41, 42, 43, 51
ENCRYPTED_HELLO, ENCRYPTED_NAME = 65037, 65486

MOST_EXTENSIONS = 256
"""Extensions of one hello that are read."""

# A ServerHello with this random is a HelloRetryRequest, RFC 8446 4.1.3.
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
# What a server that could do better ends its random with, the same section.
_DOWNGRADE = {b"DOWNGRD\1": 0x0304, b"DOWNGRD\0": 0x0303}


class ClientHello(NamedTuple):
    """What a client offers."""

    version: int = 0  # the legacy one
    session_id: bytes = b""
    ciphers: tuple[int, ...] = ()
    extensions: tuple[int, ...] = ()
    versions: tuple[int, ...] = ()  # of its extension
    server_name: bytes = b""
    alpns: tuple[bytes, ...] = ()
    groups: tuple[int, ...] = ()
    points: bytes = b""
    signatures: tuple[int, ...] = ()
    key_shares: tuple[int, ...] = ()  # the groups it sends a share of
    ticket: int | None = None  # bytes; None where the extension is not there
    keys: int = 0  # how many pre-shared keys it offers
    is_cut: bool = False


class ServerHello(NamedTuple):
    """What a server chooses."""

    version: int = 0  # chosen: that of its extension, if it has one
    legacy: int = 0
    session_id: bytes = b""
    cipher: int | None = None
    extensions: tuple[int, ...] = ()
    alpn: bytes = b""
    group: int | None = None
    key: int | None = None  # which of the pre-shared keys it takes
    is_retry: bool = False
    could: int = 0  # the version it could have taken, as it says itself
    is_cut: bool = False


def read_client_hello(body: bytes) -> ClientHello:
    """What a ClientHello says; ``body`` is it without its header of four bytes."""
    size = len(body)
    if size < 35:
        return ClientHello(_two(body, 0), is_cut=True)
    at = 35 + body[34]
    version, session_id = _two(body, 0), body[35:at]
    count = _two(body, at) & ~1
    numbers = _numbers(body, at + 2, at + 2 + count)
    at += 2 + count
    at += 1 + (body[at] if at < size else 0)  # compressions: nobody has any
    made = {"version": version, "session_id": session_id, "ciphers": numbers}
    made["is_cut"] = at > size or (at < size and at + 2 + _two(body, at) > size)
    kinds = []
    for kind, begin, end in _extensions(body, at):
        kinds.append(kind)
        reader = _CLIENT.get(kind)
        if reader is not None:
            name, value = reader(body, begin, end)
            made.setdefault(name, value)
    made["extensions"] = tuple(kinds)
    return ClientHello(**made)  # type: ignore[arg-type]


def read_server_hello(body: bytes) -> ServerHello:
    """What a ServerHello says; ``body`` is it without its header of four bytes."""
    size = len(body)
    legacy = _two(body, 0)
    if size < 38 or size < 38 + body[34]:
        return ServerHello(legacy, legacy, is_cut=True)
    random, session_id = body[2:34], body[35 : 35 + body[34]]
    at = 35 + len(session_id)
    cipher = _two(body, at)
    at += 3
    cut = at < size and at + 2 + _two(body, at) > size
    version, alpn, group, key = legacy, b"", None, None
    kinds = []
    for kind, begin, end in _extensions(body, at):
        kinds.append(kind)
        if end - begin < 2:
            continue
        if kind == VERSIONS:
            version = _two(body, begin)
        elif kind == ALPN:
            alpn = next(iter(_strings(body, begin + 2, end, 1)), b"")
        elif kind == KEY_SHARE:
            group = _two(body, begin)
        elif kind == PRE_SHARED_KEY:
            key = _two(body, begin)
    could = _DOWNGRADE.get(random[24:], 0)
    return ServerHello(
        version, legacy, session_id, cipher, tuple(kinds), alpn, group, key,
        random == _RETRY, could if could > version else 0, cut,
    )  # fmt: skip


def _two(data: bytes, at: int) -> int:
    return data[at] << 8 | data[at + 1] if at + 1 < len(data) else 0


def _numbers(data: bytes, begin: int, end: int) -> tuple[int, ...]:
    """Numbers of two bytes each, as many as are there."""
    count = (min(end, len(data)) - begin) // 2
    return unpack_from(f">{count}H", data, begin) if count > 0 else ()


def _extensions(body: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """The kind of each extension, and where its content is."""
    end = min(at + 2 + _two(body, at), len(body))
    at += 2
    for _ in range(MOST_EXTENSIONS):
        if at + 4 > end:
            return
        size = _two(body, at + 2)
        yield _two(body, at), at + 4, min(at + 4 + size, end)
        at += 4 + size


def _strings(body: bytes, at: int, end: int, most: int = 64) -> tuple[bytes, ...]:
    """Strings with a length of one byte each."""
    made: list[bytes] = []
    while at < end and len(made) < most:
        made.append(body[at + 1 : min(at + 1 + body[at], end)])
        at += 1 + body[at]
    return tuple(made)


def _server_name(body: bytes, begin: int, end: int) -> tuple[str, object]:
    """The first name: RFC 6066, 3 knows no other kind than a host's."""
    if end - begin < 5 or body[begin + 2] != 0:
        return "server_name", b""
    return "server_name", body[begin + 5 : min(begin + 5 + _two(body, begin + 3), end)]


def _alpns(body: bytes, begin: int, end: int) -> tuple[str, object]:
    return "alpns", _strings(body, begin + 2, end)


def _groups(body: bytes, begin: int, end: int) -> tuple[str, object]:
    return "groups", _numbers(body, begin + 2, end)


def _points(body: bytes, begin: int, end: int) -> tuple[str, object]:
    return "points", body[begin + 1 : end]


def _signatures(body: bytes, begin: int, end: int) -> tuple[str, object]:
    return "signatures", _numbers(body, begin + 2, end)


def _ticket(body: bytes, begin: int, end: int) -> tuple[str, object]:
    return "ticket", end - begin


def _versions(body: bytes, begin: int, end: int) -> tuple[str, object]:
    return "versions", _numbers(body, begin + 1, end)


def _key_shares(body: bytes, begin: int, end: int) -> tuple[str, object]:
    groups, at = [], begin + 2
    while at + 4 <= end:
        groups.append(_two(body, at))
        at += 4 + _two(body, at + 2)
    return "key_shares", tuple(groups)


def _keys(body: bytes, begin: int, end: int) -> tuple[str, object]:
    count, at = 0, begin + 2
    last = min(at + _two(body, begin), end)
    while at + 2 <= last:
        at += 2 + _two(body, at) + 4
        count += 1
    return "keys", count


_CLIENT = {
    SERVER_NAME: _server_name,
    GROUPS: _groups,
    POINTS: _points,
    SIGNATURES: _signatures,
    ALPN: _alpns,
    TICKET: _ticket,
    VERSIONS: _versions,
    KEY_SHARE: _key_shares,
    PRE_SHARED_KEY: _keys,
}

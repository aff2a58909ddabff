"""Whether bytes look like TLS: by a hello's structure, or by records that follow each other."""

from __future__ import annotations

from netshell.protocols.api import Likeness
from netshell.protocols.tls.numbers import MESSAGES
from netshell.protocols.tls.records import (
    ALERT,
    CLIENT_HELLO,
    DATA,
    HEADER,
    HELLO,
    SERVER_HELLO,
    Search,
    hello,
    is_header,
    old_hello,
)

_BEGIN = b"\x16\x03"


def looks(client: bytes, server: bytes, begun: bool) -> Likeness:
    """As :meth:`netshell.protocols.api.Decoder.looks_like`."""
    if not begun:
        return _amid(client, server)
    found = _first(client, CLIENT_HELLO)
    if found == Likeness.NO or not server:
        return found
    if found == Likeness.MORE and not client:
        return _first(server, SERVER_HELLO)
    return found


def _first(data: bytes, kind: int) -> Likeness:
    """What a side's first bytes say."""
    if not data:
        return Likeness.MORE
    if kind == CLIENT_HELLO and data[0] & 0x80:
        if len(data) < HELLO:
            return Likeness.MORE
        return Likeness.SURE if old_hello(data) else Likeness.NO
    if kind == SERVER_HELLO and data[0] == ALERT:
        if len(data) < HEADER + 2:
            return Likeness.MORE if data[1:2] in (b"", b"\x03") else Likeness.NO
        return Likeness.LIKELY if is_header(data) and data[3:5] == b"\0\2" else Likeness.NO
    if not data.startswith(_BEGIN[: len(data)]):
        return Likeness.NO
    if len(data) < HELLO:
        return Likeness.MORE if len(data) < HEADER or is_header(data) else Likeness.NO
    found = hello(data)
    if found:
        return Likeness.SURE if found == kind else Likeness.NO
    # A record too short for a hello's beginning, and another one behind it.
    size = data[3] << 8 | data[4]
    if not is_header(data) or data[HEADER] != kind or size >= 6:
        return Likeness.NO
    if len(data) < 2 * HEADER + size:
        return Likeness.MORE
    return (
        Likeness.SURE
        if data[HEADER + size] == 22 and is_header(data, HEADER + size)
        else (Likeness.NO)
    )


def _amid(client: bytes, server: bytes) -> Likeness:
    """Records that follow each other are sure, and a hello at the beginning; one record of data at
    the beginning, or a hello somewhere, is likely."""
    likely = False
    for data in (client, server):
        place = Search().find(bytearray(data))
        if place is not None and not (place and hello(data, place)):
            return Likeness.SURE
        likely |= place is not None
        likely |= len(data) >= HEADER and data[0] == DATA and is_header(data)
    return Likeness.LIKELY if likely else Likeness.MORE


def are_messages(content: bytes) -> bool:
    """Whether a record's content is handshake messages from its first byte to the last."""
    at = 0
    while at + 4 <= len(content) and content[at] in MESSAGES:
        at += 4 + int.from_bytes(content[at + 1 : at + 4], "big")
        if at == len(content):
            return True
    return False

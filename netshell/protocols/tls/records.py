"""TLS's records: five bytes that say what follows and how much (RFC 8446, 5.1; RFC 5246, 6.2).

After the handshake these headers are all that is read. Where the place of the next one is lost, a
place counts as one where a header's length leads to another: :class:`Search`.
"""

from __future__ import annotations

import re

CHANGE_CIPHER, ALERT, HANDSHAKE, DATA, HEARTBEAT = 20, 21, 22, 23, 24
HEADER = 5
HELLO = 11
"""Bytes by which a hello is known: the record's header, the message's, and its version."""
MOST_RECORD = 0x4000 + 2048
"""Bytes of a record's content at most: those of RFC 5246, 6.2.3; RFC 8446 allows fewer."""

CLIENT_HELLO, SERVER_HELLO = 1, 2

# Header that could be one: its kind, a version up to TLS 1.2 (TLS 1.3 writes that), its size.
_HEADER = re.compile(rb"[\x14-\x18]\x03[\x00-\x04][\x00-\x48]")
_MOST_SMALL = 512  # bytes of an alert or a ChangeCipherSpec, however it is encrypted and padded
_LEAST_ENCRYPTED = 16  # bytes of a tag, or of a MAC and its padding: none is shorter


def is_header(data: bytes | bytearray, at: int = 0) -> bool:
    """Whether five bytes could be a record's header."""
    size = data[at + 3] << 8 | data[at + 4]
    if data[at + 1] != 3 or data[at + 2] > 4 or size > MOST_RECORD:
        return False
    kind = data[at]
    if kind in (CHANGE_CIPHER, ALERT):
        return 0 < size <= _MOST_SMALL
    return kind == DATA or (kind in (HANDSHAKE, HEARTBEAT) and size > 0)


def _is_likely(data: bytes | bytearray, at: int) -> bool:
    """The same where nothing says that one is there: its size has to be usual, too."""
    if not is_header(data, at):
        return False
    kind, size = data[at], data[at + 3] << 8 | data[at + 4]
    if kind == CHANGE_CIPHER:
        return size == 1
    if kind == ALERT:
        return size == 2 or size >= _LEAST_ENCRYPTED
    return size >= (_LEAST_ENCRYPTED if kind == DATA else 4)


def hello(data: bytes | bytearray, at: int = 0) -> int:
    """Whether a record at a place begins with a ClientHello or a ServerHello: its number, else 0.

    HELLO bytes are needed.
    """
    if len(data) < at + HELLO or data[at] != HANDSHAKE or not is_header(data, at):
        return 0
    kind, size = data[at + 5], data[at + 6] << 16 | data[at + 7] << 8 | data[at + 8]
    record = data[at + 3] << 8 | data[at + 4]
    if kind not in (CLIENT_HELLO, SERVER_HELLO) or data[at + 9] != 3 or data[at + 10] > 4:
        return 0
    # A hello has a version, a random, and lengths; it may go on in further records.
    return kind if 38 <= size <= 1 << 17 and record >= 6 else 0


def old_size(data: bytes | bytearray) -> int:
    """Bytes of an SSLv2-compatible ClientHello, or that are needed to tell that it is none."""
    if len(data) < HELLO or not old_hello(data):
        return HELLO
    return 2 + ((data[0] & 0x7F) << 8 | data[1])


def old_hello(data: bytes | bytearray) -> str:
    """The version that an SSLv2-compatible ClientHello (RFC 5246, E.2) offers; else empty."""
    if len(data) < 11 or not data[0] & 0x80 or data[2] != CLIENT_HELLO:
        return ""
    size = (data[0] & 0x7F) << 8 | data[1]
    ciphers, session, challenge = (data[at] << 8 | data[at + 1] for at in (5, 7, 9))
    if size != 9 + ciphers + session + challenge or ciphers % 3 or not 16 <= challenge <= 32:
        return ""
    if not ciphers or session not in (0, 16):
        return ""
    names = {(0, 2): "SSL 2.0", (3, 0): "SSL 3.0", (3, 1): "TLS 1.0", (3, 2): "TLS 1.1"}
    return {**names, (3, 3): "TLS 1.2"}.get((data[3], data[4]), "")


class Search:
    """Where records begin in bytes that may begin amid one.

    Fed byte by byte or at once, it finds the same place: the first header, of those whose length
    leads to another header, that is known as such first.
    """

    def __init__(self) -> None:
        self._seen = 0  # bytes of the data that were looked at as a header
        self._next: dict[int, int] = {}  # where the record of a possible header ends, and it begins

    def find(self, data: bytearray) -> int | None:
        """The place in ``data``, which is what was given before, and more; None if not yet."""
        at = self._seen
        while True:
            found = _HEADER.search(data, at)
            at = max(at, len(data) - 3) if found is None else found.start()
            if found is None or at + HEADER > len(data):
                break
            if _is_likely(data, at):
                begin = self._next.get(at)
                if begin is not None:
                    return begin
                if data[at] == HANDSHAKE and at + HELLO > len(data):
                    break  # a hello would be known by itself
                if hello(data, at):
                    return at
                end = at + HEADER + (data[at + 3] << 8 | data[at + 4])
                self._next.setdefault(end, at)
            at += 1
        self._seen = at
        return None

    def useless(self) -> int:
        """How many bytes at the beginning are of no use any more."""
        self._next = {end: begin for end, begin in self._next.items() if end >= self._seen}
        return min([self._seen, *self._next.values()])

    def drop(self, size: int) -> None:
        """Those were taken away from the data."""
        self._seen -= size
        self._next = {end - size: begin - size for end, begin in self._next.items()}

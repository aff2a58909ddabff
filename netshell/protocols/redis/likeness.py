"""Whether a conversation is Redis's, by what each side said first."""

from __future__ import annotations

import re

from netshell.protocols.api import Likeness

_COMMAND = re.compile(rb"\*[1-9]\d{0,6}\r\n\$([1-9]\d{0,2})\r\n([A-Za-z][A-Za-z0-9_.\-]*)")
_AMID = re.compile(rb"\r\n\*[1-9]\d{0,6}\r\n\$[1-9]\d{0,2}\r\n[A-Za-z]")
_BEGINNING = re.compile(rb"\*(?:[1-9]\d{0,6}(?:\r(?:\n(?:\$(?:[1-9]\d{0,2}(?:\r\n?)?)?)?)?)?)?\Z")
_REPLY = re.compile(
    rb"[+\-][^\x00-\x08\x0e-\x1f\x7f]{0,512}\r\n|:-?\d{1,19}\r\n|[$*](?:-1|\d{1,12})\r\n|_\r\n|#[tf]\r\n"
    rb"|[%~>|=!](?:\d{1,12}|\?)\r\n|,[-+\d.einfa]{1,40}\r\n|\(-?\d+\r\n"
)
_PUSH = re.compile(rb"(?:>[1-9]\d{0,2}\r\n\$|\*[34]\r\n\$[78]\r\n[ps]?message\r\n)")
_INLINE = re.compile(
    rb"(?:ping|quit|info|auth|get|set|del|keys|hello|select|monitor|echo|config|client|dbsize|"
    rb"flushall|flushdb|incr|exists|command|cluster|role|time|sync|psync|lrange|hgetall|scan)"
    rb"(?:[ \t][^\r\n]*)?\r?\n",
    re.IGNORECASE,
)
_HTTP = re.compile(rb"[^\r\n]* HTTP/\d")


def likeness(client: bytes, server: bytes, begun: bool) -> Likeness:
    """SURE for a command as clients send it; LIKELY for lines that people type, and replies."""
    if not client:
        if _PUSH.match(server):
            return Likeness.SURE
        if not server:
            return Likeness.MORE
        return Likeness.LIKELY if _REPLY.match(server) else _short(server, b"+-:$*%~>")
    found = _COMMAND.match(client)
    if found:
        size = int(found[1])
        word = client[found.start(2) : found.start(2) + size]
        if found.end(2) - found.start(2) > size or len(word) > len(found[2]):
            return Likeness.NO
        if len(word) < size:
            return Likeness.MORE
        return Likeness.SURE
    if _BEGINNING.match(client):
        return Likeness.MORE
    if _INLINE.match(client) and not _HTTP.match(client):
        return Likeness.LIKELY if not server or _REPLY.match(server) else Likeness.NO
    if not begun:
        if _AMID.search(client) or _PUSH.match(server):
            return Likeness.LIKELY
        return Likeness.MORE if len(client) < 64 else Likeness.NO
    is_line = b"\n" not in client and len(client) < 64 and client.isascii()
    return Likeness.MORE if is_line and client[:1].isalpha() else Likeness.NO


def _short(server: bytes, first: bytes) -> Likeness:
    is_line = b"\n" not in server and len(server) < 512 and server[:1] in first
    return Likeness.MORE if is_line else Likeness.NO

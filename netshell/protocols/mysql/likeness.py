"""Whether a conversation is MySQL, by what was said first.

The greeting tells: its size, number 0, version 10, a readable version of the server, and a filler
that is 0 in a place that is known then. A server that has no room for one more client says so
instead. From its midst, it is told by a command of the client: SQL that fills its packet exactly.
"""

from __future__ import annotations

import re

from netshell.protocols.api import Likeness
from netshell.protocols.mysql.framing import HEAD
from netshell.protocols.mysql.greeting import VERSION
from netshell.protocols.mysql.resync import is_command, is_text

_LONGEST = 1024  # a greeting
_VERSION = 64
_X_NOTICE = b"\x05\x00\x00\x00\x0b\x08\x05\x1a\x00"  # what a server of the X protocol says first
_X_ASKS = (b"\x01\x00\x00\x00\x01", b"\x02")  # what a client of it does
SQL = re.compile(
    rb"(?:\s|/\*.{0,64}?\*/|\()*(?:select|insert|update|delete|replace|set|show|begin|commit|start"
    rb"|rollback|create|drop|alter|call|use|explain|describe|desc|with|lock|unlock|grant|truncate"
    rb"|savepoint|release|prepare|execute|analyze|flush|kill|load|do|revoke|rename|handler|xa)\b",
    re.I | re.S,
)
"""How statements begin."""


def looks_like(client: bytes, server: bytes, begun: bool) -> Likeness:
    """How much what both sides said first looks like MySQL."""
    if not begun:
        return midst(client)
    if server:
        if _X_NOTICE.startswith(server[: len(_X_NOTICE)]):
            return Likeness.SURE if len(server) >= len(_X_NOTICE) else Likeness.MORE
        return greeting(server)
    if client[: len(_X_ASKS[0])] == _X_ASKS[0]:
        return Likeness.LIKELY
    return Likeness.NO if client else Likeness.MORE


def greeting(data: bytes) -> Likeness:
    """Whether bytes begin with a greeting, or the error instead of one; they may be cut."""
    size = int.from_bytes(data[:3], "little")
    if data[1:3] and not 8 <= size <= _LONGEST and len(data) >= 3:
        return Likeness.NO
    if data[3:4] not in (b"", b"\0"):
        return Likeness.NO
    first = data[HEAD : HEAD + 1]
    if not first:
        return Likeness.MORE
    if first == b"\xff":
        return _error(data, size)
    if first[0] != VERSION:
        return Likeness.NO
    end = data.find(0, HEAD + 1, HEAD + 1 + _VERSION)
    version = data[HEAD + 1 : end if end >= 0 else HEAD + 1 + _VERSION]
    if not all(0x20 <= each < 0x7F for each in version):
        return Likeness.NO
    if end < 0:
        return Likeness.NO if len(data) >= HEAD + 1 + _VERSION else Likeness.MORE
    if not version or end + 15 > HEAD + size:
        return Likeness.NO
    if len(data) < HEAD + size:
        return Likeness.MORE
    return Likeness.SURE if data[end + 13] == 0 else Likeness.NO


def _error(data: bytes, size: int) -> Likeness:
    if size > 512:
        return Likeness.NO
    if len(data) < HEAD + size:
        return Likeness.MORE
    number, words = int.from_bytes(data[5:7], "little"), data[7 : HEAD + size]
    return Likeness.SURE if 1000 <= number < 5000 and is_text(words) else Likeness.NO


def midst(client: bytes) -> Likeness:
    """Whether a client's bytes in the midst of a conversation begin with a command."""
    if len(client) <= HEAD:
        return Likeness.MORE
    size = int.from_bytes(client[:3], "little")
    if client[3] or not size:
        return Likeness.NO
    end = HEAD + size
    known = min(end, len(client))
    if end > len(client) and client[HEAD] not in (3, 0x16, 0x17, 0x18):
        return Likeness.NO if size > 1024 else Likeness.MORE
    if client[HEAD] not in (3, 0x16) and not is_command(client, HEAD, end):
        return Likeness.NO
    if client[HEAD] in (3, 0x16):
        at = HEAD + 3 if client[HEAD] == 3 and client[HEAD + 1 : HEAD + 3] == b"\0\1" else HEAD + 1
        if not is_text(client[at : min(at + 32, known)]):
            return Likeness.NO if known > at else Likeness.MORE
        if SQL.match(client, at, known):
            return Likeness.SURE
    return Likeness.LIKELY

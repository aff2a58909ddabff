"""Whether a conversation's first bytes look like PostgreSQL: from its start on, or from its midst.

Source: PostgreSQL documentation, 55.2.1 "Start-up", 55.7 "Message Formats".
"""

from __future__ import annotations

from netshell.protocols.api import Likeness
from netshell.protocols.postgres.chain import weigh

SSL, GSS, CANCEL = 80877103, 80877104, 80877102
REQUESTS = {SSL: "SSLRequest", GSS: "GSSENCRequest"}
MOST_STARTUP = 10_000
"""The server's own bound of a startup message."""
_TELLING = 6
"""What chains of messages weigh that are no other protocol's."""


def looks(client: bytes, server: bytes, begun: bool) -> Likeness:
    """As :meth:`netshell.protocols.api.Signs.looks_like`."""
    if not begun:
        return _from_midst(client, server)
    if server and not client:
        return Likeness.NO
    return looks_like_start(client)


def looks_like_start(data: bytes) -> Likeness:
    """Whether these are a client's first bytes."""
    if len(data) < 8:
        begin = data[:2] in (b"", b"\0", b"\0\0")
        return Likeness.MORE if begin else Likeness.NO
    length, code = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big")
    if code in REQUESTS:
        return Likeness.SURE if length == 8 else Likeness.NO
    if code == CANCEL:
        return Likeness.SURE if 12 < length <= 268 else Likeness.NO
    if code >> 16 != 3 or not 8 < length <= MOST_STARTUP:
        return Likeness.NO
    if len(data) == 8:
        return Likeness.MORE
    name = data[8:length].partition(b"\0")[0]
    is_text = all(32 < each < 127 for each in name)
    return Likeness.SURE if is_text and (name or length == 9) else Likeness.NO


def _from_midst(client: bytes, server: bytes) -> Likeness:
    """Whether a conversation looks like one whose start was not seen."""
    found = Likeness.NO
    weight = 0
    for data, is_client in ((client, True), (server, False)):
        if not data:
            continue
        weighs, need = weigh(data, 0, is_client, most=_TELLING)
        if not weighs and not need:
            return Likeness.NO
        if need:
            found = max(found, Likeness.MORE)
        weight += weighs
    if weight >= _TELLING:
        return Likeness.SURE
    return Likeness.LIKELY if weight >= 3 else found

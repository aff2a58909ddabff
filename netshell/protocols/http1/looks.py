"""Whether a conversation's first bytes look like HTTP/1.x."""

from __future__ import annotations

import re

from netshell.protocols.api import Likeness
from netshell.protocols.http1.head import METHODS, REQUEST, STATUS
from netshell.protocols.http1.reader import PREFACE
from netshell.protocols.http1.searching import found_answer, found_request

_ENOUGH = 2048
"""Bytes of a request line that is not whole, and is taken for one."""
_USUAL = tuple(f"{method} /".encode() for method in METHODS)
_MAYBE_REQUEST = re.compile(rb"[\w!#$%&'*+.^`|~-]{1,64}(?: [^\r\n]*\r?)?\Z")
_MAYBE_ANSWER = re.compile(rb"HTTP/1\.\d[^\n]{0,1024}\Z|(?:H|HT|HTT|HTTP|HTTP/|HTTP/1|HTTP/1\.)\Z")


def likeness(client: bytes, server: bytes, begun: bool) -> Likeness:
    """How much the first bytes of both sides look like HTTP/1.x, or like HTTP/2 without TLS."""
    of_client, of_server = _of_request(client.lstrip(b"\r\n")), _of_answer(server)
    if not begun:
        may_be = (client and of_client == Likeness.MORE) or (server and of_server == Likeness.MORE)
        return _from_the_midst(client, server, bool(may_be))
    return of_client if client else of_server


def _of_request(data: bytes) -> Likeness:
    if b"\n" in data:
        is_one = REQUEST.match(data) is not None or data.startswith(PREFACE)
        return Likeness.SURE if is_one else Likeness.NO
    if not data or not _MAYBE_REQUEST.match(data):
        return Likeness.MORE if not data else Likeness.NO
    if len(data) < _ENOUGH:
        return Likeness.MORE
    return Likeness.SURE if data.startswith(_USUAL) else Likeness.NO


def _of_answer(data: bytes) -> Likeness:
    if not data or _MAYBE_ANSWER.match(data):
        return Likeness.MORE
    return Likeness.NO if STATUS.match(data) is None else Likeness.SURE


def _from_the_midst(client: bytes, server: bytes, may_be: bool) -> Likeness:
    if found_request(client, 0, 0) >= 0 or found_answer(server, 0, 0) >= 0:
        return Likeness.SURE
    if may_be and len(client) + len(server) < _ENOUGH:
        return Likeness.MORE
    return Likeness.LIKELY  # amid a body: on HTTP's ports, the next head is searched

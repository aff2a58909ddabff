"""How long the body of an HTTP message is, told by its head: RFC 9112 section 6.3.

A head is asked for the few fields that decide it with one search; only what is not plain (a field
twice, a folded value, several codings) is looked at closer. What contradicts itself is a fault:
two receivers may read it differently, which is how requests are smuggled.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import NamedTuple

from netshell.protocols.http1.head import Headers


class Kind(IntEnum):
    """How a body ends."""

    NONE = 0  # there is none
    LENGTH = 1  # after so many bytes
    CHUNKED = 2  # with a chunk of size 0
    CLOSE = 3  # with the connection
    UNKNOWN = 4  # not to be told: what follows is searched for the next head
    SWITCH = 5  # what follows is in another protocol


class Framing(NamedTuple):
    """How a body ends, and what is wrong about how the head tells it."""

    kind: Kind
    length: int = 0
    faults: tuple[str, ...] = ()
    upgrades: bool = False  # whether another protocol may follow


NONE = Framing(Kind.NONE)
CLOSE = Framing(Kind.CLOSE)
SWITCH = Framing(Kind.SWITCH)
BOTH = "both Transfer-Encoding and Content-Length (RFC 9112 6.3: may be smuggling)"

_DECIDES = re.compile(rb"\n(?:content-length|transfer-encoding)[ \t]*:", re.IGNORECASE)
_OF_REQUEST = re.compile(rb"\n(?:content-length|transfer-encoding|upgrade)[ \t]*:", re.IGNORECASE)
_UPGRADE = re.compile(rb"\nupgrade[ \t]*:", re.IGNORECASE)
_PLAIN = re.compile(rb"[ \t]*(\d{1,18})[ \t]*\r?\n(?![ \t])")
_CHUNKED = re.compile(rb"[ \t]*chunked[ \t]*\r?\n(?![ \t])", re.IGNORECASE)


def of_request(head: bytes) -> Framing:
    """The framing of a request's body.

    >>> of_request(b"POST / HTTP/1.1\\r\\nContent-Length: 7\\r\\n\\r\\n")
    Framing(kind=<Kind.LENGTH: 1>, length=7, faults=(), upgrades=False)
    """
    found = _OF_REQUEST.search(head)
    if found is None:
        return NONE
    decides = _DECIDES.search(head, found.start())
    framing = NONE if decides is None else _told(head, decides, False)
    if _UPGRADE.search(head, found.start()):
        return framing._replace(upgrades=True)
    return framing


def of_answer(head: bytes, status: int, method: str) -> Framing:
    """The framing of a final answer's body, to a request with this method ("": not known)."""
    if status in (204, 304) or method == "HEAD" or status < 200:
        return NONE
    if method == "CONNECT" and status < 300:
        return SWITCH
    found = _DECIDES.search(head)
    return CLOSE if found is None else _told(head, found, True)


def _told(head: bytes, found: re.Match[bytes], is_answer: bool) -> Framing:
    if _DECIDES.search(head, found.end()) is None:
        plain = _PLAIN.match(head, found.end())
        if plain is not None and found[0][1] in b"cC":
            length = int(plain[1])
            return Framing(Kind.LENGTH, length) if length else NONE
        if found[0][1] in b"tT" and _CHUNKED.match(head, found.end()):
            return Framing(Kind.CHUNKED)
    return _compared(Headers(head), is_answer)


def _compared(headers: Headers, is_answer: bool) -> Framing:
    """The same of fields that come more than once, or are not plain."""
    codings = [each.strip().lower() for each in headers.get("transfer-encoding").split(",")]
    codings = [each for each in codings if each]
    given = [each.strip() for each in headers.get("content-length").split(",")]
    given = list(dict.fromkeys(each for each in given if each))
    if codings:
        faults: tuple[str, ...] = (BOTH,) if given else ()
        if codings[-1] == "chunked" and "chunked" not in codings[:-1]:
            return Framing(Kind.CHUNKED, 0, faults)
        faults += (f"Transfer-Encoding {', '.join(codings)[:60]!r} does not end with chunked",)
        return Framing(Kind.CLOSE if is_answer else Kind.UNKNOWN, 0, faults)
    wrong = [each for each in given if not (each.isascii() and each.isdigit() and len(each) < 19)]
    if wrong:
        return Framing(Kind.UNKNOWN, 0, (f"Content-Length {wrong[0][:40]!r} is no number",))
    if len({int(each) for each in given}) > 1:
        both = " and ".join(given[:4])[:80]
        return Framing(Kind.UNKNOWN, 0, (f"Content-Length {both} contradict (RFC 9112 6.3)",))
    if not given:
        return CLOSE if is_answer else NONE
    return Framing(Kind.LENGTH, int(given[0])) if int(given[0]) else NONE

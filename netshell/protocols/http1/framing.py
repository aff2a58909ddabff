"""How long the body of an HTTP message is, told by its head: RFC 9112 section 6.3.

A head is asked for the few fields that decide it with one search; only what is not plain (a field
twice, a folded value, several codings) is looked at closer. What contradicts itself is a fault:
two receivers may read it differently, which is how requests are smuggled.
"""

from __future__ import annotations

import re

from netshell.protocols.http1.head import Headers

CHUNKED, CLOSE, UNKNOWN, SWITCH = -1, -2, -3, -4
"""Bodies whose length is not told: that end with a chunk of size 0, with the connection, or nobody
knows where; and none, but another protocol follows."""

Framing = tuple[int, tuple[str, ...], bool]
"""The length of the body (0: none), or one of the above; what is wrong about how the head tells
it; whether the head asks for another protocol (RFC 9110 section 7.8)."""

NONE: Framing = 0, (), False
BOTH = "both Transfer-Encoding and Content-Length (RFC 9112 6.3: may be smuggling)"

_CLOSE: Framing = CLOSE, (), False
IN_CHUNKS: Framing = CHUNKED, (), False
_SWITCH: Framing = SWITCH, (), False

_DECIDES = re.compile(rb"\n(?:content-length|transfer-encoding)[ \t]*:", re.IGNORECASE)
_OF_REQUEST = re.compile(rb"\n(?:content-length|transfer-encoding|upgrade)[ \t]*:", re.IGNORECASE)
_UPGRADE = re.compile(rb"\nupgrade[ \t]*:", re.IGNORECASE)
_PLAIN = re.compile(rb"[ \t]*(\d{1,18})[ \t]*\r?\n(?![ \t])")
_PLAIN_CHUNKED = re.compile(rb"[ \t]*chunked[ \t]*\r?\n(?![ \t])", re.IGNORECASE)


def of_request(head: bytes) -> Framing:
    """The framing of a request's body.

    >>> of_request(b"POST / HTTP/1.1\\r\\nContent-Length: 7\\r\\n\\r\\n")
    (7, (), False)
    """
    found = _OF_REQUEST.search(head)
    if found is None:
        return NONE
    decides = _DECIDES.search(head, found.start())
    length, faults, _ = NONE if decides is None else _told(head, decides, False)
    return length, faults, _UPGRADE.search(head, found.start()) is not None


def of_answer(head: bytes, status: int, method: bytes, told: Framing | None = None) -> Framing:
    """The framing of an answer's body, to a request with this method (empty: not known).

    ``told``: what the head's field says, where that has been read.
    """
    if status in (204, 304) or method == b"HEAD":
        return NONE
    if status < 200:
        return _SWITCH if status == 101 else NONE
    if status < 300 and method == b"CONNECT":
        return _SWITCH
    if told is not None:
        return _CLOSE if told is NONE else told
    found = _DECIDES.search(head)
    return _CLOSE if found is None else _told(head, found, True)


def _told(head: bytes, found: re.Match[bytes], is_answer: bool) -> Framing:
    at = found.end()
    if _DECIDES.search(head, at) is None:
        if head[found.start() + 1] in b"cC":
            plain = _PLAIN.match(head, at)
            if plain is not None:
                return int(plain[1]), (), False
        elif _PLAIN_CHUNKED.match(head, at):
            return IN_CHUNKS
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
            return CHUNKED, faults, False
        faults += (f"Transfer-Encoding {', '.join(codings)[:60]!r} does not end with chunked",)
        return CLOSE if is_answer else UNKNOWN, faults, False
    wrong = [each for each in given if not (each.isascii() and each.isdigit() and len(each) < 19)]
    if wrong:
        return UNKNOWN, (f"Content-Length {wrong[0][:40]!r} is no number",), False
    if len({int(each) for each in given}) > 1:
        both = " and ".join(given[:4])[:80]
        return UNKNOWN, (f"Content-Length {both} contradict (RFC 9112 6.3)",), False
    if not given:
        return _CLOSE if is_answer else NONE
    return int(given[0]), (), False

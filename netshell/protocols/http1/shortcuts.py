"""The two commonest things, read in one go: a request in one piece, and its answer in one.

Nearly all pieces are a whole request without a body, or the whole answer, with its length told, to
the one request that waits. Reading them step by step makes the same of them, at twice the cost.
What is not exactly so is left to that: nothing is changed before all of a piece is understood.
"""

from __future__ import annotations

from netshell.protocols.http1.bodies import MOST_HEAD
from netshell.protocols.http1.half import Half
from netshell.protocols.http1.head import NEXT, PLAIN_REQUEST, STATUS
from netshell.protocols.http1.reader import Reader

_NO_BODY = (b"204", b"304")
_OTHERWISE = (b"HEAD", b"CONNECT")
"""Methods whose answers end otherwise."""


def whole_request(reader: Reader, data: bytes, time_ns: int) -> Half | None:
    """The request that a piece of the client's is."""
    size = len(data)
    line = PLAIN_REQUEST.match(data)
    if line is None or size > MOST_HEAD or not reader.is_between:
        return None
    found = NEXT.search(data, line.end() - 1)
    if found is None or found.lastindex != 1 or found.end() != size:
        return None
    word = line[1]
    if word == b"CONNECT":
        return None
    at = reader.passed(size, time_ns)
    half = Half("client", word, data, at, time_ns)
    half.end, half.is_whole = at + size, True
    return half


def whole_answer(reader: Reader, data: bytes, time_ns: int, method: bytes) -> Half | None:
    """The answer that a piece of the server's is, to a request with this method."""
    line = STATUS.match(data)
    if line is None or method in _OTHERWISE or not reader.is_between:
        return None
    found = NEXT.search(data, line.end() - 1)
    if found is None or found.lastindex != 2:  # Content-Length
        return None
    length = int(found[2])
    found = NEXT.search(data, found.end())
    if found is None or found.lastindex != 1:
        return None
    end, size = found.end(), len(data)
    word = line[2]
    if end + length != size or end > MOST_HEAD or word < b"200" or word in _NO_BODY:
        return None
    at = reader.passed(size, time_ns)
    half = Half("server", word, data[:end], at, time_ns)
    if length:
        half.take(data[end:], at + end)
    half.end, half.is_whole = at + size, True
    return half

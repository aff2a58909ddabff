"""The commonest things, looked at in one go: a batch in one piece, and its whole answer in one.

Nine of ten statements are ``[Parse] Bind [Describe] Execute Sync`` of what has no name, or a Query,
sent at once and answered at once. Of those only the messages' order is looked at; what they say
stays as it came (:mod:`.plain`). What is not exactly so is left to the readers, message by message,
which make the same of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from netshell.protocols.postgres.exchange import KEPT_BYTES, Prepared
from netshell.protocols.postgres.framing import HEADER

_EXECUTED = b"E\0\0\0\x09\0\0\0\0\0" + b"S\0\0\0\4"
"""What nearly all batches end with: Execute the unnamed portal, all rows; Sync."""
_DESCRIBED = b"D\0\0\0\6P\0" + _EXECUTED
_PARSED, _BOUND, _READY = b"1\0\0\0\4", b"2\0\0\0\4", b"Z\0\0\0\5"
_NAMING = frozenset(b"pPeE \n")
"""What a Query may begin with that is PREPARE or EXECUTE."""

Expected = tuple[bytes, bool | None, Prepared | None]
"""What the answer begins with, whether a description follows (None: perhaps), and what was
prepared before, where a Bind names it."""

_TO_QUERY: Expected = b"", None, None
_TO_NEW: Expected = _PARSED + _BOUND, False, None
_TO_NEW_DESCRIBED: Expected = _PARSED + _BOUND, True, None


def expected(data: bytes, statements: Mapping[bytes, Prepared]) -> Expected | None:
    """What is to be answered to a piece of the client's; None if it is not one batch."""
    size = len(data)
    if size < 7 or size > KEPT_BYTES:
        return None
    kind, length = HEADER(data)
    if kind == 81:  # Query
        if length != size - 1 or data[5] in _NAMING or data[-1]:
            return None
        return _TO_QUERY
    if data.endswith(_DESCRIBED):
        is_described, tail = True, size - len(_DESCRIBED)
    elif data.endswith(_EXECUTED):
        is_described, tail = False, size - len(_EXECUTED)
    else:
        return None
    end = 1 + length
    if kind == 80:  # Parse, of the unnamed statement
        if end + 7 > tail or data[5] or data.find(0, 6, end) < 0:
            return None
        kind, length = HEADER(data, end)
        if kind != 66 or data[end + 5] or data[end + 6] or end + 1 + length != tail:
            return None
        if length < 6:
            return None
        return _TO_NEW_DESCRIBED if is_described else _TO_NEW
    if kind != 66 or end != tail or data[5]:  # Bind, of the unnamed portal to what has a name
        return None
    close = data.find(0, 6, end)
    prepared = statements.get(data[6:close]) if close > 6 else None
    return None if prepared is None else (_BOUND, is_described, prepared)


def is_answer(data: bytes, begin: bytes, is_described: bool | None) -> bool:
    """Whether a piece of the server's is a whole answer, in order, that tells of no error."""
    size = len(data) - 6
    if size < 0 or data[size:-1] != _READY or not data.startswith(begin):
        return False
    place = len(begin)
    kind, length = HEADER(data, place)
    end = place + 1 + length
    if is_described is None:
        is_described = kind == 84
    if is_described:  # RowDescription, or NoData
        if end > size or length >= KEPT_BYTES or (kind != 84 and (kind != 110 or length != 4)):
            return False
        place = end
        kind, length = HEADER(data, place)
        end = place + 1 + length
    while kind == 68 and end < size and length > 3:  # DataRow
        kind, length = HEADER(data, end)
        place, end = end, end + 1 + length
    return bool(kind == 67 and end == size and 5 <= length < KEPT_BYTES)  # CommandComplete

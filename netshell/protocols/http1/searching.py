"""Where the next message begins in bytes that are out of step: after a gap, or from the midst.

A body may end without a line's end, so a head may begin anywhere. A status line, or a request
line with a usual method, that ends as such is taken for one.
"""

from __future__ import annotations

import re

from netshell.protocols.http1.head import METHODS

FAR = 1 << 13
"""Bytes that are looked back from the version to the request line's beginning."""

_ANSWER = re.compile(rb"HTTP/1\.[01] [1-5]\d\d(?: [^\r\n]{0,64})?\r?\n(?=[!-9;-~]{1,64}:|\r?\n)")
_VERSION = re.compile(rb" HTTP/1\.[01]\r?\n(?=[!-9;-~]{1,64}:|\r?\n)")
_METHOD = re.compile(
    rb"(?:" + b"|".join(sorted((each.encode() for each in METHODS), reverse=True)) + rb")\Z"
)
_LONGEST = max(map(len, METHODS))


def found_answer(data: bytes | bytearray, at: int, begin: int) -> int:
    """Where a status line begins, from an offset on; -1 if there is none yet."""
    found = _ANSWER.search(data, at)
    return -1 if found is None else found.start()


def found_request(data: bytes | bytearray, at: int, begin: int) -> int:
    """The same of a request line, which ends after ``at`` and begins after ``begin``."""
    for found in _VERSION.finditer(data, at):
        blank = data.rfind(b" ", max(begin, found.start() - FAR + _LONGEST), found.start())
        if blank < 0:
            continue
        first = max(begin, blank - _LONGEST)
        method = _METHOD.search(bytes(data[first:blank]))
        if method is not None:
            return first + method.start()
    return -1

"""Reads bodies: of a length, in chunks (RFC 9112 section 7.1), or up to the connection's end."""

from __future__ import annotations

import re

from netshell.protocols.http1.head import Headers
from netshell.protocols.http1.walking import Bytes, Walk

MOST_HEAD = 1 << 16
"""Bytes of a head, or of the trailers."""
MOST_LINE = 1 << 14
"""Bytes of a chunk's size with its extensions."""

END = re.compile(rb"\n\r?\n")
"""The end of a head."""
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?\r?\n")


class BodyWalk(Walk):
    """The steps through a body."""

    def _body(self, data: Bytes, at: int) -> int:
        half = self.half
        assert half is not None
        left, there = self._left, len(data) - at
        if left <= there:
            half.keep(bytes(data[at : at + left]), self.inbox.at + at)
            self._left = 0
            return self._end(half, at + left)
        half.keep(bytes(data[at:]), self.inbox.at + at)
        self._left = left - there
        return self._reached(half, at + there)

    def _to_close(self, data: Bytes, at: int) -> int:
        half = self.half
        assert half is not None
        half.keep(bytes(data[at:]), self.inbox.at + at)
        return self._reached(half, len(data))

    def _chunk_size(self, data: Bytes, at: int) -> int:
        half = self.half
        assert half is not None
        end = data.find(b"\n", at + self._seen) + 1
        if (end or len(data)) - at > MOST_LINE:
            return self.stop(f"a chunk's size of more than {MOST_LINE:,} bytes")
        if not end:
            self._seen = len(data) - at
            return -1
        self._seen = 0
        found = _CHUNK.match(data, at, end)
        if found is None:
            return self.stop("what should be the size of a chunk is none")
        self._left = int(found[1], 16)
        self._step = BodyWalk._chunk if self._left else BodyWalk._trailers
        return self._reached(half, end)

    def _chunk(self, data: Bytes, at: int) -> int:
        half = self.half
        assert half is not None
        size = min(self._left, len(data) - at)
        half.keep(bytes(data[at : at + size]), self.inbox.at + at)
        self._left -= size
        if not self._left:
            self._step = BodyWalk._chunk_end
        return self._reached(half, at + size)

    def _chunk_end(self, data: Bytes, at: int) -> int:
        half = self.half
        assert half is not None
        size = 2 if data[at] == 0x0D else 1
        if len(data) - at < size:
            return -1
        if data[at + size - 1] != 0x0A:
            return self.stop("a chunk is longer than its size says")
        self._step = BodyWalk._chunk_size
        return self._reached(half, at + size)

    def _trailers(self, data: Bytes, at: int) -> int:
        half = self.half
        assert half is not None
        size = 2 if data[at] == 0x0D else 1
        if len(data) - at < size:
            return -1
        if data[at + size - 1] == 0x0A:
            return self._end(half, at + size)
        found = END.search(data, at + self._seen)
        if (len(data) if found is None else found.end()) - at > MOST_HEAD:
            return self.stop(f"trailers of more than {MOST_HEAD:,} bytes")
        if found is None:
            self._seen = max(len(data) - at - 2, 0)
            return -1
        # The fields of a head begin after a line.
        half.trailers = Headers(b"\n" + data[at : found.end()], self.inbox.at + at - 1)
        return self._end(half, found.end())

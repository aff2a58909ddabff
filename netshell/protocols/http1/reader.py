"""Reads what one side of a conversation in HTTP/1.x sends: heads, bodies, and what is between.

RFC 9112. After bytes that lack, or from the midst, the next head is searched; what stands before
it belongs to the message that was interrupted, or to one that was never seen to begin.
"""

from __future__ import annotations

import re

from netshell.flow.sides import Side
from netshell.protocols.api import Part
from netshell.protocols.http1.bodies import END, MOST_HEAD, BodyWalk
from netshell.protocols.http1.framing import (
    CHUNKED,
    CLOSE,
    IN_CHUNKS,
    NONE,
    SWITCH,
    UNKNOWN,
    Framing,
)
from netshell.protocols.http1.half import Half
from netshell.protocols.http1.head import METHODS, NEXT, PLAIN_REQUEST, REQUEST, STATUS
from netshell.protocols.http1.searching import FAR, found_answer, found_request
from netshell.protocols.http1.walking import Bytes, Owner, Step, Walk

PREFACE = b"PRI * HTTP/2.0\r\n"

_METHODS = frozenset(method.encode() for method in METHODS)
_OVERLAP = 1 << 8
"""Bytes that are searched again when more come: a line's end, and what must follow it."""
_AGAIN = {"client": FAR + _OVERLAP, "server": _OVERLAP}
"""Bytes before the end of what was searched that may belong to a head."""
_MAY_BEGIN = {
    "client": re.compile(rb"[\w!#$%&'*+.^`|~-]{1,64}(?: |\Z)"),
    "server": re.compile(rb"HTTP/1\.|(?:H|HT|HTT|HTTP|HTTP/|HTTP/1)\Z"),
}
_MOST_DOUBT = 1 << 11
"""Bytes that are looked at to tell a body from a request line."""
_MAY_BE_LINE = re.compile(rb"[A-Z-]{1,32}(?: [^\r\n]*\r?)?\Z")


class Reader(BodyWalk):
    """One side."""

    def __init__(
        self,
        side: Side,
        at: int,
        owner: Owner,
        begun: bool,
    ) -> None:
        super().__init__(side, at, owner, Reader._head if begun else Reader._search)
        self.is_unsure = not begun
        """Whether messages may have been passed over since the last one."""
        is_client = side == "client"
        self._line = REQUEST.match if is_client else STATUS.match
        self._plain = PLAIN_REQUEST.match if is_client else STATUS.match
        self._word = 1 if is_client else 2
        self._find = found_request if is_client else found_answer
        self._is_line_read = False  # the start line of the head that is not whole
        self._after: Step = Reader._head  # what doubt was about

    # --- gaps and ends ---

    def gap(self, size: int, time_ns: int) -> None:
        """Bytes that lack."""
        self._latest = time_ns
        while self._step is Reader._hold:
            self.release()
            self.go_on()
        if self._step is Reader._perhaps:
            self._step = self._after
            self.go_on()
        half, step = self.half, self._step
        if half is not None and step in (Reader._body, Reader._chunk):
            counted = min(size, self._left)
            half.lose(counted)
            self._left -= counted
            size -= counted
            if not self._left and step is Reader._body:
                half.end_ns = max(half.end_ns, time_ns)
                self._finish(half)
            elif not self._left:
                self._step = Reader._chunk_end
            if size:
                self._lost(size)
        elif half is not None and step is Reader._to_close:
            half.lose(size)
        elif step is not Walk.over:
            self._lost(size)

    def _lost(self, size: int) -> None:
        """Bytes lack that have no place in a body: the next head is searched."""
        self.interrupt()
        half = self.half or self._stray(0)
        self._drop(half)
        half.lose(size)
        self.is_unsure = True
        self._step = Reader._search

    def _drop(self, half: Half) -> None:
        """What is kept belongs to a message, and is not read."""
        self._seen = 0
        left = len(self.inbox)
        if left:
            half.size += left
            half.end_ns = max(half.end_ns, self.inbox.time_ns(left - 1))
            self.inbox.skip(left)
        half.end = max(half.end, self.inbox.at)

    def interrupt(self) -> None:
        """What was kept of a head, or while one was searched, is all that will be read of it."""
        size = len(self.inbox)
        if not size or self.half is not None:
            return
        if self._step is Reader._search:
            self._drop(self._stray(0))
        elif self._step is Reader._head:
            raw = bytes(self.inbox.data)
            line = self._line(raw)
            cut = raw[: raw.rfind(b"\n") + 1] if line else b""
            word = line[self._word] if line else b""
            half = Half(self.side, word, cut, self.inbox.at, self.inbox.time_ns())
            half.lacking, half.keeps = "the rest of its head", 0
            self.half = half
            self._drop(half)
            half.size = 0
            self._step, self._is_line_read = Reader._search, False
            self._begun(half, None)

    def close(self, time_ns: int) -> None:
        """This side sends no more."""
        self._latest = time_ns
        if self._step is Reader._hold or self._step is Walk.over:
            return
        if self._step is Reader._perhaps:
            self._step = self._after
        self.interrupt()
        half, step = self.half, self._step
        if half is None:
            return
        if step is not Reader._to_close and step is not Reader._search:
            half.lacking = half.lacking or self._unsent(half)
        self._drop(half)
        self._finish(half)

    def _unsent(self, half: Half) -> str:
        if half.framing[0] > 0:
            return f"{self._left:,} of {half.framing[0]:,} bytes of its body"
        return "the end of its body"

    def settle(self) -> None:
        """Of what is searched through, no more belongs to the message before."""
        if self._step is Reader._search and self.half is not None:
            self._drop(self.half)
            self._finish(self.half)
            self._step = Reader._search

    # --- what the owner has it do ---

    @property
    def is_between(self) -> bool:
        """Whether the next byte is the first one of a message."""
        return self._step is Reader._head and not self.inbox.data

    def passed(self, size: int, time_ns: int) -> int:
        """A whole message that was read elsewhere; where it begins."""
        self._latest = time_ns
        inbox = self.inbox
        at = inbox.at
        inbox.at = at + size
        return at

    def hold(self) -> None:
        """Read nothing further for now."""
        self._step = Reader._hold

    @property
    def is_held(self) -> bool:
        """Whether it waits for :meth:`release`."""
        return self._step is Reader._hold

    def release(self) -> None:
        """Read on."""
        if self._step is Reader._hold:
            self._step = Reader._head

    def doubt(self) -> None:
        """What comes next may be a new message: the body that was announced may be left out."""
        if self._step in (Reader._body, Reader._chunk_size) and self.half and not self.half.size:
            self._after, self._step = self._step, Reader._perhaps

    @property
    def begun_part(self) -> Part | None:
        """Where a head is that is not whole yet, or what is held."""
        size = len(self.inbox)
        return self.inbox.part(size) if size and self.half is None else None

    # --- the steps ---

    def _finish(self, half: Half) -> None:
        self.half = None
        half.is_whole = True
        self._seen = 0
        if self._step is not Walk.over:
            self._step = Reader._head
        self._ended(half)

    def _head(self, data: Bytes, at: int) -> int:
        now = self._now
        told: Framing | None = NONE
        # What has just come is tried as it nearly always is; what was kept has been tried.
        line = self._plain(data, at) if now is not None else None
        found = NEXT.search(data, line.end() - 1) if line is not None else None
        if found is not None and found.lastindex != 1:
            length, in_chunks = found.group(2, 3)
            told = (int(length), (), False) if length else IN_CHUNKS if in_chunks else None
            found = NEXT.search(data, found.end())
        if (
            line is None
            or found is None
            or told is None
            or found.lastindex != 1
            or found.end() - at > MOST_HEAD
        ):
            if data[at] in b"\r\n":  # empty lines before a message are left out (RFC 9112 2.2)
                return at + 1
            found = END.search(data, at + self._seen)
            if found is None or found.end() - at > MOST_HEAD:
                return self._no_head(data, at, found is not None)
            self._seen = 0
            self._is_line_read = False
            told = None
            line = self._line(data, at, found.end())
            if line is None:
                return self.stop(self._no_message(data[at : found.end()]))
        word, end = line[self._word], found.end()
        place = self.inbox.at
        head = data[at:end]
        if now is None or not isinstance(head, bytes):
            half = Half(self.side, word, bytes(head), place + at, self._time(at))
        else:
            half = Half(self.side, word, head, place + at, now)
        framing = self._begun(half, told)
        if framing is not NONE:
            half.framing = framing
            size = framing[0]
            if size > 0:
                body = data[end : end + size]
                if len(body) < size or not isinstance(body, bytes):
                    self.half, self._left, self._step = half, size, Reader._body
                    return self._reached(half, end)
                half.take(body, place + end)  # the rule: it came in one piece
                end += size
            elif size:
                self.half, self._step = half, _AFTER[size]
                return self._end(half, end) if size == SWITCH else self._reached(half, end)
        half.end = place + end
        half.end_ns = self._time(end - 1) if now is None else now
        half.is_whole = True
        self._ended(half)
        return end

    def _no_head(self, data: Bytes, at: int, is_found: bool) -> int:
        """The end of a head is not there, or too far away."""
        if not self._is_line_read:
            end = data.find(b"\n", at + self._seen) + 1
            line = bytes(data[at : end or at + 65])
            if self._line(line) is None if end else not _MAY_BEGIN[self.side].match(line):
                return self.stop(self._no_message(line))
            self._is_line_read = end > 0
        if is_found or len(data) - at > MOST_HEAD:
            return self.stop(f"a head of more than {MOST_HEAD:,} bytes")
        self._seen = max(len(data) - at - 2, 0)
        return -1

    def _no_message(self, line: Bytes) -> str:
        if line.startswith(PREFACE):
            return "HTTP/2 without TLS, with prior knowledge (h2c, RFC 9113 3.3), is not read"
        return f"no {'request' if self.side == 'client' else 'status'} line of HTTP/1.x"

    def _perhaps(self, data: Bytes, at: int) -> int:
        """Either the body, or the next message."""
        line = bytes(data[at : at + _MOST_DOUBT])
        end = line.find(b"\n") + 1
        if not end and len(line) < _MOST_DOUBT and _MAY_BE_LINE.match(line):
            return -1
        start = self._line(line) if end else None
        half = self.half
        assert half is not None
        self._step = self._after
        if start is not None and start[1] in _METHODS:
            half.lacking = "its body"
            self._finish(half)
        return at

    def _hold(self, data: Bytes, at: int) -> int:
        if len(data) - at > MOST_HEAD:  # the other side does not say what it makes of it
            self._step = Reader._head
            return at
        return -1

    def _search(self, data: Bytes, at: int) -> int:
        found = self._find(data, at + self._seen, at)
        keep = 0 if found >= 0 else min(len(data) - at, _AGAIN[self.side])
        end = found if found >= 0 else len(data) - keep
        self._seen = max(keep - _OVERLAP, 0)
        half = self.half
        if end > at:
            half = half or self._stray(at)
            half.size += end - at
            self._reached(half, end)
        if found < 0:
            return end if end > at else -1
        self._step = Reader._head
        if half is not None:
            self._finish(half)
        return end

    def _stray(self, at: int) -> Half:
        """Bytes whose message did not begin here."""
        time_ns = self._time(at) or self._latest
        half = Half(self.side, b"", b"", self.inbox.at + at, time_ns)
        half.lacking, half.keeps = "its beginning", 0
        self.half = half
        self._begun(half, None)
        return half


_AFTER: dict[int, Step] = {
    CHUNKED: Reader._chunk_size,
    CLOSE: Reader._to_close,
    UNKNOWN: Reader._search,
    SWITCH: Walk.over,
}
"""What follows a head."""

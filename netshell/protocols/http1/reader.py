"""Reads what one side of a conversation in HTTP/1.x sends: heads, bodies, and what is between.

RFC 9112. A :class:`Reader` walks through the bytes in steps; each step takes what it can and says
how far it came. What a head means for the body is decided by its owner, which knows the other
side, too: the length of an answer depends on what was asked.

Invariant: bytes are kept only while a line or a head is not whole, MOST_HEAD of them at most, or
while its owner has it hold. So the time is linear in the bytes, however they are cut.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable

from netshell.flow.sides import Side
from netshell.protocols.api import Part
from netshell.protocols.http1.framing import Framing, Kind
from netshell.protocols.http1.half import NO_START, Half
from netshell.protocols.http1.head import Headers, Start
from netshell.protocols.http1.searching import found_answer, found_request
from netshell.protocols.inbox import Inbox

MOST_HEAD = 1 << 16
MOST_LINE = 1 << 14
"""Bytes of a chunk's size with its extensions."""
PREFACE = b"PRI * HTTP/2.0\r\n"

_END = re.compile(rb"\n\r?\n")
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?\r?\n")
_AGAIN = {"client": 1 << 14, "server": 1 << 8}
"""Bytes before the end of what was searched that a search may need again: FARTHEST and a line."""
_OVERLAP = 1 << 8  # of them, those that are searched again
_MAY_BEGIN = {
    "client": re.compile(rb"[\w!#$%&'*+.^`|~-]{1,64}(?: |\Z)"),
    "server": re.compile(rb"HTTP/1\.|(?:H|HT|HTT|HTTP|HTTP/|HTTP/1)\Z"),
}

Bytes = bytes | bytearray
_Step = Callable[["Reader", Bytes, int], int]


class Owner(ABC):
    """Who decides what heads mean, and is told what is complete."""

    @abstractmethod
    def begun(self, half: Half) -> Framing:
        """A head is there. How its body ends."""

    @abstractmethod
    def ended(self, half: Half) -> None:
        """A message is whole, or nothing more of it will come."""

    @abstractmethod
    def stopped(self, reason: str) -> None:
        """A side says what cannot be read."""


class Reader:
    """One side. ``line`` reads the start line of its heads."""

    def __init__(
        self,
        side: Side,
        at: int,
        owner: Owner,
        line: Callable[[bytes], Start | None],
        begun: bool,
    ) -> None:
        self.side: Side = side
        self.half: Half | None = None
        """What is being read: from its head on, until it is whole."""
        self.is_unsure = not begun
        """Whether messages may have been passed over since the last one."""
        self.inbox = Inbox(side, at)
        self._owner, self._line = owner, line
        self._find = found_request if side == "client" else found_answer
        self._step: _Step = Reader._head if begun else Reader._search
        self._left = 0  # bytes of a body, or of a chunk
        self._seen = 0  # bytes of the inbox that were searched for an end in vain
        self._now: int | None = None  # when all that is looked at came; None: the inbox knows
        self._latest = 0
        self._is_line_read = False
        self._after: _Step = Reader._body

    # --- what comes ---

    def feed(self, data: bytes, time_ns: int) -> None:
        """Further bytes."""
        self._latest = time_ns
        inbox = self.inbox
        if inbox.data:
            inbox.add(data, time_ns)
            self.go_on()
            return
        self._now = time_ns
        at, end = 0, len(data)
        while at < end:
            came = self._step(self, data, at)
            if came < 0:
                break
            at = came
        self._now = None
        inbox.at += at
        if at < end:
            inbox.add(data[at:] if at else data, time_ns)

    def go_on(self) -> None:
        """Read what was kept."""
        inbox = self.inbox
        data = inbox.data
        while data:
            came = self._step(self, data, 0)
            if came < 0:
                break
            if came:
                inbox.skip(came)

    def gap(self, size: int, time_ns: int) -> None:
        """Bytes that lack."""
        self._latest = time_ns
        while self._step is Reader._hold:
            self._step = Reader._head
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
                self._end(half, 0)
            elif not self._left:
                self._step = Reader._chunk_end
            if size:
                self._lost(size)
        elif half is not None and step is Reader._to_close:
            half.lose(size)
        else:
            self._lost(size)

    def _lost(self, size: int) -> None:
        """Bytes lack that have no place in a body: the next head is searched."""
        if self._step is Reader._head:
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
        """Of the head that has begun, no more will be read: what is there begins a message."""
        size = len(self.inbox)
        if not size or self._step is not Reader._head:
            return
        raw = bytes(self.inbox.data)
        start = self._line(raw)
        cut = raw[: raw.rfind(b"\n") + 1] if start else b""
        half = Half(self.side, start or NO_START, cut, self.inbox.at, self.inbox.time_ns())
        half.lacking = "the rest of its head"
        half.end_ns = self.inbox.time_ns(size - 1)
        half.keeps = 0
        self.half = half
        self.inbox.skip(size)
        half.end = self.inbox.at
        self._seen, self._step, self._is_line_read = 0, Reader._search, False
        self._owner.begun(half)

    def close(self, time_ns: int) -> None:
        """This side sends no more."""
        self._latest = time_ns
        if self._step is Reader._hold or self._step is Reader._over:
            return
        if self._step is Reader._perhaps:
            self._step = self._after
        self.interrupt()
        half, step = self.half, self._step
        if half is None and step is Reader._search and self.inbox.data:
            half = self._stray(0)
        if half is None:
            return
        if step is not Reader._to_close and step is not Reader._search:
            half.lacking = half.lacking or self._unsent(half)
        self._drop(half)
        self._finish(half)

    def settle(self) -> None:
        """Of what is searched through, no more belongs to the message before."""
        if self._step is Reader._search and self.half is not None:
            self._drop(self.half)
            self._finish(self.half)
            self._step = Reader._search

    def _unsent(self, half: Half) -> str:
        if half.framing.kind == Kind.LENGTH:
            return f"{self._left:,} of {half.framing.length:,} bytes of its body"
        return "the end of its body"

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

    @property
    def begun_part(self) -> Part | None:
        """Where a head is that is not whole yet, or what is held."""
        size = len(self.inbox)
        is_between = self.half is None and self._step is not Reader._over
        return self.inbox.part(size) if size and is_between else None

    def so_far(self, half: Half) -> Part:
        """Where a message is that is not whole."""
        end = self.inbox.at + len(self.inbox)
        return Part(self.side, half.begin, end, half.time_ns, max(half.end_ns, self._latest))

    def doubt(self) -> None:
        """What comes next may be a new message: the body that was announced may be left out."""
        if self._step in (Reader._body, Reader._chunk_size) and self.half and not self.half.size:
            self._after, self._step = self._step, Reader._perhaps

    # --- times and places ---

    def _time(self, offset: int) -> int:
        return self._now if self._now is not None else self.inbox.time_ns(offset)

    def _end(self, half: Half, at: int) -> int:
        """A message ends before an offset of what is looked at."""
        half.end = self.inbox.at + at
        if at:
            half.end_ns = self._time(at - 1)
        else:
            half.end_ns = max(half.end_ns, self._latest)
        self._finish(half)
        return at

    def _finish(self, half: Half) -> None:
        self.half = None
        half.is_whole = True
        self._seen = 0
        if self._step is not Reader._over:
            self._step = Reader._head
        self._owner.ended(half)

    # --- the steps ---

    def _head(self, data: Bytes, at: int) -> int:
        if data[at] in b"\r\n":  # empty lines before a message are left out (RFC 9112 2.2)
            return at + 1
        found = _END.search(data, at + self._seen)
        if found is None or found.end() - at > MOST_HEAD:
            return self._no_head(data, at, found is not None)
        end = found.end()
        self._seen = 0
        self._is_line_read = False
        head = bytes(data[at:end])
        start = self._line(head)
        if start is None:
            return self._stop(_no_message(self.side, head))
        now = self._now
        half = Half(
            self.side, start, head, self.inbox.at + at, self._time(at) if now is None else now
        )
        half.end_ns = self._time(end - 1) if now is None else now
        self.half = half
        self._step = Reader._body  # unless the owner says otherwise
        framing = half.framing = self._owner.begun(half)
        kind = framing.kind
        if kind == Kind.NONE:
            return self._end(half, end)
        if kind == Kind.LENGTH:
            self._left = framing.length
        elif kind == Kind.SWITCH:
            self._step = Reader._over
            half.end = self.inbox.at + end
            self._finish(half)
            return end
        else:
            self._step = _AFTER[kind]
        half.end = self.inbox.at + end
        return end

    def _no_head(self, data: Bytes, at: int, is_found: bool) -> int:
        """The end of a head is not there, or too far away."""
        if not self._is_line_read:
            end = data.find(b"\n", at + self._seen) + 1
            line = bytes(data[at : end or at + 65])
            if self._line(line) is None if end else not _MAY_BEGIN[self.side].match(line):
                return self._stop(_no_message(self.side, line))
            self._is_line_read = end > 0
        if is_found or len(data) - at > MOST_HEAD:
            return self._stop(f"a head of more than {MOST_HEAD:,} bytes")
        self._seen = max(len(data) - at - 2, 0)
        return -1

    def _stop(self, reason: str) -> int:
        self._step = Reader._over
        self._owner.stopped(reason)
        return -1

    def _body(self, data: Bytes, at: int) -> int:
        half = self.half
        assert half is not None
        size = min(self._left, len(data) - at)
        half.keep(bytes(data[at : at + size]), self.inbox.at + at)
        self._left -= size
        return at + size if self._left else self._end(half, at + size)

    def _to_close(self, data: Bytes, at: int) -> int:
        half = self.half
        assert half is not None
        half.keep(bytes(data[at:]), self.inbox.at + at)
        half.end, half.end_ns = self.inbox.at + len(data), self._time(len(data) - 1)
        return len(data)

    def _chunk_size(self, data: Bytes, at: int) -> int:
        end = data.find(b"\n", at + self._seen) + 1
        if (end or len(data)) - at > MOST_LINE:
            return self._stop(f"a chunk's size of more than {MOST_LINE:,} bytes")
        if not end:
            self._seen = len(data) - at
            return -1
        self._seen = 0
        found = _CHUNK.match(data, at, end)
        if found is None:
            return self._stop("what should be the size of a chunk is no number")
        self._left = int(found[1], 16)
        self._step = Reader._chunk if self._left else Reader._trailers
        return end

    def _chunk(self, data: Bytes, at: int) -> int:
        half = self.half
        assert half is not None
        size = min(self._left, len(data) - at)
        half.keep(bytes(data[at : at + size]), self.inbox.at + at)
        self._left -= size
        if not self._left:
            self._step = Reader._chunk_end
        return at + size

    def _chunk_end(self, data: Bytes, at: int) -> int:
        size = 2 if data[at] == 0x0D else 1
        if len(data) - at < size:
            return -1
        if data[at + size - 1] != 0x0A:
            return self._stop("a chunk is longer than its size says")
        self._step = Reader._chunk_size
        return at + size

    def _trailers(self, data: Bytes, at: int) -> int:
        half = self.half
        assert half is not None
        size = 2 if data[at] == 0x0D else 1
        if len(data) - at < size:
            return -1
        if data[at + size - 1] == 0x0A:
            return self._end(half, at + size)
        found = _END.search(data, at + self._seen)
        if (len(data) if found is None else found.end()) - at > MOST_HEAD:
            return self._stop(f"trailers of more than {MOST_HEAD:,} bytes")
        if found is None:
            self._seen = max(len(data) - at - 2, 0)
            return -1
        # The fields of a head begin after a line.
        half.trailers = Headers(b"\n" + data[at : found.end()], self.inbox.at + at - 1)
        return self._end(half, found.end())

    def _perhaps(self, data: Bytes, at: int) -> int:
        """Either the body, or the next message."""
        line = bytes(data[at : at + MOST_LINE])
        end = line.find(b"\n") + 1
        start = self._line(line) if end else None
        if not end and len(line) < MOST_LINE and _may_be_line(line):
            return -1
        half = self.half
        assert half is not None
        self._step = self._after
        if start is not None:
            half.lacking = "its body"
            self._finish(half)
        return at

    def _hold(self, data: Bytes, at: int) -> int:
        if len(data) - at > MOST_HEAD:  # the other side does not say what it makes of it
            self._step = Reader._head
            return at
        return -1

    def _over(self, data: Bytes, at: int) -> int:
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
            half.end, half.end_ns = self.inbox.at + end, self._time(end - 1)
        if found < 0:
            return end if end > at else -1
        self._step = Reader._head
        if half is not None:
            self._finish(half)
        return end

    def _stray(self, at: int) -> Half:
        """Bytes whose message did not begin here."""
        time_ns = self._time(at) or self._latest
        half = Half(self.side, NO_START, b"", self.inbox.at + at, time_ns)
        half.lacking = "its beginning"
        self.half = half
        self._owner.begun(half)
        return half


_AFTER: dict[Kind, _Step] = {
    Kind.CHUNKED: Reader._chunk_size,
    Kind.CLOSE: Reader._to_close,
    Kind.UNKNOWN: Reader._search,
}
"""What follows a head."""


def _may_be_line(data: bytes) -> bool:
    """Whether a request line may begin so."""
    return re.match(rb"[A-Z-]{1,32}(?: [^\r\n]*\r?)?\Z", data) is not None


def _no_message(side: Side, data: bytes) -> str:
    if data.startswith(PREFACE):
        return "HTTP/2 without TLS, with prior knowledge (h2c, RFC 9113 3.3)"
    line = data.partition(b"\n")[0][:40].decode("latin-1").strip()
    return f"{line!r} is no {'request' if side == 'client' else 'status'} line of HTTP/1.x"

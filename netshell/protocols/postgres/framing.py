"""One side's messages found in what it sends: a byte for the kind, four for the length, the body.

A message that is longer than KEPT_BYTES is not buffered: its beginning is kept, the rest counted.
Where bytes lack inside of a message, its length still tells where the next one begins; where they
lack over an end, the next beginning is looked for (:mod:`.chain`).

Source: PostgreSQL documentation, 55.1.1 "Messaging Overview".
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from struct import Struct

from netshell.protocols.postgres.chain import begin_of_chain
from netshell.protocols.postgres.exchange import KEPT_BYTES

HEADER = Struct(">BI").unpack_from
_SEARCHED = 1 << 18
"""Bytes in which the next message is looked for."""

Handler = Callable[[bytes, int, int, int, int], None]
"""Takes a message's body, its begin and end in the stream, the times of its first and last byte."""


class _Long:
    """A message of which only the beginning is kept."""

    __slots__ = ("begin", "begin_ns", "kept", "kind", "lost", "missing", "size")

    def __init__(self, begin: int, begin_ns: int, data: bytes) -> None:
        self.kind, length = HEADER(data)
        self.begin, self.begin_ns = begin, begin_ns
        self.size = length + 1
        self.kept = bytearray(data[:KEPT_BYTES])
        self.missing = self.size - len(data)
        self.lost = 0  # bytes that lack


class Frames(ABC):
    """Fed with one side's bytes; calls :meth:`read` with whole messages."""

    is_client: bool

    def __init__(self, at: int, is_begun: bool) -> None:
        self.at = at
        """The place in the stream of the first byte that is not read."""
        self.why_stopped = ""
        self.cut = 0
        """While a handler runs: the bytes at the end of its message that are not there."""
        self.lost = 0
        """And how many of those lack."""
        self._left = bytearray()  # an unfinished message
        self._left_ns = 0  # when its first byte came
        self._need = 5
        self._long: _Long | None = None
        self._is_lost = False  # the next message's beginning is not known
        self._pieces: list[tuple[int, int]] = []  # then: the sizes of what was fed, and when
        self._searched = 0
        if not is_begun:
            self._lose()

    @property
    @abstractmethod
    def handlers(self) -> Mapping[int, Handler]:
        """What handles each kind of message."""

    @abstractmethod
    def torn(self, size: int, ns: int) -> None:
        """Bytes lack, and what was told in them: what comes next is not known to belong."""

    @property
    def rest(self) -> bytes:
        """What was fed and not read."""
        if self._long is not None:
            return bytes(self._long.kept)
        return bytes(self._left)

    @property
    def is_amid(self) -> bool:
        """Whether the next byte is in the midst of something, or not read."""
        return bool(self._left or self._long or self._is_lost or self.why_stopped)

    def feed(self, data: bytes, ns: int) -> None:
        """Further bytes."""
        if self.why_stopped:
            self._left += data
            return
        if self._is_lost:
            self._search(data, ns)
            return
        if self._long is not None:
            data = self._more(self._long, data, ns)
            if not data:
                return
        begin_ns = ns
        left = self._left
        if left:
            left += data
            if len(left) < self._need:
                return
            data, begin_ns = bytes(left), self._left_ns
            left.clear()
        while data:
            used = self.read(data, begin_ns, ns)
            self.at += used
            if used == len(data):
                return
            data = self._keep(data[used:] if used else data, ns if used else begin_ns, ns)
            begin_ns = ns

    def read(self, data: bytes, begin_ns: int, ns: int) -> int:
        """Read the whole messages that are there; how many bytes they are."""
        at, size, base = 0, len(data), self.at
        handlers = self.handlers
        while at + 5 <= size:
            kind, length = HEADER(data, at)
            end = at + 1 + length
            if end > size or not 4 <= length < KEPT_BYTES or kind not in handlers:
                break
            handlers[kind](data[at + 5 : end], base + at, base + end, begin_ns, ns)
            at, begin_ns = end, ns
        return at

    def _keep(self, rest: bytes, begin_ns: int, ns: int) -> bytes:
        """What remains of a piece: an unfinished message, or a long one, or none at all. What
        follows a long one."""
        self._left_ns, self._need = begin_ns, 5
        if len(rest) >= 5:
            kind, length = HEADER(rest)
            if length < 4 or kind not in self.handlers:
                side = "client" if self.is_client else "server"
                self.stop(f"the {side} sent 0x{kind:02x} where a message begins", rest)
                return b""
            self._need = length + 1
            if self._need > KEPT_BYTES:
                self._long = _Long(self.at, begin_ns, rest[:5])
                self.at += 5
                return self._more(self._long, rest[5:], ns) if len(rest) > 5 else b""
        self._left += rest
        return b""

    def stop(self, why: str, rest: bytes = b"") -> None:
        """Read no further."""
        self.why_stopped = why
        self._left += rest

    def _more(self, long: _Long, data: bytes, ns: int) -> bytes:
        """More of a long message; what follows it."""
        taken = data[: long.missing]
        if len(long.kept) < KEPT_BYTES and not long.lost:
            long.kept += taken[: KEPT_BYTES - len(long.kept)]
        long.missing -= len(taken)
        self.at += len(taken)
        if not long.missing:
            self._end_long(long, ns)
        return data[len(taken) :]

    def _end_long(self, long: _Long, ns: int) -> None:
        self._long = None
        self.cut, self.lost = long.size - len(long.kept), long.lost
        body = bytes(long.kept[5:])
        self.handlers[long.kind](body, long.begin, self.at, long.begin_ns, ns)
        self.cut = self.lost = 0

    # --- what lacks ---

    def gap(self, size: int, ns: int) -> None:
        """Bytes lack."""
        if self.why_stopped:
            return
        if self._long is None and len(self._left) >= 5 and not self._is_lost:
            self._long = _Long(self.at, self._left_ns, bytes(self._left))
            self.at += len(self._left)
            self._left.clear()
        long = self._long
        within = 0
        if long is not None:
            within = min(size, long.missing)
            long.missing -= within
            long.lost += within
            if long.missing:
                return
            self._end_long(long, ns)
        if size > within:
            self.torn(size - within, ns)
            self._lose()

    def _lose(self) -> None:
        self.at += len(self._left)
        self._left.clear()
        self._pieces.clear()
        self._is_lost = True
        self._searched, self._need = 0, 4

    def _search(self, data: bytes, ns: int) -> None:
        """Look for the beginning of a message."""
        left = self._left
        left += data
        self._pieces.append((len(data), ns))
        if len(left) < self._need:
            return
        place, need = begin_of_chain(bytes(left), self.is_client)
        self._drop(place)
        if need:
            self._need = need - place
            self._searched += place
            if self._searched > _SEARCHED:
                self.stop("bytes lack, and no message was found after them")
            return
        whole, pieces = bytes(left), self._pieces[:]
        self._left.clear()
        self._pieces.clear()
        self._is_lost, self._need = False, 5
        at = 0
        for size, time_ns in pieces:
            self.feed(whole[at : at + size], time_ns)
            at += size

    def _drop(self, size: int) -> None:
        """Let go of what is no message's beginning."""
        del self._left[:size]
        self.at += size
        while size and self._pieces:
            first, time_ns = self._pieces[0]
            if first > size:
                self._pieces[0] = (first - size, time_ns)
                return
            size -= first
            self._pieces.pop(0)

"""One side's part of an exchange: a request, or an answer, as far as it has been read."""

from __future__ import annotations

from collections.abc import Sequence

from netshell.flow.sides import Side
from netshell.protocols.api import Part
from netshell.protocols.http1.body import KEPT, NO_BODY, Body
from netshell.protocols.http1.framing import NONE, Framing
from netshell.protocols.http1.head import NO_HEADERS, Headers


class Half:
    """What a reader is at. Places are those in the side's stream, and count no gaps."""

    # Most halves are plain, and there are many: what they all have is said once.
    framing: Framing = NONE
    size = 0
    """Bytes of the body, those that lack (``lost``) too."""
    lost = 0
    whole = b""
    """The body that came in one piece, from ``place`` on."""
    place = 0
    kept: Sequence[bytes] = ()
    kept_size = 0
    keeps = KEPT
    """Bytes of the body that may be kept yet."""
    runs: Sequence[tuple[int, int]] = ()
    trailers = NO_HEADERS
    lacking = ""
    is_whole = False
    """Whether it is over: what lacks by now will not come."""

    def __init__(self, side: Side, word: bytes, head: bytes, begin: int, time_ns: int) -> None:
        self.side: Side = side
        self.word = word
        """The method, or the status; empty where the start line was not seen."""
        self.head = head
        self.begin = self.end = begin
        self.time_ns = self.end_ns = time_ns

    def keep(self, data: bytes, place: int) -> None:
        """Further bytes of the body, which come from a place."""
        self.size += len(data)
        if self.keeps <= 0:
            return
        if len(data) > self.keeps:
            data = data[: self.keeps]
        self.keeps -= len(data)
        kept, runs = self.kept, self.runs
        if not isinstance(kept, list) or not isinstance(runs, list):
            kept = self.kept = [*kept]
            runs = self.runs = [*runs]
        if not runs or self.kept_size - runs[-1][0] != place - runs[-1][1]:
            runs.append((self.kept_size, place))
        kept.append(data)
        self.kept_size += len(data)

    def take(self, body: bytes, place: int) -> None:
        """All of the body, in one piece."""
        size = self.size = len(body)
        if size > self.keeps:
            size, body = self.keeps, body[: self.keeps]
        if size:
            self.kept_size = size
            self.whole, self.place = body, place

    def lose(self, size: int) -> None:
        """Bytes of the body that lack: what comes after them is counted only."""
        self.size += size
        self.lost += size
        self.keeps = 0

    @property
    def headers(self) -> Headers:
        """The fields of its head."""
        return Headers(self.head, self.begin) if self.head else NO_HEADERS

    @property
    def body(self) -> Body:
        """The body, as far as it is there."""
        if not self.size and self.trailers is NO_HEADERS:
            return NO_BODY
        if self.whole:
            return Body(self.headers, self.size, self.whole, ((0, self.place),), self.trailers)
        kept = self.kept[0] if len(self.kept) == 1 else b"".join(self.kept)
        return Body(self.headers, self.size, kept, tuple(self.runs), self.trailers)

    @property
    def part(self) -> Part:
        """Where it is."""
        place = self.side, self.begin, self.end, self.time_ns, self.end_ns
        return tuple.__new__(Part, place)  # as Part(*place), in half the time

    @property
    def unsound(self) -> str:
        """What lacks, in words that follow "request" or "answer"; empty if it is all there."""
        told = [self.lacking] if self.lacking else []
        told += [f"{self.lost:,} byte{'' if self.lost == 1 else 's'}"] if self.lost else []
        if told:
            return f"lacks {' and '.join(told)}"
        return "" if self.is_whole else "is not whole yet"

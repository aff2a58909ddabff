"""One side's part of an exchange: a request, or an answer, as far as it has been read."""

from __future__ import annotations

from netshell.flow.sides import Side
from netshell.protocols.api import Part
from netshell.protocols.http1.body import KEPT, NO_BODY, Body
from netshell.protocols.http1.framing import NONE, Framing
from netshell.protocols.http1.head import NO_HEADERS, Headers, Start

NO_START = Start("", "", "", 0, "")


class Half:
    """What a reader is at. Places are those in the side's stream, and count no gaps."""

    __slots__ = (
        "begin", "end", "end_ns", "framing", "headers", "is_whole", "keeps", "kept", "kept_size",
        "lacking", "lost", "runs", "side", "size", "start", "time_ns", "trailers",
    )  # fmt: skip

    def __init__(self, side: Side, start: Start, head: bytes, begin: int, time_ns: int) -> None:
        self.side: Side = side
        self.start = start
        self.headers = Headers(head, begin) if head else NO_HEADERS
        self.begin = self.end = begin
        self.time_ns = self.end_ns = time_ns
        self.framing: Framing = NONE
        self.size = 0
        """Bytes of the body, those that lack (``lost``) too."""
        self.lost = 0
        self.kept: list[bytes] = []
        self.kept_size = 0
        self.keeps = KEPT
        """Bytes of the body that may be kept yet."""
        self.runs: list[tuple[int, int]] = []
        self.trailers = NO_HEADERS
        self.lacking = ""
        self.is_whole = False
        """Whether it is over: what lacks by now will not come."""

    def keep(self, data: bytes, place: int) -> None:
        """Further bytes of the body, which come from a place."""
        self.size += len(data)
        if self.keeps <= 0:
            return
        if len(data) > self.keeps:
            data = data[: self.keeps]
        self.keeps -= len(data)
        runs = self.runs
        if not runs or self.kept_size - runs[-1][0] != place - runs[-1][1]:
            runs.append((self.kept_size, place))
        self.kept.append(data)
        self.kept_size += len(data)

    def lose(self, size: int) -> None:
        """Bytes of the body that lack: what comes after them is counted only."""
        self.size += size
        self.lost += size
        self.keeps = 0

    @property
    def body(self) -> Body:
        """The body, as far as it is there."""
        if not self.size and self.trailers is NO_HEADERS:
            return NO_BODY
        kept = self.kept[0] if len(self.kept) == 1 else b"".join(self.kept)
        return Body(self.headers, self.size, kept, tuple(self.runs), self.trailers)

    @property
    def part(self) -> Part:
        """Where it is."""
        return Part(self.side, self.begin, self.end, self.time_ns, self.end_ns)

    @property
    def is_sound(self) -> bool:
        """Whether nothing of it lacks."""
        return self.is_whole and not self.lost and not self.lacking

    @property
    def unsound(self) -> str:
        """What lacks, in words."""
        told = [self.lacking] if self.lacking else []
        told += [f"{self.lost:,} byte{'' if self.lost == 1 else 's'}"] if self.lost else []
        text = f"{', '.join(told)} lack{'s' if len(told) == 1 and self.lost < 2 else ''}"
        return text if told else "not whole yet"

"""What one side sent and its decoder has not read yet, with the time of every byte."""

from __future__ import annotations

from collections import deque

from netshell.flow.sides import Side
from netshell.protocols.api import Part


class Inbox:
    """Bytes that come at the end and are read from the beginning.

    >>> inbox = Inbox("client")
    >>> inbox.add(b"GET", 5)
    >>> inbox.add(b" /", 7)
    >>> inbox.part(5), inbox.take(5)
    (Part(side='client', begin=0, end=5, time_ns=5, end_ns=7), b'GET /')
    """

    __slots__ = ("_marks", "at", "data", "side")

    def __init__(self, side: Side, at: int = 0) -> None:
        self.side: Side = side
        self.at = at
        """The place of the first unread byte in the side's stream."""
        self.data = bytearray()
        """What is unread: to be looked at, not to be changed."""
        self._marks: deque[tuple[int, int]] = deque()  # where what came at a time ends

    def __len__(self) -> int:
        return len(self.data)

    def add(self, data: bytes, time_ns: int) -> None:
        """Bytes that can be read from a time on."""
        self.data += data
        self._marks.append((self.at + len(self.data), time_ns))

    def time_ns(self, offset: int = 0) -> int:
        """When the byte at an offset of ``data`` could be read; of none, 0."""
        place = self.at + offset
        for end, time_ns in self._marks:
            if end > place:
                return time_ns
        return 0

    @property
    def together(self) -> int:
        """How many of the next bytes came at the same time; 0 if there are none."""
        return self._marks[0][0] - self.at if self._marks else 0

    def part(self, size: int) -> Part:
        """Where the next ``size`` bytes, from 1 on, are."""
        return Part(
            self.side, self.at, self.at + size, self.time_ns(), self.time_ns(max(size - 1, 0))
        )

    def take(self, size: int) -> bytes:
        """The next ``size`` bytes, read now."""
        taken = bytes(self.data[:size])
        self.skip(size)
        return taken

    def skip(self, size: int) -> None:
        """Read ``size`` bytes without looking at them."""
        del self.data[:size]
        self.at += size
        marks = self._marks
        while marks and marks[0][0] <= self.at:
            marks.popleft()

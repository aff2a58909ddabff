"""One side of a TLS connection, cut into records; what is only counted is not kept.

The places where records begin are known from the first one on, as long as nothing lacks; behind a
gap that is longer than its record they are searched for.
"""

from __future__ import annotations

from typing import NamedTuple

from netshell.flow.sides import Side
from netshell.protocols.api import Part
from netshell.protocols.inbox import Inbox
from netshell.protocols.tls.records import DATA, HEADER, MOST_RECORD, Search, is_header

MOST_MESSAGE = 1 << 17
"""Bytes of a handshake message at most: longer ones are passed over."""
MOST = MOST_MESSAGE + 4 * MOST_RECORD
_MOST_SEARCHED = 2 * MOST_RECORD  # bytes kept while searching, before those of no use are let go


class Record(NamedTuple):
    """One record; of data, and of one in which bytes lack, only where it was."""

    kind: int
    size: int  # bytes of its content
    whole: bytes  # with its header; empty where it was not kept
    part: Part


class Half:
    """What one side sent."""

    def __init__(self, side: Side, at: int, begun: bool) -> None:
        self.side: Side = side
        self.inbox = Inbox(side, at)
        self.is_lost = not begun  # where records begin is not known
        self.is_torn = not begun  # where handshake messages do
        self.is_changed = False  # it has sent a ChangeCipherSpec
        self.is_closed = False
        self.talk = bytearray()  # of handshake messages, what is not complete
        self.dropping = 0  # bytes of one that is too long
        self.broken = ""  # why what should be a record is none
        self.unread = 0  # bytes passed over in the search for a record
        self._search = Search()
        # The record that is passed over.
        self.kind = 0
        self._size = self._left = 0
        self._begun = (at, 0)
        self._end_ns = 0
        # What was counted.
        self.records = self.octets = self.lacks = 0
        self.first: tuple[int, int] | None = None  # place and time
        self.last = (at, 0)

    @property
    def is_smooth(self) -> bool:
        """Whether :meth:`count` can take what comes next."""
        return not (self.is_lost or self.inbox.data) and self.kind in (0, DATA)

    def count(self, data: bytes, time_ns: int) -> int:
        """Count records of data, and return how many bytes of ``data`` they are.

        For a side that is smooth: nothing but headers is looked at.
        """
        size, place = len(data), self.inbox.at
        at = self._left
        if at > size:
            self._left -= size
            self._end_ns = time_ns
            self.inbox.at += size
            return size
        if self.kind:
            self._counted(place + at, time_ns if at else self._end_ns)
        self.kind = self._left = 0
        while at + HEADER <= size and data[at] == DATA and is_header(data, at):
            self._begun = place + at, time_ns
            self._size = data[at + 3] << 8 | data[at + 4]
            at += HEADER + self._size
            if at > size:
                self.kind, self._left, self._end_ns = DATA, at - size, time_ns
                at = size
                break
            self._counted(place + at, time_ns)
        self.inbox.at += at
        return at

    def _counted(self, end: int, end_ns: int) -> None:
        if self.first is None:
            self.first = self._begun
        self.records += 1
        self.octets += self._size
        self.last = end, end_ns

    def add(self, record: Record) -> None:
        """Count a record of data that was read."""
        part = record.part
        if self.first is None:
            self.first = part.begin, part.time_ns
        self._size = record.size
        self._counted(part.end, part.end_ns)

    def part(self) -> Part | None:
        """Where what was counted is, also the beginning of a record that goes on."""
        if self.kind == DATA:
            begin, time_ns = self.first or self._begun
            return Part(self.side, begin, self.inbox.at, time_ns, self._end_ns)
        if self.first is None:
            return None
        return Part(self.side, self.first[0], self.last[0], self.first[1], self.last[1])

    def reset(self) -> None:
        """Count anew."""
        self.records = self.octets = self.lacks = self.unread = 0
        self.first = None

    def read(self) -> Record | None:
        """The next record that is complete; None if there is none, or if it is ``broken``."""
        inbox = self.inbox
        data = inbox.data
        if not self.kind:
            if (self.is_lost and not self._found()) or len(data) < HEADER:
                return None
            if not is_header(data):
                self.broken = f"no TLS record at byte {inbox.at:,} of the {self.side}'s"
                return None
            size = data[3] << 8 | data[4]
            if data[0] != DATA:
                if len(data) < HEADER + size:
                    return None
                part = inbox.part(HEADER + size)
                return Record(data[0], size, inbox.take(HEADER + size), part)
            self._pass(DATA, size, HEADER)
        taken = min(self._left, len(data))
        if taken:
            self._end_ns = inbox.time_ns(taken - 1)
            self._left -= taken
            inbox.skip(taken)
        if self._left:
            return None
        kind, self.kind = self.kind, 0
        begin, time_ns = self._begun
        return Record(
            kind, self._size, b"", Part(self.side, begin, inbox.at, time_ns, self._end_ns)
        )

    def _pass(self, kind: int, size: int, taken: int) -> None:
        """Pass over the record that begins here, of which some bytes are there."""
        inbox = self.inbox
        self.kind, self._size, self._left = kind, size, HEADER + size - taken
        self._begun = inbox.at, inbox.time_ns()
        self._end_ns = inbox.time_ns(taken - 1)
        inbox.skip(taken)

    # --- gaps ---

    def gap(self, size: int) -> None:
        """Bytes lack: within a record, the place of the next one is still known."""
        inbox = self.inbox
        data = inbox.data
        if self.kind and size <= self._left:
            self._left -= size
            return
        if not (self.kind or self.is_lost) and len(data) >= HEADER and is_header(data):
            length = data[3] << 8 | data[4]
            if size <= HEADER + length - len(data):
                self._pass(data[0], length, len(data))
                self._left -= size
                self._tear()
                return
        self._tear()
        self.unread += len(inbox)
        inbox.skip(len(inbox))
        self.is_lost, self.kind, self._left = True, 0, 0
        self._search = Search()

    def _tear(self) -> None:
        self.is_torn = True
        self.talk.clear()
        self.dropping = 0

    def _found(self) -> bool:
        inbox = self.inbox
        place = self._search.find(inbox.data)
        if place is None:
            if len(inbox) > _MOST_SEARCHED:
                useless = self._search.useless()
                self._search.drop(useless)
                inbox.skip(useless)
                self.unread += useless
            return False
        inbox.skip(place)
        self.unread += place
        self.is_lost = False
        return True

"""MySQL's packets: four bytes of size and number, then what is said.

What is larger than 16,777,214 bytes goes on in a further packet: it is one :class:`Packet` here.
Of a large one the first KEPT bytes are there, the others are only counted. Source: the MySQL Source
Code Documentation, "MySQL Packets".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from netshell.flow.sides import Side
from netshell.protocols.api import Part
from netshell.protocols.inbox import Inbox

HEAD = 4
LARGEST = 0xFFFFFF
"""The size that says: it goes on in the next packet."""
KEPT = 1 << 18
"""Bytes of one packet that are kept."""
BATCH = 8
"""Packets that are read ahead."""
_LAST_SHORT_ROW = 0xFE  # first bytes from here on may be something else than a row


class Packet(NamedTuple):
    """One packet, whole."""

    side: Side
    number: int  # 0 to 255: it tells which packet of a command this is
    data: bytes  # what is in it, or the first KEPT bytes of that
    size: int  # all of it
    begin: int  # in the side's stream, header included
    end: int
    time_ns: int
    end_ns: int
    lacking: int = 0  # bytes of it that were not captured; ``data`` ends before them
    last: int = 0  # the number of the packet that it ends with: more than one where it is large

    @property
    def part(self) -> Part:
        """Where it was."""
        return Part(self.side, self.begin, self.end, self.time_ns, self.end_ns)

    @property
    def is_cut(self) -> bool:
        """Whether ``data`` is only its beginning."""
        return len(self.data) < self.size


class Packets:
    """One side's bytes, as packets.

    >>> packets = Packets("client")
    >>> packets.add(b"\\x01\\x00\\x00\\x00\\x0e", 5)
    >>> packets.look()[0].data, packets.drop(1), packets.look()
    (b'\\x0e', None, [])
    """

    def __init__(self, side: Side, at: int = 0, box: Inbox | None = None) -> None:
        """``box``: what is there already; it is used from here on."""
        self.side = side
        self._box = Inbox(side, at) if box is None else box
        self._found: list[Packet] = []  # read ahead, up to BATCH
        self._ends: list[int] = []  # where each of them ends in the box
        self._done = 0  # bytes of the box that dropped ones took
        self._long: _Long | None = None  # what is read piece by piece

    def add(self, data: bytes, time_ns: int) -> None:
        """Bytes that can be read from a time on."""
        self._box.add(data, time_ns)

    def look(self) -> Sequence[Packet]:
        """The next packets, as far as they are there and not more than BATCH; they stay until
        :meth:`drop`."""
        self._settle()
        self._read_ahead()
        return self._found

    def drop(self, count: int) -> None:
        """So many of them are read."""
        if count:
            self._done = self._ends[count - 1]

    def _settle(self) -> None:
        """Let go of what is dropped, and forget what was read ahead of that."""
        if self._done:
            self._box.skip(self._done)
            self._done = 0
        self._found = []

    def _read_ahead(self) -> None:
        """Find the next packets. A long one stands alone, and is out of the box by then."""
        box = self._box
        data = box.data
        here = len(data)
        if self._long is None:
            if here < HEAD:
                return
            size = data[0] | data[1] << 8 | data[2] << 16
            if here < HEAD + size <= HEAD + KEPT:
                return
            begin, there, side = 0, box.at, self.side
            found, ends = self._found, self._ends
            ends.clear()
            time_ns = box.time_ns()
            # Mostly all came at once.
            is_one = time_ns == box.time_ns(here - 1)
            while here - begin >= HEAD and len(found) < BATCH:
                size = data[begin] | data[begin + 1] << 8 | data[begin + 2] << 16
                end = begin + HEAD + size
                if size > KEPT:
                    if not found:
                        self._long = _Long(data[begin + 3], there, time_ns)
                    break
                if end > here:
                    break
                number = data[begin + 3]
                first = time_ns if is_one else box.time_ns(begin)
                last = time_ns if is_one else box.time_ns(end - 1)
                found.append(
                    Packet(
                        side, number, bytes(data[begin + HEAD : end]), size, there + begin,
                        there + end, first, last, 0, number,
                    )
                )  # fmt: skip
                ends.append(end)
                begin = end
        if self._long is not None:
            packet = self._go_on(self._long)
            if packet is not None:
                self._found, self._ends = [packet], [0]

    def _go_on(self, long: _Long) -> Packet | None:
        box = self._box
        while True:
            if long.left == 0:
                if not long.goes_on:
                    self._long = None
                    return Packet(
                        self.side, long.number, bytes(long.kept), long.size, long.begin, box.at,
                        long.time_ns, long.end_ns, long.lacking, long.last,
                    )  # fmt: skip
                if len(box) < HEAD:
                    return None
                long.end_ns = box.time_ns(HEAD - 1)
                head = box.take(HEAD)
                long.left = int.from_bytes(head[:3], "little")
                long.goes_on = long.left == LARGEST
                long.size += long.left
                long.last = head[3]
                continue
            size = min(long.left, len(box))
            if not size:
                return None
            if not long.lacking:
                long.kept += box.data[: min(size, KEPT - len(long.kept))]
            long.end_ns = box.time_ns(size - 1)
            box.skip(size)
            long.left -= size

    def gap(self, size: int) -> bool:
        """Bytes lack here. True if they were in the midst of a packet, which then goes on."""
        self._settle()
        box = self._box
        if self._long is None:
            if len(box) < HEAD:
                return False
            data = box.data
            whole = data[0] | data[1] << 8 | data[2] << 16
            if size > HEAD + whole - len(box):
                return False
            long = _Long(data[3], box.at, box.time_ns())
            self._go_on_from(long)
        if self._long is None or size > self._long.left:
            return False
        self._long.left -= size
        self._long.lacking += size
        return True

    def _go_on_from(self, long: _Long) -> None:
        self._long = long
        found = self._go_on(long)
        assert found is None, "a whole packet was left unread"

    def rows(self, number: int) -> tuple[int, int, int]:
        """Pass over rows that are there, the first one numbered so: how many, and where the last
        one ends, and when."""
        self._settle()
        data = self._box.data
        at, count, stop = 0, 0, len(data) - HEAD
        if self._long is not None:
            return 0, 0, 0
        while at < stop:
            size = data[at] | data[at + 1] << 8 | data[at + 2] << 16
            if (
                data[at + HEAD] >= _LAST_SHORT_ROW
                or data[at + 3] != number
                or not 0 < size <= KEPT
                or at + size > stop
            ):
                break
            at += HEAD + size
            count += 1
            number = number + 1 & 0xFF
        if not count:
            return 0, 0, 0
        end_ns = self._box.time_ns(at - 1)
        self._box.skip(at)
        return count, self._box.at, end_ns

    def begun(self) -> Packet | None:
        """What is there of a packet that is not complete, once all others are read."""
        self._settle()
        box, long = self._box, self._long
        if long is not None:
            return Packet(
                self.side, long.number, bytes(long.kept), long.size, long.begin, box.at,
                long.time_ns, long.end_ns, long.lacking + long.left, long.last,
            )  # fmt: skip
        if len(box) <= HEAD:
            return None
        data = box.data
        size = data[0] | data[1] << 8 | data[2] << 16
        return Packet(
            self.side, data[3], bytes(data[HEAD : HEAD + size]), size, box.at, box.at + len(box),
            box.time_ns(), box.time_ns(len(box) - 1), HEAD + size - len(box), data[3],
        )  # fmt: skip

    def rest(self) -> bytes:
        """What is not read."""
        return bytes(self._box.data[self._done :])

    @property
    def at(self) -> int:
        """The place of the first byte that is not read."""
        return self._box.at + self._done


class _Long:
    """A packet that is read piece by piece."""

    __slots__ = (
        "begin", "end_ns", "goes_on", "kept", "lacking", "last", "left", "number", "size",
        "time_ns",
    )  # fmt: skip

    def __init__(self, number: int, begin: int, time_ns: int) -> None:
        self.number = self.last = number
        self.begin, self.time_ns, self.end_ns = begin, time_ns, time_ns
        self.kept = bytearray()
        self.size = self.left = self.lacking = 0
        self.goes_on = True  # its first header is still in the box

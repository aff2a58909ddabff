"""Which packet carried which bytes of one side's stream, and when they could be read."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator

_MANY = 1 << 12  # pieces: fewer are not worth forgetting


class Carried:
    """The pieces in which a side's bytes came, end to end.

    >>> carried = Carried()
    >>> carried.add(10, 5, 0); carried.add(4, 7, 3)
    >>> carried.packets(8, 12), list(carried.cut(8, b"efghij"))
    ([0, 3], [(5, 0, b'ef'), (7, 3, b'ghij')])
    """

    __slots__ = ("_ends", "_packets", "_times", "size")

    def __init__(self) -> None:
        self.size = 0
        """Bytes up to now."""
        self._ends, self._packets, self._times = array("q"), array("q"), array("q")

    @property
    def time_ns(self) -> int:
        """When the last byte could be read, 0 without one."""
        return self._times[-1] if self._times else 0

    def add(self, size: int, time_ns: int, packet: int) -> None:
        """The next bytes, from 1 on."""
        self.size += size
        self._ends.append(self.size)
        self._packets.append(packet)
        self._times.append(time_ns)

    def packets(self, begin: int, end: int) -> list[int]:
        """The packets that bytes ``begin`` to ``end`` came in, as far as they are remembered."""
        first = bisect_right(self._ends, begin)
        last = bisect_right(self._ends, max(end - 1, begin))
        return self._packets[first : last + 1].tolist()

    def cut(self, begin: int, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Time, packet and bytes of each piece that ``data``, from place ``begin`` on, came in."""
        at, end = begin, begin + len(data)
        for place in range(bisect_right(self._ends, begin), len(self._ends)):
            until = min(self._ends[place], end)
            yield self._times[place], self._packets[place], data[at - begin : until - begin]
            at = until
            if at >= end:
                return
        if at < end:  # none of it is remembered
            yield 0, -1, data[at - begin :]

    def forget(self, packet: int) -> None:
        """Let go of the pieces before a packet: they cannot be looked at any more."""
        if len(self._packets) < _MANY:
            return
        count = 0
        # Packets are nearly in order: what came late goes a little later.
        while count < len(self._packets) and self._packets[count] < packet:
            count += 1
        if count >= _MANY // 2:
            del self._ends[:count], self._packets[:count], self._times[:count]

    def clear(self) -> None:
        """Remember none of them; the places stay."""
        del self._ends[:], self._packets[:], self._times[:]

"""Which packet carried which bytes of one side's stream, and when they could be read."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from struct import Struct

_PIECE = Struct("=qqq")
"""A piece: where it ends in the stream, its time, its packet. All of a stream are in one place:
they are many, and seldom looked at."""
_pack, _unpack, _SIZE, _FIELDS = _PIECE.pack, _PIECE.unpack_from, _PIECE.size, 3
_MANY = 1 << 12  # pieces: fewer are not worth forgetting


class Carried:
    """The pieces in which a side's bytes came, end to end.

    >>> carried = Carried()
    >>> carried.add(10, 5, 0); carried.add(4, 7, 3)
    >>> carried.packets(8, 12), list(carried.cut(8, b"efghij"))
    ([0, 3], [(5, 0, b'ef'), (7, 3, b'ghij')])
    """

    __slots__ = ("_pieces", "size")

    def __init__(self) -> None:
        self.size = 0
        """Bytes up to now."""
        self._pieces = bytearray()

    @property
    def time_ns(self) -> int:
        """When the last byte could be read, 0 without one."""
        return self._piece(self._count - 1)[1] if self._pieces else 0

    def add(self, size: int, time_ns: int, packet: int) -> None:
        """The next bytes, from 1 on."""
        self.size += size
        self._pieces += _pack(self.size, time_ns, packet)

    @property
    def _count(self) -> int:
        return len(self._pieces) // _SIZE

    def _piece(self, place: int) -> tuple[int, int, int]:
        end, time_ns, packet = _unpack(self._pieces, place * _SIZE)
        return end, time_ns, packet

    def _with(self, begin: int) -> int:
        """The place of the piece that a byte of the stream is in."""
        with memoryview(self._pieces).cast("q") as numbers, numbers[::_FIELDS] as ends:
            return bisect_right(ends, begin)

    def packets(self, begin: int, end: int) -> list[int]:
        """The packets that bytes ``begin`` to ``end`` came in, as far as they are remembered."""
        first, count = self._with(begin), self._count
        if first == count:
            return []
        last = first if self._piece(first)[0] >= end else self._with(end - 1)
        return [self._piece(at)[2] for at in range(first, min(last + 1, count))]

    def cut(self, begin: int, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Time, packet and bytes of each piece that ``data``, from place ``begin`` on, came in."""
        at, end = begin, begin + len(data)
        for place in range(self._with(begin), self._count):
            last, time_ns, packet = self._piece(place)
            until = min(last, end)
            yield time_ns, packet, data[at - begin : until - begin]
            at = until
            if at >= end:
                return
        if at < end:  # none of it is remembered
            yield 0, -1, data[at - begin :]

    def forget(self, packet: int) -> None:
        """Let go of the pieces before a packet: they cannot be looked at any more."""
        size = self._count
        if size < _MANY:
            return
        count = 0
        # Packets are nearly in order: what came late goes a little later.
        while count < size and self._piece(count)[2] < packet:
            count += 1
        if count >= _MANY // 2:
            del self._pieces[: count * _SIZE]

    def clear(self) -> None:
        """Remember none of them; the places stay."""
        self._pieces.clear()

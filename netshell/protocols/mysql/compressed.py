"""The packets of a connection that compresses: in other packets, cut anywhere.

One unpacks to at most 16 MiB, as its header says beforehand; it is unpacked in slices, as far as it
is read. Where something was is told in whole compressed packets. Source: the MySQL Source Code
Documentation, "Compressed Packet".
"""

from __future__ import annotations

from collections import deque
from typing import Any

from netshell.flow.sides import Side
from netshell.protocols.api import Part
from netshell.protocols.inbox import Inbox
from netshell.protocols.mysql.framing import Packet, Packets
from netshell.protocols.mysql.wire import Malformed

OUTER_HEAD = 7
_SLICE = 1 << 16


class CompressedPackets(Packets):
    """One side's bytes, as packets, where they are in compressed ones."""

    def __init__(self, side: Side, at: int = 0, box: Inbox | None = None) -> None:
        super().__init__(side)
        self._outer = Inbox(side, at) if box is None else box
        self._pieces: deque[tuple[int, Part]] = deque()  # where each ends inside, and was outside
        self._filled = 0  # bytes that were unpacked up to now
        self._unpacker: Any = None
        self._packed = b""  # what it has not seen
        self._due = 0  # bytes that are still to come out

    def add(self, data: bytes, time_ns: int) -> None:
        self._outer.add(data, time_ns)

    def _read_ahead(self) -> None:
        while True:
            super()._read_ahead()
            if self._found:
                self._found = [self._placed(packet) for packet in self._found]
                return
            if not self._fill():
                return

    def _fill(self) -> bool:
        """Unpack some more; False if nothing more is there. Raises Malformed."""
        if self._unpacker is not None:
            self._unpack()
            return True
        outer = self._outer
        if len(outer) < OUTER_HEAD:
            return False
        head = outer.data[:OUTER_HEAD]
        size, whole = int.from_bytes(head[:3], "little"), int.from_bytes(head[4:], "little")
        if len(outer) < OUTER_HEAD + size:
            return False
        part = outer.part(OUTER_HEAD + size)
        if whole and not size:
            raise Malformed("a compressed packet of nothing")
        self._filled += whole or size
        self._pieces.append((self._filled, part))
        outer.skip(OUTER_HEAD)
        packed = outer.take(size)
        if not whole:
            if packed:
                self._box.add(packed, part.end_ns)
            return True
        import zlib

        self._unpacker, self._packed, self._due = zlib.decompressobj(), packed, whole
        self._unpack()
        return True

    def _unpack(self) -> None:
        """The next slice of what is packed."""
        import zlib

        try:
            made = self._unpacker.decompress(self._packed, min(_SLICE, self._due) or 1)
        except zlib.error as error:
            raise Malformed("a compressed packet that does not unpack") from error
        self._packed = self._unpacker.unconsumed_tail
        self._due -= len(made)
        if made and self._due >= 0:
            self._box.add(made, self._pieces[-1][1].end_ns)
        if self._unpacker.eof:
            if self._due:
                raise Malformed("a compressed packet that unpacks to less than it says")
            self._unpacker = None
        elif self._due < 0 or not made:
            raise Malformed("a compressed packet that does not unpack to what it says")

    def _placed(self, packet: Packet) -> Packet:
        """The same, with the places and times of the compressed packets that it was in."""
        first = last = None
        for end, part in self._pieces:
            last = part
            if first is None and end > packet.begin:
                first = part
            if end >= packet.end:
                break
        assert first is not None and last is not None
        return packet._replace(
            begin=first.begin, end=last.end, time_ns=first.time_ns, end_ns=last.end_ns
        )

    def _settle(self) -> None:
        super()._settle()
        pieces = self._pieces
        while len(pieces) > 1 and pieces[0][0] <= self._box.at:
            pieces.popleft()

    def rows(self, number: int) -> tuple[int, int, int]:
        count, inner, _ = super().rows(number)
        if not count:
            return 0, 0, 0
        pieces = self._pieces
        while pieces[0][0] < inner:
            pieces.popleft()
        return count, pieces[0][1].end, pieces[0][1].end_ns

    def gap(self, size: int) -> bool:
        return False  # what lacks cannot be counted

    def begun(self) -> Packet | None:
        found = super().begun()
        return None if found is None else self._placed(found)

    def rest(self) -> bytes:
        return bytes(self._outer.data)

    @property
    def at(self) -> int:
        return self._outer.at

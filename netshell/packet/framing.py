"""How records follow one another: the frames of a pcap file, the blocks of a pcapng section.

A framing says how long the record at a place is and whether there is one at all, for one place
(:meth:`Framing.follow`, :meth:`Framing.problem`) and for many at once (:meth:`Framing.behind`,
:meth:`Framing.holds`). Both judge alike, bit for bit; :mod:`netshell.packet.lanes` rests on it.
What records *likely* look like (:meth:`Framing.hints`, :meth:`Framing.likely`) is for its
guesses, and decides nothing.

Formats: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/ and
https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/ .
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]

MAX_FRAME = 262_144
"""Bytes no frame exceeds: libpcap's and Wireshark's limit; a record that claims more is damage."""

MAX_BLOCK = 16 << 20
"""Bytes no pcapng block exceeds, as libpcap has it."""

MOST_STEPPED = 1 << 30
"""Bytes of a larger block up to which it is stepped over, if it holds no packet and a window does
not hold it; what claims more is damage."""

SECTION = 0x0A0D0D0A
"""The type of the block that begins a pcapng section, the same in either byte order."""


class Hint(NamedTuple):
    """A byte that likely records have: ``low <= record[place] <= low + span``, modulo 256."""

    place: int
    low: int
    span: int


class Framing(Protocol):
    """The records of one file or section; places are offsets into ``data``."""

    data: NDArray[np.uint8]
    align: int  # records start at multiples of this, counted from the first

    def follow(self, at: int, stop: int, limit: int) -> tuple[list[int], int]:
        """The records from ``at`` on, one by one, and the place behind the last.

        Ends at the first record that begins at or behind ``stop``, after ``limit`` records, or
        where there is no whole, valid record; :meth:`problem` tells why.
        """
        ...

    def problem(self, at: int) -> str | None:
        """Why there is no valid record at this place, in words; None if there is one."""
        ...

    def behind(self, at: Places, out: Places) -> None:
        """Where records at these places would end, written to ``out``, never before them.

        Places need not hold records nor lie in the data; :meth:`holds` judges afterwards.
        """
        ...

    def holds(self, at: Places, after: Places) -> NDArray[np.bool_]:
        """Whether at each place there is a valid record, given what :meth:`behind` said."""
        ...

    def hints(self, known: int) -> Sequence[Hint]:
        """Bytes that records have if they are like the valid record at ``known``."""
        ...

    def likely(self, at: Places, known: int) -> NDArray[np.bool_]:
        """Whether valid records at these places also are like the one at ``known``."""
        ...


def items(data: NDArray[np.uint8], kind: Any, start: int = 0) -> NDArray[Any]:
    """The data as overlapping items, one at each byte from ``start`` on; nothing is copied."""
    dtype = np.dtype(kind)
    count = max(len(data) - start - dtype.itemsize + 1, 0)
    return np.ndarray(count, dtype, data, start if count else 0, (1,))


class Frames:
    """Records of a pcap file: 16 bytes of header, then as many bytes as its third word says."""

    HEADER = 16
    align = 1

    def __init__(self, data: NDArray[np.uint8], order: str, fraction: int = 1_000_000_000) -> None:
        """``order`` is "<" or ">"; ``fraction`` is what the header's second word stays below."""
        self.data = data
        self._order, self._fraction = order, fraction
        self._unpack = struct.Struct(order + "4I").unpack_from
        self._headers = items(data, "V16")
        self._word = np.dtype(order + "u4")
        self._last = len(data) - self.HEADER
        # The length's bytes, the lowest first. They are taken one by one: a loop as tight as that
        # waits for many places in memory at a time, and gathering words does not.
        places = (11, 10, 9, 8) if order == ">" else (8, 9, 10, 11)
        self._bytes = [data[place:] for place in places]
        self._scratch = _Scratch()

    def follow(self, at: int, stop: int, limit: int) -> tuple[list[int], int]:
        size, data = len(self.data), self.data.data
        length_at = struct.Struct(self._order + "I").unpack_from
        stop, last = min(stop, size), self._last
        records: list[int] = []
        add = records.append
        for _ in range(limit):
            if at >= stop or at > last:
                break
            (length,) = length_at(data, at + 8)
            after = at + 16 + length
            if length > MAX_FRAME or after > size:
                break
            add(at)
            at = after
        return records, at

    def problem(self, at: int) -> str | None:
        size = len(self.data)
        if at > self._last:
            return f"a record header is cut short ({size - at} of 16 bytes)"
        length = self._unpack(self.data.data, at)[2]
        if length > MAX_FRAME:
            return f"a record claims {length} bytes; no frame has over {MAX_FRAME}"
        if at + self.HEADER + length > size:
            missing = at + self.HEADER + length - size
            return f"the last record is cut short ({missing} of {length} bytes miss)"
        return None

    def behind(self, at: Places, out: Places) -> None:
        scratch = self._scratch.sized(len(at))
        for place in range(3):  # the fourth byte is looked at by holds()
            self._bytes[place].take(at, out=scratch.octet, mode="clip")
            scratch.octets[:, place] = scratch.octet
        np.add(at, scratch.word, out=out)
        np.add(out, self.HEADER, out=out)

    def holds(self, at: Places, after: Places) -> NDArray[np.bool_]:
        valid: NDArray[np.bool_] = after - at <= MAX_FRAME + self.HEADER
        valid &= after <= len(self.data)
        valid &= self._bytes[3].take(at, mode="clip") == 0
        return valid

    def hints(self, known: int) -> Sequence[Hint]:
        big = self._order == ">"
        seconds = self._unpack(self.data.data, known)[0]
        return (
            Hint(0 if big else 3, seconds >> 24, 1),  # within 194 days or, at its end, twice that
            Hint(8 if big else 11, 0, 0),
            Hint(9 if big else 10, 0, MAX_FRAME >> 16),
            Hint(12 if big else 15, 0, 0),
        )

    def likely(self, at: Places, known: int) -> NDArray[np.bool_]:
        seconds = self._unpack(self.data.data, known)[0]
        words = self._headers[np.clip(at, 0, self._last)].view(self._word).reshape(-1, 4)
        words = words.astype(np.int64)
        likely: NDArray[np.bool_] = np.abs(words[:, 0] - seconds) < 1 << 25
        likely &= words[:, 1] < self._fraction
        likely &= words[:, 0] + words[:, 2] > 0  # else all zeros would be
        return likely


class Blocks:
    """Blocks of a pcapng section: type, length, body, and the length again.

    Places are multiples of 4, as all lengths are. A block that begins another section ends the
    chain: the byte order may change with it.
    """

    SMALLEST = 12
    align = 4

    def __init__(self, data: NDArray[np.uint8], order: str) -> None:
        self.data = data
        self._unpack = struct.Struct(order + "2I").unpack_from
        self._length_at = struct.Struct(order + "I").unpack_from
        self._word = np.dtype(order + "u4")
        self._last = len(data) - self.SMALLEST
        self._words = data[: len(data) & ~3].view("V4")
        self._lengths = self._words[1:]
        self._scratch = _Scratch()

    def follow(self, at: int, stop: int, limit: int) -> tuple[list[int], int]:
        size, data = len(self.data), self.data.data
        unpack, length_at = self._unpack, self._length_at
        stop, last = min(stop, size), self._last
        records: list[int] = []
        add = records.append
        for _ in range(limit):
            if at >= stop or at > last:
                break
            kind, length = unpack(data, at)
            after = at + length
            if not 12 <= length <= MAX_BLOCK or length & 3 or after > size or kind == SECTION:
                break
            if length_at(data, after - 4)[0] != length:
                break
            add(at)
            at = after
        return records, at

    def problem(self, at: int) -> str | None:
        size = len(self.data)
        if at > self._last:
            return f"a block is cut short ({size - at} bytes are left)"
        kind, length = self._unpack(self.data.data, at)
        if kind == SECTION:
            return "another section begins"
        if length > MAX_BLOCK:
            return f"a block claims {length} bytes; none has over {MAX_BLOCK}"
        if length < self.SMALLEST or length & 3:
            return f"a block claims {length} bytes"
        if at + length > size:
            return f"the last block is cut short ({at + length - size} of {length} bytes miss)"
        (again,) = self._length_at(self.data.data, at + length - 4)
        if again != length:
            return f"a block claims {length} bytes at its start and {again} at its end"
        return None

    def behind(self, at: Places, out: Places) -> None:
        scratch = self._scratch.sized(len(at))
        np.right_shift(at, 2, out=out)
        self._lengths.take(out, out=scratch.word.view("V4"), mode="clip")
        np.add(at, scratch.word.view(self._word), out=out)

    def holds(self, at: Places, after: Places) -> NDArray[np.bool_]:
        length = after - at
        valid: NDArray[np.bool_] = (length >= self.SMALLEST) & (length <= MAX_BLOCK)
        valid &= (length & 3) == 0
        valid &= after <= len(self.data)
        valid &= self._at(after - 4) == length
        valid &= self._at(at) != SECTION
        return valid

    def hints(self, known: int) -> Sequence[Hint]:
        big = self._length_at(b"\0\0\0\1")[0] == 1
        kind = bytes(self.data[known : known + 4])
        return (*(Hint(i, kind[i], 0) for i in range(4)), Hint(4 if big else 7, 0, 0))

    def likely(self, at: Places, known: int) -> NDArray[np.bool_]:
        return np.ones(len(at), np.bool_)

    def _at(self, places: Places) -> NDArray[np.uint32]:
        words: NDArray[Any] = self._words.take(places >> 2, mode="clip")
        return words.view(self._word)


class _Scratch:
    """Room for the lengths of as many records as there are lanes, made once for each number."""

    def __init__(self) -> None:
        self.word = np.zeros(0, "<u4")
        self.octets = self.word.view(np.uint8).reshape(0, 4)
        self.octet = np.zeros(0, np.uint8)

    def sized(self, count: int) -> _Scratch:
        if len(self.word) != count:
            self.word = np.zeros(count, "<u4")
            self.octets = self.word.view(np.uint8).reshape(count, 4)
            self.octet = np.zeros(count, np.uint8)
        return self

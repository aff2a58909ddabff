"""Where the captured payloads of a flow's segments stand in memory: nothing is copied until asked.

A capture's bytes lie in chunks; :class:`Payloads` holds, for N segments, the chunk, the first byte
in it and how many there are. Joined, they are one copy of each byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from netshell.flow.source import Stretch


class Payloads:
    """The captured payloads of N packets, in the order of their numbers (ascending).

    >>> payloads = Payloads(source.parts(), segments.packet, segments.length)  # doctest: +SKIP
    >>> payloads.captured, payloads.joined(rows, skips, lengths)               # doctest: +SKIP
    """

    def __init__(
        self, parts: Iterable[Stretch], packets: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> None:
        """``lengths`` are the payloads' on the wire: what stands behind them is padding."""
        count = len(packets)
        self._memory: list[memoryview] = []
        self._part = np.zeros(count, np.intp)
        self._first = np.zeros(count, np.int64)
        self.captured = np.zeros(count, np.int64)
        """Bytes of each that were captured: fewer than on the wire where the frame was cut."""
        for start, columns, chunk in parts:
            rows = slice(*np.searchsorted(packets, [start, start + len(chunk)]).tolist())
            if rows.start == rows.stop:
                continue
            at = packets[rows] - start
            held = chunk.captured_len[at].astype(np.int64)
            skip = np.minimum(columns.group("flow")["payload_offset"][at], held)
            self._part[rows] = len(self._memory)
            self._first[rows] = chunk.offset[at] + skip
            self.captured[rows] = np.minimum(lengths[rows], held - skip)
            self._memory.append(memoryview(chunk.data))  # type: ignore[arg-type]

    def __len__(self) -> int:
        return len(self._first)

    def octets(self, row: int, skip: int = 0, length: int | None = None) -> memoryview:
        """Some bytes of one payload; all of it unless said otherwise."""
        if not self._memory:
            return memoryview(b"")
        first = int(self._first[row])
        last = first + int(self.captured[row])
        until = last if length is None else min(first + skip + length, last)
        memory = self._memory[int(self._part[row])]
        return memory[first + skip : until]

    def pieces(
        self, rows: NDArray[np.intp], skips: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> Iterator[memoryview]:
        """Stretches of payloads, one by one; nothing is copied."""
        first = self._first[rows] + skips
        part = self._part[rows]
        cuts = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), len(part)]
        for begin, end in pairwise(cuts):
            if begin == end:
                continue
            memory = self._memory[int(part[begin])] if self._memory else memoryview(b"")
            starts: Sequence[int] = first[begin:end].tolist()
            ends: Sequence[int] = (first[begin:end] + lengths[begin:end]).tolist()
            yield from [memory[a:b] for a, b in zip(starts, ends, strict=True)]

    def joined(
        self, rows: NDArray[np.intp], skips: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> bytes:
        """The same end to end: one copy of each byte."""
        return b"".join(self.pieces(rows, skips, lengths))

"""Raw frames as they came: the unit that capture/ hands to packet/.

A chunk is a stretch of bytes (a block of the kernel's ring, a mapped file) and, per frame, where
it stands in it and what the source said about it. It is never changed after it was made; a
capture is a list of chunks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNKNOWN, INCOMING, OUTGOING = 0, 1, 2
"""Values of ``direction``: as the capturing machine saw the frame, 0 where the source is silent."""

ETHERNET, NULL, RAW, LOOP, SLL, SLL2, IPV4, IPV6 = 1, 0, 101, 108, 113, 276, 228, 229
IEEE802_11, RADIOTAP = 105, 127
"""LINKTYPE_ numbers (https://www.tcpdump.org/linktypes.html) used by name in this package."""


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """N raw frames. All arrays have length N; times are integer nanoseconds since the epoch."""

    data: NDArray[np.uint8]  # the bytes that all offsets point into
    offset: NDArray[np.int64]  # where each frame starts in data
    captured_len: NDArray[np.uint32]  # bytes of the frame that are in data
    wire_len: NDArray[np.uint32]  # bytes it had on the wire
    time_ns: NDArray[np.int64]
    iface: NDArray[np.uint16]  # index into the capture's interface names
    direction: NDArray[np.uint8]  # UNKNOWN, INCOMING or OUTGOING
    link: NDArray[np.uint16]  # LINKTYPE_ of the frame's first header

    def __len__(self) -> int:
        return len(self.offset)

    def __getitem__(self, which: Any) -> Chunk:
        """The frames a slice, mask or index array selects; the bytes are shared, not copied."""
        return Chunk(
            self.data,
            self.offset[which],
            self.captured_len[which],
            self.wire_len[which],
            self.time_ns[which],
            self.iface[which],
            self.direction[which],
            self.link[which],
        )

    def elsewhere(self, data: NDArray[np.uint8], offset: NDArray[np.int64]) -> Chunk:
        """The same frames, of which the bytes stand in other data."""
        return Chunk(
            data,
            offset,
            self.captured_len,
            self.wire_len,
            self.time_ns,
            self.iface,
            self.direction,
            self.link,
        )

    @property
    def size(self) -> int:
        """Bytes of memory it takes: the bytes it points into, and its arrays."""
        return self.data.nbytes + _ROW_BYTES * len(self.offset)

    def totals(self) -> tuple[int, int]:
        """Bytes the frames had on the wire, and how many of them were cut."""
        cut = self.captured_len < self.wire_len
        return int(self.wire_len.sum(dtype=np.int64)), int(np.count_nonzero(cut))

    def frame(self, index: int) -> bytes:
        """The bytes of one frame."""
        start = int(self.offset[index])
        return self.data[start : start + int(self.captured_len[index])].tobytes()


_ROW_BYTES = 8 + 4 + 4 + 8 + 2 + 1 + 2  # of the arrays, per frame

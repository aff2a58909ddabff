"""Frames that nobody has indexed yet, and what becomes of them: the records of a file.

The kernel's packet ring keeps with each frame what a record of a pcap file begins with, in the
same 16 bytes. So frames go into a file without anybody looking at each: a :class:`Batch` is
packed to :class:`Packed`, and only who wants to look at packets makes a chunk of that.
``pcap.packed`` and ``pcapng.Writer.packed`` do the one, both modules' ``unpacked`` the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.packet.chunk import Chunk
from netshell.packet.packing import Places, behind, listed

HEAD = np.dtype([(name, "<u4") for name in ("seconds", "nanoseconds", "captured", "wire")])
"""What is known of a frame: when it came, and its bytes, here and on the wire."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """N frames of one interface, wherever they stand."""

    data: NDArray[np.uint8]
    at: Places  # where each begins in the data
    size: int | None  # bytes of every one of them; None where that differs
    heads: NDArray[np.void]  # a HEAD each
    direction: NDArray[np.uint8]
    iface: int
    link: int

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """The same frames as records one behind the other, in bytes of their own."""

    data: NDArray[np.uint8]
    starts: Places  # of the records
    direction: NDArray[np.uint8]
    iface: int
    link: int

    def __len__(self) -> int:
        return len(self.starts)

    def first(self, count: int) -> Packed:
        """The first of them; the bytes are shared."""
        end = int(self.starts[count]) if count < len(self) else len(self.data)
        return Packed(
            self.data[:end], self.starts[:count], self.direction[:count], self.iface, self.link
        )

    def heads(self, kind: np.dtype[Any]) -> NDArray[np.void]:
        """What each record begins with; a view of the data or a copy."""
        if isinstance(self.starts, range):
            start, step = self.starts.start, self.starts.step
            return np.ndarray(len(self), kind, self.data.data, start, (step,))
        rows = len(self.data) - kind.itemsize + 1
        every = np.ndarray(max(rows, 0), f"V{kind.itemsize}", self.data.data, strides=(1,))
        return every[self.starts].view(kind)

    def chunk(
        self,
        time_ns: NDArray[np.int64],
        heads: NDArray[np.void],
    ) -> Chunk:
        """The frames behind heads that have their sizes as ``captured`` and ``wire``."""
        count = len(self)
        return Chunk(
            data=self.data,
            offset=listed(behind(self.starts, heads.dtype.itemsize)),
            captured_len=np.ascontiguousarray(heads["captured"]),
            wire_len=np.ascontiguousarray(heads["wire"]),
            time_ns=time_ns,
            iface=np.full(count, self.iface, np.uint16),
            direction=self.direction,
            link=np.full(count, self.link, np.uint16),
        )

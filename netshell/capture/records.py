"""Packets as they stand in a file, and nothing else of them: what ``write=`` writes and keeps.

They are laid out straight from the kernel's ring (:func:`netshell.capture.block.batch`), and made
a chunk when somebody looks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from netshell.packet.batch import Packed
from netshell.packet.chunk import Chunk


class Format(Protocol):
    """What reads them again."""

    def unpacked(self, records: Packed) -> Chunk: ...


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """The records of some packets, and the format they have."""

    packed: Packed
    format: Format

    def __len__(self) -> int:
        return len(self.packed)

    @property
    def data(self) -> NDArray[np.uint8]:
        """The bytes, from the first record's first to the last one's last."""
        return self.packed.data

    @property
    def size(self) -> int:
        """Bytes of memory they take."""
        starts: Any = self.packed.starts
        places = 0 if isinstance(starts, range) else starts.nbytes
        return self.data.nbytes + self.packed.direction.nbytes + int(places)

    def first(self, count: int) -> Records:
        """The first of them; the bytes are shared."""
        return replace(self, packed=self.packed.first(count))

    def chunk(self) -> Chunk:
        """The packets, indexed; they point into the same bytes."""
        return self.format.unpacked(self.packed)

    def totals(self) -> tuple[int, int]:
        """Bytes the packets had on the wire, and how many of them were cut."""
        return self.chunk().totals()

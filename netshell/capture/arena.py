"""Memory for packets that are kept: large regions, of which stretches are taken one by one.

Fresh memory costs more than copying into it: the kernel hands it out page by page, each with a
fault. Regions ask for huge pages, so that there is one where there were five hundred. A region
is given back when nothing points into it any more.
"""

from __future__ import annotations

import contextlib
import mmap

import numpy as np
from numpy.typing import NDArray

from netshell.packet.packing import fresh

REGION_BYTES = 32 << 20
ALIGNED = 16
FREED_BYTES = 8 << 20


def keep_freed() -> None:
    """Have malloc keep memory that is freed for the next who asks, instead of giving it back.

    Arrays are made for every block of packets and freed again, and getting fresh memory for them
    each time takes longer than filling them. glibc maps large pieces one by one, and gives back
    what is free at a heap's end, until it has once freed a larger one (mallopt(3),
    M_MMAP_THRESHOLD): it then keeps up to twice its size. Elsewhere this does nothing.
    """
    np.empty(FREED_BYTES, np.uint8)


class Arena:
    """Stretches of memory, for one thread."""

    def __init__(self, region_bytes: int = REGION_BYTES) -> None:
        self._region_bytes = region_bytes
        self._region: mmap.mmap | None = None
        self._memory = np.empty(0, np.uint8)
        self._used = 0

    def take(self, size: int) -> NDArray[np.uint8]:
        """So many bytes, whatever is in them."""
        if self._used + size > len(self._memory) and not self._begin():
            return fresh(size)
        if size > len(self._memory):
            return fresh(size)
        start = self._used
        self._used += (size + ALIGNED - 1) & -ALIGNED
        return self._memory[start : start + size]

    def _begin(self) -> bool:
        """Begin a region; whether the system has room for one."""
        self.trim()
        try:
            region = mmap.mmap(-1, self._region_bytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        except OSError:  # ulimit -v, say: smaller stretches may still be had
            return False
        with contextlib.suppress(OSError):  # a kernel without huge pages
            region.madvise(mmap.MADV_HUGEPAGE)
        self._region, self._memory, self._used = region, np.frombuffer(region, np.uint8), 0
        return True

    def trim(self) -> None:
        """Give back what is left of the region; nothing more is taken of it."""
        if self._region is not None:
            page = mmap.PAGESIZE
            unused = (self._used + page - 1) // page * page
            if unused < len(self._region):
                self._region.madvise(mmap.MADV_DONTNEED, unused)
        self._region, self._memory, self._used = None, np.empty(0, np.uint8), 0

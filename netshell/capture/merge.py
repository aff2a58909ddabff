"""Several interfaces' packets in one order of time.

Each ring hands its blocks over by itself, up to its retire time late, so a batch may hold packets
older than those of the batch before. They are held back just long enough: once a batch is
``hold_s`` old, nothing older than its last packet can still come, and all up to there is let go.

The age is measured by the monotonic clock, the packets' times are only compared with each other:
setting the clock cannot hold packets back.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from netshell.packet.chunk import Chunk


class Merge:
    """Chunks in, chunks out, sorted by time; packets of equal time stay in the order they came."""

    def __init__(self, hold_s: float) -> None:
        self._hold_s = hold_s
        self._held: Chunk | None = None
        self._due: deque[tuple[float, int]] = deque()  # (when, everything up to this time_ns)

    def push(self, fresh: Chunk, now: float) -> None:
        """Take in what came at ``now`` (time.monotonic())."""
        if not len(fresh):
            return
        self._held = fresh if self._held is None else concatenated(self._held, fresh)
        self._due.append((now + self._hold_s, int(fresh.time_ns.max())))

    def wait_s(self, now: float) -> float | None:
        """How long until something is to be let go; None if nothing is held."""
        return max(0.0, self._due[0][0] - now) if self._due else None

    def pop(self, now: float) -> list[Chunk]:
        """What nothing older can follow any more."""
        until = None
        while self._due and self._due[0][0] <= now:
            passed = self._due.popleft()[1]
            until = passed if until is None else max(until, passed)
        if until is None or self._held is None:
            return []
        ripe = self._held.time_ns <= until
        rest = self._held[~ripe]
        settled = _sorted(self._held[ripe])
        self._held = compacted(rest) if len(rest) else None
        return [settled] if len(settled) else []

    def rest(self) -> list[Chunk]:
        """All that is held, when nothing at all can follow."""
        held, self._held = self._held, None
        self._due.clear()
        return [] if held is None else [_sorted(held)]


def concatenated(one: Chunk, two: Chunk) -> Chunk:
    """Two chunks as one, with bytes of its own."""

    def both(name: str) -> NDArray[np.generic]:
        return np.concatenate([getattr(one, name), getattr(two, name)])

    names = ("captured_len", "wire_len", "time_ns", "iface", "direction", "link")
    return Chunk(
        data=np.concatenate([one.data, two.data]),
        offset=np.concatenate([one.offset, two.offset + len(one.data)]),
        **{name: both(name) for name in names},  # type: ignore[arg-type]
    )


def compacted(chunk: Chunk) -> Chunk:
    """The same frames, without the bytes between them that belong to none."""
    sizes = chunk.captured_len.astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    gather = np.arange(int(sizes.sum())) + np.repeat(chunk.offset - starts, sizes)
    return Chunk(
        chunk.data[gather],
        starts,
        chunk.captured_len,
        chunk.wire_len,
        chunk.time_ns,
        chunk.iface,
        chunk.direction,
        chunk.link,
    )


def _sorted(chunk: Chunk) -> Chunk:
    times = chunk.time_ns
    if (times[1:] >= times[:-1]).all():
        return chunk
    return chunk[np.argsort(times, kind="stable")]

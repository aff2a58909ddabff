"""Capture files walked from their beginning to their end, one or several in the order of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from netshell.capture.windows import STDIN, WINDOW, Windows, open_windows
from netshell.errors import BadFile, NetshellError
from netshell.packet.chunk import Chunk
from netshell.packet.pcap import Damage
from netshell.packet.reader import Reader, no_capture, reader_for
from netshell.packet.remarks import Remarks

GATHERED = 1 << 14  # packets of several files that are put together in one go
_OPEN = 4  # files that are looked at together have windows this much smaller, at most


class FileWalk:
    """One file: iterates as chunks, once; then ``problem`` says what ended it early, or None.

    Raises NotFound, NotPermitted, Unavailable and BadFile (empty, a directory, no capture) when
    it is made: then the file is open.
    """

    def __init__(self, place: str, window: int = WINDOW) -> None:
        self.place = place
        self.where = "standard input" if place == STDIN else place
        self.count = 0
        self.problem: NetshellError | None = None
        self._windows: Windows = open_windows(place, window)
        start = self._windows.start()
        reader = reader_for(start)
        if reader is None:
            self._windows.close()
            why = (not start and self._windows.trouble) or no_capture(start)
            raise BadFile("cannot read", where=self.where, why=why)
        self.reader: Reader = reader

    @property
    def names(self) -> tuple[str, ...]:
        """The interfaces met so far."""
        return self.reader.names

    @property
    def size(self) -> int | None:
        """Bytes of the file; None for what has no size."""
        return self._windows.size

    @property
    def done(self) -> int:
        """Bytes of these that were walked."""
        return self._windows.done

    @property
    def in_memory(self) -> bool:
        """Whether the chunks' bytes are copies in memory, and not a mapping of the file."""
        return self._windows.in_memory

    def __iter__(self) -> Iterator[Chunk]:
        used, damage = 0, None
        try:
            while damage is None:
                window = self._windows.take(used)
                chunk, used, damage = self.reader.feed(window.octets, window.last)
                self.count += len(chunk)
                if len(chunk):
                    yield chunk
                if window.last:
                    break
                if not used and damage is None:  # no record is larger than a window
                    raise BadFile("cannot read on", where=f"in {self.where}", why="a record's size")
        finally:
            self.problem = self._explained(damage)
            self._windows.close()

    def stop(self, why: str, next_step: str) -> None:
        """Say that the rest of the file is left out, for this reason."""
        self.problem = BadFile(
            "cannot read on", where=f"in {self.where}", why=why, next_step=next_step
        )

    def _explained(self, damage: Damage | None) -> NetshellError | None:
        why = self._windows.trouble or (str(damage) if damage is not None else "")
        if not why:
            return self.problem
        plural = "" if self.count == 1 else "s"
        return BadFile(
            "cannot read on",
            where=f"in {self.where}",
            why=why,
            next_step=f"the {self.count:,} packet{plural} before it are here",
        )


@dataclass(slots=True)
class _Head:
    """A file that is being merged: the packets at hand, and their places in the order of time."""

    walk: FileWalk
    chunks: Iterator[Chunk]
    number: int  # among the files: decides between packets of one time
    chunk: Chunk | None = None
    keys: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    latest: int = -(2**63)

    def fill(self) -> bool:
        """See to it that there is something at hand; False at the file's end."""
        if self.chunk is not None and len(self.chunk):
            return True
        self.chunk = next(self.chunks, None)
        if self.chunk is None:
            return False
        # A packet that is older than one before it in its file stays behind that one.
        self.keys = np.maximum.accumulate(np.maximum(self.chunk.time_ns, self.latest))
        self.latest = int(self.keys[-1])
        return True


class Files:
    """Several files as one: iterates as chunks in the order of time, once.

    Packets of one time are in the order of the files, and those of one file stay as they are.
    """

    def __init__(self, places: Sequence[str], window: int = WINDOW) -> None:
        self._window = window if len(places) == 1 else max(window // _OPEN, 1)
        self.walks = [FileWalk(place, self._window) for place in places]
        self._numbers: dict[str, int] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The interfaces met so far; those of one name in several files are one."""
        return self.walks[0].names if len(self.walks) == 1 else tuple(self._numbers)

    @property
    def remarks(self) -> Remarks:
        """What the file says beside its packets; of several files, no packet's comments."""
        if len(self.walks) == 1:
            return self.walks[0].reader.remarks
        found = Remarks()
        for walk in self.walks:
            said = walk.reader.remarks
            found.comments += said.comments
            found.dropped += said.dropped
            for address, names in said.hosts.items():
                found.hosts.setdefault(address, []).extend(names)
        return found

    @property
    def problems(self) -> tuple[NetshellError, ...]:
        """What ended files early."""
        return tuple(walk.problem for walk in self.walks if walk.problem is not None)

    @property
    def size(self) -> int | None:
        """Bytes of all files, None if not all have a size."""
        sizes = [walk.size for walk in self.walks]
        return sum(size for size in sizes if size is not None) if None not in sizes else None

    @property
    def done(self) -> int:
        """Bytes of these that were walked."""
        return sum(walk.done for walk in self.walks)

    @property
    def in_memory(self) -> bool:
        """Whether the chunks' bytes are copies in memory, at least some."""
        return len(self.walks) > 1 or self.walks[0].in_memory

    def __iter__(self) -> Iterator[Chunk]:
        if len(self.walks) == 1:
            return iter(self.walks[0])
        return self._merged()

    def stop(self, why: str, next_step: str) -> None:
        """Say that what is left is left out, for this reason."""
        self.walks[0].stop(why, next_step)

    def _merged(self) -> Iterator[Chunk]:
        heads = [_Head(walk, iter(walk), i) for i, walk in enumerate(self.walks)]
        while heads := [head for head in heads if head.fill()]:
            first = min(heads, key=lambda head: (int(head.keys[-1]), head.number))
            limit = int(first.keys[-1])
            parts: list[Chunk] = []
            keys: list[NDArray[np.int64]] = []
            for head in heads:
                if head.chunk is None:
                    continue
                side = "right" if head.number <= first.number else "left"
                count = int(np.searchsorted(head.keys, limit, side=side))  # type: ignore[call-overload]
                if count:
                    parts.append(self._renumbered(head.walk, head.chunk[:count]))
                    keys.append(head.keys[:count])
                    head.chunk, head.keys = head.chunk[count:], head.keys[count:]
            if len(parts) == 1:
                yield parts[0]
            elif parts:
                yield from _interleaved(parts, np.concatenate(keys))

    def _renumbered(self, walk: FileWalk, chunk: Chunk) -> Chunk:
        names = walk.names or ("",)
        for name in names:
            self._numbers.setdefault(name, min(len(self._numbers), 0xFFFF))
        numbers = np.array([self._numbers[name] for name in names], np.uint16)
        return replace(chunk, iface=numbers[chunk.iface])


def _interleaved(parts: Sequence[Chunk], keys: NDArray[np.int64]) -> Iterator[Chunk]:
    """Packets of several chunks in the order of their keys, with bytes of their own."""
    order = np.argsort(keys, kind="stable")
    which = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    row = np.concatenate([np.arange(len(part)) for part in parts])
    for at in range(0, len(order), GATHERED):
        chosen = order[at : at + GATHERED]
        yield _gathered(parts, which[chosen], row[chosen])


def _gathered(parts: Sequence[Chunk], which: NDArray[np.int64], row: NDArray[np.int64]) -> Chunk:
    """The packets (chunk, row) as one chunk."""
    columns = {}
    for name in ("captured_len", "wire_len", "time_ns", "iface", "direction", "link"):
        column = np.empty(len(row), getattr(parts[0], name).dtype)
        for i, part in enumerate(parts):
            mine = which == i
            column[mine] = getattr(part, name)[row[mine]]
        columns[name] = column
    sizes = columns["captured_len"].astype(np.int64)
    offset = np.cumsum(sizes) - sizes
    data = np.empty(int(sizes.sum()), np.uint8)
    views = [part.data.data for part in parts]
    froms = [int(parts[i].offset[j]) for i, j in zip(which.tolist(), row.tolist(), strict=True)]
    target = data.data
    for i, begin, size, to in zip(
        which.tolist(), froms, sizes.tolist(), offset.tolist(), strict=True
    ):
        target[to : to + size] = views[i][begin : begin + size]
    return Chunk(data=data, offset=offset, **columns)

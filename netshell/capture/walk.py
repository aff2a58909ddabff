"""Capture files walked from their beginning to their end, one or several in the order of time."""

from __future__ import annotations

import shlex
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from netshell.capture.openfiles import make_room
from netshell.capture.windows import STDIN, WINDOW, Windows, open_windows
from netshell.errors import BadFile, NetshellError
from netshell.packet.chunk import Chunk
from netshell.packet.pcap import Damage
from netshell.packet.reader import LEAST_WINDOW, Reader, no_capture, reader_for
from netshell.packet.remarks import Remarks

GATHERED = 1 << 14  # packets of several files that are put together in one go
BEGIN = 4096  # bytes that a file's header, and the first interface's description, are within
_NAMED = 5  # files with problems that a line names
_OPEN = 4  # files that are looked at together have windows this much smaller, at most


_PACKED = (
    # what a file begins with, who made it, the command that undoes it
    (b"\xfd7zX", "xz", "xz -dk"),
    (b"BZh", "bzip2", "bunzip2 -k"),
    (b"PK\x03\x04", "zip", "unzip"),
    (b"7z\xbc\xaf", "7-Zip", "7z x"),
    (b"\x1f\x8b", "gzip twice", "gunzip -k"),
    (b"\x28\xb5\x2f\xfd", "zstd twice", "zstd -dk"),
    (b"\x04\x22\x4d\x18", "lz4 twice", "lz4 -dk"),
)


def _packed(start: bytes, place: str) -> tuple[str, str] | None:
    """Why a file that is packed in a way of its own cannot be read, and what helps."""
    for magic, maker, command in _PACKED:
        if start.startswith(magic):
            return f"it was packed with {maker}", f"unpack it first: {command}{_argument(place)}"
    return None


def _beyond(why: str, place: str) -> tuple[str, str] | None:
    """What a limit of ours is in words, and what helps; None for any other reason."""
    if "requires too much memory" in why:  # zstd's words, of windows above its usual limit
        return (
            "it was packed with a zstd window of more than 128 MB",
            f"unpack it first: zstd -dk --long=31{_argument(place)}",
        )
    if "65,536 interfaces" in why:
        return why, f"all packets, without interfaces: editcap -F pcap{_argument(place)} all.pcap"
    return None


def _argument(place: str) -> str:
    return "" if place == STDIN else f" {shlex.quote(place)}"


class Empty(BadFile):
    """A file without a byte: of several, one that was only just begun."""


class FileWalk:
    """One file: iterates as chunks, once; then ``problem`` says what ended it early, or None.

    Raises NotFound, NotPermitted, Unavailable and BadFile (empty, a directory, no capture) when
    it is made: then the file is open.
    """

    def __init__(
        self, place: str, window: int = WINDOW, *, kept: bool = False, eager: bool = False
    ) -> None:
        """``kept`` if chunks stay in use behind the next one; with ``eager``, those of a pipe are
        yielded as they come."""
        self.begin = b""
        """What the file begins with, as much as describes it, once it is being walked."""
        self._eager = eager
        self.place = place
        self.where = "standard input" if place == STDIN else place
        self.count = 0
        self.problem: NetshellError | None = None
        self._windows: Windows = open_windows(place, window, kept=kept, eager=eager)
        start = self._windows.start()
        reader = reader_for(start)
        if reader is None:
            self._windows.close()
            why = (not start and self._windows.trouble) or no_capture(start)
            kind = BadFile if start or self._windows.trouble else Empty
            why, step = _packed(start, place) or _beyond(why, place) or (why, "")
            raise kind("cannot read", where=self.where, why=why, next_step=step)
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
        at, used, damage = 0, 0, None
        try:
            while damage is None:
                window = self._windows.take(used)
                if at <= len(self.begin) < BEGIN:
                    self.begin = self.begin[:at] + window.octets[: BEGIN - at].tobytes()
                chunk, used, damage = self.reader.feed(window.octets, window.last)
                at += used
                self.count += len(chunk)
                if len(chunk):
                    yield chunk
                if window.last:
                    break
                is_full = not self._eager or len(window.octets) >= LEAST_WINDOW
                if not used and damage is None and is_full:  # no record is larger than a window
                    raise BadFile("cannot read on", where=f"in {self.where}", why="a record's size")
        finally:
            self.problem = self._explained(damage)
            self._windows.close()

    def close(self) -> None:
        """Close the file, where nobody walked it; may be repeated."""
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
        why, step = _beyond(why, self.place) or (why, "")
        before = f"the {self.count:,} packets before it are here"
        before = "the packet before it is here" if self.count == 1 else before
        return BadFile(
            "cannot read on",
            where=f"in {self.where}",
            why=why,
            next_step=f"{before}; {step}" if step else before,
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
    taken: int = 0  # packets that are no more at hand
    _numbers: list[int] = field(default_factory=list)  # of packets with comments

    def comments(self, count: int) -> list[tuple[int, tuple[str, ...]]]:
        """What is said of the next packets, by their places among them."""
        said = self.walk.reader.remarks.of_packets
        if len(said) != len(self._numbers):
            self._numbers = list(said)
        first = bisect_left(self._numbers, self.taken)
        last = bisect_left(self._numbers, self.taken + count)
        return [(number - self.taken, said[number]) for number in self._numbers[first:last]]

    def take(self, count: int) -> Chunk:
        """The next packets; they are no more at hand."""
        assert self.chunk is not None
        taken = self.chunk[:count]
        self.chunk, self.keys = self.chunk[count:], self.keys[count:]
        self.taken += count
        return taken

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

    def __init__(self, places: Sequence[str], window: int = WINDOW, *, kept: bool = False) -> None:
        self._window = window if len(places) == 1 else max(window // _OPEN, 1)
        self.walks: list[FileWalk] = []
        self._empty: list[NetshellError] = []
        make_room(len(places))
        try:
            for place in places:
                try:
                    self.walks.append(FileWalk(place, self._window, kept=kept))
                except Empty as error:
                    self._empty.append(error)
            if not self.walks:
                raise self._empty[0]
        except BaseException:
            self.close()
            raise
        self._numbers: dict[str, int] = {}
        self._comments: dict[int, tuple[str, ...]] = {}
        self._count = 0  # packets of several files, up to now

    @property
    def names(self) -> tuple[str, ...]:
        """The interfaces met so far; those of one name in several files are one."""
        return self.walks[0].names if len(self.walks) == 1 else tuple(self._numbers)

    @property
    def remarks(self) -> Remarks:
        """What the files say beside their packets, up to the last chunk."""
        if len(self.walks) == 1:
            return self.walks[0].reader.remarks
        found = Remarks(of_packets=self._comments)
        for walk in self.walks:
            found.join(walk.reader.remarks, [self._number(name) for name in walk.names])
        return found

    @property
    def problems(self) -> tuple[NetshellError, ...]:
        """What ended files early; empty ones, too."""
        met = [walk.problem for walk in self.walks if walk.problem is not None]
        return (*met, *self._empty)

    @property
    def problem(self) -> NetshellError | None:
        """The same as one line."""
        problems = self.problems
        if len(problems) < 2:
            return problems[0] if problems else None
        others = [f"{each.what} {each.where}: {each.why}" for each in problems[1:_NAMED]]
        if len(problems) > _NAMED:
            others.append(f"{len(problems) - _NAMED:,} more cannot be read to their ends")
        return BadFile(str(problems[0]), next_step="; ".join(others))

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

    def close(self) -> None:
        """Close the files, walked or not."""
        for walk in self.walks:
            walk.close()

    def _merged(self) -> Iterator[Chunk]:
        heads = [_Head(walk, iter(walk), i) for i, walk in enumerate(self.walks)]
        while heads := [head for head in heads if head.fill()]:
            first = min(heads, key=lambda head: (int(head.keys[-1]), head.number))
            limit = int(first.keys[-1])
            parts: list[Chunk] = []
            keys: list[NDArray[np.int64]] = []
            said: list[tuple[int, tuple[str, ...]]] = []
            total = 0
            for head in heads:
                side = "right" if head.number <= first.number else "left"
                count = int(np.searchsorted(head.keys, limit, side=side))  # type: ignore[call-overload]
                if count:
                    said += [(total + row, texts) for row, texts in head.comments(count)]
                    keys.append(head.keys[:count])
                    parts.append(self._renumbered(head.walk, head.take(count)))
                    total += count
            order = np.argsort(np.concatenate(keys), kind="stable")
            if said:
                places = np.argsort(order)
                moved = [(self._count + int(places[row]), texts) for row, texts in said]
                self._comments.update(sorted(moved))
            self._count += total
            if len(parts) == 1:
                yield parts[0]
            else:
                yield from _interleaved(parts, order)

    def _renumbered(self, walk: FileWalk, chunk: Chunk) -> Chunk:
        numbers = np.array([self._number(name) for name in walk.names or ("",)], np.uint16)
        return replace(chunk, iface=numbers[chunk.iface])

    def _number(self, name: str) -> int:
        """The interface's number among those of all files."""
        return self._numbers.setdefault(name, min(len(self._numbers), 0xFFFF))


def _interleaved(parts: Sequence[Chunk], order: NDArray[np.intp]) -> Iterator[Chunk]:
    """Packets of several chunks in this order, with bytes of their own."""
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

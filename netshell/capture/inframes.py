"""zstd and lz4 files, decompressed one block at a time.

Both are frames of blocks, and a block says how long it is. So the library is given whole blocks:
what damage comes behind (a checksum that does not match, a file cut short, bytes that are no
frame) costs nothing of what was decompressed before, a frame without its end is known for one,
and no piece is larger than a block, of which both formats have a limit.

Formats: RFC 8878 and https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md .
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Any, Protocol


class Input(Protocol):
    """What is read from."""

    def read(self, size: int = -1, /) -> bytes: ...


class Spoiled(Exception):
    """Compressed data that cannot be decompressed any further; says why."""


Parts = Callable[["Frames", bytes], Iterator[bytes]]
"""A frame that begins with these four bytes, part by part: none has more than one block."""


class Frames:
    """A file of frames, read as what they hold."""

    def __init__(
        self,
        file: Input,
        parts: Parts,
        magic: bytes,
        fresh: Callable[[], Any],
        error: type[Exception],
    ) -> None:
        """``fresh`` makes what decompresses one frame, and raises ``error`` for damage."""
        self._file, self._parts, self._magic = file, parts, magic
        self._fresh, self._error = fresh, error
        self._left = memoryview(b"")
        self._pieces = self._all()

    def read(self, size: int = -1, /) -> bytes:
        """So many bytes or fewer, none at the end. Raises Spoiled."""
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._left = memoryview(piece)
        taken = self._left if size < 0 else self._left[:size]
        self._left = self._left[len(taken) :]
        return bytes(taken)

    def exactly(self, size: int) -> bytes:
        """So many bytes of the file. Raises Spoiled if it has fewer left."""
        found = self.upto(size)
        if len(found) < size:
            raise Spoiled(_CUT)
        return found

    def upto(self, size: int) -> bytes:
        """So many bytes of the file, or all that are left."""
        found = bytearray()
        while len(found) < size and (piece := self._file.read(min(size - len(found), _PIECE))):
            found += piece
        return bytes(found)

    def _all(self) -> Iterator[bytes]:
        while begin := self.upto(4):
            if len(begin) == 4 and _SKIPPED[0] <= struct.unpack("<I", begin)[0] <= _SKIPPED[1]:
                left = struct.unpack("<I", self.exactly(4))[0]
                while left:
                    left -= len(self.exactly(min(left, _PIECE)))
                continue
            if begin != self._magic:
                raise Spoiled("what follows is no frame")
            frame = self._fresh()
            for part in self._parts(self, begin):
                try:
                    yield frame.decompress(part)
                except self._error as error:
                    raise Spoiled(str(error).strip().rstrip(".").lower()) from error
            if not frame.eof:
                raise Spoiled("a frame has no end")


def zstd_parts(file: Frames, begin: bytes) -> Iterator[bytes]:
    """RFC 8878, section 3.1.1: a header, blocks up to one that is the last, and a checksum."""
    descriptor = file.exactly(1)
    bits = descriptor[0]
    is_single = bool(bits & 0x20)
    size = (1 if is_single else 0, 2, 4, 8)[bits >> 6] + (0, 1, 2, 4)[bits & 3] + (not is_single)
    yield begin + descriptor + file.exactly(size)
    is_last = False
    while not is_last:
        head = file.exactly(3)
        word = int.from_bytes(head, "little")
        is_last, kind, size = bool(word & 1), word >> 1 & 3, word >> 3
        if kind == 3 or size > _ZSTD_BLOCK:
            raise Spoiled("a block is none")
        # Of a block that one byte fills, the size is what it becomes.
        yield from _block(file, head, 1 if kind == 1 else size)
    if bits & 4:
        yield file.exactly(4)


def lz4_parts(file: Frames, begin: bytes) -> Iterator[bytes]:
    """A header, blocks up to an end mark, and a checksum."""
    head = file.exactly(2)
    flags = head[0]
    yield begin + head + file.exactly((8 if flags & 8 else 0) + (4 if flags & 1 else 0) + 1)
    while True:
        length = file.exactly(4)
        size = struct.unpack("<I", length)[0] & 0x7FFFFFFF
        if length == bytes(4):
            break
        if size > _LZ4_BLOCK:
            raise Spoiled("a block is none")
        yield from _block(file, length, size + (4 if flags & 16 else 0))
    # The end, and what may be wrong with the whole.
    yield length
    if flags & 4:
        yield file.exactly(4)


def _block(file: Frames, head: bytes, size: int) -> Iterator[bytes]:
    """A block, or the part of it that there is: some of that may be of use."""
    body = file.upto(size)
    yield head + body
    if len(body) < size:
        raise Spoiled(_CUT)


_CUT = "it ends within a frame"
_PIECE = 1 << 20
_SKIPPED = 0x184D2A50, 0x184D2A5F  # frames that hold something else, in either format
_ZSTD_BLOCK = 128 << 10
_LZ4_BLOCK = 4 << 20

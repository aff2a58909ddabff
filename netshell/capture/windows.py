"""The bytes of a capture file, window by window: mapped, or read where they cannot be.

Large regular files are mapped, a window each: what nobody looks at any more goes back to the
system by itself. Small ones, pipes, devices and compressed files are read into memory.
"""

from __future__ import annotations

import errno
import mmap
import os
import stat
from pathlib import Path
from typing import IO, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from netshell.capture import inflate
from netshell.errors import BadFile, NetshellError, NotFound, NotPermitted
from netshell.packet.reader import LEAST_WINDOW

STDIN = "-"
WINDOW = 64 << 20
"""Bytes of a window; at least the largest record (``LEAST_WINDOW``)."""

COPIED = 64 << 20
"""Bytes of a file up to which it is copied into memory. Of a mapped one, what somebody cuts off
later takes the whole process with it (SIGBUS, mmap(2)), so only what is too large is mapped."""

_PIECE = 1 << 20  # bytes read in one go


class Window(NamedTuple):
    """A stretch of a file, and whether the file ends with it."""

    octets: NDArray[np.uint8]
    last: bool


class Windows(Protocol):
    """A file, open; ``done`` of ``size`` bytes on disk were gone through (None: no end known)."""

    size: int | None
    done: int
    trouble: str  # why it ended before its end; empty if it did not
    in_memory: bool  # the windows are copies, which stay in memory as long as they are in use

    def start(self) -> bytes:
        """The first few bytes, all that the file has if it is shorter."""
        ...

    def take(self, used: int) -> Window:
        """The next window, which begins ``used`` bytes behind the beginning of the one before."""
        ...

    def close(self) -> None: ...


def open_windows(place: str, window: int = WINDOW) -> Windows:
    """Open a file, or standard input for "-".

    Raises NotFound, NotPermitted, BadFile (a directory, a terminal), Unavailable (compressed, and
    the library for it is not there).
    """
    window = max(window, LEAST_WINDOW)
    try:
        file = _opened(place)
    except (OSError, ValueError) as error:
        raise explained(place, error) from error
    try:
        status = os.fstat(file.fileno())
        if file.isatty():
            raise BadFile(
                "cannot read",
                where=place,
                why="it is a terminal",
                next_step="give a file, or packets from a pipe (tcpdump -w - | netshell ...)",
            )
        size = status.st_size if stat.S_ISREG(status.st_mode) else None
        begin = _exactly(file, 8)
        compression = inflate.recognised(begin)
        if compression is None and size:
            return Mapped(file, size, window)
        stream: inflate.Stream = _Rejoined(begin, file)
        if compression is not None:
            stream = compression.open(stream)  # type: ignore[arg-type]
        name = "" if compression is None else compression.name
        return Streamed(file, stream, size, min(window, WINDOW), name)
    except OSError as error:
        file.close()
        raise explained(place, error) from error
    except BaseException:
        file.close()
        raise


def _opened(place: str) -> IO[bytes]:
    return os.fdopen(os.dup(0), "rb", 0) if place == STDIN else Path(place).open("rb", 0)


class Mapped:
    """A regular file, each window a mapping of its own; a small file is copied."""

    trouble = ""
    in_memory = False

    def __init__(self, file: IO[bytes], size: int, window: int) -> None:
        self.size: int | None = size
        self.done = 0
        self._file, self._bytes, self._window = file, size, window

    def start(self) -> bytes:
        return self._map(0, 16).tobytes()

    def take(self, used: int) -> Window:
        self.done += used
        count = min(self._window, self._bytes - self.done)
        return Window(self._map(self.done, count), self.done + count >= self._bytes)

    def _map(self, at: int, count: int) -> NDArray[np.uint8]:
        count = min(count, self._bytes - at)
        if count <= 0:
            return np.empty(0, np.uint8)
        if self._bytes <= COPIED:
            return self._copy(at, count)
        before = at % mmap.ALLOCATIONGRANULARITY
        mapped = mmap.mmap(
            self._file.fileno(), before + count, offset=at - before, access=mmap.ACCESS_READ
        )
        return np.frombuffer(mapped, np.uint8)[before:]

    def _copy(self, at: int, count: int) -> NDArray[np.uint8]:
        octets = np.empty(count, np.uint8)
        self._file.seek(at)
        read = 0
        while read < count and (more := self._file.readinto(octets.data[read:])):  # type: ignore[attr-defined]
            read += more
        return octets[:read]

    def close(self) -> None:
        self._file.close()


class Streamed:
    """What can only be read once, from its beginning to its end.

    Ctrl-C ends it: a pipe need not have an end of its own, and what came until then counts.
    """

    in_memory = True

    def __init__(
        self, file: IO[bytes], stream: inflate.Stream, size: int | None, window: int, name: str
    ) -> None:
        self.size = size
        self.done = 0
        self.trouble = ""
        self._file, self._stream, self._window, self._name = file, stream, window, name
        self._left = b""  # read, and not yet part of a window
        self._octets = np.empty(0, np.uint8)

    def start(self) -> bytes:
        while len(self._left) < 4:
            piece = self._read(16)
            if not piece:
                break
            self._left += piece
        return self._left

    def take(self, used: int) -> Window:
        kept = self._octets[used:]
        octets = np.empty(self._window, np.uint8)  # of no weight until it is written to
        octets[: len(kept)] = kept
        self._octets = octets
        end, last = len(kept), False
        try:
            while end < self._window and not last:
                piece = self._left or self._read(min(_PIECE, self._window - end))
                last = not piece
                self._left = b""
                octets[end : end + len(piece)] = np.frombuffer(piece, np.uint8)
                end += len(piece)
        except KeyboardInterrupt:
            self.trouble = "stopped with Ctrl-C"
            last = True
        self._octets = octets[:end]
        return Window(self._octets, last)

    def _read(self, size: int) -> bytes:
        if self.trouble:
            return b""
        try:
            piece = self._stream.read(size)
        except inflate.Spoiled as error:
            self.trouble = f"its {self._name} data is damaged: {error}"
            return b""
        except OSError as error:
            self.trouble = error.strerror or str(error)
            return b""
        self.done = self.done + len(piece) if self.size is None else self._file.tell()
        return piece

    def close(self) -> None:
        self._octets = np.empty(0, np.uint8)
        self._file.close()


class _Rejoined:
    """A file of which the first bytes were read already."""

    def __init__(self, begin: bytes, file: IO[bytes]) -> None:
        self._begin, self._file = begin, file

    def read(self, size: int = -1, /) -> bytes:
        if self._begin:
            piece, self._begin = (
                (self._begin, b"") if size < 0 else (self._begin[:size], self._begin[size:])
            )
            return piece
        return self._file.read(size) or b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False


def _exactly(file: IO[bytes], count: int) -> bytes:
    """So many bytes, or all there are."""
    found = b""
    while len(found) < count:
        piece = file.read(count - len(found))
        if not piece:
            break
        found += piece
    return found


def explained(place: str, error: OSError | ValueError) -> NetshellError:
    """Why the system does not let this file be read, as one line."""
    what = "cannot read"
    if isinstance(error, PermissionError):
        return NotPermitted(what, where=place, why="permission denied")
    if isinstance(error, FileNotFoundError):
        return NotFound(what, where=place, why="no such file")
    if isinstance(error, IsADirectoryError) or getattr(error, "errno", 0) == errno.EISDIR:
        return BadFile(what, where=place, why="it is a directory")
    why = error.strerror if isinstance(error, OSError) else str(error)
    return BadFile(what, where=place, why=why or str(error))

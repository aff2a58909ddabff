"""The bytes of a capture file, window by window: read into memory, or mapped.

What is cut off a mapped file later takes the whole process with it (SIGBUS, mmap(2)), and who
rotates captures cuts files off. Copying costs little beside that, so a file is only mapped where
its bytes are kept and there is no memory for them.
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
from netshell.capture.ahead import Ahead
from netshell.capture.memory import available
from netshell.errors import BadFile, NetshellError, NotFound, NotPermitted
from netshell.packet.reader import LEAST_WINDOW

STDIN = "-"
WINDOW = 64 << 20
"""Bytes of a window; at least the largest record (``LEAST_WINDOW``)."""

COPIED = 64 << 20
"""Bytes of a file up to which it is copied into memory in any case."""
SHARE = 4
"""Larger ones that are kept are if they take less than one in so many bytes of free memory."""

_PIECE = 1 << 20  # bytes read in one go


class Window(NamedTuple):
    """A stretch of a file, and whether the file ends with it."""

    octets: NDArray[np.uint8]
    last: bool


class Windows(Protocol):
    """A file, open; ``done`` of ``size`` bytes on disk were gone through (None: no end known)."""

    size: int | None
    done: int
    in_memory: bool  # the windows are copies, which stay in memory as long as they are in use

    @property
    def trouble(self) -> str:
        """Why it ended before its end; empty if it did not."""
        ...

    def start(self) -> bytes:
        """The first few bytes, all that the file has if it is shorter."""
        ...

    def take(self, used: int) -> Window:
        """The next window, which begins ``used`` bytes behind the beginning of the one before."""
        ...

    def close(self) -> None: ...


def open_windows(
    place: str, window: int = WINDOW, *, kept: bool = False, eager: bool = False
) -> Windows:
    """Open a file, or standard input for "-"; ``kept`` if windows stay in use behind the next.

    With ``eager``, a window of what is read once ends where nothing more has come yet.

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
            if kept and not _fits(size):
                return Mapped(file, size, window)
            return Copied(file, size, window)
        stream: inflate.Stream = _Rejoined(begin, file)
        if compression is not None:
            stream = compression.open(stream)  # type: ignore[arg-type]
        name = "" if compression is None else compression.name
        return Streamed(file, stream, size, min(window, WINDOW), name, eager)
    except OSError as error:
        file.close()
        raise explained(place, error) from error
    except BaseException:
        file.close()
        raise


def _opened(place: str) -> IO[bytes]:
    return os.fdopen(os.dup(0), "rb", 0) if place == STDIN else Path(place).open("rb", 0)


def _fits(size: int) -> bool:
    """Whether a file's bytes may be copied, and kept."""
    return size <= COPIED or size <= available() // SHARE


class Copied:
    """A regular file, read into memory."""

    in_memory = False  # as its size is known before, nobody has to watch how much it takes

    def __init__(self, file: IO[bytes], size: int, window: int) -> None:
        self.size: int | None = size
        self.done = 0
        self._file = file
        self._ahead = Ahead(file, size, window)

    @property
    def trouble(self) -> str:
        return self._ahead.trouble

    def start(self) -> bytes:
        return _start_of(self._file)

    def take(self, used: int) -> Window:
        self.done += used
        return Window(*self._ahead.take(used))

    def close(self) -> None:
        self._ahead.close()
        self._file.close()


class Mapped:
    """A regular file, each window a mapping of its own."""

    in_memory = False

    def __init__(self, file: IO[bytes], size: int, window: int) -> None:
        self.size: int | None = size
        self.done = 0
        self.trouble = ""
        self._file, self._bytes, self._window = file, size, window

    def start(self) -> bytes:
        return _start_of(self._file)

    def take(self, used: int) -> Window:
        self.done += used
        count = min(self._window, self._bytes - self.done)
        octets = self._map(self.done, count) if count else np.empty(0, np.uint8)
        is_last = self.done + count >= self._bytes
        if len(octets) < count:
            self.trouble = self.trouble or "the file was cut short while it was read"
        return Window(octets, is_last or bool(self.trouble))

    def _map(self, at: int, count: int) -> NDArray[np.uint8]:
        before = at % mmap.ALLOCATIONGRANULARITY
        try:
            mapped = mmap.mmap(
                self._file.fileno(), before + count, offset=at - before, access=mmap.ACCESS_READ
            )
        except ValueError:  # the file ends before that
            return np.empty(0, np.uint8)
        except OSError as error:
            self.trouble = error.strerror or str(error)
            return np.empty(0, np.uint8)
        return np.frombuffer(mapped, np.uint8)[before:]

    def close(self) -> None:
        self._file.close()


def _start_of(file: IO[bytes]) -> bytes:
    file.seek(0)
    return _exactly(file, 16)


class Streamed:
    """What can only be read once, from its beginning to its end.

    Ctrl-C ends it: a pipe need not have an end of its own, and what came until then counts.
    """

    in_memory = True

    def __init__(
        self,
        file: IO[bytes],
        stream: inflate.Stream,
        size: int | None,
        window: int,
        name: str,
        eager: bool = False,
    ) -> None:
        self._eager = eager
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
                if self._eager:
                    break
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
    step = ""
    if getattr(error, "errno", 0) == errno.EMFILE:
        step = "merge fewer files at a time, or allow more open ones: ulimit -n 8192"
    return BadFile(what, where=place, why=why or str(error), next_step=step)

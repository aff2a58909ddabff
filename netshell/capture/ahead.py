"""A file copied into memory window by window; the next one is read while this one is worked on."""

from __future__ import annotations

import threading
from typing import IO

import numpy as np
from numpy.typing import NDArray

from netshell.packet.reader import LEAST_WINDOW

PIECE = 64 << 20  # bytes read in one go: after each, the thread waits its turn to go on


class Ahead:
    """Bytes of a file, in order; ``trouble`` says why there are fewer than there should be.

    >>> ahead = Ahead(file, size, 64 << 20)                            # doctest: +SKIP
    >>> octets = ahead.take(0)                                         # doctest: +SKIP
    """

    def __init__(self, file: IO[bytes], size: int, window: int) -> None:
        self.trouble = ""
        self._file, self._size, self._window = file, size, window
        self._octets = np.empty(0, np.uint8)
        # Nobody can work on anything before the first is here: it is as small as can be.
        self._next: _Reading | None = _Reading(file, 0, min(size, window, LEAST_WINDOW))

    def take(self, used: int) -> tuple[NDArray[np.uint8], bool]:
        """The next window, which begins ``used`` bytes behind the beginning of the one before, and
        whether it is the last."""
        reading, self._octets = self._next, self._octets[used:]
        if reading is not None:
            reading.wait()
            self.trouble = reading.trouble
            self._octets = reading.behind(self._octets)
            count = 0 if self.trouble else min(self._size - reading.end, self._window)
            self._next = _Reading(self._file, reading.end, count) if count else None
            if self._next is not None:
                self._next.begin()
        return self._octets, self._next is None

    def close(self) -> None:
        """Stop reading."""
        if self._next is not None:
            self._next.stop()
        self._octets = np.empty(0, np.uint8)


class _Reading:
    """One stretch of a file on its way into memory."""

    def __init__(self, file: IO[bytes], at: int, count: int) -> None:
        self.end = at + count
        self.trouble = ""
        self._file, self._at, self._stopped = file, at, False
        # With room before it for what is left of the window before: memory that is never touched.
        self._octets = np.empty(LEAST_WINDOW + count if at else count, np.uint8)
        self._begin = len(self._octets) - count
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Read beside what else is done."""
        self._thread = threading.Thread(target=self._read, name="netshell-read", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # no more threads: it is read when it is wanted
            self._thread = None

    def wait(self) -> None:
        """Until everything is read."""
        if self._thread is None:
            self._read()
        else:
            self._thread.join()

    def stop(self) -> None:
        """Until nobody reads any more."""
        self._stopped = True
        if self._thread is not None:
            self._thread.join()

    def behind(self, left: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """What was read, behind other bytes."""
        if len(left) > self._begin:  # more than a record can have
            return np.concatenate([left, self._octets[self._begin :]])
        start = self._begin - len(left)
        self._octets[start : self._begin] = left
        return self._octets[start:]

    def _read(self) -> None:
        view, at = self._octets.data, self._begin
        try:
            self._file.seek(self._at)
            while at < len(view) and not self._stopped:
                more = self._file.readinto(view[at : at + PIECE])  # type: ignore[attr-defined]
                if not more:
                    self.trouble = "the file was cut short while it was read"
                    break
                at += more
        except OSError as error:
            self.trouble = error.strerror or str(error)
        self._octets = self._octets[:at]

"""``-w``: packets written to files, named and rotated as tcpdump does (-C, -G, -W, -U).

Each packet goes to the file that is open when it comes: one that is over its size, or older than
its time, is followed by the next before the packet is written, never while.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, TextIO

import numpy as np

from netshell.classic.capturing.orders import Rotation
from netshell.errors import BadArgument
from netshell.packet import pcap
from netshell.packet.chunk import Chunk
from netshell.saving import refused

STDOUT = "-"


class Writer:
    """The files of one run; ``is_over`` once as many were written as asked for.

    >>> Writer("x.pcap", Rotation(), 1, 262144, False, sys.stdout).write(chunk)  # doctest: +SKIP
    """

    def __init__(
        self,
        name: str,
        rotation: Rotation,
        link: int,
        snaplen: int,
        nanoseconds: bool,
        out: TextIO,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Opens the first file. Raises NotPermitted, NotFound, BadFile, BadArgument."""
        self._name, self._rotation, self._out = name, rotation, out
        self._header = pcap.header(link, snaplen, nanoseconds=nanoseconds)
        self._nanoseconds = nanoseconds
        self._clock = clock
        self._begun = int(clock())  # when the current file's time began
        self._number = 0  # of it, among those of -C
        self._times = 0  # how often -G has ended one
        self.is_over = False
        self.size = 0
        self._file = self._open()

    def write(self, chunk: Chunk) -> int:
        """Write packets; how many of them, which is fewer where the last file is full.

        Raises NotPermitted, NotFound, BadFile, BrokenPipeError.
        """
        if self._rotation.seconds and len(chunk):
            self._keep_time()
        written = 0
        while written < len(chunk) and not self.is_over:
            left = chunk[written:]
            fits = self._fitting(left)
            if fits:
                self._append(left[:fits])
                written += fits
            else:
                self._next_by_size()
        return written

    def flush(self) -> None:
        """Hand everything to the system: -U."""
        self._file.flush()

    def close(self) -> None:
        """Close the file, and flush standard output if that is where packets go."""
        if self._name == STDOUT:
            self._file.flush()
        else:
            self._file.close()

    def _append(self, chunk: Chunk) -> None:
        try:
            for piece in pcap.records(chunk, nanoseconds=self._nanoseconds):
                self._file.write(piece)
                self.size += len(piece)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise refused(Path(self._name), error, "cannot write") from error

    def _fitting(self, chunk: Chunk) -> int:
        """How many packets the current file takes: all that begin within its size."""
        if not self._rotation.bytes:
            return len(chunk)
        sizes = chunk.captured_len.astype(np.int64) + pcap.RECORD_SIZE
        begins = self.size + np.cumsum(sizes) - sizes
        return int(np.searchsorted(begins, self._rotation.bytes, side="right"))

    def _keep_time(self) -> None:
        """The next file, if the current one's time is over: by the clock, as tcpdump."""
        now = int(self._clock())
        if now - self._begun < self._rotation.seconds:
            return
        self._begun = now
        self._times += 1
        self.close()
        files = self._rotation.files
        if files and not self._rotation.bytes and self._times >= files:
            self.is_over = True
            return
        self._number = 0
        self._file = self._open()

    def _next_by_size(self) -> None:
        self.close()
        self._number += 1
        if self._rotation.files and self._number >= self._rotation.files:
            self._number = 0
        self._file = self._open()

    def _open(self) -> IO[bytes]:
        if self._name == STDOUT:
            file = getattr(self._out, "buffer", None)
            if file is None:
                raise BadArgument(
                    "tcpdump -w -: standard output takes no bytes here", next_step="use -w FILE"
                )
            self._out.flush()
        else:
            place = self.place
            try:
                file = place.open("wb")
            except OSError as error:
                raise refused(place, error, "cannot write") from error
            except ValueError as error:
                raise BadArgument("cannot write", where=repr(self._name), why=str(error)) from error
        file.write(self._header)
        self.size = len(self._header)
        opened: IO[bytes] = file
        return opened

    @property
    def place(self) -> Path:
        """The current file: -G puts its time into the name, -C a number behind it."""
        name = self._name
        if self._rotation.seconds:
            name = time.strftime(name, time.localtime(self._begun))
        digits = len(str(self._rotation.files - 1)) if self._rotation.files > 1 else 0
        digits = digits if self._rotation.bytes else 0
        if self._number or digits:
            name += f"{self._number:0{digits}d}"
        return Path(name)

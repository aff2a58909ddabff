"""A capture file that grows: whole records appended, and never half of one left behind.

Everything goes to the system at once (no buffer of our own), so whatever ends the process leaves
a file that ends with a whole record, or with a part of the one being written. When the disk is
full, the part that was written of a record is taken back.

Packets come laid out: their bytes are the records already (``Form.packed``, ``Form.laid_out``),
the same for every file of a capture. What is written is those bytes, and nothing is copied.
"""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from netshell.capture.records import Records
from netshell.errors import BadArgument
from netshell.packet import pcap, pcapng
from netshell.packet.batch import Batch, Packed
from netshell.packet.chunk import ETHERNET, Chunk
from netshell.packet.packing import Room
from netshell.packet.remarks import Remarks


class Form(Protocol):
    """A file format, and all that is the same in every file of a capture."""

    head: int
    """Bytes of a record before its frame."""

    header: bytes
    """What a file begins with."""

    def laid_out(self, chunk: Chunk, room: Room) -> Chunk: ...
    def packed(self, batch: Batch, room: Room) -> Packed: ...
    def unpacked(self, records: Packed) -> Chunk: ...
    def ends(self, chunk: Chunk) -> NDArray[np.int64]: ...

    def closing(self, remarks: Remarks) -> bytes:
        """What a file ends with; of one length, whatever was counted."""


class Pcap:
    """Records, and nothing beside them."""

    head = pcap.RECORD_SIZE

    def __init__(self, names: Sequence[str], links: Sequence[int], remarks: Remarks) -> None:
        self.header = pcap.header(links[0] if links else ETHERNET)

    def laid_out(self, chunk: Chunk, room: Room) -> Chunk:
        return pcap.laid_out(chunk, room)

    def packed(self, batch: Batch, room: Room) -> Packed:
        return pcap.packed(batch, room)

    def unpacked(self, records: Packed) -> Chunk:
        return pcap.unpacked(records)

    def ends(self, chunk: Chunk) -> NDArray[np.int64]:
        return pcap.ends(chunk)

    def closing(self, remarks: Remarks) -> bytes:
        return b""


class Pcapng:
    """Every interface is described at the beginning, and says at the end what it lost."""

    head = pcapng.PACKET_HEAD

    def __init__(self, names: Sequence[str], links: Sequence[int], remarks: Remarks) -> None:
        self._writer = pcapng.Writer(names, remarks.interfaces)
        described = self._writer.describe(list(enumerate(links)))
        self.header = self._writer.header(remarks.of_section()) + described

    def laid_out(self, chunk: Chunk, room: Room) -> Chunk:
        return self._writer.laid_out(chunk, room)

    def packed(self, batch: Batch, room: Room) -> Packed:
        return self._writer.packed(batch, room)

    def unpacked(self, records: Packed) -> Chunk:
        return pcapng.unpacked(records)

    def ends(self, chunk: Chunk) -> NDArray[np.int64]:
        return pcapng.ends(chunk)

    def closing(self, remarks: Remarks) -> bytes:
        told = {number: about.statistics for number, about in remarks.interfaces.items()}
        return self._writer.statistics({n: one for n, one in told.items() if one is not None})


FORMS: dict[str, Callable[[Sequence[str], Sequence[int], Remarks], Form]] = {
    ".pcapng": Pcapng,
    ".pcap": Pcap,
    ".cap": Pcap,
}


def check(place: Path, links: Sequence[int]) -> None:
    """Raises BadArgument for a name or packets that no format fits."""
    suffix = place.suffix.lower()
    if suffix not in FORMS:
        # Not Path.is_dir(), which raises where a folder cannot be looked into.
        is_folder = os.path.isdir(place)  # noqa: PTH112
        name = place.stem or place.name
        better = place / "x.pcapng" if is_folder else place.with_name(f"{name}.pcapng")
        raise BadArgument(
            "cannot write",
            where=f"to {place}",
            why=f"the formats are {', '.join(FORMS)}",
            next_step=f"use {better}",
        )
    if suffix != ".pcapng" and len(set(links)) > 1:
        raise BadArgument(
            "cannot write",
            where=f"to {place}",
            why=f"a pcap file holds one link type, these interfaces have {len(set(links))}",
            next_step=f"use {place.with_suffix('.pcapng')}, which holds several",
        )


READER_S = 5.0
"""How long a pipe that nobody reads is tried again: its reader may be about to start."""

PATIENCE_S = 2.0
"""How long a pipe's reader may take nothing while the capture waits for it to end."""

_LOOK_MS = 100


class OutFile:
    """One file being written; an existing one is replaced from its first byte on.

    A named pipe takes what its reader takes, and is waited for; with ``ending``, PATIENCE_S only.
    """

    def __init__(self, place: Path, form: Form) -> None:
        """Raises OSError."""
        self._form = form
        self.place = place
        self.size = 0
        self.first_ns: int | None = None  # when its first packet came
        self.ending = True  # nobody waits for long for the header to go
        self._cut = False  # it ends with a part of a record
        self.removed = False  # it had no name any more when it was closed
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_CLOEXEC", 0)
        flags |= getattr(os, "O_BINARY", 0)
        self._file = _opened(place, flags)
        try:
            self._append(memoryview(form.header))
        except BaseException:  # Ctrl-C, too
            os.close(self._file)
            raise
        self.ending = False

    def write(self, packets: Records | Chunk) -> None:
        """Append packets that are laid out, one at least.

        Raises Unwritten with the number of those in the file.
        """
        if isinstance(packets, Records):
            first, last = 0, len(packets.data)
        else:
            first = int(packets.offset[0]) - self._form.head
            last = int(self._form.ends(packets[-1:])[0])
        start = self.size
        try:
            self._append(packets.data.data[first:last])
        except OSError as error:
            chunk = packets.chunk() if isinstance(packets, Records) else packets
            ends = self._form.ends(chunk) - first
            whole = int(np.searchsorted(ends, self.size - start, "right"))
            self._take_back(start + (int(ends[whole - 1]) if whole else 0))
            raise Unwritten(whole, error) from error

    def _append(self, data: memoryview) -> None:
        """Write all of it; what fails has been written up to ``self.size``."""
        while data:
            try:
                sent = os.write(self._file, data)
            except BlockingIOError:
                self._wait()
                continue
            self.size += sent
            data = data[sent:]

    def _wait(self) -> None:
        """Until the pipe takes more."""
        began = time.monotonic()
        pipe = select.poll()
        pipe.register(self._file, select.POLLOUT)
        while not pipe.poll(_LOOK_MS):
            if not self.ending:
                began = time.monotonic()
            elif time.monotonic() - began > PATIENCE_S:
                raise TimeoutError(errno.ETIMEDOUT, "its reader takes no more")

    def _take_back(self, size: int) -> None:
        try:
            os.ftruncate(self._file, size)
            os.lseek(self._file, size, os.SEEK_SET)  # else what comes next leaves a hole
            self.size = size
        except OSError:  # a pipe has no length
            self._cut = True

    def close(self, remarks: Remarks) -> None:
        """Write what the file ends with, if there is room for it, and close it; once."""
        if self._file < 0:
            return
        start = self.size
        try:
            if not self._cut:  # else it would stand in the middle of a record
                self._append(memoryview(self._form.closing(remarks)))
        except OSError:  # the packets are there, and that was said
            self._take_back(start)
        finally:
            # Its number may be another file's at once: nothing is done with it a second time.
            file, self._file = self._file, -1
            about = os.fstat(file)
            self.removed = stat.S_ISREG(about.st_mode) and about.st_nlink == 0
            os.close(file)


def _opened(place: Path, flags: int) -> int:
    """A descriptor; a named pipe's once somebody reads it. Raises OSError (ENXIO: nobody did)."""
    try:
        is_pipe = stat.S_ISFIFO(place.stat().st_mode)
    except OSError:  # opening it says why, or makes it
        is_pipe = False
    if not is_pipe:
        return os.open(place, flags, 0o666)
    until = time.monotonic() + READER_S
    while True:
        try:
            return os.open(place, flags | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO or time.monotonic() > until:
                raise
        time.sleep(_LOOK_MS / 1000)


class Unwritten(Exception):
    """Writing failed; ``written`` packets of those given are in the file all the same."""

    def __init__(self, written: int, error: OSError) -> None:
        super().__init__(written, error)
        self.written = written
        self.error = error

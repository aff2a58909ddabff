"""A capture file that grows: whole records appended, and never half of one left behind.

Everything goes to the system at once (no buffer of our own), so whatever ends the process leaves
a file that ends with a whole record, or with a part of the one being written. When the disk is
full, the part that was written of a record is taken back.
"""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from netshell.errors import BadArgument
from netshell.packet import pcap, pcapng
from netshell.packet.chunk import ETHERNET, Chunk

SLICE = 4096  # packets written at a time
OVERHEAD = 64
"""Bytes no record adds to its frame; more than the largest in either format."""


class Form(Protocol):
    """A file format: its first bytes, and packets as pieces of bytes."""

    def header(self) -> bytes: ...
    def records(self, chunk: Chunk) -> Iterator[bytes | memoryview]: ...


class _Pcap:
    def __init__(self, names: Sequence[str], links: Sequence[int]) -> None:
        self._link = links[0] if links else ETHERNET

    def header(self) -> bytes:
        return pcap.header(self._link)

    def records(self, chunk: Chunk) -> Iterator[memoryview]:
        return pcap.records(chunk)


Measure = Callable[[memoryview, int], tuple[int, int]]
"""How many bytes the record at a place has, and packets; struct.error where it is cut."""


def _pcap_record(data: memoryview, at: int) -> tuple[int, int]:
    return pcap.RECORD_SIZE + struct.unpack_from("<I", data, at + 8)[0], 1


def _pcapng_block(data: memoryview, at: int) -> tuple[int, int]:
    kind, length = struct.unpack_from("<II", data, at)
    return length, int(kind == pcapng.ENHANCED)


FORMS: dict[str, tuple[Callable[[Sequence[str], Sequence[int]], Form], Measure]] = {
    ".pcapng": (lambda names, links: pcapng.Writer(names), _pcapng_block),
    ".pcap": (_Pcap, _pcap_record),
    ".cap": (_Pcap, _pcap_record),
}


def check(place: Path, links: Sequence[int]) -> None:
    """Raises BadArgument for a name or packets that no format fits."""
    suffix = place.suffix.lower()
    if suffix not in FORMS:
        raise BadArgument(
            "cannot write",
            where=f"to {place}",
            why=f"the formats are {', '.join(FORMS)}",
            next_step=f"use {place.with_name(f'{place.stem or place.name}.pcapng')}",
        )
    if suffix != ".pcapng" and len(links) > 1:
        raise BadArgument(
            "cannot write",
            where=f"to {place}",
            why=f"a pcap file holds one link type, these interfaces have {len(links)}",
            next_step=f"use {place.with_suffix('.pcapng')}, which holds several",
        )


class OutFile:
    """One file being written; an existing one is replaced from its first byte on."""

    def __init__(self, place: Path, names: Sequence[str], links: Sequence[int]) -> None:
        """Raises OSError."""
        make, self._measure = FORMS[place.suffix.lower()]
        self._form = make(names, links)
        self.place = place
        self.size = 0
        self.first_ns: int | None = None  # when its first packet came
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_CLOEXEC", 0)
        flags |= getattr(os, "O_BINARY", 0)
        self._file = os.open(place, flags, 0o666)
        try:
            self._append(memoryview(self._form.header()))
        except OSError:
            self.close()
            raise

    def write(self, chunk: Chunk) -> int:
        """Append packets; how many. Raises Unwritten with the number of those in the file."""
        done = 0
        for at in range(0, len(chunk), SLICE):
            part = chunk[at : at + SLICE]
            for piece in self._form.records(part):
                view, start = memoryview(piece), self.size
                try:
                    self._append(view)
                except OSError as error:
                    raise Unwritten(done + self._mend(view, start), error) from error
            done += len(part)
        return done

    def _append(self, data: memoryview) -> None:
        """Write all of it; what fails has been written up to ``self.size``."""
        while data:
            sent = os.write(self._file, data)
            self.size += sent
            data = data[sent:]

    def _mend(self, data: memoryview, start: int) -> int:
        """Take back the part of a record that was written last; how many packets are whole.

        ``data`` was to be written from ``start`` on.
        """
        data = data[: self.size - start]
        at = whole = 0
        with contextlib.suppress(struct.error):
            while True:
                length, packets = self._measure(data, at)
                if at + length > len(data):
                    break
                at += length
                whole += packets
        with contextlib.suppress(OSError):  # a pipe has no length
            os.ftruncate(self._file, start + at)
            self.size = start + at
        return whole

    def close(self) -> None:
        os.close(self._file)


class Unwritten(Exception):
    """Writing failed; ``written`` packets of those given are in the file all the same."""

    def __init__(self, written: int, error: OSError) -> None:
        super().__init__(written, error)
        self.written = written
        self.error = error

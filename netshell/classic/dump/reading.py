"""A capture file as tcpdump reads it: what it says of itself, and its packets in stretches.

Nothing is kept that was yielded: a file of any size is read in the memory of a window. Packets
from a pipe are yielded as they come.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

import numpy as np

from netshell.capture.walk import FileWalk
from netshell.capture.windows import STDIN
from netshell.classic.dump.linktypes import described
from netshell.errors import BadFile, NetshellError
from netshell.packet.chunk import Chunk

WINDOW = 16 << 20
FIRST = 256
"""Packets of the first stretch: they are on the screen before the next are looked at."""
STRETCH = 1 << 14
"""Packets of those behind it; what is worked out of them stays in the processor's cache."""

SNAPLEN = 262_144
_SLL2 = 276
_ORDERS = {
    b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\x4d\x3c\xb2\xa1": "<",
    b"\xa1\xb2\x3c\x4d": ">",
}  # fmt: skip
_SECTION, _INTERFACE = 0x0A0D0D0A, 1


class Reading:
    """A file, or standard input for "-"; open, and gone through once.

    Raises NotFound, NotPermitted, Unavailable and BadFile where it cannot be read at all.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self._walk = FileWalk(place, WINDOW, eager=place == STDIN)
        self._is_pcap = False
        self._interrupted = False
        self.link = 0
        self.snaplen = SNAPLEN
        chunks = iter(self._walk)
        first = next(chunks, None)
        self._chunks = chunks if first is None else chain([first], chunks)
        self._describe(self._walk.begin)
        if first is None and self._walk.problem is not None and not self._known:
            raise self._walk.problem

    def _describe(self, begin: bytes) -> None:
        """Link type and snapshot length, by the file's header or its first interface."""
        self._known = False
        order = _ORDERS.get(begin[:4])
        if order is not None and len(begin) >= 24:
            snaplen, link = struct.unpack_from(order + "II", begin, 16)
            self.link, self._is_pcap, self._known = link & 0xFFFF, True, True
        elif begin[:4] == b"\x0a\x0d\x0d\x0a" and (found := _first_interface(begin)):
            self.link, snaplen = found
            self._known = True
        else:
            return
        self.snaplen = snaplen if 0 < snaplen < 1 << 31 else SNAPLEN

    @property
    def heading(self) -> str:
        """What tcpdump says before the first packet."""
        where = "-" if self.place == STDIN else self.place
        said = f"reading from file {where}, link-type {described(self.link)}"
        said += f", snapshot length {self.snaplen}\n"
        if self.link == _SLL2:
            said += "Warning: interface names might be incorrect\n"
        return said

    @property
    def names(self) -> tuple[str, ...]:
        """The interfaces met so far."""
        return self._walk.names

    @property
    def problem(self) -> NetshellError | None:
        """What ended the file early, once it was gone through."""
        return self._walk.problem

    @property
    def done(self) -> int:
        """Bytes of the file that were gone through."""
        return self._walk.done

    @property
    def is_stopped(self) -> bool:
        """Whether Ctrl-C ended it; a pipe takes that for its end, for others it is set."""
        problem = self._walk.problem
        return self._interrupted or (problem is not None and "Ctrl-C" in problem.why)

    @is_stopped.setter
    def is_stopped(self, stopped: bool) -> None:
        self._interrupted = stopped

    def __iter__(self) -> Iterator[Chunk]:
        size = FIRST
        for chunk in self._chunks:
            at = 0
            while at < len(chunk):
                yield self._as_captured(chunk[at : at + size])
                at += size
                size = STRETCH

    def close(self) -> None:
        """Close the file before its end."""
        self._walk.close()

    def _as_captured(self, chunk: Chunk) -> Chunk:
        """The packets no longer than the file says that they are (pcap_snapshot(3))."""
        if not self._is_pcap or not (chunk.captured_len > self.snaplen).any():
            return chunk
        return replace(chunk, captured_len=np.minimum(chunk.captured_len, np.uint32(self.snaplen)))


def _first_interface(begin: bytes) -> tuple[int, int] | None:
    """Link type and snapshot length of a pcapng file's first interface; None: not in there."""
    if len(begin) < 12:
        return None
    order = "<" if begin[8:12] == b"\x4d\x3c\x2b\x1a" else ">"
    at = 0
    while at + 16 <= len(begin):
        kind, length = struct.unpack_from(order + "II", begin, at)
        if kind == _INTERFACE:
            link, _, snaplen = struct.unpack_from(order + "HHI", begin, at + 8)
            return link, snaplen
        if length < 12:
            break
        at += length
    return None


def damage_of(problem: NetshellError) -> str:
    """The line that tells why a file ended early."""
    why = problem.why if isinstance(problem, BadFile) else str(problem)
    return f"tcpdump: pcap_loop: {why}\n"

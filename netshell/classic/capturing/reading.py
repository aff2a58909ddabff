"""A capture file as tcpdump reads it: what it says of itself, and its packets in stretches.

Nothing is kept that was yielded: a file of any size is read in the memory of a window. Packets
from a pipe are yielded as they come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

import numpy as np

from netshell.capture.walk import FileWalk
from netshell.classic.capturing.beginning import SNAPLEN, About, about, is_stream
from netshell.errors import BadFile, NetshellError
from netshell.packet.chunk import Chunk

WINDOW = 16 << 20
FIRST = 256
"""Packets of the first stretch: they are on the screen before the next are looked at."""
STRETCH = 1 << 14
"""Packets of those behind it; what is worked out of them stays in the processor's cache."""


class Reading:
    """A file, or standard input for "-"; open, and gone through once.

    Raises NotFound, NotPermitted, Unavailable and BadFile where it cannot be read at all.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self.is_stream = is_stream(place)
        """Whether it cannot be opened again."""
        self._walk = FileWalk(place, WINDOW, eager=self.is_stream)
        self._interrupted = False
        chunks = iter(self._walk)
        first = next(chunks, None)
        self._chunks = chunks if first is None else chain([first], chunks)
        found = about(self._walk.begin)
        if found is None and first is not None:
            found = About(int(first.link[0]), SNAPLEN, False)  # behind a very long description
        if found is None:
            raise self._walk.problem or BadFile("cannot read", where=place, why="it has no header")
        self.about = found

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
        snaplen = self.about.snaplen
        if not self.about.is_pcap or not (chunk.captured_len > snaplen).any():
            return chunk
        return replace(chunk, captured_len=np.minimum(chunk.captured_len, np.uint32(snaplen)))


def damage_of(problem: NetshellError) -> str:
    """The line that tells why a file ended early."""
    why = problem.why if isinstance(problem, BadFile) else str(problem)
    return f"tcpdump: pcap_loop: {why}\n"

"""Capture files read a window of bytes at a time, whatever their size: pcap and pcapng.

A reader is fed windows in the order of the file and keeps what has to be known from one to the
next: byte order, time units, interfaces. Memory is bounded by the window.
"""

from __future__ import annotations

import struct
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from netshell.packet import pcap, pcapng
from netshell.packet.blocks import BlockReader
from netshell.packet.chunk import Chunk
from netshell.packet.framing import MAX_BLOCK, MAX_FRAME, Frames
from netshell.packet.lanes import Pace, Walk
from netshell.packet.pcap import Damage
from netshell.packet.remarks import Remarks
from netshell.packet.unkept import LARGE

LEAST_WINDOW = MAX_BLOCK
"""Bytes that a window has at least, unless it is the last: any record or block fits."""


class Fed(NamedTuple):
    """What a window gave: its whole frames, how many of its bytes they took, and why there can be
    no more, or None. The next window begins at the first byte that was not used."""

    chunk: Chunk
    used: int
    damage: Damage | None


class Reader(Protocol):
    """One file's reader."""

    remarks: Remarks
    """What the file says beside its packets, up to now; ``of_packets`` counts its packets."""

    @property
    def names(self) -> tuple[str, ...]:
        """The interfaces' names up to now ("" where unnamed); ``chunk.iface`` counts them."""
        ...

    def feed(self, octets: NDArray[np.uint8], last: bool) -> Fed:
        """The frames of the next window; ``last`` if the file ends with it. Raises nothing."""
        ...


def reader_for(start: bytes) -> Reader | None:
    """The reader of a file that begins with these bytes; None if it is no capture."""
    if pcapng.is_pcapng(start):
        return PcapngReader()
    return PcapReader() if pcap.is_pcap(start) else None


def no_capture(start: bytes) -> str:
    """Why a file that begins so has no reader."""
    if not start:
        return "the file is empty"
    return f"not a pcap file (it begins with {start[:4].hex(' ')})"


class PcapReader:
    """Reads classic pcap."""

    names: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.remarks = Remarks()
        self._at = 0  # the window's place in the file
        self._order, self._unit, self._link = "<", 1, 0
        self._pace = Pace()

    def feed(self, octets: NDArray[np.uint8], last: bool) -> Fed:
        used = 0
        if not self._at:
            if len(octets) < pcap.HEADER_SIZE:
                damage = Damage(len(octets), "the file header is cut short") if last else None
                return Fed(self._chunk(octets, np.zeros(0, np.int64)), 0, damage)
            self._order, self._unit = pcap._MAGICS[octets[:4].tobytes()]
            self._link = struct.unpack_from(self._order + "I", octets.data, 20)[0] & 0xFFFF
            used = pcap.HEADER_SIZE
        framing = Frames(octets, self._order, 1_000_000_000 // self._unit)
        walk = Walk(framing, used, self._pace)
        found = list(walk)
        records = np.concatenate(found) if found else np.zeros(0, np.int64)
        damage = None
        if walk.at < len(octets) and (last or not self._is_cut(octets, walk.at)):
            damage = Damage(self._at + walk.at, framing.problem(walk.at) or "")
        self._at += walk.at
        return Fed(self._chunk(octets, records), walk.at, damage)

    def _is_cut(self, octets: NDArray[np.uint8], at: int) -> bool:
        """Whether the record there only lacks bytes that the next window has."""
        if at + pcap.RECORD_SIZE > len(octets):
            return True
        return bool(struct.unpack_from(self._order + "I", octets.data, at + 8)[0] <= MAX_FRAME)

    def _chunk(self, octets: NDArray[np.uint8], records: NDArray[np.int64]) -> Chunk:
        return pcap._chunk(octets, records, self._order, self._unit, self._link)


class PcapngReader:
    """Reads pcapng: sections and interfaces last from one window to the next."""

    def __init__(self) -> None:
        self._blocks = BlockReader()
        self.remarks = self._blocks.remarks
        self._at = 0  # the window's place in the file
        self._large = 0  # bytes of a block that is stepped over, and where in the file it ends
        self._behind = 0

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._blocks.interfaces.names)

    def feed(self, octets: NDArray[np.uint8], last: bool) -> Fed:
        begin = 0
        if self._large:
            begin, damage = self._step(octets, last)
            if self._large:
                chunk, _ = self._blocks.read(octets[:0])
                self._at += begin
                return Fed(chunk, begin, damage)
        chunk, stop = self._blocks.read(octets[begin:])
        used, damage = len(octets), None
        if stop is not None:
            used = begin + stop.at
            place = self._at + used
            if last or not (stop.cut or stop.large):
                damage = Damage(place, stop.reason)
            elif stop.step:
                self._large, self._behind = stop.large, place + stop.large
                # Its length stands at its end once more, and is looked at.
                used += min(len(octets) - used, stop.large - 4)
            elif stop.large:
                damage = Damage(place, f"a block of {stop.large} bytes is too large to be read")
        self._at += used
        return Fed(chunk, used, damage)

    def _step(self, octets: NDArray[np.uint8], last: bool) -> tuple[int, Damage | None]:
        """How much of the window belongs to the large block; it is done with where that ends."""
        start, left = self._behind - self._large, self._behind - self._at
        if left > len(octets):
            if not last:
                return min(len(octets), left - 4), None
            there = self._at + len(octets) - start
            reason = f"a block is cut short ({there} of {self._large} bytes)"
            return 0, Damage(start, reason)
        order: Literal["little", "big"] = "little" if self._blocks.order == "<" else "big"
        if int.from_bytes(octets[left - 4 : left].tobytes(), order) != self._large:
            return 0, Damage(start, "a block's two lengths differ")
        self._large = 0
        self.remarks.left_out(LARGE)
        return left, None

"""Capture files read a window of bytes at a time, whatever their size: pcap and pcapng.

A reader is fed windows in the order of the file and keeps what has to be known from one to the
next: byte order, time units, interfaces. Memory is bounded by the window.
"""

from __future__ import annotations

import struct
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from netshell.packet import pcap, pcapng
from netshell.packet.chunk import Chunk
from netshell.packet.framing import MAX_BLOCK, MAX_FRAME, Frames
from netshell.packet.lanes import Pace, Walk
from netshell.packet.pcap import Damage
from netshell.packet.remarks import DESCRIBING, Remarks

LEAST_WINDOW = MAX_BLOCK
"""Bytes that a window has at least, unless it is the last: any record or block fits."""


_DIRECTION_ONLY = 12  # bytes of options that a packet without a comment has at most, usually


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
        self.remarks = Remarks()
        self._count = 0  # packets
        self._at = 0  # the window's place in the file
        self._found = pcapng._Found()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._found.names)

    def feed(self, octets: NDArray[np.uint8], last: bool) -> Fed:
        found, data, at = self._found, octets.data, 0
        found.rows = []
        damage = None
        while at < len(data):
            try:
                end = pcapng._block(data, at, found)
                self._remark(data, at, end)
                at = end
            except pcapng._Broken as broken:
                if last or not self._is_cut(data, at):
                    damage = Damage(self._at + at, str(broken))
                break
        self._at += at
        self._count += len(found.rows)
        return Fed(pcapng._chunk(octets, found), at, damage)

    def _remark(self, data: memoryview, at: int, end: int) -> None:
        """Keep what a block says beside its packet."""
        order = self._found.order
        (kind,) = struct.unpack_from(order + "I", data, at)
        if kind in DESCRIBING:
            self.remarks.take(kind, bytes(data[at + 8 : end - 4]), order)
        elif kind == pcapng.ENHANCED:
            start, captured = self._found.rows[-1][:2]
            begin = start + (captured + 3) // 4 * 4
            if end - 4 - begin > _DIRECTION_ONLY:
                number = self._count + len(self._found.rows) - 1
                self.remarks.packet(number, bytes(data[begin : end - 4]), order)

    def _is_cut(self, data: memoryview, at: int) -> bool:
        """Whether the block there only lacks bytes that the next window has."""
        left = len(data) - at
        if left < 12:
            return True
        length = struct.unpack_from(self._found.order + "I", data, at + 4)[0]
        return bool(left < length <= MAX_BLOCK)

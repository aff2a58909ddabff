"""What a capture file begins with: its link type, its snapshot length, its first packets.

Read without numpy, so that the first lines are on the screen before that is imported. What is
read here is only what is plain: of all else, :mod:`netshell.classic.capturing.reading` tells.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import NamedTuple

from netshell.classic.capturing.linktypes import described

STDIN = "-"
SNAPLEN = 262_144
MOST = 64
"""Packets that are read here."""

_BYTES = 1 << 16
_HEADER, _RECORD = 24, 16
_SLL2 = 276
_MAGICS = {  # byte order, nanoseconds of a unit of the fraction
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
_PCAPNG = b"\x0a\x0d\x0d\x0a"
_INTERFACE = 1


class About(NamedTuple):
    """What a file says of all its packets."""

    link: int
    snaplen: int
    is_pcap: bool

    def heading(self, place: str) -> str:
        """What tcpdump says before the first packet."""
        said = f"reading from file {place}, link-type {described(self.link)}"
        said += f", snapshot length {self.snaplen}\n"
        if self.link == _SLL2:
            said += "Warning: interface names might be incorrect\n"
        return said


Packet = tuple[int, bytes, int, int]
"""Link type, captured bytes, bytes on the wire, nanoseconds since the epoch."""


def is_stream(place: str) -> bool:
    """Whether it can be opened and read once only: standard input, a named pipe, ``<(...)``."""
    return place == STDIN or (Path(place).exists() and not Path(place).is_file())


def about(begin: bytes) -> About | None:
    """By a file's first bytes: its header, or its first interface; None if they do not say."""
    order, _ = _MAGICS.get(begin[:4], ("", 0))
    if order and len(begin) >= _HEADER:
        snaplen, link = struct.unpack_from(order + "II", begin, 16)
        return About(link & 0xFFFF, _snaplen(snaplen), True)
    if begin[:4] == _PCAPNG and len(begin) >= 12:
        return _first_interface(begin)
    return None


def _snaplen(given: int) -> int:
    return given if 0 < given < 1 << 31 else SNAPLEN


def _first_interface(begin: bytes) -> About | None:
    order = "<" if begin[8:12] == b"\x4d\x3c\x2b\x1a" else ">"
    at = 0
    while at + 16 <= len(begin):
        kind, length = struct.unpack_from(order + "II", begin, at)
        if kind == _INTERFACE:
            link, _, snaplen = struct.unpack_from(order + "HHI", begin, at + 8)
            return About(link, _snaplen(snaplen), False)
        if length < 12:
            break
        at += length
    return None


def first_packets(place: str, most: int = MOST) -> tuple[About, list[Packet]] | None:
    """What a pcap file says, and its first packets; None for any other, and where it fails.

    Then reading it in earnest says why.
    """
    try:
        with Path(place).open("rb") as file:
            begin = file.read(_BYTES) if Path(place).is_file() else b""
    except (OSError, ValueError):
        return None
    found = about(begin)
    if found is None or not found.is_pcap:
        return None
    order, unit = _MAGICS[begin[:4]]
    packets: list[Packet] = []
    at = _HEADER
    while len(packets) < most and at + _RECORD <= len(begin):
        seconds, part, captured, wire = struct.unpack_from(order + "IIII", begin, at)
        at += _RECORD
        if captured > SNAPLEN or at + captured > len(begin):
            break
        octets = begin[at : at + min(captured, found.snaplen)]
        time_ns = seconds * 1_000_000_000 + part * unit
        packets.append((found.link, octets, max(wire, captured), time_ns))
        at += captured
    return found, packets

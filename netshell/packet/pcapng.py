"""pcapng files, read and written as bytes.

Format: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/ . Read are section headers (both
byte orders, several sections), interface descriptions (name, time resolution and offset), enhanced,
simple and the obsolete packet blocks; other blocks are stepped over. Written are enhanced packet
blocks in nanoseconds, with interface names and directions.

As in :mod:`netshell.packet.pcap`, damage ends the reading, and no length is believed unchecked.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from netshell.packet.chunk import INCOMING, OUTGOING, UNKNOWN, Chunk
from netshell.packet.packing import put, put_frames
from netshell.packet.pcap import MAX_FRAME, Bytes, Damage

SECTION, INTERFACE, OBSOLETE, SIMPLE, ENHANCED = 0x0A0D0D0A, 1, 2, 3, 6

_MAGICS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_IF_NAME, _IF_TSRESOL, _IF_TSOFFSET, _EPB_FLAGS = 2, 9, 14, 2
_LAST_NS = 2**63 - 1
_DIRECTIONS = {1: INCOMING, 2: OUTGOING}


class Parsed(NamedTuple):
    """What a file holds: its frames, the interfaces' names ("" where unnamed; the chunk's
    ``iface`` counts them over all sections), and why reading ended early, or None."""

    chunk: Chunk
    names: tuple[str, ...]
    damage: Damage | None


def is_pcapng(data: Bytes) -> bool:
    """Whether the first four bytes are a section header's."""
    return bytes(np.frombuffer(data, np.uint8)[:4]) == b"\x0a\x0d\x0d\x0a"


def parse(data: Bytes) -> Parsed:
    """The frames of a whole pcapng file; they point into ``data``. Raises nothing."""
    octets = np.frombuffer(data, np.uint8)
    found = _Found()
    damage = _walk(octets.data, found)
    return Parsed(_chunk(octets, found), tuple(found.names), damage)


@dataclass(slots=True)
class _Interface:
    number: int  # over all sections
    link: int
    snaplen: int
    binary: bool = False  # time unit: 2 ** -power seconds, else 10 ** -power
    power: int = 6
    offset_s: int = 0

    def nanoseconds(self, ticks: int) -> int:
        ns = ticks * 1_000_000_000
        ns = ns >> self.power if self.binary else ns // 10**self.power
        return min(max(ns + self.offset_s * 1_000_000_000, -_LAST_NS), _LAST_NS)


@dataclass(slots=True)
class _Found:
    """The rows of the chunk to be: where, captured, wire, time, interface, direction, link."""

    rows: list[tuple[int, int, int, int, int, int, int]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    interfaces: list[_Interface] = field(default_factory=list)  # of the current section
    order: str = "<"


class _Broken(Exception):
    """A block that cannot be what it claims; said as Damage with the block's place."""


def _walk(data: memoryview, found: _Found) -> Damage | None:
    """Reads block after block; what ended it early."""
    size = len(data)
    if not size:
        return Damage(0, "the file is empty")
    if bytes(data[:4]) != b"\x0a\x0d\x0d\x0a":
        return Damage(0, f"not a pcapng file (it begins with {bytes(data[:4]).hex(' ')})")
    at = 0
    while at < size:
        try:
            at = _block(data, at, found)
        except _Broken as broken:
            return Damage(at, str(broken))
    return None


def _block(data: memoryview, at: int, found: _Found) -> int:
    """Reads one block; where the next one begins."""
    left = len(data) - at
    if left < 12:
        raise _Broken(f"a block is cut short ({left} of at least 12 bytes)")
    if bytes(data[at : at + 4]) == b"\x0a\x0d\x0d\x0a":
        order = _MAGICS.get(bytes(data[at + 8 : at + 12]))
        if order is None:
            raise _Broken("a section header without its byte-order mark")
        found.order = order
        found.interfaces = []
    kind, length = struct.unpack_from(found.order + "II", data, at)
    if length < 12 or length % 4:
        raise _Broken(f"a block claims {length} bytes, which no block can have")
    if length > left:
        raise _Broken(f"a block is cut short ({left} of {length} bytes)")
    if struct.unpack_from(found.order + "I", data, at + length - 4)[0] != length:
        raise _Broken("a block's two lengths differ")
    body, end = at + 8, at + length - 4
    if kind == INTERFACE:
        _interface(data, body, end, found)
    elif kind in (ENHANCED, OBSOLETE):
        _packet(data, body, end, found, kind)
    elif kind == SIMPLE:
        _simple(data, body, end, found)
    return at + int(length)


def _interface(data: memoryview, body: int, end: int, found: _Found) -> None:
    if end - body < 8:
        raise _Broken("an interface description is too short")
    link, _, snaplen = struct.unpack_from(found.order + "HHI", data, body)
    interface = _Interface(len(found.names), link, snaplen)
    name = ""
    for code, value in _options(data, body + 8, end, found.order):
        if code == _IF_NAME:
            name = value.decode("utf-8", "backslashreplace")
        elif code == _IF_TSRESOL and len(value) == 1:
            interface.binary, interface.power = value[0] >= 0x80, value[0] & 0x7F
        elif code == _IF_TSOFFSET and len(value) == 8:
            (interface.offset_s,) = struct.unpack(found.order + "q", value)
    if len(found.names) > 0xFFFF:
        raise _Broken("more than 65,536 interfaces")
    found.names.append(name)
    found.interfaces.append(interface)


def _packet(data: memoryview, body: int, end: int, found: _Found, kind: int) -> None:
    if end - body < 20:
        raise _Broken("a packet block is too short")
    layout = "IIIII" if kind == ENHANCED else "HHIIII"
    number, *_, high, low, captured, wire = struct.unpack_from(found.order + layout, data, body)
    interface = _one_of(found, number)
    start = body + 20
    if captured > min(end - start, MAX_FRAME):
        raise _Broken(f"a packet claims {captured} bytes in a block of {end - body + 12}")
    direction = UNKNOWN
    options = start + (captured + 3) // 4 * 4
    if options < end:
        for code, value in _options(data, options, end, found.order):
            if code == _EPB_FLAGS and len(value) == 4:
                (flags,) = struct.unpack(found.order + "I", value)
                direction = _DIRECTIONS.get(flags & 3, UNKNOWN)
    time_ns = interface.nanoseconds(high << 32 | low)
    found.rows.append(
        (start, captured, max(wire, captured), time_ns, interface.number, direction, interface.link)
    )


def _simple(data: memoryview, body: int, end: int, found: _Found) -> None:
    """A packet without a time (it counts as 0), of the section's first interface."""
    if end - body < 4:
        raise _Broken("a simple packet block is too short")
    interface = _one_of(found, 0)
    (wire,) = struct.unpack_from(found.order + "I", data, body)
    start = body + 4
    captured = min(wire, end - start, interface.snaplen or MAX_FRAME, MAX_FRAME)
    found.rows.append((start, captured, wire, 0, interface.number, UNKNOWN, interface.link))


def _one_of(found: _Found, number: int) -> _Interface:
    if number >= len(found.interfaces):
        raise _Broken(f"a packet of interface {number}, which was not described")
    return found.interfaces[number]


def _options(data: memoryview, at: int, end: int, order: str) -> Iterator[tuple[int, bytes]]:
    """The options up to the first that does not fit: they only describe, and end nothing."""
    while at + 4 <= end:
        code, length = struct.unpack_from(order + "HH", data, at)
        if code == 0 or at + 4 + length > end:
            return
        yield code, bytes(data[at + 4 : at + 4 + length])
        at += 4 + (length + 3) // 4 * 4


def _chunk(octets: NDArray[np.uint8], found: _Found) -> Chunk:
    columns = np.array(found.rows, np.int64).reshape(-1, 7).T
    return Chunk(
        data=octets,
        offset=columns[0].copy(),
        captured_len=columns[1].astype(np.uint32),
        wire_len=columns[2].astype(np.uint32),
        time_ns=columns[3].copy(),
        iface=columns[4].astype(np.uint16),
        direction=columns[5].astype(np.uint8),
        link=columns[6].astype(np.uint16),
    )


# --- writing --------------------------------------------------------------------------------


class Writer:
    """Writes chunks as pcapng blocks; every interface is described where it is first needed.

    >>> writer = Writer(["eth0"])
    >>> data = writer.header() + b"".join(writer.records(chunk))       # doctest: +SKIP
    """

    def __init__(self, names: Sequence[str] = ()) -> None:
        self._names = names
        self._numbers: dict[tuple[int, int], int] = {}  # by the chunk's iface and link type

    def header(self) -> bytes:
        """The section header a file starts with (little endian, of unknown length)."""
        return _sealed(SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))

    def records(self, chunk: Chunk) -> Iterator[bytes | memoryview]:
        """The chunk's frames as blocks, one piece of bytes each some thousand frames."""
        for first in range(0, len(chunk), _BATCH):
            part = chunk[first : first + _BATCH]
            numbers, described = self._numbered(part)
            if described:
                yield described
            yield _blocks(part, numbers)

    def _numbered(self, part: Chunk) -> tuple[NDArray[np.uint32], bytes]:
        """Each frame's interface in the file, and the descriptions of those new to it."""
        keys = part.iface.astype(np.uint32) << 16 | part.link
        found, where = (keys[:1], np.zeros(len(keys), np.intp))
        if not (keys == keys[0]).all():
            found, where = np.unique(keys, return_inverse=True)
        described, numbers = b"", []
        for key in found.tolist():
            pair = key >> 16, key & 0xFFFF
            if pair not in self._numbers:
                self._numbers[pair] = len(self._numbers)
                described += self._described(*pair)
            numbers.append(self._numbers[pair])
        return np.array(numbers, np.uint32)[where], described

    def _described(self, iface: int, link: int) -> bytes:
        body = struct.pack("<HHI", link, 0, MAX_FRAME)
        name = self._names[iface].encode("utf-8", "replace") if iface < len(self._names) else b""
        if name:
            body += struct.pack("<HH", _IF_NAME, len(name)) + name + b"\0" * (-len(name) % 4)
        body += struct.pack("<HHB3x", _IF_TSRESOL, 1, 9) + _END_OF_OPTIONS
        return _sealed(INTERFACE, body)


_BATCH = 4096
_LOW = 0xFFFFFFFF
_END_OF_OPTIONS = bytes(4)
_ENHANCED = np.dtype([(name, "<u4") for name in (
    "kind", "length", "interface", "high", "low", "captured", "wire"
)])  # fmt: skip
_FLAGS = np.dtype([("code", "<u2"), ("size", "<u2"), ("bits", "<u4"), ("end", "<u4")])
_LENGTH = struct.Struct("<I")


def _blocks(part: Chunk, numbers: NDArray[np.uint32]) -> memoryview:
    """Frames as enhanced packet blocks, each with its direction if that is known."""
    captured = part.captured_len.astype(np.int64)
    padded = (captured + 3) & ~3
    known = part.direction != UNKNOWN
    lengths = 32 + padded + np.where(known, _FLAGS.itemsize, 0)
    ends = np.cumsum(lengths)
    starts = ends - lengths
    heads = np.empty(len(part), _ENHANCED)
    heads["kind"], heads["length"], heads["interface"] = ENHANCED, lengths, numbers
    heads["high"], heads["low"] = part.time_ns >> 32, part.time_ns & _LOW
    heads["captured"], heads["wire"] = captured, part.wire_len
    out = np.zeros(int(ends[-1]), np.uint8)
    put(out, starts, heads)
    put_frames(out, starts + 28, part)
    flags = np.zeros(int(known.sum()), _FLAGS)
    flags["code"], flags["size"] = _EPB_FLAGS, 4
    flags["bits"] = _BITS[part.direction[known]]
    put(out, (starts + 28 + padded)[known], flags)
    put(out, ends - 4, lengths.astype("<u4"))
    return out.data


_BITS = np.zeros(256, np.uint32)
for _bits, _mark in _DIRECTIONS.items():
    _BITS[_mark] = _bits


def _sealed(kind: int, body: bytes) -> bytes:
    length = _LENGTH.pack(12 + len(body))
    return struct.pack("<I", kind) + length + body + length

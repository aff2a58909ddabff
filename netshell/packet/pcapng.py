"""pcapng files, read and written as bytes.

Format: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/ . What is read of it stands in
:mod:`netshell.packet.blocks`. Written are enhanced packet blocks in nanoseconds, with interface
names and directions.

As in :mod:`netshell.packet.pcap`, damage ends the reading, and no length is believed unchecked.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netshell.packet.batch import Batch, Packed
from netshell.packet.blocks import DIRECTIONS, EPB_FLAGS, INTERFACE, BlockReader
from netshell.packet.blocks import ENHANCED as ENHANCED
from netshell.packet.chunk import UNKNOWN, Chunk
from netshell.packet.framing import SECTION
from netshell.packet.interfaces import IF_NAME, IF_TSOFFSET, IF_TSRESOL
from netshell.packet.options import Option, encoded, texts
from netshell.packet.packing import (
    Room,
    Statistics,
    behind,
    evenly,
    fresh,
    in_a_row,
    listed,
    put,
    put_even,
    put_frames,
    put_uneven,
    statistics_block,
)
from netshell.packet.pcap import MAX_FRAME, Bytes, Damage
from netshell.packet.remarks import About


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
    reader = BlockReader()
    if not is_pcapng(octets):
        start = octets[:4].tobytes()
        reason = f"not a pcapng file (it begins with {start.hex(' ')})"
        empty, _ = reader.read(octets[:0])
        return Parsed(empty, (), Damage(0, reason if start else "the file is empty"))
    chunk, stop = reader.read(octets)
    damage = None if stop is None else Damage(stop.at, stop.reason)
    return Parsed(chunk, tuple(reader.interfaces.names), damage)


# --- writing --------------------------------------------------------------------------------


class Writer:
    """Writes chunks as pcapng blocks; every interface is described where it is first needed.

    >>> writer = Writer(["eth0"])
    >>> data = writer.header() + b"".join(writer.records(chunk))       # doctest: +SKIP
    """

    def __init__(self, names: Sequence[str] = (), about: Mapping[int, About] | None = None) -> None:
        """``about`` says more of the interfaces, by the numbers that chunks have for them."""
        self._names = names
        self._about = {} if about is None else about
        # By the chunk's iface and link type, and which of _EPOCHS its times begin with.
        self._numbers: dict[tuple[int, int, int], int] = {}

    def header(self, options: Iterable[Option] = ()) -> bytes:
        """The section header a file starts with (little endian, of unknown length)."""
        body = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
        said = encoded(options)
        return _sealed(SECTION, body + said + _END_OF_OPTIONS if said else body)

    def records(self, chunk: Chunk) -> Iterator[bytes | memoryview]:
        """The chunk's frames as blocks, one piece of bytes each some thousand frames."""
        for first in range(0, len(chunk), _BATCH):
            part = chunk[first : first + _BATCH]
            numbers, ticks, described = self._numbered(part)
            if described:
                yield described
            yield _laid_out(part, numbers, ticks, fresh).data.data

    def describe(self, interfaces: Sequence[tuple[int, int]]) -> bytes:
        """Descriptions of interfaces (a chunk's iface, and its link type) ahead of any packet."""
        described = b""
        for iface, link in interfaces:
            self._numbers[iface, link, 0] = len(self._numbers)
            described += self._described(iface, link, 0)
        return described

    def laid_out(self, chunk: Chunk, room: Room = fresh) -> Chunk:
        """The same frames with bytes of their own: the blocks as they stand in a file.

        Raises ValueError for frames of an interface that was not described yet.
        """
        numbers, ticks, described = self._numbered(chunk)
        if described:
            raise ValueError("packets of an interface that was not described")
        return _laid_out(chunk, numbers, ticks, room)

    def packed(self, batch: Batch, room: Room = fresh) -> Packed:
        """The same for frames that were not indexed; all directions are known.

        Raises ValueError for frames of an interface that was not described yet.
        """
        number = self._numbers.get((batch.iface, batch.link, 0))
        if number is None:
            raise ValueError("packets of an interface that was not described")
        even = _even if batch.size is not None else _uneven
        return even(batch, number, room)

    def statistics(self, counted: Mapping[int, Statistics]) -> bytes:
        """Blocks, for the file's end, of what the chunks' interfaces counted.

        Those of which no packet was written are not described in the file, and left out.
        """
        blocks, done = b"", set()
        for (iface, link, epoch), number in self._numbers.items():
            if iface in counted and (iface, link) not in done:
                done.add((iface, link))
                one = counted[iface]
                times = [None if ns is None else ns - _EPOCHS[epoch] * _SECOND
                         for ns in (one.began_ns, one.ended_ns)]  # fmt: skip
                blocks += statistics_block(number, Statistics(one.received, one.dropped, *times))
        return blocks

    def _numbered(self, part: Chunk) -> tuple[NDArray[np.uint32], NDArray[np.int64], bytes]:
        """Each frame's interface in the file, its time as that counts, and the descriptions of
        those new to the file."""
        keys: NDArray[Any] = part.iface.astype(np.uint32) << 16 | part.link
        ticks = part.time_ns
        if len(ticks) and int(ticks.min()) < 0:
            keys, ticks = _before_1970(keys, ticks)
        found, where = (keys[:1], np.zeros(len(keys), np.intp))
        if not (keys == keys[:1]).all():
            found, where = np.unique(keys, return_inverse=True)
        described, numbers = b"", []
        for key in found.tolist():
            pair = key >> 16 & 0xFFFF, key & 0xFFFF, key >> 32
            if pair not in self._numbers:
                self._numbers[pair] = len(self._numbers)
                described += self._described(*pair)
            numbers.append(self._numbers[pair])
        return np.array(numbers, np.uint32)[where], ticks, described

    def _described(self, iface: int, link: int, epoch: int) -> bytes:
        about = self._about.get(iface, _NOTHING)
        body = struct.pack("<HHI", link, 0, about.snaplen or MAX_FRAME)
        name = self._names[iface] if iface < len(self._names) else ""
        told = texts(IF_NAME, [name] if name else [])
        told += [(IF_TSRESOL, b"\x09"), *about.options]
        if epoch:
            told.append((IF_TSOFFSET, struct.pack("<q", _EPOCHS[epoch])))
        return _sealed(INTERFACE, body + encoded(told) + _END_OF_OPTIONS)


PACKET_HEAD = 28
"""Bytes of a packet's block before its frame."""

_SECOND = 1_000_000_000
_EPOCHS = 0, -((1 << 62) // _SECOND), -((1 << 63) // _SECOND + 1)
"""Seconds that an interface's times are counted from: the format has none before its own. Packets
before 1970 get a description of the interface with another, the nearest as it is read quicker."""

_NOTHING = About()
_BATCH = 4096
_LOW = 0xFFFFFFFF
_END_OF_OPTIONS = bytes(4)
_ENHANCED = np.dtype([(name, "<u4") for name in (
    "kind", "length", "interface", "high", "low", "captured", "wire"
)])  # fmt: skip
_FLAGS = np.dtype([("code", "<u2"), ("size", "<u2"), ("bits", "<u4"), ("end", "<u4")])
_TAIL = np.dtype([*_FLAGS.descr, ("length", "<u4")])
_OPENING = np.dtype([(name, "<u4") for name in ("kind", "length", "interface")])
_HALVES = np.dtype([("time", "V8"), ("sizes", "V8")])
_PARTS = np.dtype([("opening", "V12"), ("ticks", "<u8"), ("sizes", "V8")])
_LENGTH = struct.Struct("<I")


def ends(chunk: Chunk) -> NDArray[np.int64]:
    """Where the blocks of a chunk that is laid out end."""
    padded = (chunk.captured_len.astype(np.int64) + 3) & ~3
    flags = np.where(chunk.direction != UNKNOWN, _FLAGS.itemsize, 0)
    behind: NDArray[np.int64] = chunk.offset + padded + flags + 4
    return behind


def _before_1970(
    keys: NDArray[np.uint32], time_ns: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Keys of interfaces with epochs that times count from, and the times as these do."""
    epochs = np.where(time_ns >= 0, 0, np.where(time_ns >= _EPOCHS[1] * _SECOND, 1, 2))
    begins = np.array([-epoch * _SECOND for epoch in _EPOCHS], np.uint64)[epochs]
    ticks = (time_ns.view(np.uint64) + begins).view(np.int64)
    return epochs.astype(np.uint64) << np.uint64(32) | keys, ticks


def _laid_out(
    chunk: Chunk, numbers: NDArray[np.uint32], ticks: NDArray[np.int64], room: Room
) -> Chunk:
    """Frames as enhanced packet blocks, each with its direction if that is known."""
    captured = chunk.captured_len.astype(np.int64)
    padded = (captured + 3) & ~3
    known = chunk.direction != UNKNOWN
    lengths = 32 + padded + np.where(known, _FLAGS.itemsize, 0)
    starts = in_a_row(lengths)
    frames = behind(starts, PACKET_HEAD)
    ahead = listed(frames) + padded  # of the options
    heads = np.empty(len(chunk), _ENHANCED)
    heads["kind"], heads["length"], heads["interface"] = ENHANCED, lengths, numbers
    heads["high"], heads["low"] = ticks >> 32, ticks & _LOW
    heads["captured"], heads["wire"] = captured, chunk.wire_len
    out = room(int(lengths.sum()))
    if (captured != padded).any():
        put(out, ahead - 4, np.zeros(len(chunk), "<u4"))
    put(out, starts, heads)
    put_frames(out, frames, chunk)
    flags = np.zeros(int(known.sum()), _FLAGS)
    flags["code"], flags["size"] = EPB_FLAGS, 4
    flags["bits"] = _BITS.take(chunk.direction[known])
    laid = chunk.elsewhere(out, listed(frames))
    chosen = ahead if len(flags) == len(ahead) else ahead[known]
    put(out, evenly(chosen), flags)
    put(out, evenly(ends(laid) - 4), lengths.astype("<u4"))
    return laid


def _even(batch: Batch, number: int, room: Room) -> Packed:
    """Frames of one size: what all blocks have in common is put there once for all."""
    size, count = batch.size or 0, len(batch)
    tail_at = PACKET_HEAD + ((size + 3) & ~3)
    length = tail_at + _TAIL.itemsize
    starts = range(0, count * length, length)
    out = room(starts.stop)
    put(out, starts, np.array([(ENHANCED, length, number)], _OPENING))
    put(out, behind(starts, 12), _ticks(batch))
    put(out, behind(starts, 20), _sizes(batch))
    if size & 3:
        put(out, behind(starts, tail_at - 4), np.zeros(1, "<u4"))
    put_even(out, behind(starts, PACKET_HEAD), batch.data, batch.at, size)
    put(out, behind(starts, tail_at), _tails(batch.direction, length))
    return Packed(out, starts, batch.direction, batch.iface, batch.link)


def _uneven(batch: Batch, number: int, room: Room) -> Packed:
    """Frames of several sizes."""
    captured = batch.heads["captured"]
    padded = (captured.astype(np.int64) + 3) & ~3
    lengths = padded + (PACKET_HEAD + _TAIL.itemsize)
    ends = np.cumsum(lengths)
    starts = ends - lengths
    heads = np.empty(len(batch), _ENHANCED)
    heads["kind"], heads["length"], heads["interface"] = ENHANCED, lengths, number
    heads.view(_PARTS)["ticks"] = _ticks(batch)
    heads.view(_PARTS)["sizes"] = _sizes(batch)
    out = room(int(ends[-1]))
    put(out, ends - (_TAIL.itemsize + 4), np.zeros(1, "<u4"))  # what pads frames, before them
    put(out, starts, heads)
    put_uneven(out, starts + PACKET_HEAD, batch.data, listed(batch.at), captured)
    put(out, ends - _TAIL.itemsize, _tails(batch.direction, lengths))
    return Packed(out, starts, batch.direction, batch.iface, batch.link)


def _ticks(batch: Batch) -> NDArray[np.uint64]:
    """Times as the format has them, the upper half of the nanoseconds first."""
    ticks = batch.heads["seconds"].astype("<u8")
    ticks *= np.uint64(1_000_000_000)
    ticks += batch.heads["nanoseconds"]
    low = ticks << np.uint64(32)
    ticks >>= np.uint64(32)
    ticks |= low
    return ticks


def _sizes(batch: Batch) -> NDArray[np.void]:
    """Captured and wire length together: they stand side by side there as here."""
    sizes: NDArray[np.void] = batch.heads.view(_HALVES)["sizes"]
    return sizes


def _tails(direction: NDArray[np.uint8], length: int | NDArray[np.int64]) -> NDArray[np.void]:
    """What blocks end with; one for all if they end alike."""
    alike = isinstance(length, int) and bool((direction == direction[0]).all())
    tails = np.zeros(1 if alike else len(direction), _TAIL)
    tails["code"], tails["size"], tails["length"] = EPB_FLAGS, 4, length
    tails["bits"] = _BITS.take(direction[: len(tails)])
    return tails


def unpacked(records: Packed) -> Chunk:
    """The frames in blocks; they point into the same bytes."""
    heads = records.heads(_ENHANCED)
    time_ns = heads["high"].astype(np.int64)
    time_ns <<= 32
    time_ns |= heads["low"]
    return records.chunk(time_ns, heads)


_BITS = np.zeros(256, np.uint32)
for _bits, _mark in DIRECTIONS.items():
    _BITS[_mark] = _bits


def _sealed(kind: int, body: bytes) -> bytes:
    length = _LENGTH.pack(12 + len(body))
    return struct.pack("<I", kind) + length + body + length

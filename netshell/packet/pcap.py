"""Classic pcap files, read and written as bytes.

Format: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/ . Microseconds and nanoseconds,
both byte orders. A damaged file gives every record before the damage and says where it stopped:
no length is believed before it was compared with the bytes there are.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from netshell.packet import chunk as chunks
from netshell.packet.batch import HEAD, Batch, Packed
from netshell.packet.chunk import Chunk
from netshell.packet.framing import MAX_FRAME as MAX_FRAME
from netshell.packet.framing import Frames, items
from netshell.packet.lanes import Walk
from netshell.packet.packing import (
    Places,
    Room,
    behind,
    fresh,
    in_a_row,
    listed,
    put,
    put_even,
    put_frames,
    put_uneven,
)

Bytes = bytes | bytearray | memoryview | NDArray[np.uint8]

HEADER_SIZE, RECORD_SIZE = 24, 16

_MAGICS = {  # first four bytes: (byte order, nanoseconds per unit of the fraction)
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}


class Damage(NamedTuple):
    """Why reading stopped: the file offset of what could not be read, and what is wrong there.

    Offset 0 means that this is no pcap file at all.
    """

    offset: int
    reason: str

    def __str__(self) -> str:
        return f"damaged at byte {self.offset}: {self.reason}"


def is_pcap(data: Bytes) -> bool:
    """Whether the first four bytes are a pcap file's."""
    return bytes(np.frombuffer(data, np.uint8)[:4]) in _MAGICS


def parse(data: Bytes) -> tuple[Chunk, Damage | None]:
    """The frames of a whole pcap file, and why it ended early, or None.

    The chunk points into ``data``: nothing is copied. Raises nothing.
    """
    octets = np.frombuffer(data, np.uint8)
    start = bytes(octets[:HEADER_SIZE])
    if start[:4] not in _MAGICS:
        return _chunk(octets, np.zeros(0, np.int64), "<", 1, 0), Damage(0, _no_pcap(start))
    order, unit = _MAGICS[start[:4]]
    if len(start) < HEADER_SIZE:
        return _chunk(octets, np.zeros(0, np.int64), order, unit, 0), Damage(
            len(start), "the file header is cut short"
        )
    link = struct.unpack_from(order + "I", start, 20)[0] & 0xFFFF
    records, damage = _walk(octets, order, unit)
    return _chunk(octets, records, order, unit, link), damage


def _no_pcap(start: bytes) -> str:
    if not start:
        return "the file is empty"
    return f"not a pcap file (it begins with {start[:4].hex(' ')})"


def _walk(
    octets: NDArray[np.uint8], order: str, unit: int
) -> tuple[NDArray[np.int64], Damage | None]:
    """Where the records begin, and what ended the chain of them early."""
    framing = Frames(octets, order, 1_000_000_000 // unit)
    walk = Walk(framing, HEADER_SIZE)
    records = np.concatenate(list(walk))
    problem = framing.problem(walk.at) if walk.at < len(octets) else None
    return records, None if problem is None else Damage(walk.at, problem)


def _chunk(
    octets: NDArray[np.uint8], records: NDArray[np.int64], order: str, unit: int, link: int
) -> Chunk:
    """Records at proven places as a chunk."""
    count = len(records)
    captured, wire = np.empty(count, np.uint32), np.empty(count, np.uint32)
    time_ns = np.empty(count, np.int64)
    headers = items(octets, f"V{RECORD_SIZE}")
    for first in range(0, count, _BLOCK):
        block = slice(first, first + _BLOCK)
        at = records[block]
        octets.take(at, mode="clip")  # brings them near, many at a time
        seconds, part, kept, all_ = headers[at].view(order + "u4").reshape(-1, 4).T
        captured[block] = kept
        np.maximum(all_, kept, out=wire[block])  # some writers put 0 or less than they captured
        np.multiply(seconds, 1_000_000_000, out=time_ns[block], dtype=np.int64)
        time_ns[block] += part.astype(np.int64) * unit
    return Chunk(
        data=octets,
        offset=records + RECORD_SIZE,
        captured_len=captured,
        wire_len=wire,
        time_ns=time_ns,
        iface=np.zeros(count, np.uint16),
        direction=np.zeros(count, np.uint8),
        link=np.full(count, link, np.uint16),
    )


_BLOCK = 8192
"""Records whose headers are read together: they stay in the processor's cache."""


def header(
    link: int = chunks.ETHERNET, snaplen: int = MAX_FRAME, *, nanoseconds: bool = True
) -> bytes:
    """The 24 bytes a pcap file starts with (little endian)."""
    magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
    return struct.pack("<IHHiIII", magic, 2, 4, 0, 0, snaplen, link)


def records(chunk: Chunk, *, nanoseconds: bool = True) -> Iterator[memoryview]:
    """The chunk's frames as pcap records, some thousand of them per piece of bytes.

    Interface and direction are lost, and times that :func:`untimely` tells wrap: the format has no
    place for them.
    """
    for first in range(0, len(chunk), _BATCH):
        yield laid_out(chunk[first : first + _BATCH], nanoseconds=nanoseconds).data.data


def untimely(chunk: Chunk) -> int | None:
    """The row of a packet whose time the format does not hold, before 1970 or after 2106."""
    time_ns = chunk.time_ns
    outside = (time_ns < 0) | (time_ns >= 1_000_000_000 << 32)
    return int(outside.argmax()) if outside.any() else None


def laid_out(chunk: Chunk, room: Room = fresh, *, nanoseconds: bool = True) -> Chunk:
    """The same frames with bytes of their own: the records as they stand in a file."""
    # Quicker than divmod, which numpy does one by one for signed numbers.
    seconds = chunk.time_ns // 1_000_000_000
    rest = chunk.time_ns - seconds * 1_000_000_000
    heads = np.empty(len(chunk), HEAD)
    heads["seconds"] = seconds & 0xFFFFFFFF
    heads["nanoseconds"] = rest if nanoseconds else rest // 1000
    heads["captured"] = chunk.captured_len
    heads["wire"] = chunk.wire_len
    lengths = chunk.captured_len.astype(np.int64) + RECORD_SIZE
    starts = in_a_row(lengths)
    frames = behind(starts, RECORD_SIZE)
    out = room(int(lengths.sum()))
    put(out, starts, heads)
    put_frames(out, frames, chunk)
    return chunk.elsewhere(out, listed(frames))


def ends(chunk: Chunk) -> NDArray[np.int64]:
    """Where the records of a chunk that is laid out end."""
    return chunk.offset + chunk.captured_len


def packed(batch: Batch, room: Room = fresh) -> Packed:
    """Frames as the records that stand in a file, nanoseconds and all."""
    heads, size, count = batch.heads, batch.size, len(batch)
    starts: Places
    if size is not None:
        starts = range(0, count * (RECORD_SIZE + size), RECORD_SIZE + size)
        out = room(starts.stop)
        put_even(out, behind(starts, RECORD_SIZE), batch.data, batch.at, size)
    else:
        lengths = heads["captured"].astype(np.int64) + RECORD_SIZE
        ends = np.cumsum(lengths)
        starts = ends - lengths
        out = room(int(ends[-1]))
        frames, sizes = starts + RECORD_SIZE, heads["captured"]
        put_uneven(out, frames, batch.data, listed(batch.at), sizes)
    put(out, starts, heads)
    return Packed(out, starts, batch.direction, batch.iface, batch.link)


def unpacked(records: Packed) -> Chunk:
    """The frames in records; they point into the same bytes."""
    heads = records.heads(HEAD)
    time_ns = heads["seconds"].astype(np.int64)
    time_ns *= 1_000_000_000
    time_ns += heads["nanoseconds"]
    return records.chunk(time_ns, heads)


_BATCH = 4096

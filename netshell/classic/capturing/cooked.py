"""Frames of several interfaces as captures on "any" have them: behind a Linux cooked header v2.

https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html . Captured is each interface's own
frame; here it gets the header that the kernel gives it where it is asked for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.packet.chunk import ETHERNET, OUTGOING, SLL, SLL2, Chunk
from netshell.packet.packing import put_uneven

HEADER = np.dtype([
    ("protocol", ">u2"), ("reserved", ">u2"), ("index", ">u4"), ("arphrd", ">u2"),
    ("way", "u1"), ("size", "u1"), ("address", "V8"),
])  # fmt: skip

_HOST, _BROADCAST, _MULTICAST, _OUTGOING = 0, 1, 2, 4
_802_3, _802_2 = 1, 4  # protocol numbers of frames that have a length and no type
_LEAST_TYPE = 0x600
_HEADS = {ETHERNET: 14, SLL: 16}


def cooked(chunk: Chunk, indexes: Sequence[int], types: Sequence[int]) -> Chunk:
    """The packets with such headers in place of their own; frames cut within those stay away.

    ``indexes`` and ``types`` (ARPHRD_) are those of the interfaces that the chunk counts.
    """
    heads = np.zeros(len(chunk), np.int64)
    for link, size in _HEADS.items():
        heads[chunk.link == link] = size
    chunk, heads = chunk[chunk.captured_len >= heads], heads[chunk.captured_len >= heads]
    header = np.zeros(len(chunk), HEADER)
    header["index"] = np.array(indexes, np.uint32)[chunk.iface]
    header["arphrd"] = np.array(types, np.uint16)[chunk.iface]
    for link in np.unique(chunk.link).tolist():
        rows = np.flatnonzero(chunk.link == link)
        fill = {ETHERNET: _ethernet, SLL: _sll}.get(link, _bare)
        part = header[rows]
        fill(part, chunk, rows)
        header[rows] = part
    header["way"][chunk.direction == OUTGOING] = _OUTGOING
    sizes = chunk.captured_len.astype(np.int64) - heads
    starts = np.cumsum(sizes + HEADER.itemsize) - sizes - HEADER.itemsize
    out = np.empty(int((sizes + HEADER.itemsize).sum()), np.uint8)
    place = starts[:, None] + np.arange(HEADER.itemsize)
    out[place] = header.view(np.uint8).reshape(-1, HEADER.itemsize)
    if len(chunk):
        put_uneven(
            out, starts + HEADER.itemsize, chunk.data, chunk.offset + heads, sizes.astype(np.uint32)
        )
    grown = HEADER.itemsize - heads
    return Chunk(
        data=out,
        offset=starts,
        captured_len=(chunk.captured_len + grown).astype(np.uint32),
        wire_len=(chunk.wire_len + grown).astype(np.uint32),
        time_ns=chunk.time_ns,
        iface=chunk.iface,
        direction=chunk.direction,
        link=np.full(len(chunk), SLL2, np.uint16),
    )


def _octets(chunk: Chunk, rows: NDArray[np.intp], at: int, count: int) -> NDArray[np.uint8]:
    """Bytes of each frame, a row each; 0 behind its end."""
    place = chunk.offset[rows, None] + np.arange(at, at + count)
    found = chunk.data.take(place, mode="clip")
    found[np.arange(at, at + count) >= chunk.captured_len[rows, None]] = 0
    return found


def _words(octets: NDArray[np.uint8]) -> NDArray[Any]:
    words: NDArray[Any] = np.ascontiguousarray(octets).view(">u2").reshape(len(octets))
    return words


def _ethernet(header: NDArray[np.void], chunk: Chunk, rows: NDArray[np.intp]) -> None:
    octets = _octets(chunk, rows, 0, 16)
    kind = _words(octets[:, 12:14])
    first = _words(octets[:, 14:16])
    llc = np.where(first == 0xFFFF, _802_3, _802_2)
    header["protocol"] = np.where(kind >= _LEAST_TYPE, kind, llc)
    target = octets[:, :6]
    ways = np.where(target[:, 0] & 1, _MULTICAST, _HOST)
    header["way"] = np.where((target == 0xFF).all(axis=1), _BROADCAST, ways)
    header["size"] = 6
    address = np.zeros((len(rows), 8), np.uint8)
    address[:, :6] = octets[:, 6:12]
    header["address"] = address.view("V8").reshape(-1)


def _sll(header: NDArray[np.void], chunk: Chunk, rows: NDArray[np.intp]) -> None:
    octets = _octets(chunk, rows, 0, 16)
    header["way"] = octets[:, 1]
    header["size"] = octets[:, 5]
    header["address"] = np.ascontiguousarray(octets[:, 6:14]).view("V8").reshape(-1)
    header["protocol"] = _words(octets[:, 14:16])


def _bare(header: NDArray[np.void], chunk: Chunk, rows: NDArray[np.intp]) -> None:
    version = _octets(chunk, rows, 0, 1)[:, 0] >> 4
    header["protocol"] = np.where(version == 6, 0x86DD, 0x0800)

"""Captures written to files: the whole of it, or nothing; the format by the file's suffix.

``FORMATS`` is the one registry. A pcap file holds one link type, and neither interface names nor
directions, nor what was said of packets, nor times before 1970 or after 2106; a pcapng file holds
all of it. What was not kept when a file was read is not written: ``Remarks.notes`` tells it.
"""

from __future__ import annotations

import os
import struct
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from netshell.errors import BadArgument
from netshell.packet import pcap, pcapng
from netshell.packet.chunk import ETHERNET, Chunk
from netshell.packet.options import COMMENT, inserted, texts
from netshell.packet.remarks import Remarks
from netshell.packet.telling import names_blocks, secrets_blocks
from netshell.saving import place_of, whole

Pieces = Iterator[bytes | memoryview]


def save(
    chunks: Iterable[Chunk],
    path: str | os.PathLike[str],
    names: Sequence[str] = (),
    remarks: Remarks | None = None,
) -> Path:
    """Write chunks to a file, one after the other; ``names`` are the interfaces they count.

    All but the chunks may be found out on the way: names and remarks are looked up when the
    chunk's turn comes that they belong to.

    Raises BadArgument for a suffix that is no capture's, and for packets of several link types or
    of times that it does not hold for a pcap file, NotPermitted, NotFound and NetshellError for
    what the system refuses.
    """
    place = place_of(path, "web.pcapng")
    pieces = _format(place)(chunks, names, place, Remarks() if remarks is None else remarks)
    with whole(place, "the capture is kept") as file:
        for piece in pieces:
            file.write(piece)
    return place


def _pcap(chunks: Iterable[Chunk], names: Sequence[str], place: Path, remarks: Remarks) -> Pieces:
    links: set[int] = set()
    start = 0
    for chunk in chunks:
        begins = not links
        links.update(np.unique(chunk.link).tolist())
        if len(links) > 1:
            raise BadArgument(
                "cannot save",
                where=f"to {place}",
                why="a pcap file holds one link type, these packets have several",
                next_step=f"use {place.with_suffix('.pcapng')}, which holds them",
            )
        row = pcap.untimely(chunk)
        if row is not None:
            raise BadArgument(
                "cannot save",
                where=f"to {place}",
                why="a pcap file holds times from 1970 to the beginning of 2106, "
                f"packet {start + row} is of {chunk.time_ns[row : row + 1].view('M8[ns]')[0]}",
                next_step=f"use {place.with_suffix('.pcapng')}, which holds them",
            )
        start += len(chunk)
        if begins and links:
            yield pcap.header(min(links))
        yield from pcap.records(chunk)
    if not links:
        yield pcap.header(ETHERNET)


def _pcapng(chunks: Iterable[Chunk], names: Sequence[str], place: Path, remarks: Remarks) -> Pieces:
    writer = pcapng.Writer(names, remarks.interfaces)
    numbers: list[int] = []
    start = named = kept = 0
    begun = False
    for chunk in chunks:
        if not begun:
            yield writer.header(remarks.of_section())
            begun = True
        # Before the packets that they are about, and which cannot be decrypted without.
        yield from secrets_blocks(remarks.secrets[kept:])
        yield from names_blocks(dict(islice(remarks.hosts.items(), named, None)))
        named, kept = len(remarks.hosts), len(remarks.secrets)
        if len(numbers) != len(remarks.of_packets):
            numbers = list(remarks.of_packets)
        yield from _commented(writer, chunk, start, numbers, remarks)
        start += len(chunk)
    if not begun:
        yield writer.header(remarks.of_section())
    counted = {number: about.statistics for number, about in remarks.interfaces.items()}
    yield writer.statistics({number: each for number, each in counted.items() if each is not None})


def _commented(
    writer: pcapng.Writer, chunk: Chunk, start: int, numbers: list[int], remarks: Remarks
) -> Pieces:
    """A chunk's packets, the first of them number ``start``, with what is said of some."""
    end = start + len(chunk)
    if bisect_left(numbers, start) == bisect_left(numbers, end):
        yield from writer.records(chunk)
        return
    # All of them at once, and what is said put between: a call for each would take much longer.
    octets, said = b"".join(writer.records(chunk)), remarks.of_packets
    sizes = chunk.captured_len.tolist()
    at = done = row = 0
    while at < len(octets):
        kind, length = _BLOCK.unpack_from(octets, at)
        if kind == pcapng.ENHANCED:
            if start + row in said:
                yield octets[done:at]
                done = at + length
                options = _PACKET_HEAD + (sizes[row] + 3) // 4 * 4
                yield inserted(octets[at:done], options, texts(COMMENT, said[start + row]))
            row += 1
        at += length
    yield octets[done:]


_BLOCK = struct.Struct("<II")  # the kind of a block, and its length
_PACKET_HEAD = 28  # what stands before a packet's bytes


Format = Callable[[Iterable[Chunk], Sequence[str], Path, Remarks], Pieces]

FORMATS: tuple[tuple[str, Format], ...] = (
    (".pcapng", _pcapng),
    (".pcap", _pcap),
    (".cap", _pcap),
)


def _format(place: Path) -> Format:
    for suffix, format_ in FORMATS:
        if place.suffix.lower() == suffix:
            return format_
    name = place.name if place.suffix in ("", ".") else place.stem
    raise BadArgument(
        "cannot save",
        where=f"to {place}",
        why=f"the formats are {', '.join(suffix for suffix, _ in FORMATS)}",
        next_step=f"use {place.with_name(f'{name}{FORMATS[0][0]}')}",
    )

"""Frames for tests of the pure layers: chunks from bytes, and simple segments."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

from netshell.packet.chunk import ETHERNET, Chunk

POISON = b"\x45\x60\xff\x08\x00"
"""Stands between the frames: whoever reads beyond a frame reads this, which looks like a header."""


def chunk_of(
    frames: Sequence[bytes],
    link: int | Sequence[int] = ETHERNET,
    wire_lens: Sequence[int] | None = None,
) -> Chunk:
    """The frames as one chunk, a microsecond apart."""
    data, offsets = bytearray(POISON), []
    for frame in frames:
        offsets.append(len(data))
        data += frame + POISON
    count = len(frames)
    lengths = [len(frame) for frame in frames]
    links = [link] * count if isinstance(link, int) else list(link)
    return Chunk(
        data=np.frombuffer(bytes(data), np.uint8),
        offset=np.array(offsets, np.int64),
        captured_len=np.array(lengths, np.uint32),
        wire_len=np.array(lengths if wire_lens is None else wire_lens, np.uint32),
        time_ns=1_700_000_000_000_000_000 + 1000 * np.arange(count, dtype=np.int64),
        iface=np.zeros(count, np.uint16),
        direction=np.zeros(count, np.uint8),
        link=np.array(links, np.uint16),
    )


def segment(
    src: str = "10.0.0.1",
    sport: int = 40000,
    dst: str = "10.0.0.2",
    dport: int = 80,
    *,
    flags: int = 0x10,
    seq: int = 0,
    ack: int = 0,
    window: int = 1000,
    options: bytes = b"",
    payload: bytes = b"",
    ttl: int = 64,
) -> bytes:
    """An Ethernet frame with a TCP segment over IPv4; checksums are left out."""
    options += b"\0" * (-len(options) % 4)
    offset = (20 + len(options)) // 4
    tcp = struct.pack(
        ">HHIIBBHHH",
        sport,
        dport,
        seq % 2**32,
        ack % 2**32,
        offset << 4 | flags >> 8,
        flags & 0xFF,
        window,
        0,
        0,
    )
    size = 20 + len(tcp) + len(options) + len(payload)
    addresses = b"".join(bytes(map(int, address.split("."))) for address in (src, dst))
    ip = struct.pack(">BBHHHBBH", 0x45, 0, size, 7, 0x4000, ttl, 6, 0) + addresses
    return bytes.fromhex("0200000000020200000000010800") + ip + tcp + options + payload

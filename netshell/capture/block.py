"""Blocks of the kernel's packet ring (TPACKET_V3): kept as bytes, indexed when somebody looks.

Layout: Documentation/networking/packet_mmap.rst and linux/if_packet.h. A block opens with
``tpacket_block_desc``; each packet in it with ``tpacket3_hdr``, a ``sockaddr_ll`` behind that, and
the frame at ``tp_mac``. What the kernel took out of a frame (the VLAN tag) or never put into it
(a link header we know) is restored here, in the room that PACKET_RESERVE leaves before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from netshell.packet.chunk import INCOMING, OUTGOING, SLL, Chunk

RESERVE = 32
"""Bytes the kernel is asked to leave before each frame: an SLL header (16), a VLAN tag (4)."""

STATUS, COUNT, FIRST, LENGTH, SEQUENCE = 8, 12, 16, 20, 24
"""Places in the descriptor: whose it is, its packets, the first one's place, bytes, number."""

DESCRIPTOR = 48  # its size; packets begin behind it

STATUS_VLAN_VALID, STATUS_VLAN_TPID_VALID = 0x10, 0x40
PACKET_OUTGOING = 4

_HEADER = np.dtype(
    {
        "names": [
            "sec", "nsec", "captured", "length", "status", "mac", "vlan_tci", "vlan_tpid",
            "protocol", "arphrd", "pkttype", "address_len", "address",
        ],
        "formats": ["u4", "u4", "u4", "u4", "u4", "u2", "u4", "u2",
                    ">u2", "u2", "u1", "u1", ("u1", 8)],
        "offsets": [4, 8, 12, 16, 20, 24, 32, 36, 50, 56, 58, 59, 60],
        "itemsize": 68,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """One block as the kernel filled it, from one interface; only its first ``packets`` count."""

    data: bytes
    packets: int
    iface: int  # index into the capture's interface names
    link: int  # LINKTYPE_ of the frames; SLL when the socket delivers them without a header

    def __len__(self) -> int:
        return self.packets

    def first(self, count: int) -> Block:
        """The block cut to its first packets; the bytes are shared."""
        return replace(self, packets=min(count, self.packets))


Piece = Block | Chunk
"""Frames as a source delivers them: a Block is indexed later, a Chunk is already."""


def index(blocks: Sequence[Block]) -> Chunk:
    """The packets of some blocks, in their order, as one chunk with bytes of its own."""
    data = np.frombuffer(bytearray().join(block.data for block in blocks), np.uint8)
    at = np.array(_places(data, blocks), np.int64)
    counts = [block.packets for block in blocks]
    if not len(at):
        headers = np.empty(0, _HEADER)
    else:
        every = np.ndarray(len(data) - _HEADER.itemsize + 1, _HEADER, data.data, strides=(1,))
        headers = every[at]
    link = np.repeat(np.array([block.link for block in blocks], np.uint16), counts)
    offset = at + headers["mac"]
    grown = _restore_link_headers(data, offset, headers, link)
    grown += _restore_vlan_tags(data, offset - grown, headers, link)
    data.flags.writeable = False
    outgoing = headers["pkttype"] == PACKET_OUTGOING
    return Chunk(
        data=data,
        offset=offset - grown,
        captured_len=headers["captured"] + grown.astype(np.uint32),
        wire_len=headers["length"] + grown.astype(np.uint32),
        time_ns=headers["sec"].astype(np.int64) * 1_000_000_000 + headers["nsec"],
        iface=np.repeat(np.array([block.iface for block in blocks], np.uint16), counts),
        direction=np.where(outgoing, OUTGOING, INCOMING).astype(np.uint8),
        link=link,
    )


def _places(data: NDArray[np.uint8], blocks: Sequence[Block]) -> list[int]:
    """Where each packet's header starts. The chain is sequential: each names the next one."""
    places: list[int] = []
    base = 0
    for block in blocks:
        if block.packets:
            words = memoryview(block.data)[: len(block.data) & ~3].cast("I")
            at = words[FIRST >> 2]
            append = places.append
            append(base + at)
            for _ in range(block.packets - 1):
                at += words[at >> 2]
                append(base + at)
        base += len(block.data)
    return places


def _restore_link_headers(
    data: NDArray[np.uint8],
    offset: NDArray[np.int64],
    headers: NDArray[np.void],
    link: NDArray[np.uint16],
) -> NDArray[np.int64]:
    """Write an SLL header before frames delivered without one; how many bytes each frame grew.

    https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html
    """
    bare = np.flatnonzero(link == SLL)
    if len(bare):
        made = np.zeros((len(bare), 16), np.uint8)
        chosen = headers[bare]
        made[:, 0:2] = _big_endian(chosen["pkttype"])
        made[:, 2:4] = _big_endian(chosen["arphrd"])
        made[:, 4:6] = _big_endian(chosen["address_len"])
        made[:, 6:14] = chosen["address"]
        made[:, 14:16] = _big_endian(chosen["protocol"])
        data[offset[bare, None] + np.arange(-16, 0)] = made
    return np.where(link == SLL, 16, 0)


def _restore_vlan_tags(
    data: NDArray[np.uint8],
    offset: NDArray[np.int64],
    headers: NDArray[np.void],
    link: NDArray[np.uint16],
) -> NDArray[np.int64]:
    """Put back the 802.1Q tag that the kernel keeps beside the frame; bytes each frame grew."""
    # The tag goes behind both addresses of Ethernet, and before the protocol of SLL.
    before = np.where(link == SLL, 14, 12)
    whole = (headers["captured"] >= 12) | (link == SLL)
    tagged = (headers["status"] & STATUS_VLAN_VALID != 0) & whole
    for size in (12, 14):
        rows = np.flatnonzero(tagged & (before == size))
        if not len(rows):
            continue
        chosen = headers[rows]
        known = chosen["status"] & STATUS_VLAN_TPID_VALID != 0
        start = offset[rows, None]
        moved = data[start + np.arange(size)]
        data[start + np.arange(-4, size - 4)] = moved
        tag = np.hstack(
            [
                _big_endian(np.where(known, chosen["vlan_tpid"], 0x8100)),
                _big_endian(chosen["vlan_tci"]),
            ]
        )
        data[start + np.arange(size - 4, size)] = tag
    return np.where(tagged, 4, 0)


def _big_endian(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(values.astype(">u2")).view(np.uint8).reshape(-1, 2)

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

    @property
    def size(self) -> int:
        """Bytes of memory it takes."""
        return len(self.data)

    def totals(self) -> tuple[int, int]:
        """Bytes the packets had on the wire, and how many of them were cut, without indexing."""
        if not self.packets:
            return 0, 0
        data = np.frombuffer(self.data, np.uint8)
        headers = _headers(data, np.array(_chain(self), np.int64))
        wire, tagged = headers["length"], headers["status"] & STATUS_VLAN_VALID != 0
        added = 4 * int(tagged.sum()) + (16 * len(headers) if self.link == SLL else 0)
        return int(wire.sum(dtype=np.int64)) + added, int((headers["captured"] < wire).sum())


Piece = Block | Chunk
"""Frames as a source delivers them: a Block is indexed later, a Chunk is already."""


def index(blocks: Sequence[Block]) -> Chunk:
    """The packets of some blocks, in their order, as one chunk with bytes of its own."""
    one = blocks[0].data if len(blocks) == 1 else b"".join(block.data for block in blocks)
    data = np.frombuffer(one, np.uint8)
    counts = [block.packets for block in blocks]
    at = _places(blocks)
    headers = _headers(data, at)
    link = np.repeat(np.array([block.link for block in blocks], np.uint16), counts)
    offset = at + headers["mac"]
    grown = np.zeros(len(at), np.int64)
    bare = any(block.link == SLL for block in blocks)
    if bare or (headers["status"] & STATUS_VLAN_VALID).any():
        data = data.copy()  # to write into
        grown += _restore_link_headers(data, offset, headers, link)
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


def _headers(data: NDArray[np.uint8], at: NDArray[np.int64]) -> NDArray[np.void]:
    """The packets' headers, copied out of the blocks."""
    if not len(at):
        return np.empty(0, _HEADER)
    # As items without fields, which numpy copies whole; field by field takes six times as long.
    size = _HEADER.itemsize
    every = np.ndarray(len(data) - size + 1, f"V{size}", data.data, strides=(1,))
    return every[at].view(_HEADER)


def _places(blocks: Sequence[Block]) -> NDArray[np.int64]:
    """Where each packet's header starts when the blocks are joined."""
    base, chains = 0, [np.empty(0, np.int64)]
    for block in blocks:
        if block.packets:
            chains.append(np.asarray(_chain(block), np.int64) + base)
        base += len(block.data)
    return np.concatenate(chains)


def _chain(block: Block) -> NDArray[np.int64] | list[int]:
    """Where each packet's header starts in its block: each names the distance to the next one."""
    words = memoryview(block.data)[: len(block.data) & ~3].cast("I")
    at = words[FIRST >> 2]
    # Packets of one size, as in a flood: proven at once instead of followed one by one.
    step = words[at >> 2]
    guess = at + step * np.arange(block.packets, dtype=np.int64)
    if step and guess[-1] < len(block.data) - _HEADER.itemsize:
        distances = np.frombuffer(words, np.uint32)[guess[:-1] >> 2]
        if (distances == step).all():
            return guess
    places = [at]
    append = places.append
    for _ in range(block.packets - 1):
        at += words[at >> 2]
        append(at)
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

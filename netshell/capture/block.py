"""Blocks of the kernel's packet ring (TPACKET_V3): kept as bytes, indexed when somebody looks.

Layout: Documentation/networking/packet_mmap.rst and linux/if_packet.h. A block opens with
``tpacket_block_desc``; each packet in it with ``tpacket3_hdr``, a ``sockaddr_ll`` behind that, and
the frame at ``tp_mac``. What the kernel took out of a frame (the VLAN tag) or never put into it
(a link header we know) is restored here, in the room before it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from netshell.capture.records import Records
from netshell.packet import pcap
from netshell.packet.batch import HEAD, Batch
from netshell.packet.chunk import INCOMING, OUTGOING, SLL, Chunk
from netshell.packet.packing import Places, Room, behind, fresh, listed

RESERVE = 0
"""Bytes the kernel is asked to leave before each frame: none, as its address and the alignment
leave enough for a VLAN tag (4), and, where there is no link header, for one of SLL (16) too."""

STATUS, COUNT, FIRST, LENGTH, SEQUENCE = 8, 12, 16, 20, 24
"""Places in the descriptor: whose it is, its packets, the first one's place, bytes, number."""

SMALL = 256
"""Bytes of a block for each of its packets: with fewer, most of them are not the packets'."""

SINCE, UNTIL = 32, 40
"""More of them: the seconds of the block's first packet, or its opening, and of its last."""

INTERFACE = 52
"""Place in a packet's header: the interface's number, of ``sockaddr_ll``."""

ALIGNED = 16
"""TPACKET_ALIGNMENT: headers stand at multiples of it behind the first."""

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

_ALIKE = np.dtype("V16")
_PARTS = np.dtype(
    {
        "names": ["head", "alike"],
        "formats": [HEAD, _ALIKE],
        "offsets": [4, 12],
        "itemsize": _HEADER.itemsize,
    }
)
"""Of the same: what records of pcap files begin with; and from the lengths up to the places, which
is the same for all packets of one size."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block as the kernel filled it, from one interface; only its first ``packets`` count."""

    data: memoryview
    packets: int
    iface: int  # index into the capture's interface names
    link: int  # LINKTYPE_ of the frames; SLL when the socket delivers them without a header

    def __len__(self) -> int:
        return self.packets

    def copied(self, room: Room = fresh) -> Block:
        """The block with bytes of its own."""
        own = room(len(self.data)).data
        own[:] = self.data
        return replace(self, data=own.toreadonly())

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
        headers = _headers(data, _chain(self))
        wire, tagged = headers["length"], headers["status"] & STATUS_VLAN_VALID != 0
        added = 4 * int(tagged.sum()) + (16 * len(headers) if self.link == SLL else 0)
        return int(wire.sum(dtype=np.int64)) + added, int((headers["captured"] < wire).sum())


Piece = Block | Records | Chunk
"""Frames as a source delivers them: a Chunk is indexed already, the others are later."""


def owned(piece: Piece, room: Room = fresh) -> Piece:
    """The packets with bytes of their own, as they are."""
    return piece.copied(room) if isinstance(piece, Block) else piece


def compacted(piece: Piece, room: Room = fresh) -> Piece:
    """The same in less memory, if the packets are small: what the kernel keeps with a packet, and
    leaves free behind it, takes more than such packets do. Fresh memory costs more than copying."""
    if isinstance(piece, Block) and len(piece.data) < SMALL * len(piece):
        found = batch(piece)
        if found is not None:
            return Records(pcap.packed(found, room), pcap)
    return owned(piece, room)


def batch(block: Block) -> Batch | None:
    """The packets of a block where they are; None if something is to be restored in them."""
    if block.link == SLL or sys.byteorder != "little":
        return None
    data, at = np.frombuffer(block.data, np.uint8), _chain(block)
    headers = _headers(data, at)
    parts = headers.view(_PARTS)
    size, frames = None, at
    alike = parts["alike"].tobytes() if isinstance(at, range) else b""
    if alike and alike == alike[: _ALIKE.itemsize] * len(at):
        first = headers[0]
        restored = first["status"] & STATUS_VLAN_VALID
        size, frames = int(first["captured"]), behind(at, int(first["mac"]))
    else:
        restored = (headers["status"] & STATUS_VLAN_VALID).any()
        frames = listed(at) + headers["mac"]
    if restored:
        return None
    kinds = headers["pkttype"].tobytes()
    direction = np.frombuffer(kinds.translate(_DIRECTION.tobytes()), np.uint8)
    return Batch(data, frames, size, parts["head"], direction, block.iface, block.link)


def index(blocks: Sequence[Block]) -> Chunk:
    """The packets of some blocks, in their order, as one chunk.

    It has bytes of its own, unless it is of one block and nothing had to be restored.
    """
    one = blocks[0].data if len(blocks) == 1 else b"".join(block.data for block in blocks)
    data = np.frombuffer(one, np.uint8)
    at = _places(blocks)
    headers = _headers(data, at)
    offset = listed(at) + headers["mac"]
    captured, wire = headers["captured"], headers["length"]
    link = _each(blocks, [block.link for block in blocks])
    bare = any(block.link == SLL for block in blocks)
    if bare or (headers["status"] & STATUS_VLAN_VALID).any():
        data = data.copy()  # to write into
        grown = _restore_link_headers(data, offset, headers, link)
        grown += _restore_vlan_tags(data, offset - grown, headers, link)
        data.flags.writeable = False
        offset -= grown
        captured, wire = captured + grown.astype(np.uint32), wire + grown.astype(np.uint32)
    time_ns = headers["sec"].astype(np.int64)
    time_ns *= 1_000_000_000
    time_ns += headers["nsec"]
    return Chunk(
        data=data,
        offset=offset,
        captured_len=np.ascontiguousarray(captured),
        wire_len=np.ascontiguousarray(wire),
        time_ns=time_ns,
        iface=_each(blocks, [block.iface for block in blocks]),
        direction=_DIRECTION.take(headers["pkttype"]),
        link=link,
    )


_DIRECTION = np.full(256, INCOMING, np.uint8)
_DIRECTION[PACKET_OUTGOING] = OUTGOING


def _each(blocks: Sequence[Block], values: Sequence[int]) -> NDArray[np.uint16]:
    """A value of each block for each of its packets."""
    if len(blocks) == 1:
        return np.full(blocks[0].packets, values[0], np.uint16)
    return np.repeat(np.array(values, np.uint16), [block.packets for block in blocks])


def _headers(data: NDArray[np.uint8], at: Places) -> NDArray[np.void]:
    """The packets' headers; they may be those in the data."""
    size = _HEADER.itemsize
    if not len(at):
        return np.empty(0, _HEADER)
    if isinstance(at, range):
        return np.ndarray(len(at), _HEADER, data.data, at.start, (at.step,))
    # As items without fields, which numpy copies whole; field by field takes six times as long.
    every = np.ndarray(len(data) - size + 1, f"V{size}", data.data, strides=(1,))
    return every[at].view(_HEADER)


def _places(blocks: Sequence[Block]) -> Places:
    """Where each packet's header starts when the blocks are joined."""
    if len(blocks) == 1 and blocks[0].packets:
        return _chain(blocks[0])
    base, chains = 0, [np.empty(0, np.int64)]
    for block in blocks:
        if block.packets:
            chains.append(listed(_chain(block)) + base)
        base += len(block.data)
    return np.concatenate(chains)


def _chain(block: Block) -> Places:
    """Where each packet's header starts in its block: each names the distance to the next one."""
    words = np.frombuffer(block.data, np.uint32, len(block.data) >> 2)
    at, count = int(words[FIRST >> 2]), block.packets
    # Packets of one size, as in a flood: proven at once instead of followed one by one.
    step = int(words[at >> 2]) >> 2
    last = (at >> 2) + step * (count - 1)
    fits = step and last << 2 <= len(block.data) - _HEADER.itemsize
    if fits and (words[at >> 2 : last : step] == step << 2).all():
        return range(at, at + count * (step << 2), step << 2)
    found = _recognised(words, at, count)
    return _followed(block, at, count) if found is None else found


def _recognised(words: NDArray[np.uint32], at: int, count: int) -> NDArray[np.int64] | None:
    """Every place that looks like a header, if that is as many and each names the next one."""
    first, last = int(words[SINCE >> 2]), int(words[UNTIL >> 2])
    if last < first:  # the kernel was still filling it
        return None
    # A time within the block's; frames may have such bytes too, but not where headers point.
    seconds = words[(at + 4) >> 2 : -(INTERFACE >> 2) : ALIGNED >> 2]
    here = seconds == first if first == last else seconds - np.uint32(first) <= last - first
    places = np.flatnonzero(here)
    places *= ALIGNED
    places += at
    if len(places) > count:  # between packets are remains of those that were there before
        place = INTERFACE >> 2
        places = places[words[(places >> 2) + place] == words[(at >> 2) + place]]
    if len(places) != count or places[0] != at:
        return None
    return None if (words[places[:-1] >> 2] != np.diff(places)).any() else places


def _followed(block: Block, at: int, count: int) -> NDArray[np.int64]:
    """The chain of headers, one by one."""
    words = memoryview(block.data)[: len(block.data) & ~3].cast("I")
    places = [at]
    append = places.append
    for _ in range(count - 1):
        at += words[at >> 2]
        append(at)
    return np.array(places, np.int64)


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

"""Captured packets that are no packets of the wire: segmentation offload.

A kernel hands its network card up to 64 KiB of a TCP stream in one piece, and the card cuts it
(TSO, GSO); what arrives is put together before anybody sees it (GRO, LRO). A capture has the large
piece: its size and number say nothing of the frames on the wire.

No file says which MTU there was, so the label rests on the packet alone: on its size where no link
carries such a frame, else on a checksum that waits for the card in a frame larger than Ethernet's
usual one. What never touches a wire, on a loopback interface, is as large as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from netshell.packet import checksum, ip
from netshell.packet.chunk import ETHERNET, INCOMING, LOOP, NULL, OUTGOING, SLL, SLL2

if TYPE_CHECKING:
    from netshell.packet.packet import Packet

USUAL = 1522
"""Bytes of Ethernet's usual frame: 1,500, the header, and two VLAN tags. No more is offloaded."""

JUMBO = 9238
"""The same for jumbo frames, of which cards and switches take at most 9,216 bytes."""

_MTU = 1500
_ARPHRD_LOOPBACK = (772).to_bytes(2)


class Offload(NamedTuple):
    """Why a packet is taken for several: ``certain``, or by what usually is so."""

    certain: bool
    why: str
    segments: int  # of a TCP packet at an MTU of 1,500; 0 where that cannot be told
    act: str  # what was done with it: "cut", "put together", or either

    def __str__(self) -> str:
        many = f"about {self.segments} segments at an MTU of {_MTU:,}; " if self.segments else ""
        sure = "offloaded" if self.certain else "likely offloaded"
        return f"{sure}, {self.act}: {many}{self.why}"


def is_offloaded(packet: Packet, wire_len: int) -> bool:
    """Whether :func:`judge` has something to say; takes no time for frames of the usual size."""
    return wire_len > USUAL and _reason(packet, wire_len) is not None


def judge(packet: Packet) -> Offload | None:
    """What tells that a captured packet is larger than those on the wire; None if nothing does."""
    wire_len = packet.wire_len
    reason = _reason(packet, wire_len) if wire_len > USUAL else None
    if reason is None:
        return None
    columns, row = packet.place
    act = {
        OUTGOING: "cut into frames by the network card (TSO, GSO)",
        INCOMING: "put together from frames on arrival (GRO, LRO), or never cut",
    }
    done = act.get(columns.at("direction", row), "before the card cut it, or put together (GRO)")
    return Offload(*reason, _segments(packet), done)


def _reason(packet: Packet, wire_len: int) -> tuple[bool, str] | None:
    columns, row = packet.place
    if _is_loopback(packet):
        return None
    unsized = columns.at("ip_version", row) > 0 and not columns.at("ip_len", row)
    if unsized and columns.at("payload_len", row) > 0:
        return True, "its IP header has no length yet"
    if wire_len > JUMBO and columns.at("link", row) in (ETHERNET, SLL, SLL2):
        return True, f"no link carries a frame of {wire_len:,} bytes"
    if checksum.is_unfilled(packet):
        return False, f"over {_MTU:,} bytes, and its checksum is not filled in"
    return None


def _is_loopback(packet: Packet) -> bool:
    frame, link = packet.raw, packet.link
    if link == ETHERNET:
        return frame[:12] == bytes(12)  # Linux's lo has no hardware addresses
    if link in (SLL, SLL2):
        place = 2 if link == SLL else 8
        return frame[place : place + 2] == _ARPHRD_LOOPBACK
    return link in (NULL, LOOP)


def _segments(packet: Packet) -> int:
    columns, row = packet.place
    if columns.at("proto", row) != ip.TCP:
        return 0
    headers = (20 if packet.ip_version == 4 else 40) + columns.at("data_offset", row)
    return -(-packet.payload_len // (_MTU - headers))

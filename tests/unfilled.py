"""Frames as a kernel hands them to its network card, which fills the checksum in."""

from __future__ import annotations

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Packet as Layers

MACS = {"src": "02:00:00:00:00:01", "dst": "02:00:00:00:00:02"}
FOUR = IP(src="10.0.0.1", dst="10.0.0.2")
SIX = IPv6(src="fd00::1", dst="fd00::2")


def unfilled(layers: Layers) -> bytes:
    """The frame as Linux hands it to a card: the pseudo header's sum, not complemented."""
    frame = bytes(Ether(**MACS) / layers)
    for transport, place in ((TCP, 16), (UDP, 6)):
        if transport in layers:
            size = len(bytes(layers[transport]))
            at = len(frame) - size + place
            # The checksum of nothing but the pseudo header is the one that, complemented, is it.
            addresses = frame[26:34] if IP in layers else frame[22:54]
            proto = 6 if transport is TCP else 17
            words = [int.from_bytes(addresses[i : i + 2]) for i in range(0, len(addresses), 2)]
            total = sum(words) + proto + size
            while total > 0xFFFF:
                total = (total & 0xFFFF) + (total >> 16)
            return frame[:at] + total.to_bytes(2) + frame[at + 2 :]
    raise AssertionError("neither TCP nor UDP")

"""ARP (RFC 826) as one line of text, from a packet's bytes."""

from __future__ import annotations

import struct
from typing import NamedTuple

_FIXED = struct.Struct(">HHBBH")

_OPERATIONS = {3: "reverse request", 4: "reverse reply", 8: "inverse request", 9: "inverse reply"}


class Arp(NamedTuple):
    """An ARP message; addresses as text, hardware ones as ``aa:bb:cc:dd:ee:ff``."""

    operation: int
    sender_hardware: str
    sender: str
    target_hardware: str
    target: str

    def __str__(self) -> str:
        if self.operation == 1:
            if self.sender == self.target:
                return f"ARP announce {self.sender} is at {self.sender_hardware}"
            return f"ARP who-has {self.target} tell {self.sender}"
        if self.operation == 2:
            return f"ARP {self.sender} is-at {self.sender_hardware}"
        what = _OPERATIONS.get(self.operation, f"operation {self.operation}")
        return f"ARP {what} {self.sender} ({self.sender_hardware}) to {self.target}"


def decode(data: bytes) -> Arp | None:
    """The message at the start of ``data``, or None if it is cut off or not for IPv4."""
    if len(data) < _FIXED.size:
        return None
    _, protocol, hardware_size, size, operation = _FIXED.unpack_from(data)
    if protocol != 0x0800 or size != 4 or len(data) < _FIXED.size + 2 * (hardware_size + size):
        return None
    parts = []
    at = _FIXED.size
    for length in (hardware_size, 4, hardware_size, 4):
        parts.append(data[at : at + length])
        at += length
    return Arp(
        operation, parts[0].hex(":"), _dotted(parts[1]), parts[2].hex(":"), _dotted(parts[3])
    )


def _dotted(octets: bytes) -> str:
    return "{}.{}.{}.{}".format(*octets)

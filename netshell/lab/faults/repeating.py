"""A frame that is put on the wire once more, as a network that duplicates would: packet(7)."""

from __future__ import annotations

import socket


def repeat(iface: str, frame: bytes) -> None:
    """Send a frame from this host as it was captured; its checksums must be whole."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind((iface, 0))
        raw.send(frame)

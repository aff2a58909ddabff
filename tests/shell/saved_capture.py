"""A capture file for tests that are not about packets."""

from __future__ import annotations

import struct
from pathlib import Path


def two_datagrams(path: Path, times: int = 1) -> Path:
    """Write a capture of two UDP datagrams, 192.0.2.1:4000 to 192.0.2.2, ports 5000 and 5001.

    ``times`` over.
    """
    head = struct.pack("!IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    path.write_bytes(head + (_datagram(5000) + _datagram(5001)) * times)
    return path


def _datagram(port: int) -> bytes:
    udp = struct.pack("!HHHH", 4000, port, 8, 0)
    ip = struct.pack("!BBHHHBBH4s4s", 69, 0, 28, 1, 0, 64, 17, 0, b"\xc0\0\2\1", b"\xc0\0\2\2")
    frame = bytes(12) + b"\x08\0" + ip + udp
    return struct.pack("!IIII", 1, 0, len(frame), len(frame)) + frame

"""An interface without its offloads: packets are captured as they are on a real wire.

A veth pair passes on segments of up to 64 kB and leaves checksums to a card that is not there. Both
are right, and neither is what a student is to see. Runs inside a host: SIOCETHTOOL, netdevice(7).
"""

from __future__ import annotations

import array
import contextlib
import fcntl
import socket
import struct

_SIOCETHTOOL = 0x8946
_SRXCSUM, _STXCSUM, _SSG, _STSO, _SGSO, _SGRO = 0x15, 0x17, 0x19, 0x1F, 0x24, 0x2C


def turn_off(iface: str) -> None:
    """Turn off segmentation, receive and checksum offload, each if the kernel lets it be."""
    with socket.socket() as asked:
        for command in (_SGRO, _SGSO, _STSO, _SSG, _STXCSUM, _SRXCSUM):
            value = array.array("B", struct.pack("=II", command, 0))
            request = struct.pack("16sP", iface.encode(), value.buffer_info()[0])
            with contextlib.suppress(OSError):  # another kernel's veth may have it fixed
                fcntl.ioctl(asked, _SIOCETHTOOL, request)

"""What the tests have a lab host do: move many bytes over TCP, and see what the kernel says of it.

The kernel's word is in each packet's header in the ring (``tp_status``), which a capture does not
keep: what it needs of it is told by the packet itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import socket
import struct
import tempfile
import threading
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onhost

from netshell import explain, read
from netshell.capture import block, opening
from netshell.capture.block import Block
from netshell.capture.capture import Capture
from netshell.capture.store import Store

PORT = 5001
CSUM_NOT_READY, GSO_TCP = 0x8, 0x100  # TP_STATUS_ of linux/if_packet.h


class Told(NamedTuple):
    """What the kernel says of a packet, and what netshell does."""

    not_ready: bool
    is_gso: bool
    direction: str
    wire_len: int
    checksum: str
    offload: str
    line: str
    explained: str


def serve() -> None:
    """Take any number of connections, read them to their end."""
    listening = socket.create_server(("::", PORT), family=socket.AF_INET6, dualstack_ipv6=True)

    def run() -> None:
        with contextlib.suppress(OSError):  # the host is ended with the wire
            while True:
                connection, _ = listening.accept()
                with connection:
                    while connection.recv(1 << 20):
                        pass

    threading.Thread(target=run, daemon=True).start()


def send(address: str, size: int) -> None:
    with socket.create_connection((address, PORT)) as connection:
        connection.sendall(b"x" * size)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""


def told(address: str, size: int, iface: str) -> list[Told]:
    """Send so many bytes; each packet of it, as the kernel and as netshell sees it."""
    source = opening.open_rings(
        f"tcp port {PORT}", (iface,), snaplen=262_144, promisc=False, ring_bytes=16 << 20
    )
    try:
        send(address, size)
        blocks = [piece for piece in source.finish() if isinstance(piece, Block)]
    finally:
        source.close()
    status = np.concatenate(
        [
            block._headers(np.frombuffer(each.data, np.uint8), block._places([each]))["status"]
            for each in blocks
        ]
    )
    capture = Capture(Store(), names=(iface,))
    capture.add(block.index(blocks))
    return [
        Told(
            bool(mark & CSUM_NOT_READY),
            bool(mark & GSO_TCP),
            packet.direction,
            packet.wire_len,
            packet.checksum.state if packet.checksum else "",
            str(packet.offload or ""),
            packet.line(),
            str(explain(packet)),
        )
        for mark, packet in zip(status.tolist(), capture[:], strict=True)
    ]


def judged() -> list[tuple[str, str]]:
    """Checksums and labels of the capture that `onhost` holds."""
    return _judged(onhost.captures["cap"])


def judged_again() -> list[tuple[str, str]]:
    """The same from a file it was saved in."""
    with tempfile.TemporaryDirectory() as folder:
        return _judged(read(onhost.captures["cap"].save(Path(folder) / "x.pcap")))


def _judged(capture: Capture) -> list[tuple[str, str]]:
    return [
        (packet.checksum.state if packet.checksum else "", str(packet.offload or ""))
        for packet in capture[:]
    ]


def no_offload(iface: str) -> None:
    """Have the kernel fill checksums in and cut packets itself: SIOCETHTOOL of ethtool(8)."""
    ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO = 0x17, 0x1F, 0x24, 0x2C
    SIOCETHTOOL = 0x8946
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        for command in (ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO, ETHTOOL_STXCSUM):
            value = ctypes.create_string_buffer(struct.pack("II", command, 0), 8)
            request = struct.pack("16sP16x", iface.encode(), ctypes.addressof(value))
            fcntl.ioctl(asked, SIOCETHTOOL, request)

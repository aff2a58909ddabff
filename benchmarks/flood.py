"""TCP packets to port 80 at a chosen rate, a million a second and more: what captures are fed.

    python benchmarks/flood.py SECONDS RATE [small|mixed]      (on a host of the lab, out of eth0)

``small`` are frames of 60 bytes, 32 of a flow in a row: the kernel is handed one large segment
and cuts it (packet(7), PACKET_VNET_HDR), as a network card does for senders in a hurry; what
arrives are separate packets. ``mixed`` are frames of 60, 590 and 1514 bytes, 7:4:1, each sent by
itself and no two in a row of one flow. RATE is packets a second, 0 for as many as go. Printed is
how many left the interface, as the kernel counts them. No root where the lab needs none.
"""

from __future__ import annotations

import ctypes
import fcntl
import socket
import struct
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

IFACE = "eth0"
FLOWS = 1024
SEGMENTS = 32  # small packets made of one large one
BATCH = 64  # packets that are sent together when there is a rate
MIX = (6,) * 7 + (536,) * 4 + (1460,)  # bytes of payload

SOL_PACKET, PACKET_VNET_HDR = 263, 15
SIOCETHTOOL, ETHTOOL_STSO, ETHTOOL_SGSO = 0x8946, 0x1F, 0x24
NEEDS_CHECKSUM, GSO_TCPV4 = 1, 1  # linux/virtio_net.h

_VNET = struct.Struct("=BBHHHH")
_HEADERS = 14 + 20 + 20


def send(seconds: float, rate: int, sizes: str = "small") -> int:
    """Send, and say how many packets left the interface."""
    each, packets = (SEGMENTS, _large()) if sizes == "small" else (1, _mixed())
    messages, _held = _messages(packets)
    sendmmsg = ctypes.CDLL(None, use_errno=True).sendmmsg
    _cut_in_software()
    before = _left()
    sent = 0
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as out:
        out.bind((IFACE, 0))
        out.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        start = time.perf_counter()
        while (passed := time.perf_counter() - start) < seconds:
            due = int(passed * rate) - sent if rate else BATCH * each
            if due < (BATCH if rate else 1):
                time.sleep(BATCH / rate / 2)
                continue
            first = sent // each % FLOWS
            many = min(due // each, FLOWS - first)
            place = messages.ctypes.data + 64 * first
            done = sendmmsg(out.fileno(), ctypes.c_void_p(place), many, 0)
            sent += max(done, 0) * each
    return _left() - before


def _large() -> list[bytes]:
    """One large segment a flow."""
    return [_frame(flow, 6 * SEGMENTS, 6) for flow in range(FLOWS)]


def _mixed() -> list[bytes]:
    """One packet a flow, of a size drawn from the mix."""
    drawn = np.random.default_rng(1).choice(MIX, FLOWS)
    return [_frame(flow, size, 0) for flow, size in enumerate(drawn.tolist())]


def _frame(flow: int, size: int, cut_to: int) -> bytes:
    """A segment with ``size`` bytes of payload, for the kernel to cut into pieces or not."""
    vnet = _VNET.pack(0, 0, 0, 0, 0, 0)
    if cut_to:
        vnet = _VNET.pack(NEEDS_CHECKSUM, GSO_TCPV4, _HEADERS, cut_to, 14 + 20, 16)
    # A MAC address that is nobody's: the receiver's stack drops it early, the capture sees it.
    ethernet = b"\x02\0\0\0\0\x77" + b"\x02\0\0\0\0\x01" + b"\x08\0"
    source, destination = b"\x0a\x4d\0\1", b"\x0a\x4d\0\2"
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40 + size, 1, 0x4000, 64, 6, 0, source, destination)
    tcp = struct.pack(">HHIIBBHHH", 20_000 + flow, 80, 1000 * flow, 1, 0x50, 0x10, 500, 0, 0)
    return vnet + ethernet + ip + tcp + bytes(size)


def _messages(packets: list[bytes]) -> tuple[NDArray[np.uint64], list[object]]:
    """struct mmsghdr (of 64-bit Linux) for each packet, and what they point to."""
    octets = np.frombuffer(b"".join(packets), np.uint8)
    sizes = np.array([len(packet) for packet in packets], np.uint64)
    vectors = np.zeros((len(packets), 2), np.uint64)
    vectors[:, 0] = octets.ctypes.data + np.cumsum(sizes) - sizes
    vectors[:, 1] = sizes
    messages = np.zeros((len(packets), 8), np.uint64)
    messages[:, 2] = vectors.ctypes.data + 16 * np.arange(len(packets), dtype=np.uint64)
    messages[:, 3] = 1
    return messages, [octets, vectors]


def _cut_in_software() -> None:
    """Have the kernel cut large segments before the interface, which would pass them on whole."""
    with socket.socket() as asked:
        for command in (ETHTOOL_STSO, ETHTOOL_SGSO):
            value = ctypes.create_string_buffer(struct.pack("II", command, 0))
            request = struct.pack("16sP16x", IFACE.encode(), ctypes.addressof(value))
            fcntl.ioctl(asked, SIOCETHTOOL, request)


def _left() -> int:
    """Packets the interface has sent and its other end has taken."""
    lines = Path("/proc/self/net/dev").read_text().splitlines()
    numbers = next(line for line in lines if line.strip().startswith(f"{IFACE}:"))
    return int(numbers.split(":")[1].split()[9])


if __name__ == "__main__":
    print(send(float(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]))

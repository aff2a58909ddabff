"""Captures of mixed traffic for tcpdump: conversations that mingle, with what tears them apart.

Few addresses and ports, so that conversations, their restarts and their tunnels meet; plain
segments mostly, between all that is none.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from datagrams import checksum

MACS = bytes.fromhex("020000000002020000000001")
STAMPS = b"\x01\x01\x08\x0a"
SYN_OPTIONS = b"\x02\x04\x05\xb4\x04\x02\x08\x0a\0\0\0\1\0\0\0\0\x01\x03\x03\x07"


class Packet(NamedTuple):
    """A frame, how many bytes of it are captured, when, and how many it is said to have had."""

    octets: bytes
    captured: int
    time_ns: int
    wire_len: int


def ipv4(chance: random.Random, protocol: int, body: bytes, **fields: int) -> bytes:
    """An IPv4 packet between few addresses; ``fragment`` and ``length`` as given."""
    options = bytes(4 * chance.choice((0, 0, 0, 0, 0, 0, 0, 2)))
    source, target = (struct.pack(">BBBB", 10, 0, 0, chance.randrange(1, 4)) for _ in range(2))
    length = fields.get("length", 20 + len(options) + len(body))
    header = struct.pack(
        ">BBHHHBBH4s4s", 0x45 + len(options) // 4, 0, length & 0xFFFF, 7,
        fields.get("fragment", 0x4000), 64, protocol, 0, source, target,
    ) + options  # fmt: skip
    return header[:10] + struct.pack(">H", checksum(header)) + header[12:] + body


def ipv6(chance: random.Random, protocol: int, body: bytes) -> bytes:
    """An IPv6 packet between few addresses, some of them like IPv4's."""
    ends = [bytes.fromhex("fd00") + bytes(13) + bytes([chance.randrange(1, 4)]) for _ in range(2)]
    if not chance.randrange(9):
        ends[0] = bytes(12) + bytes([10, 0, 0, 1])
    return struct.pack(">IHBB", 6 << 28, len(body), protocol, 64) + ends[0] + ends[1] + body


def segment(chance: random.Random) -> bytes:
    """A TCP segment: plain as a rule."""
    ports = [chance.choice((1024, 1025, 5000, 5000, 80, 53, 25, 40000)) for _ in range(2)]
    flags = chance.choice((0x10, 0x10, 0x10, 0x18, 0x18, 0x11, 0x04, 0x14, 0x02, 0x12, 0x00, 0x38))
    options = chance.choice((
        b"", b"", STAMPS + chance.randbytes(8), STAMPS + chance.randbytes(8), SYN_OPTIONS,
        b"\x01\x01\x05\x0a" + chance.randbytes(8), b"\x02\x00\x01\x01",
    ))  # fmt: skip
    body = chance.choice((b"", b"", b"x" * chance.randrange(1, 40), b"GET / HTTP/1.1\r\n\r\n"))
    words = chance.choice((5 + len(options) // 4,) * 30 + (4, 15))
    return struct.pack(
        ">HHIIBBHHH", *ports, chance.choice((1, 0xFFFFFFF0, chance.getrandbits(32))),
        chance.choice((0, 1, chance.getrandbits(32))), words << 4, flags,
        chance.getrandbits(16), 0, chance.choice((0, 0, 9)),
    ) + options + body  # fmt: skip


def datagram(chance: random.Random, inside: bytes = b"", port: int = 0) -> bytes:
    """A UDP datagram, of a wrong length now and then."""
    body = inside or b"\0" * chance.randrange(40)
    ends = chance.choice((1024, 40000)), port or chance.choice((9, 53, 123, 5000, 40001))
    length = 8 + len(body) + chance.choice((0,) * 20 + (-3, 5, -len(body) - 2))
    return struct.pack(">HHHH", *ends, length & 0xFFFF, 0) + body


def network(chance: random.Random) -> tuple[int, bytes]:
    """A network packet with its EtherType."""
    kind = chance.randrange(100)
    if kind < 55:
        return 0x0800, ipv4(chance, 6, segment(chance))
    if kind < 72:
        return 0x86DD, ipv6(chance, 6, segment(chance))
    if kind < 80:
        return 0x0800, ipv4(chance, 17, datagram(chance))
    if kind < 84:
        return 0x86DD, ipv6(chance, 17, datagram(chance))
    if kind < 88:
        return 0x0800, ipv4(chance, 1, b"\x08\0\xf7\xfd\0\1\0\1" + bytes(chance.randrange(9)))
    if kind < 91:
        return 0x0806, bytes.fromhex("0001080006040001020000000001") + bytes(14)
    return odd(chance)


def odd(chance: random.Random) -> tuple[int, bytes]:
    """What hides segments, or is none."""
    whole = segment(chance)
    match chance.randrange(6):
        case 0:
            return 0x0800, ipv4(chance, 6, whole, fragment=chance.choice((0x2000, 0x2003, 5)))
        case 1:
            return 0x0800, ipv4(chance, 4, ipv4(chance, 6, whole))
        case 2:
            inside = MACS + b"\x08\x00" + ipv4(chance, 6, whole)
            tunnel = bytes.fromhex("0800000000002a00")
            return 0x0800, ipv4(chance, 17, datagram(chance, tunnel + inside, 4789))
        case 3:
            return 0x0800, ipv4(chance, 6, whole, length=20 + len(whole) + chance.choice((-9, 40)))
        case 4:
            return 0x86DD, ipv6(chance, 0, b"\x06\0\x01\x04\0\0\0\0" + whole)
    return chance.choice((0x1234, 0x88B5, 40)), chance.randbytes(46)


def mixed(seed: int, count: int = 700, share_odd: bool = True) -> list[Packet]:
    """Packets some milliseconds apart; some are cut, some tagged, a few records contradictory."""
    chance = random.Random(seed)
    time_ns = 1_700_000_000_000_000_000
    made: list[Packet] = []
    while len(made) < count:
        kind, packet = network(chance)
        if not share_odd and kind not in (0x0800, 0x86DD, 0x0806):
            continue
        tag = bytes.fromhex("81000005") if not chance.randrange(20) else b""
        octets = MACS + tag + struct.pack(">H", kind) + packet
        octets += bytes(max(0, 60 - len(octets)))
        captured = len(octets) if chance.randrange(25) else chance.randrange(len(octets) + 1)
        wire = len(octets) if chance.randrange(200) else chance.choice((0, 20, 300_000))
        time_ns += chance.choice((1_000, 1_234_567, 7, 2_000_000_000, -500_000))
        made.append(Packet(octets, captured, time_ns, wire))
    return made


def write(place: Path, packets: Sequence[Packet], link: int = 1, snaplen: int = 262_144) -> Path:
    """A capture file in nanoseconds."""
    with place.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, snaplen, link))
        for octets, captured, time_ns, wire in packets:
            file.write(struct.pack("<IIII", *divmod(time_ns, 10**9), captured, wire))
            file.write(octets[:captured])
    return place

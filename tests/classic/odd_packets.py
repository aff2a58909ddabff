"""Odd packets of the network and transport layers, and tcpdump's text of them beside ours.

What is made is mostly right, so that printers get far into it, and wrong in one or two places:
lengths that contradict each other, options cut short, bytes changed, captures cut anywhere.
"""

from __future__ import annotations

import random
import struct
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from datagrams import checksum

from netshell.classic.dump import show_packet
from netshell.classic.dump.hex import dumped
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State

TCP, UDP, ICMP, ICMP6 = 6, 17, 1, 58
OPTIONS = (
    ("-nn",),
    ("-nn", "-v"),
    ("-nn", "-vv"),
    ("-nn", "-vvv"),
    ("-nn", "-e"),
    ("-nn", "-q"),
    ("-nn", "-q", "-v"),
    ("-nn", "-e", "-S"),
    ("-nn", "-e", "-vv"),
    ("-nn", "-K", "-v"),
    ("-nn", "-X"),
    ("-nn", "-A"),
    ("-nn", "-qq"),
)
"""What changes the text of these layers, with names left out: they are this machine's."""

Maker = Callable[[random.Random], bytes]


class Odd(NamedTuple):
    """What was captured of a packet, and how long it was."""

    octets: bytes
    wire_len: int


class Kinds:
    """What the packets of a test carry beside TCP, UDP, ICMP and ARP: half of them do."""

    def __init__(
        self,
        ipv4: Sequence[tuple[int, Maker]] = (),
        ipv6: Sequence[tuple[int, Maker]] = (),
        frames: Sequence[tuple[int, Maker]] = (),
    ) -> None:
        self.ipv4 = ipv4
        self.ipv6 = ipv6
        self.frames = frames

    def network4(self, chance: random.Random, depth: int = 0) -> bytes:
        """An IPv4 packet."""
        draw = chance.random()
        if self.ipv4 and draw < 0.5 and depth < 2:
            protocol, maker = chance.choice(self.ipv4)
            payload = maker(chance)
        elif draw < 0.35 or draw >= 0.9:
            protocol, payload = TCP, segment(chance)
        elif draw < 0.5:
            protocol, payload = UDP, datagram(chance)
        elif draw < 0.75 and depth < 2:
            protocol, payload = ICMP, self.message4(chance, depth)
        elif draw < 0.8 and depth < 3:
            protocol, payload = 4, self.network4(chance, depth + 1)
        elif draw < 0.85 and depth < 3:
            protocol, payload = 41, self.network6(chance, depth + 1)
        else:
            protocol = chance.choice((59, 77, 61, 99, 200, 255, 58, 143, 3, 253))
            payload = chance.randbytes(20)
        return _ipv4(chance, protocol, payload)

    def network6(self, chance: random.Random, depth: int = 0) -> bytes:
        """An IPv6 packet, perhaps with extension headers."""
        draw = chance.random()
        if self.ipv6 and draw < 0.5 and depth < 2:
            protocol, maker = chance.choice(self.ipv6)
            payload = maker(chance)
        elif draw < 0.25:
            protocol, payload = TCP, segment(chance)
        elif draw < 0.4:
            protocol, payload = UDP, datagram(chance)
        elif draw < 0.45 and depth < 3:
            protocol, payload = 41, self.network6(chance, depth + 1)
        elif draw < 0.5 and depth < 3:
            protocol, payload = 4, self.network4(chance, depth + 1)
        elif draw < 0.55:
            protocol = chance.choice((59, 77, 61, 99, 1, 2, 143, 255))
            payload = chance.randbytes(30)
        else:
            protocol, payload = ICMP6, self.message6(chance, depth)
        return _ipv6(chance, protocol, payload)

    def message4(self, chance: random.Random, depth: int = 0) -> bytes:
        """An ICMP message; errors quote a packet, perhaps with extensions behind it."""
        kind = chance.choice((0, 8, 3, 3, 3, 4, 5, 9, 10, 11, 11, 12, 13, 14, 15, 16, 17, 18, 30))
        code = chance.choice((0, 1, 2, 3, 4, 5, chance.randrange(17)))
        rest, body = chance.randbytes(4), b""
        if kind == 9:
            count = chance.randrange(4)
            lifetime = chance.choice((5, 59, 60, 3599, 3600, 9000, 65535))
            rest = struct.pack(">BBH", count, chance.choice((2, 2, 2, 1)), lifetime)
            body = chance.randbytes(8 * count)
        elif kind in (3, 4, 5, 11, 12):
            body = self.network4(chance, depth + 1)
            if chance.random() < 0.4:
                body = body[:28]
            elif chance.random() < 0.6:
                body = body.ljust(128, b"\0")[:128] + _extension(chance)
                rest = bytes([0, chance.choice((0, 32, 17)), 0, 0])
        else:
            body = chance.randbytes(chance.choice((0, 4, 8, 12, 20, 56)))
        return summed(chance, bytes([kind, code, 0, 0]) + rest + body, 2)

    def message6(self, chance: random.Random, depth: int = 0) -> bytes:
        """An ICMPv6 message."""
        often = (1, 1, 2, 3, 4, 128, 129, 130, 130, 131, 132, 133, 134, 134, 135, 135, 136, 136)
        rest = (137, 138, 139, 140, 141, 142, 143, 143, 144, 145, 146, 147, 155, 155, 200, 5, 100)
        kind = chance.choice((*often, *often, *rest))
        code = chance.choice((0, 0, 0, 1, 2, 3, 4, 5, chance.randrange(256)))
        if kind < 5:
            body = chance.randbytes(4) + self.network6(chance, depth + 1)
        else:
            code, body = _message6_body(chance, kind, code)
        return bytes([kind, code]) + chance.randbytes(2) + body

    def frame(self, chance: random.Random) -> bytes:
        """An Ethernet frame, perhaps with VLAN tags."""
        draw = chance.random()
        if self.frames and draw < 0.5:
            kind, maker = chance.choice(self.frames)
            payload = maker(chance)
        elif draw < 0.5:
            kind, payload = 0x0800, self.network4(chance)
        elif draw < 0.8:
            kind, payload = 0x86DD, self.network6(chance)
        elif draw < 0.9:
            kind, payload = 0x0806, resolution(chance)
        elif draw < 0.93:
            kind = chance.choice((0x1234, 0x6004, 0x8038, 0xFFFF, 0x88B5, 0x600))
            payload = chance.randbytes(30)
        else:
            payload = self._logical_link(chance)
            kind = min(chance.choice((*[len(payload)] * 5, len(payload) - 1, 1500, 0, 3)), 1500)
        tags = b"".join(
            struct.pack(">HH", chance.choice((0x8100, 0x88A8, 0x9100)), chance.randrange(65536))
            for _ in range(chance.choice((0, 0, 0, 0, 0, 1, 2)))
        )
        target = chance.choice((b"\xff" * 6, b"\1\x80\xc2\0\0\0", b"\2\0\0\0\0\1"))
        source = chance.choice((b"\0\0\x0c", b"\0\x80\xc2", b"\2\0\0")) + b"\0\0\2"
        return target + source + tags + struct.pack(">H", kind) + payload

    def _logical_link(self, chance: random.Random) -> bytes:
        """What follows a length: LLC, some of it with SNAP."""
        draw = chance.randrange(3)
        if draw == 0:
            vendor = chance.choice((bytes(3), b"\0\0\xf8", b"\0\x80\xc2", b"\xab\xcd\xef"))
            kind = chance.choice((b"\x08\0", b"\x86\xdd", b"\0\1", b"\0\7", b"\x12\x34"))
            return b"\xaa\xaa\3" + vendor + kind + self.network4(chance)
        if draw == 1:
            return b"\x06\x06\3" + self.network4(chance)
        ends = [chance.choice((6, 7, 0x42, 0xF0, 4, 5, 0xAA)) for _ in range(2)]
        control = chance.choice((3, 0xAF, 0xBF, 0xE3, 0x7F, 0, 1, 5, 9, 0x13))
        return bytes([*ends, control]) + chance.randbytes(chance.choice((0, 1, 2, 3, 20)))


def summed(chance: random.Random, octets: bytes, at: int) -> bytes:
    """A message with its checksum, right as a rule."""
    if chance.random() < 0.2:
        return octets
    return octets[:at] + struct.pack(">H", checksum(octets)) + octets[at + 2 :]


def _with_pseudo(chance: random.Random, head: bytes, segment_: bytes, at: int) -> bytes:
    if chance.random() < 0.3 or len(segment_) < at + 2:
        return segment_
    clear = segment_[:at] + b"\0\0" + segment_[at + 2 :]
    return clear[:at] + struct.pack(">H", checksum(head + clear)) + clear[at + 2 :]


def _ipv4(chance: random.Random, protocol: int, payload: bytes) -> bytes:
    options = _ipv4_options(chance) if chance.random() < 0.12 else b""
    header = 5 + len(options) // 4
    total = header * 4 + len(payload)
    if chance.random() < 0.06:
        header = chance.randrange(16)
    if chance.random() < 0.06:
        total = chance.choice((0, 10, 20, 24, total + 10, max(total - 10, 0), 65535))
    fragment = chance.choice((0, 0x4000))
    if chance.random() < 0.1:
        fragment = chance.choice((0x2000, 0x8000, 0x0010, 0x2010))
    source, target = (bytes([10, 0, 0, chance.randrange(3)]) for _ in range(2))
    if protocol in (TCP, UDP):
        head = source + target + struct.pack(">HH", protocol, len(payload))
        payload = _with_pseudo(chance, head, payload, 16 if protocol == TCP else 6)
    octets = struct.pack(
        ">BBHHHBBH4s4s", 0x40 | header, chance.choice((0, 0, 1, 2, 3, 16, 255)), total & 0xFFFF,
        chance.randrange(65536), fragment, chance.choice((0, 1, 64, 255)), protocol, 0,
        source, target,
    )  # fmt: skip
    return summed(chance, octets + options, 10) + payload


def _ipv4_options(chance: random.Random) -> bytes:
    made = b""
    for _ in range(chance.choice((1, 1, 2))):
        kind = chance.choice((0, 1, 7, 7, 131, 137, 68, 68, 68, 148, 130, 82, 15))
        if kind < 2:
            made += bytes([kind])
            continue
        size = chance.choice((2, 3, 4, 6, 7, 8, 11, 12, 15, 20))
        value = bytes([chance.choice((0, 3, 4, 5, 8, 9, 12, 13, 40))])
        value += bytes([chance.choice((0, 1, 3, 0x10, 0x31, 2))]) + chance.randbytes(20)
        declared = size if chance.random() < 0.9 else chance.choice((0, 1, size + 1, 50))
        made += bytes([kind, declared]) + value[: size - 2]
    made = made[:40]
    return made + bytes(-len(made) % 4)


def _ipv6(chance: random.Random, protocol: int, payload: bytes) -> bytes:
    ends = [bytes.fromhex("fe80") + bytes(13) + b"\1", bytes(15) + b"\1", bytes(12) + b"\1\2\3\4"]
    ends += [bytes(10) + b"\xff\xff\1\2\3\4", bytes.fromhex("ff02") + bytes(13) + b"\1"]
    source, target = chance.choice([*ends, chance.randbytes(16)]), chance.choice(ends)
    places = {TCP: 16, UDP: 6, ICMP6: 2}
    if protocol in places:
        head = source + target + struct.pack(">II", len(payload), protocol)
        payload = _with_pseudo(chance, head, payload, places[protocol])
    following = protocol
    for _ in range(chance.choice((0, 0, 0, 0, 1, 1, 2, 3))):
        kind, header = _extension_header(chance)
        payload = bytes([following]) + header + payload
        following = kind
    size = len(payload)
    if chance.random() < 0.08:
        size = chance.choice((0, 0, 1, size + 9, max(size - 9, 0), 65535))
    first = 6 << 28 | chance.choice((0, 0, 0xABCDE, 0x0FF00000, 0x00100001))
    hops = chance.choice((0, 1, 64, 255))
    return struct.pack(">IHBB", first, size & 0xFFFF, following, hops) + source + target + payload


def _extension_header(chance: random.Random) -> tuple[int, bytes]:
    """Its kind, and all of it behind the next header's number."""
    kind = chance.choice((0, 0, 60, 60, 43, 43, 44, 44, 51, 62, 135))
    if kind in (0, 60):
        options = b""
        for _ in range(chance.randrange(3)):
            option = chance.choice((0, 1, 5, 5, 0xC2, 0xC9, 0x22))
            size = {5: 2, 0xC2: 4, 0xC9: 16}.get(option, chance.randrange(6))
            size = max(size + chance.choice((*[0] * 9, 1, -1, 2)), 0)
            value = chance.randbytes(size)
            if option == 0xC2 and size >= 4:
                value = struct.pack(">I", chance.choice((65536, 70000, 100))).ljust(size, b"\0")
            options += bytes([option, size]) + value if option else b"\0"
        left = -(len(options) + 2) % 8
        options += b"\0" if left == 1 else bytes([1, left - 2]) + bytes(left - 2) if left else b""
        return kind, bytes([(len(options) + 2) // 8 - 1]) + options
    if kind == 43:
        count = chance.randrange(3)
        size = count * 2 + (chance.random() < 0.1)
        head = bytes([size, chance.choice((0, 2, 4, 1, 9)), count])
        return kind, head + chance.choice((bytes(4), b"\1\2\3\4")) + chance.randbytes(16 * count)
    if kind == 44:
        return kind, struct.pack(">xHI", chance.choice((0, 1, 0, 8, 0x101)), 0x12345678)
    count = chance.choice((0, 1, 2, 4))
    if kind == 51:
        return kind, bytes([count]) + b"\0\0" + chance.randbytes(8 + 4 * max(count - 1, 0))
    return kind, bytes([count, chance.randrange(10), 0]) + chance.randbytes(count * 8 + 4)


def segment(chance: random.Random) -> bytes:
    """A TCP segment with options."""
    options = b"".join(_tcp_option(chance) for _ in range(chance.choice((0, 0, 1, 2, 3, 4))))[:40]
    options += b"\1" * (-len(options) % 4)
    body = chance.choice((b"", b"", b"hello", b"A" * 200, b"\r\n\x00\xe4 reason", b"x" * 31))
    words = 5 + len(options) // 4 if chance.random() < 0.95 else chance.randrange(16)
    flags = chance.choice((2, 0x12, 0x10, 0x10, 0x18, 0x11, 4, 0x14, 0, 0x39, 0xFF, 0xC2, 0x30))
    ports = chance.choice(((1000, 2000), (2000, 1000), (1000, 1000), (60000, 9)))
    seq, ack = (chance.choice((0, 1, 1000, 1001, 0xFFFFFFFF, 7 << 28)) for _ in range(2))
    window = chance.choice((0, 512, 65535))
    fixed = (*ports, seq, ack, words << 4, flags, window, 0, chance.choice((0, 5)))
    return struct.pack(">HHIIBBHHH", *fixed) + options + body


def _tcp_option(chance: random.Random) -> bytes:
    common = (0, 1, 1, 2, 3, 4, 5, 5, 6, 8, 8, 9, 11, 13, 14, 19, 20, 28, 29)
    kind = chance.choice((*common, *[30] * 4, 34, 34, 253, 254, 254))
    if kind < 2:
        return bytes([kind])
    size = {2: 2, 3: 1, 4: 0, 8: 8, 6: 4, 11: 4, 13: 4, 19: 16, 20: 2, 28: 2}.get(kind)
    if size is None:
        size = {
            5: chance.choice((8, 16, 24, 8, 7, 0)),
            29: chance.choice((0, 1, 2, 3, 16)),
            30: chance.choice((1, 2, 6, 10, 18, 20, 8, 14, 16, 26, 28, 22, 12, 0, 4)),
            34: chance.choice((0, 1, 4, 8, 16, 18, 3)),
        }.get(kind, chance.randrange(12))
    if chance.random() < 0.12:
        size = max(size + chance.choice((-2, -1, 1, 2)), 0)
    value = chance.randbytes(size)
    if kind == 254:
        value = chance.choice((b"\xf9\x89", b"\1\2")) + chance.randbytes(chance.choice((0, 4, 3)))
    if kind == 30 and value:
        low = chance.choice((0, 1, 4, 6, 2))
        value = bytes([chance.choice((0, 1, 2, 2, 3, 4, 5, 6, 7, 8)) << 4 | low]) + value[1:]
    declared = len(value) + 2
    if chance.random() < 0.06:
        declared = chance.choice((0, 1, 2, declared + 1, declared + 2, 255))
    return bytes([kind, declared]) + value


def datagram(chance: random.Random) -> bytes:
    """A UDP datagram between ports of no application."""
    body = chance.choice((b"", b"x", bytes(20), b"A" * 100))
    ports = [chance.choice((1, 9, 1000, 40000, 65535)) for _ in range(2)]
    size = chance.choice((*[len(body) + 8] * 6, 0, 7, 8, len(body) + 20, 5))
    return struct.pack(">HHHH", *ports, size, chance.choice((0, 1, 0xABCD))) + body


def _extension(chance: random.Random) -> bytes:
    """What routers append to an error (RFC 4884)."""
    made = b"\x20\0\0\0"
    for _ in range(chance.randrange(3)):
        value = chance.randbytes(chance.choice((0, 3, 4, 8)))
        size = chance.choice((*[len(value) + 4] * 5, 0, 3, 100))
        number = chance.choice((1, 1, 1, 2, 0, 3))
        made += struct.pack(">HBB", size, number, chance.choice((1, 1, 2))) + value
    made = summed(chance, made, 2)
    return made if chance.random() < 0.9 else b"\x10" + made[1:]


def _message6_body(chance: random.Random, kind: int, code: int) -> tuple[int, bytes]:
    """The code and what is behind the checksum of an ICMPv6 message that is no error."""
    fixed = {133: 4, 134: 12, 135: 20, 136: 20, 137: 36, 147: 4, 131: 20, 132: 20}
    if kind in fixed:
        return code, chance.randbytes(fixed[kind]) + b"".join(
            _neighbor_option(chance) for _ in range(chance.randrange(4) if kind > 132 else 0)
        )
    if kind in (130, 143):
        return code, _listeners(chance, kind)
    if kind in (139, 140):
        head = (chance.choice((0, 1, 2, 3, 4, 9)), chance.choice((0, 1, 0x7F)))
        bodies = (b"", bytes(16), bytes(4), b"\5hello", b"\3abc\2de\0", b"\0\0\0\5\3abc\2de\0")
        more = (b"\0\0\0\5\3abc\0\0", b"\1" * 40, b"\0\0\0\7\5hello", b"\0\0\0\1\x09ab")
        return code, struct.pack(">HH", *head) + bytes(8) + chance.choice((*bodies, *more))
    if kind == 138:
        count = chance.randrange(3)
        match = bytes([chance.randrange(5), 3 + 4 * count + (chance.random() < 0.2), 1, 2, 3, 4])
        uses = b"".join(chance.choice((bytes(32), b"\xff" * 32)) for _ in range(count))
        body = chance.randbytes(12) + match + bytes(2) + chance.randbytes(16) + uses
        return chance.choice((0, 0, 1, 255, 3)), body
    if kind == 155:
        options = b"".join(
            chance.choice((b"\0", bytes([chance.randrange(10), 3, 1, 2, 3]), b"\5\xc8"))
            for _ in range(chance.randrange(3))
        )
        body = chance.randbytes(4 + chance.choice((0, 16, 20, 20)))
        return chance.choice((0, 1, 1, 2, 2, 3, 3, 0x80, 7)), body + options
    return code, chance.randbytes(chance.choice((4, 8, 24)))


def _listeners(chance: random.Random, kind: int) -> bytes:
    """A query or a report of MLD."""
    if kind == 130:
        count = chance.randrange(3)
        tail = chance.randbytes(2) + struct.pack(">H", chance.choice((count, count, 5)))
        made = chance.randbytes(20)
        return made + chance.choice((b"", tail + chance.randbytes(16 * count)))
    count = chance.randrange(4)
    made = struct.pack(">HH", 0, chance.choice((count, count, count + 1)))
    for _ in range(count):
        sources = chance.randrange(3)
        made += bytes([chance.randrange(8), 0])
        made += struct.pack(">H", chance.choice((sources, sources, 9)))
        made += chance.randbytes(16 + 16 * sources)
    return made


def _neighbor_option(chance: random.Random) -> bytes:
    kind = chance.choice((1, 2, 3, 4, 5, 7, 8, 24, 25, 31, 6, 14))
    units = {1: 1, 2: 1, 3: 4, 5: 1, 7: 1, 8: 1}.get(kind, chance.randrange(1, 5))
    value = chance.randbytes(units * 8 - 2)
    if kind == 31:
        names = (b"\3abc\2de\0", b"\3abc\0\1x\0", b"\7example\3com\0\0\0", b"\xc0\x08\0\0")
        value = (bytes(6) + chance.choice(names)).ljust(len(value), b"\0")[: len(value)]
    if kind == 3 and chance.random() < 0.5:
        value = value[:2] + b"\xff" * 8 + value[10:]
    declared = units if chance.random() < 0.92 else chance.choice((0, units + 1, 255))
    return bytes([kind, declared]) + value


def resolution(chance: random.Random) -> bytes:
    """An ARP message of any hardware."""
    hardware = chance.choice((1, 1, 1, 1, 6, 15, 19, 32, 700))
    protocol = chance.choice((0x800, 0x800, 0x800, 0x86DD, 0x1000, 0x1234))
    operation = chance.choice((1, 1, 1, 2, 2, 3, 4, 8, 9, 10, 20))
    if hardware == 19:
        sizes = [chance.choice((20, 0)), chance.choice((0, 4)), operation, chance.choice((4, 6))]
        head = struct.pack(">HHBBHB", hardware, protocol, *sizes)
        return head + bytes([chance.choice((20, 0)), chance.choice((0, 4)), 4]) + bytes(60)
    size, width = chance.choice((6, 6, 6, 8, 0, 2, 3, 4)), chance.choice((4, 4, 4, 6, 0))
    sender, address, asked = (chance.randbytes(count) for count in (size, width, width))
    target = chance.choice((bytes(size), chance.randbytes(size), b"\xff" * size))
    head = struct.pack(">HHBBH", hardware, protocol, size, width, operation)
    return head + sender + address + target + chance.choice((address, asked)) + bytes(18)


def packets(seed: int, count: int, make: Maker, cut: float = 0.3) -> list[Odd]:
    """`count` packets, some with bytes changed, a share of `cut` captured in part."""
    chance = random.Random(seed)
    made = []
    while len(made) < count:
        octets = bytearray(make(chance))
        if chance.random() < 0.3:
            for _ in range(chance.choice((1, 1, 2, 5))):
                octets[chance.randrange(len(octets))] = chance.choice((0, 255, 1, 0x45))
        length = len(octets)
        if chance.random() < cut and length > 1:
            del octets[chance.randrange(1, length) :]
        elif chance.random() < 0.05:
            length += chance.randrange(40)
        made.append(Odd(bytes(octets), length))
    return made


def cut_everywhere(seed: int, count: int, make: Maker) -> list[Odd]:
    """`count` packets, each captured up to every one of its first 200 bytes."""
    chance = random.Random(seed)
    made = [make(chance) for _ in range(count)]
    return [Odd(one[:size], len(one)) for one in made for size in range(1, min(len(one), 200) + 1)]


def settings(options: Sequence[str]) -> Settings:
    """What the options mean, without names."""
    flags = "".join(option.lstrip("-") for option in options)
    return Settings(
        verbose=flags.count("v"),
        numeric=True,
        quiet=flags.count("q"),
        link_header="e" in flags,
        absolute_seq="S" in flags,
        checksums="K" not in flags,
        suppress=bool(set("xXq") & set(flags)),
        both=flags.count("X"),
        ascii=flags.count("A"),
    )


def ours(made: Sequence[Odd], link: int, options: Sequence[str]) -> list[str]:
    """Our text of each packet, with the dump that the options ask for."""
    given, state, texts = settings(options), State(), []
    for octets, length in made:
        text = show_packet(link, octets, len(octets), length, given, state)
        texts.append(text + dumped(octets, state.header_len, given))
    return texts


def hold(tcpdump: Path, folder: Path, made: Sequence[Odd], link: int = 1) -> None:
    """Fail at the first packets whose text is not tcpdump's, with each set of options."""
    path = folder / "odd.pcap"
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, link))
        for octets, length in made:
            file.write(struct.pack("<IIII", 1_700_000_000, 0, len(octets), length) + octets)
    for options in OPTIONS:
        # -tt marks where each packet's text begins: no line of a packet looks like that.
        command = [tcpdump, "-tt", *options, "-r", path]
        said = subprocess.run(command, capture_output=True, check=True, timeout=120).stdout
        theirs = ("\n" + said.decode("latin-1").removesuffix("\n")).split("\n1700000000.000000 ")[
            1:
        ]
        assert len(theirs) == len(made)
        for odd, expected, text in zip(made, theirs, ours(made, link, options), strict=True):
            assert text == expected, (options, odd.octets.hex(), odd.wire_len)

"""Odd packets of tunnels and links: what ``odd_packets`` makes, in everything around it."""

from __future__ import annotations

import random
import struct

from odd_packets import Kinds, Maker, segment, summed

PLAIN = Kinds()


def igmp(chance: random.Random) -> bytes:
    """A message of any version."""
    kind = chance.choice((0x11, 0x11, 0x11, 0x12, 0x16, 0x17, 0x22, 0x22, 0x1E, 0x1F, 0x50))
    body = chance.choice((b"\xe0\0\0\1", bytes(4), b"\n\0\0\1"))
    count = chance.randrange(3)
    if kind == 0x11 and chance.random() < 0.6:
        body += b"\2\x7d" + struct.pack(">H", chance.choice((count, count, 9))) + bytes(4 * count)
    elif kind == 0x22:
        body = struct.pack(">HH", 0, chance.choice((count, count, 5)))
        for _ in range(count):
            sources = chance.randrange(3)
            declared = chance.choice((sources, sources, 7))
            body += struct.pack(">BxH", chance.randrange(8), declared) + bytes(4 + 4 * sources)
    elif kind in (0x1E, 0x1F):
        body = chance.randbytes(chance.choice((20, 20, 10)))
    time = chance.choice((0, 100, 50, 128, 200, 255))
    return summed(chance, bytes([kind, time, 0, 0]) + body, 2)


def gre(chance: random.Random) -> bytes:
    """A packet of either version, with every kind of field."""
    version = chance.choice((0, 0, 0, 1, 1, 2))
    flags = chance.choice((0, 0x8000, 0x2000, 0x1000, 0x3000, 0xB000, 0x4000, 0xC000, 0x3080))
    inside = {
        0x0800: PLAIN.network4,
        0x86DD: PLAIN.network6,
        0x8847: mpls,
        0x6558: PLAIN.frame,
        0x1234: lambda draw: draw.randbytes(9),
    }
    kind = 0x880B if version == 1 else chance.choice(tuple(inside))
    made = struct.pack(">HH", flags | version, kind)
    if version == 1:
        made += chance.randbytes(4 * sum(bool(flags & bit) for bit in (0x2000, 0x1000, 0x80)))
        return made + ppp(chance)
    made += chance.randbytes(4 * bool(flags & 0xC000))
    made += chance.randbytes(4 * sum(bool(flags & bit) for bit in (0x2000, 0x1000)))
    if flags & 0x4000:
        for _ in range(chance.randrange(3)):
            size, at = chance.choice((4, 8, 2, 3)), chance.choice((0, 4, 2, 1))
            family = chance.choice((0x800, 0xFFFE, 5))
            made += struct.pack(">HBB", family, at, size) + chance.randbytes(size)
        made += bytes(4 if chance.random() < 0.8 else 0)
    return made + inside[kind](chance)


def mpls(chance: random.Random) -> bytes:
    """One to three labels, and what is behind them."""
    made, count = b"", chance.choice((1, 1, 2, 3))
    for number in range(1, count + 1):
        label = chance.choice((0, 1, 2, 3, 5, 16, 1000, 700000))
        entry = label << 12 | chance.randrange(8) << 9 | (number == count) << 8 | 64
        made += struct.pack(">I", entry)
    inside = (PLAIN.network4, PLAIN.network6, lambda draw: b"", lambda draw: draw.randbytes(20))
    return made + chance.choice(inside)(chance)


def ppp(chance: random.Random) -> bytes:
    """A frame: packets, control protocols, authentication."""
    control = (0xC021, 0x8021, 0x8057, 0x80FD, 0xC02B, 0x8281, 0x8023)
    other = (0x21, 0x57, 0x3D, 0x281, 0xFD, 0x2D, 0x1234, 0xC023, 0xC223, 0x25, 0x7E21)
    protocol = chance.choice((*control, *control, *other))
    head = chance.choice((b"\xff\3", b"", b"\0\3", b"\1\3"))
    if protocol > 255 or chance.random() < 0.7:
        head += struct.pack(">H", protocol)
    else:
        head += bytes([protocol])
    if protocol == 0x21:
        return head + PLAIN.network4(chance)
    if protocol == 0x57:
        return head + PLAIN.network6(chance)
    if protocol == 0x281:
        return head + mpls(chance)
    if protocol == 0x7E21:
        escaped = (b"\x21", b"\xff\x7d\x23\0\x21")
        return head + chance.choice(escaped) + PLAIN.network4(chance)
    if protocol in control:
        return head + _control(chance, protocol)
    if protocol in (0xC023, 0xC223):
        return head + _authentication(chance, protocol)
    return head + chance.randbytes(chance.randrange(30))


def _control(chance: random.Random, protocol: int) -> bytes:
    code = chance.choice((1, 1, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 0, 14, 99))
    body = chance.randbytes(chance.choice((0, 2, 4, 8, 20)))
    if code in (1, 2, 3, 4):
        body = b"".join(_control_option(chance, protocol) for _ in range(chance.randrange(4)))
    length = chance.choice((*[len(body) + 4] * 6, 0, 4, len(body), len(body) + 20))
    return struct.pack(">BBH", code, 7, length) + body


def _control_option(chance: random.Random, protocol: int) -> bytes:
    kinds = {
        0x8021: {1: 10, 2: chance.choice((4, 6, 14, 18)), 3: 6, 4: 6, 129: 6, 131: 6, 9: 5},
        0x8057: {1: 10, 2: 4},
        0xC02B: {1: 6, 2: 4},
        0x80FD: {21: 3, 24: 4, 26: 4, 18: 6},
    }.get(protocol, {0: 7, 1: 4, 2: 6, 3: 4, 4: 4, 5: 6, 7: 2, 8: 2, 13: 3, 17: 4, 19: 7, 23: 4})
    kind = chance.choice(tuple(kinds))
    size = kinds[kind]
    if chance.random() < 0.1:
        size = chance.choice((0, 1, size + 1, size - 1, 50))
    value = chance.randbytes(max(size - 2, 0))
    if protocol == 0xC021 and kind == 3:
        value = chance.choice((b"\xc0\x23", b"\xc2\x23\5", b"\xc2\x23\x81", b"\xc2\x27", b"\1\2"))
        size = len(value) + 2
    if protocol == 0xC021 and kind == 19 and value:
        value = bytes([chance.randrange(7)]) + value[1:]
    if protocol == 0x8021 and kind == 2 and len(value) > 1:
        value = chance.choice((b"\0\x2d", b"\0\x61", b"\0\x61", b"\1\1")) + value[2:]
    return bytes([kind, size]) + value


def _authentication(chance: random.Random, protocol: int) -> bytes:
    code = chance.choice((1, 1, 2, 3, 4))
    name, secret = chance.randbytes(chance.randrange(1, 8)), chance.randbytes(chance.randrange(8))
    body = bytes([len(name) if chance.random() < 0.85 else 200]) + name
    if protocol == 0xC223:
        body += secret
    elif code == 1:
        body += bytes([len(secret)]) + secret
    length = chance.choice((*[len(body) + 4] * 6, 3, 200))
    return struct.pack(">BBH", code, 1, length) + body


def pppoe(chance: random.Random) -> bytes:
    """Discovery or session."""
    code, body = chance.choice((0, 0, 0, 9, 7, 0x19, 0x65, 0xA7, 1)), b""
    if code:
        for _ in range(chance.randrange(4)):
            value = chance.choice((b"", b"A" * 90, b"isp-name\0\0", chance.randbytes(10)))
            kind = chance.choice((0x101, 0x102, 0x103, 0x104, 0x105, 0x110, 0x120, 0x201, 0, 0x999))
            size = len(value) if chance.random() < 0.95 else 500
            body += struct.pack(">HH", kind, size) + value
    else:
        body = ppp(chance)
    first = chance.choice((*[0x11] * 8, 0x21, 0x12))
    length = chance.choice((*[len(body)] * 6, 0, len(body) + 9, 1480))
    return struct.pack(">BBHH", first, code, chance.choice((0, 1, 0xABCD)), length) + body


def eapol(chance: random.Random) -> bytes:
    """A frame of IEEE 802.1X."""
    method = chance.choice((0, 1, 1, 2, 3, 4, 13, 13, 18, 21, 23, 43, 254, 99))
    more = chance.choice((b"user\0abc", b"", chance.randbytes(chance.randrange(12))))
    body = bytes([method]) + more if chance.random() < 0.9 else b""
    length = len(body) + 4
    declared = length if chance.random() < 0.9 else length + 3
    packet = struct.pack(">BBH", chance.choice((1, 1, 2, 2, 3, 4, 9)), 7, declared) + body
    kind = chance.choice((0, 0, 0, 0, 0, 1, 2, 3, 4, 9))
    return struct.pack(">BBH", 1, kind, chance.choice((*[length] * 8, 0, length + 1))) + packet


def loopback(chance: random.Random) -> bytes:
    """A test frame of a switch."""
    skipped = chance.choice((b"", bytes(8), bytes(3)))
    skip = chance.choice((0, 0, 8, 3, 60000))
    function = chance.choice((1, 2, 1, 2, 5))
    tail = chance.randbytes(chance.choice((0, 1, 2, 6, 20)))
    return struct.pack("<H", skip) + skipped + struct.pack("<H", function) + tail


def spanning_tree(chance: random.Random) -> bytes:
    """A bridge's message, behind its LLC header."""
    version, kind = chance.choice((0, 2, 3, 3, 4, 1)), chance.choice((0, 2, 2, 2, 0x80, 5))
    made = bytes([0, 0, version, kind]) + chance.randbytes(31)
    if kind == 2 or version >= 2:
        made += b"\0" if chance.random() < 0.9 else b"\1"
    if version >= 3:
        count = chance.randrange(3)
        made += struct.pack(">Hx", 64 + 16 * count) + b"region".ljust(32, b"\0")
        made += chance.randbytes(31 + 16 * count)
    if version == 4:
        made += struct.pack(">Hx", chance.choice((85, 20))) + b"aux".ljust(32, b"\0")
        made += chance.randbytes(60)
    return b"\x42\x42\3" + made


def sctp(chance: random.Random) -> bytes:
    """A packet of up to three chunks."""
    made = struct.pack(">HHII", chance.choice((1, 2905)), chance.choice((5, 9)), 1, 2)
    for _ in range(chance.randrange(4)):
        kind = chance.choice((0, 0, 0, 1, 2, 3, 3, 4, 6, 10, 14, 0xC0, 99))
        if kind == 0:
            value = struct.pack(">IHHI", 7 << 28, 1, 2, chance.choice((0, 1, 18, 46)))
            value += chance.choice((b"abcd", b"7 bytes", b"", b"x"))
        elif kind < 3:
            value = chance.randbytes(chance.choice((16, 16, 20, 8)))
        elif kind == 3:
            gaps, again = chance.randrange(3), chance.randrange(2)
            declared = chance.choice((gaps, gaps, 5)), chance.choice((again, again, 4))
            value = chance.randbytes(8) + struct.pack(">HH", *declared)
            value += chance.randbytes(4 * (gaps + again))
        else:
            value = chance.randbytes(chance.randrange(9))
        size = len(value) + 4
        declared_size = size if chance.random() < 0.93 else chance.choice((0, 3, size + 4, 200))
        made += struct.pack(">BBH", kind, chance.randrange(8), declared_size) + value
        made += bytes(-size % 4)
    return made


def vrrp(chance: random.Random) -> bytes:
    """An advertisement."""
    version, count = chance.choice((2, 2, 3, 3, 1)), chance.randrange(3)
    kind = chance.choice((1, 1, 1, 2))
    made = bytes([version << 4 | kind, 5, 100, count, chance.choice((0, 1, 2, 7)), 1, 0, 0])
    return summed(chance, made + chance.randbytes(4 * count) + b"secret\0\0", 6)


def lldp(chance: random.Random) -> bytes:
    """An announcement of fields in any order."""
    made = b""
    identity = (
        b"\4" + bytes(6),
        b"\5\1\n\0\0\1",
        b"\5\2" + bytes(16),
        b"\5\7ab",
        b"\6eth0",
        b"\x09",
    )
    values = {
        1: identity,
        2: (b"\3" + bytes(6), b"\4\1\n\0\0\1", b"\5eth0", b"\7x\0y", b"\x09z"),
        3: (b"\0\x78", b"\1"),
        4: (b"port 1",),
        5: (b"sw-1\0x", b"\x1b[2J"),
        6: (b"Some OS\n1.2",),
        7: (b"\0\x14\0\4", b"\0\0\0"),
        8: (b"\5\1\n\0\0\1\2\0\0\0\7\0", b"\5\1\n\0\0\1\3\0\0\0\7\3abc", b"\2\7a\2\0\0\0\1"),
        9: (b"12345",),
        127: (
            b"\x00\xab\xcd\1234",
            b"\0",
            *(b"\0\x80\xc2" + bytes([kind]) + b"\0\5\4vlan" for kind in (1, 2, 3, 4, 7, 99)),
            *(b"\0\x12\x0f" + bytes([kind]) + b"\3\6\3\0\x1e" for kind in range(6)),
        ),
    }
    for _ in range(chance.randrange(1, 7)):
        kind = chance.choice(tuple(values))
        value = chance.choice(values[kind])
        made += struct.pack(">H", kind << 9 | len(value)) + value
    return made + chance.choice((b"\0\0", b"", bytes(20)))


def aggregation(chance: random.Random) -> bytes:
    """A message of link aggregation, or its marker."""
    made = bytes([chance.choice((1, 1, 1, 1, 2, 9)), chance.choice((1, 1, 1, 2))])
    for _ in range(chance.randrange(4)):
        kind, size = chance.choice(((1, 20), (2, 20), (3, 16), (1, 16), (9, 5)))
        if chance.random() < 0.1:
            size = chance.choice((1, 2, size + 1))
        made += bytes([kind, size]) + chance.randbytes(max(size - 2, 0))
    return made + bytes(chance.choice((0, 2, 20)))


def realtek(chance: random.Random) -> bytes:
    """What switches with Realtek's chips send each other."""
    kind = chance.choice((1, 1, 1, 2, 3, 4, 0x23, 0x90, 0x95, 0xA1, 0x77))
    operation = chance.choice((0, 1, 2, 0x80, 0x81, 0x82, 5))
    return bytes([kind, operation]) + chance.randbytes(chance.choice((20, 16, 40, 5)))


def datagram_congestion(chance: random.Random) -> bytes:
    """A DCCP packet, without options: those are not written."""
    kind, extended = chance.choice((0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12)), chance.randrange(2)
    numbers = bytes(1) + chance.randbytes(6) if extended else chance.randbytes(3)
    size = (16 if extended else 12) + {0: 4, 1: 12, 2: 0, 7: 12, 12: 0}.get(kind, 8)
    head = (1, 2, size // 4, chance.choice((0, 1, 2, 0x10)), 0xABCD, kind << 1 | extended)
    return struct.pack(">HHBBHB", *head) + numbers + chance.randbytes(24)


def authenticated(chance: random.Random) -> bytes:
    """What is behind an IP header with an authentication header."""
    return bytes([6, chance.choice((4, 4, 0, 60)), 0, 0]) + chance.randbytes(20) + segment(chance)


def encrypted(chance: random.Random) -> bytes:
    """ESP."""
    return chance.randbytes(chance.choice((4, 8, 9, 40)))


TUNNELS = Kinds(
    ipv4=(
        (2, igmp), (47, gre), (50, encrypted), (51, authenticated), (108, encrypted),
        (33, datagram_congestion), (112, vrrp), (132, sctp),
    ),
    ipv6=((47, gre), (50, encrypted), (112, vrrp), (132, sctp), (143, PLAIN.frame)),
    frames=(
        (0x8847, mpls), (0x8848, mpls), (0x8863, pppoe), (0x8864, pppoe), (0x880B, ppp),
        (0x888E, eapol), (0x9000, loopback), (0x88CC, lldp), (0x8809, aggregation),
        (0x8899, realtek),
    ),
)  # fmt: skip


def frame(chance: random.Random) -> bytes:
    """An Ethernet frame, some of them of a spanning tree."""
    if chance.random() < 0.15:
        body = spanning_tree(chance)
        head = b"\1\x80\xc2\0\0\0\2\0\0\0\0\1" + struct.pack(">H", len(body))
        return head + body
    return TUNNELS.frame(chance)


def cooked(chance: random.Random) -> bytes:
    """A packet as captures on all interfaces have it: Linux's first header."""
    tagged = chance.choice((0x800, 0x26, 0x8100))
    carried: tuple[tuple[int, Maker], ...] = (
        (0x0800, TUNNELS.network4),
        (0x86DD, TUNNELS.network6),
        (4, spanning_tree),
        (0x8100, lambda draw: struct.pack(">HH", 0x3005, tagged) + PLAIN.network4(draw)),
        (0x1234, lambda draw: draw.randbytes(20)),
        (3, lambda draw: draw.randbytes(9)),
    )
    kind, make = chance.choice(carried)
    way, size = chance.choice((0, 1, 2, 3, 4, 7)), chance.choice((6, 0, 8))
    return struct.pack(">HHH8sH", way, 1, size, chance.randbytes(8), kind) + make(chance)


def null(chance: random.Random) -> bytes:
    """A packet behind its address family, in either byte order."""
    families: tuple[tuple[int, Maker], ...] = (
        (2, TUNNELS.network4),
        (24, TUNNELS.network6),
        (28, TUNNELS.network6),
        (30, TUNNELS.network6),
        (9, lambda draw: draw.randbytes(20)),
    )
    family, make = chance.choice(families)
    return struct.pack(chance.choice("<>") + "I", family) + make(chance)


def serial(chance: random.Random) -> bytes:
    """A PPP frame of a serial line."""
    inside = (b"\xff\3\0\x21" + PLAIN.network4(chance), b"\xff\3\xc0\x21\1\7\0\x04", b"\x30\3" * 5)
    return chance.choice((*inside, b"\x0f\0\x08\0" + PLAIN.network4(chance)))


def logged(chance: random.Random) -> bytes:
    """A packet as netfilter logs it: fields, one of them the packet."""
    families: tuple[tuple[int, Maker], ...] = (
        (2, PLAIN.network4),
        (10, PLAIN.network6),
        (7, lambda draw: draw.randbytes(9)),
    )
    family, make = chance.choice(families)
    made = struct.pack(">BBH", family, chance.choice((0, 0, 0, 0, 1)), 7)
    for _ in range(chance.randrange(3)):
        size = chance.randrange(9)
        declared = size + 4 if chance.random() < 0.93 else chance.choice((0, 3, 500, 65534))
        made += struct.pack("<HH", declared, chance.choice((1, 2, 10)))
        made += chance.randbytes(size) + bytes(-size % 4)
    packet = make(chance)
    if chance.random() < 0.95:
        made += struct.pack("<HH", (len(packet) + 4) & 0xFFFF, 9)
    return made + packet

"""What carries packets over UDP, and protocols of one header: tcpdump's text, to the letter."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

import pytest
from datagrams import Compared, cut, framed, mutated, noise, shown, tcp, udp

INNER = (
    udp(40000, 53, bytes.fromhex("00010100000100000000000001610000010001")),
    tcp(40000, 80, b"GET / HTTP/1.0\r\n\r\n"),
)


def vxlan(chance: random.Random) -> bytes:
    return bytes([chance.choice((8, 8, 0, 255))]) + chance.randbytes(7) + chance.choice(INNER)


def generic(chance: random.Random) -> bytes:
    kind = chance.choice((1, 3, 5))
    frame = chance.choice(INNER)
    head = bytes((chance.choice((8, 0x0C, 0)), 0, 0, kind)) + chance.randbytes(4)
    return head + (frame[14:] if kind == 1 else frame)


def geneve(chance: random.Random) -> bytes:
    kind, frame = chance.choice((0x6558, 0x0800, 0x1234)), chance.choice(INNER)
    groups = (0x100, 0x101, 0, 0xFFFF, 0x300)
    options = b"".join(
        struct.pack(">HBB", chance.choice(groups), chance.choice((0x80, 1)), size) + bytes(4 * size)
        for size in (chance.randrange(3) for _ in range(chance.randrange(3)))
    )
    flags = chance.choice((0, 0x80, 0x40, 0xFF))
    head = struct.pack(">BBH", len(options) // 4, flags, kind) + chance.randbytes(3)
    return (
        head + chance.choice((b"\0", b"\1")) + options + (frame if kind == 0x6558 else frame[14:])
    )


def interception(chance: random.Random) -> bytes:
    shim = chance.randrange(8) << 29 | chance.choice((4, 5, 7, 1)) << 25 | chance.randrange(1 << 25)
    frame = chance.choice(INNER)
    return struct.pack(">I", shim) + chance.choice((frame, frame[14:]))


def l2tp(chance: random.Random) -> bytes:
    flags = chance.choice((0xC802, 0xC802, 0x0002, 0x4802, 0x0202, 0x8002, 1, 3))
    body = b""
    if flags & 0x8000:
        for _ in range(chance.randrange(5)):
            data = chance.randbytes(chance.choice((0, 1, 2, 3, 4, 5, 8, 10, 16, 26)))
            code = chance.choice((*range(41), 46))
            head = chance.choice((0x8000, 0, 0x4000)) | (6 + len(data))
            body += struct.pack(">HHH", head, chance.choice((0, 0, 0, 9)), code) + data
    else:
        body = chance.choice((b"\xff\x03\0\x21", b"\0\x21")) + chance.choice(INNER)[14:]
    between = b"\0\1\0\2" if flags & 0x0800 else b""
    between += b"\0\2ab" if flags & 0x0200 else b""
    length = struct.pack(">H", 8 + len(between) + len(body)) if flags & 0x4000 else b""
    return struct.pack(">H", flags) + length + b"\0\7\0\x09" + between + body


def kerberos(chance: random.Random) -> bytes:
    kind = bytes((4, chance.choice((2, 3, 4, 5, 6, 8, 10, 12, 126, 20))))
    rest = (b"user\0x\0REALM\0" + bytes(12) + b"krbtgt\0x\0", b"\3REALM\0\5\6", bytes(20))
    return chance.choice((b"\x6a", b"\x6b\x82", b"\1\2", b"\5", kind + chance.choice(rest)))


def someip(chance: random.Random) -> bytes:
    kind = chance.choice((0, 1, 2, 0x80, 0x81, 0x20, 0xA0, 9))
    return chance.randbytes(12) + bytes((1, 1, kind, chance.randrange(18))) + b"data"


def telnet(chance: random.Random) -> bytes:
    parts = (
        bytes((255, chance.randrange(251, 255), chance.randrange(45))),
        b"\xff\xfa\x18\0xterm\xff\xf0",
        b"\xff\xfa\x25" + chance.randbytes(3) + b"\xff\xf0",
        b"\xff\xfa\x26\4\2\xff\xf0",
        b"\xff\xff",
        bytes((255, chance.randrange(230, 250))),
        b"\xff\xfa\x1f\0\x50",
        b"login: ",
        b"\xff",
    )
    return b"".join(chance.choices(parts, k=chance.randrange(1, 5)))


def rx(chance: random.Random) -> bytes:
    kind = chance.choice((1, 2, 2, 2, 3, 13, 99))
    flags = chance.randrange(256) & 0xFE  # the calls of AFS itself are not read
    head = chance.randbytes(20) + bytes((kind, flags, 0, 2, 0, 0, 0, 1))
    if kind != 2:
        return head + b"data"
    received = bytes(chance.choices((0, 1, 1, 2), k=chance.randrange(8)))
    acknowledged = chance.randbytes(16) + bytes((chance.randrange(12), len(received))) + received
    return head + acknowledged + b"pad" + chance.randbytes(chance.choice((0, 4, 16)))


def timed(chance: random.Random) -> bytes:
    micros = chance.choice((0, 5, 999_999, -1, 2_000_000))
    moment = struct.pack(">ii", chance.randrange(-3, 100), micros)
    name = chance.choice((b"host".ljust(256, b"\0"), b"host\0", b"host"))
    return bytes((chance.randrange(27), 1, 0, 7)) + moment + name


def vat(chance: random.Random) -> bytes:
    return chance.choice((chance.randbytes(20), b"\0\5\0\1" + bytes(range(20)), b"\0", b"\1\2\3"))


def beep(chance: random.Random) -> bytes:
    return chance.choice((b"MSG 1", b"MSG\0", b"RPY x", b"ERR ", b"END\0a", b"SE"))


PROTOCOLS: tuple[tuple[str, int, int, Callable[[random.Random], bytes]], ...] = (
    ("udp", 40000, 4789, vxlan),
    ("udp", 40000, 8472, vxlan),
    ("udp", 40000, 4790, generic),
    ("udp", 40000, 6081, geneve),
    ("udp", 49152, 40000, interception),
    ("udp", 40000, 1701, l2tp),
    ("udp", 40000, 88, kerberos),
    ("udp", 40000, 30490, someip),
    ("udp", 40000, 7008, rx),
    ("udp", 40000, 525, timed),
    ("udp", 40000, 3456, vat),
    ("tcp", 40000, 23, telnet),
    ("tcp", 40000, 10288, beep),
)


def test_a_frame_in_a_datagram() -> None:
    frames = framed("udp", 4789, [bytes.fromhex("0800000000002a00") + INNER[0]])
    first, second = shown(frames)[0].splitlines()
    assert first.endswith(": VXLAN, flags [I] (0x08), vni 42")
    assert second == "IP 192.0.2.1.40000 > 192.0.2.2.53: 1+ A? a. (19)"


@pytest.mark.parametrize(("kind", "sport", "dport", "make"), PROTOCOLS)
def test_messages_are_tcpdumps(
    compared: Compared, kind: str, sport: int, dport: int, make: Callable[[random.Random], bytes]
) -> None:
    chance = random.Random(dport)
    made = [make(chance) for _ in range(120)]
    compared.hold(framed(kind, dport, made, sport), [(), ("-v",), ("-vv",), ("-vvv",), ("-ev",)])
    compared.hold(cut(kind, dport, made[:3], sport))


@pytest.mark.parametrize(("kind", "sport", "dport", "make"), PROTOCOLS)
def test_hostile_messages_have_a_line(
    kind: str, sport: int, dport: int, make: Callable[[random.Random], bytes]
) -> None:
    chance = random.Random(dport + 1)
    made = mutated(chance, [make(chance) for _ in range(30)], 200) + noise(chance, 100)
    assert all(shown(framed(kind, dport, made, sport), ("-vvv",)))

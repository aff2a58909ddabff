"""BGP: tcpdump's text, to the letter."""

from __future__ import annotations

import random
import struct

from datagrams import Compared, cut, framed, mutated, noise, shown


def message(kind: int, body: bytes) -> bytes:
    return b"\xff" * 16 + struct.pack(">HB", 19 + len(body), kind) + body


def prefix(chance: random.Random, most: int) -> bytes:
    length = chance.randrange(1, most + 1)
    return bytes([length]) + chance.randbytes((length + 7) // 8)


def prefixes(chance: random.Random, most: int) -> bytes:
    return b"".join(prefix(chance, most) for _ in range(chance.randrange(4)))


def path(chance: random.Random, width: int) -> bytes:
    octets = b""
    for _ in range(chance.randrange(3)):
        count = chance.randrange(1, 4)
        octets += bytes((chance.choice((2, 2, 1, 3, 4)), count)) + chance.randbytes(count * width)
    return octets


def attribute(chance: random.Random) -> bytes:
    code = chance.choice((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17, 18, 32, 99))
    hops = chance.choice((b"\0\2\1\x10" + chance.randbytes(16), b"\0\1\2\4" + chance.randbytes(4)))
    communities = (b"\xff\xff\xff\1", b"\xff\xff\xff\2", chance.randbytes(4))
    kinds = (2, 0x102, 0x202, 3, 5, 9, 0x4321)
    value = {
        1: bytes([chance.randrange(4)]),
        2: path(chance, chance.choice((2, 4))),
        6: b"",
        7: chance.randbytes(chance.choice((6, 7, 8))),
        8: b"".join(chance.choices(communities, k=3)),
        10: chance.randbytes(8),
        14: hops[:2] + hops[2:] + b"\0" + prefixes(chance, 32),
        15: b"\0\2\1" + prefixes(chance, 64),
        16: struct.pack(">H", chance.choice(kinds)) + chance.randbytes(6),
        17: path(chance, 4),
        18: chance.randbytes(8),
        32: chance.randbytes(24),
    }.get(code, chance.randbytes(chance.choice((4, 4, 3))))
    return bytes((chance.choice((0x40, 0x80, 0xC0, 0x41)), code, len(value))) + value


def capability(chance: random.Random) -> bytes:
    return chance.choice(
        (
            b"\1\4\0\1\0\1",
            b"\2\0",
            b"\x40\6\x80\x78\0\1\1\x80",
            b"\x41\4\0\1\2\3",
            b"\x45\4\0\1\1\3",
            b"\x80\0",
            b"\x46\0",
            b"\x08\4\0\2\1\3",
            b"\x49\3abc",
            b"\1\2ab",
        )
    )


def segment(chance: random.Random) -> bytes:
    """One or two messages."""
    octets = b""
    for _ in range(chance.randrange(1, 3)):
        kind = chance.choice((1, 2, 2, 2, 3, 4, 5, 9))
        body = b""
        if kind == 1:
            options = b""
            for _ in range(chance.randrange(4)):
                inner = capability(chance)
                options += bytes((chance.choice((2, 2, 2, 1)), len(inner))) + inner
            body = b"\4\xfd\xe8\0\xb4\xc0\0\2\1" + bytes([len(options)]) + options
        elif kind == 2:
            withdrawn = prefixes(chance, 32)
            attributes = b"".join(attribute(chance) for _ in range(chance.randrange(5)))
            body = struct.pack(">H", len(withdrawn)) + withdrawn
            body += struct.pack(">H", len(attributes)) + attributes + prefixes(chance, 24)
        elif kind == 3:
            data = (b"", b"\6reason", b"\0", b"\0\1\1\0\0\0\5", b"\3ab")
            body = bytes((chance.randrange(1, 9), chance.randrange(10))) + chance.choice(data)
        elif kind == 5:
            body = b"\0\1\0\1"
        octets += message(kind, body)
    return octets


def test_a_keepalive() -> None:
    frames = framed("tcp", 179, [message(4, b"")])
    assert shown(frames)[0].endswith(", length 19: BGP")
    assert shown(frames, ("-v",))[0].splitlines()[-1] == "\tKeepalive Message (4), length: 19"


def test_segments_are_tcpdumps(compared: Compared) -> None:
    chance = random.Random(1)
    made = [segment(chance) for _ in range(400)]
    compared.hold(framed("tcp", 179, made))
    compared.hold(framed("tcp", 179, mutated(chance, made, 300) + noise(chance, 50)), [("-v",)])
    compared.hold(cut("tcp", 179, made[:6]))


def test_hostile_segments_have_a_line() -> None:
    chance = random.Random(2)
    made = mutated(chance, [segment(chance) for _ in range(50)], 400) + noise(chance, 100)
    assert all(shown(framed("tcp", 179, made), ("-vvv",)))

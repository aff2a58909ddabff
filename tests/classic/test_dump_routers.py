"""RIP, RIPng, HSRP, BFD and PTP, which routers and clocks send: tcpdump's text, to the letter."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

import pytest
from datagrams import Compared, cut, framed, mutated, noise, shown


def rip(chance: random.Random) -> bytes:
    octets = bytes((chance.choice((1, 2, 2, 3, 4, 5, 6, 9)), chance.choice((0, 1, 2, 2, 3)), 0, 0))
    masks = (0, 0xFFFFFF00, 0xFFFFFFFF, 0xFF00FF00)
    for _ in range(chance.randrange(4)):
        match chance.randrange(4):
            case 0 | 1:
                octets += struct.pack(">HH", chance.choice((2, 2, 0)), chance.choice((0, 5)))
                octets += chance.randbytes(4) + struct.pack(">I", chance.choice(masks))
                octets += chance.choice((bytes(4), chance.randbytes(4))) + b"\0\0\0\3"
            case 2:
                octets += struct.pack(">HH", chance.choice((6, 7, 16, 23, 24, 99)), 0) + bytes(16)
            case _:
                secret = chance.choice((b"secret".ljust(16, b"\0"), chance.randbytes(16)))
                octets += struct.pack(">HH", 0xFFFF, chance.choice((1, 2, 3, 9))) + secret
    return octets + chance.choice((b"", b"", chance.randbytes(5)))


def ripng(chance: random.Random) -> bytes:
    head = bytes((chance.choice((1, 2, 2, 3)), chance.choice((1, 1, 1, 2)), 0, 0))
    routes = b"".join(
        chance.randbytes(16)
        + chance.choice((b"\0\0", b"\0\7"))
        + bytes((64, chance.choice((0, 1, 16))))
        for _ in range(chance.randrange(4))
    )
    return head + chance.choice((bytes(19) + b"\x10", routes)) + chance.choice((b"", b"abc"))


def hsrp(chance: random.Random) -> bytes:
    state = chance.choice((0, 1, 2, 4, 8, 16, 9))
    head = bytes((chance.choice((0, 0, 0, 1)), chance.randrange(5), state, 3, 10, 100, 1))
    return head + chance.choice((b"\0", b"\1")) + b"cisco\0\0\0" + chance.randbytes(4)


def bfd(chance: random.Random) -> bytes:
    first = chance.choice((0x20, 0x20, 0, 0x40)) | chance.randrange(12)
    head = bytes((first, chance.randrange(256), chance.choice((3, 200)), 24)) + chance.randbytes(8)
    proofs = (
        b"\1\x09\1secret",
        b"\2\x18\1\0" + bytes(20),
        b"\5\x1c\1\0" + bytes(24),
        b"\x09\4\1\0",
    )
    intervals = struct.pack(">III", 1_000_000, chance.randrange(1 << 32), 0)
    return head + intervals + chance.choice((*proofs, b"\4\x20\1\0" + bytes(24), b"\1\2\1\0", b""))


def ptp(chance: random.Random) -> bytes:
    first = bytes((chance.randrange(16) | chance.choice((0, 0x10)), chance.choice((2, 2, 2, 1, 3))))
    head = first + b"\0\x2c\1\0" + chance.randbytes(28)
    return head + chance.randbytes(chance.choice((0, 10, 14, 20, 30)))


PROTOCOLS: tuple[tuple[str, int, Callable[[random.Random], bytes]], ...] = (
    ("udp", 520, rip),
    ("udp6", 521, ripng),
    ("udp", 1985, hsrp),
    *(("udp", port, bfd) for port in (3784, 3785, 4784, 6784)),
    ("udp", 319, ptp),
)


def test_a_hello() -> None:
    octets = bytes((0, 0, 16, 3, 10, 100, 1, 0)) + b"cisco\0\0\0" + bytes((192, 0, 2, 9))
    [text] = shown(framed("udp", 1985, [octets], 1985))
    assert text.endswith(": HSRPv0-hello 20: state=active group=1 addr=192.0.2.9")


@pytest.mark.parametrize(("kind", "port", "make"), PROTOCOLS)
def test_messages_are_tcpdumps(
    compared: Compared, kind: str, port: int, make: Callable[[random.Random], bytes]
) -> None:
    chance = random.Random(port)
    made = [make(chance) for _ in range(120)]
    compared.hold(framed(kind, port, made))
    compared.hold(framed(kind, port, mutated(chance, made, 300) + noise(chance, 50)))
    compared.hold(cut(kind, port, made[:3]))


@pytest.mark.parametrize(("kind", "port", "make"), PROTOCOLS)
def test_hostile_messages_have_a_line(
    kind: str, port: int, make: Callable[[random.Random], bytes]
) -> None:
    chance = random.Random(port + 1)
    made = mutated(chance, [make(chance) for _ in range(30)], 200) + noise(chance, 100)
    assert all(shown(framed(kind, port, made), ("-vvv",)))

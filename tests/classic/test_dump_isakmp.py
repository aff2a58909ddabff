"""IKE, and ESP through NAT: tcpdump's text, to the letter."""

from __future__ import annotations

import random
import struct

from datagrams import Compared, cut, framed, mutated, noise, shown

FIRST = (1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)
SECOND = (*range(33, 49), 60)


def payloads(chance: random.Random, items: list[tuple[int, bytes]]) -> bytes:
    """A chain: each names the next one's kind."""
    octets = b""
    for index, (_, body) in enumerate(items):
        following = items[index + 1][0] if index + 1 < len(items) else 0
        octets += struct.pack(">BBH", following, chance.choice((0, 0, 0x80)), 4 + len(body)) + body
    return octets


def attribute(chance: random.Random) -> bytes:
    kind = chance.randrange(20)
    if chance.random() < 0.6:
        return struct.pack(">HH", 0x8000 | kind, chance.randrange(20))
    return struct.pack(">HH", kind, 4) + chance.randbytes(4)


def proposal(chance: random.Random, version: int) -> bytes:
    transforms = []
    for number in range(chance.randrange(1, 4)):
        attributes = b"".join(attribute(chance) for _ in range(chance.randrange(3)))
        if version == 1:
            head = bytes((number, chance.randrange(14), 0, 0))
        else:
            head = struct.pack(">BBH", chance.choice((1, 2, 3, 4, 5, 9)), 0, chance.randrange(20))
        transforms.append((3, head + attributes))
    index = chance.randbytes(chance.choice((0, 4)))
    head = bytes((1, chance.choice((1, 2, 3, 4, 9)), len(index), len(transforms)))
    return head + index + payloads(chance, transforms)


def body(chance: random.Random, kind: int) -> bytes:
    data = chance.randbytes(chance.randrange(1, 30))
    index = chance.randbytes(chance.choice((0, 4)))
    if kind == 1:
        head = struct.pack(">II", chance.choice((1, 1, 2)), chance.choice((1, 1, 7)))
        return head + payloads(chance, [(2, proposal(chance, 1))])
    if kind == 5:
        value = chance.choice((bytes(4), bytes(8), bytes(16), bytes(32), b"host\1", b""))
        return bytes((chance.randrange(13), chance.choice((0, 17)), 1, 0xF4)) + value
    if kind == 11:
        types = (1, 14, 8192, 16384, 24576, 24577, 24578, 40000, 31)
        head = struct.pack(">IBBH", chance.choice((1, 2)), 3, len(index), chance.choice(types))
        return head + index + chance.choice((b"", bytes(4), attribute(chance)))
    if kind == 12:
        return struct.pack(">IBBH", chance.choice((1, 2)), 3, 4, 2) + bytes(8)
    if kind == 33:
        return payloads(chance, [(2, proposal(chance, 2))])
    if kind == 34:
        return struct.pack(">HH", chance.randrange(20), 0) + data
    if kind in (35, 36, 39):
        return bytes((chance.randrange(12), 0, 0, 0)) + data
    if kind == 41:
        types = (1, 4, 14, 16388, 16390, 16404, 9000, 50000)
        return struct.pack(">BBH", 1, len(index), chance.choice(types)) + index + data
    return data


def message(chance: random.Random) -> bytes:
    version = chance.choice((0x10, 0x20, 0x20, 0x30))
    kinds = [
        chance.choice(FIRST if version == 0x10 else SECOND) for _ in range(chance.randrange(1, 5))
    ]
    chain = payloads(chance, [(kind, body(chance, kind)) for kind in kinds])
    cookies = chance.choice((b"abcdefgh", b"ABCDEFGH", chance.randbytes(8)))
    cookies += chance.choice((bytes(8), b"answered"))
    exchange = chance.choice((2, 4, 5, 32, 34, 35, 36, 37, 99))
    flags = chance.choice((0, 0, 8, 0x20, 1, 2))
    head = bytes((kinds[0], version, exchange, flags)) + chance.choice((bytes(4), b"\0\0\0\1"))
    return cookies + head + struct.pack(">I", 28 + len(chain) + chance.choice((0, 0, 3))) + chain


def messages(chance: random.Random, count: int) -> list[bytes]:
    return [message(chance) for _ in range(count)]


def test_who_began_is_remembered() -> None:
    octets = b"abcdefgh" + bytes(8) + bytes((0, 0x10, 2, 0)) + bytes(4) + struct.pack(">I", 28)
    first, again = shown(framed("udp", 500, [octets, octets[:8] + b"answered" + octets[16:]]))
    assert first.endswith("isakmp: phase 1 I ident") and again.endswith("phase 1 I ident")
    [unseen] = shown(framed("udp", 500, [octets[:8] + b"answered" + octets[16:]]))
    assert unseen.endswith("isakmp: phase 1 ? ident")


def test_messages_are_tcpdumps(compared: Compared) -> None:
    chance = random.Random(1)
    made = messages(chance, 250)
    compared.hold(framed("udp", 500, made))
    compared.hold(framed("udp", 500, mutated(chance, made, 500) + noise(chance, 50)))
    compared.hold(framed("udp6", 500, made), [("-v",)])


def test_what_shares_the_port_of_nat_is_tcpdumps(compared: Compared) -> None:
    chance = random.Random(2)
    made = [b"\xff", b"\0\0", b"\xff\0", chance.randbytes(8), chance.randbytes(40)]
    made += [bytes(4) + one for one in messages(chance, 40)]
    compared.hold(framed("udp", 4500, made))


def test_messages_cut_off_are_tcpdumps(compared: Compared) -> None:
    compared.hold(cut("udp", 500, messages(random.Random(3), 6)))


def test_associations_in_associations_end() -> None:
    inner = b""
    for _ in range(3000):
        inner = struct.pack(">BBHII", 0, 0, 16, 1, 1) + struct.pack(">BBH", 1, 0, 8) + bytes(4)
    octets = bytes(16) + bytes((1, 0x10, 2, 0)) + bytes(8) + inner * 3000
    assert all(shown(framed("udp", 500, [octets]), ("-v",)))


def test_hostile_messages_have_a_line() -> None:
    chance = random.Random(4)
    made = mutated(chance, messages(chance, 50), 400) + noise(chance, 100)
    assert all(shown(framed("udp", 500, made), ("-vvv",)))

"""RADIUS: tcpdump's text, to the letter."""

from __future__ import annotations

import random
import struct

from datagrams import Compared, cut, framed, mutated, noise, shown

VALUES = (
    b"user@example.com",
    b"\0\x40" + bytes(range(8)),
    b"\0\0\0\5",
    b"\0\0\0\x3b",
    b"\0\0\x0e\x0f",
    b"\0\1\x86\xa0",
    b"\xff\xff\xff\xfe",
    b"\xff\xff\xff\xff",
    b"\x31\0\0\5",
    b"\1\0\0\3",
)
FORMS = {
    26: (
        struct.pack(">IBB", 9, 1, 6) + b"abcd",
        struct.pack(">IBB", 311, 1, 0),
        struct.pack(">IBB", 99999, 1, 40),
        b"\0\0",
    ),
    69: (b"\1\0\5secret", b"\x20\0\5s", b"\1"),
    79: (b"\2\1\0\x0a\1user1", b"\1\1\0\6\x0d\x20", b"\2\1\0\6\3\x19", b"\3\1\0\4", b"abcdef"),
    101: (struct.pack(">I", 404), struct.pack(">I", 1)),
}


def attribute(code: int, data: bytes) -> bytes:
    return bytes((code, 2 + len(data))) + data


def message(chance: random.Random) -> bytes:
    attributes = b""
    for _ in range(chance.randrange(5)):
        code = chance.randrange(132)
        forms = FORMS.get(code, (*VALUES, chance.randbytes(chance.randrange(22))))
        attributes += attribute(code, chance.choice(forms))
    length = 20 + len(attributes) + chance.choice((0, 0, 0, 3, -2))
    code = chance.choice((1, 2, 3, 4, 5, 11, 12, 40, 43, 255, 99))
    return struct.pack(">BBH", code, 7, length) + chance.randbytes(16) + attributes


def test_a_request() -> None:
    octets = struct.pack(">BBH", 1, 7, 28) + bytes(16) + attribute(1, b"tester")
    frames = framed("udp", 1812, [octets])
    assert shown(frames)[0].endswith(": RADIUS, Access-Request (1), id: 0x07 length: 28")
    expected = "\t  User-Name Attribute (1), length: 8, Value: tester"
    assert shown(frames, ("-v",))[0].splitlines()[-1] == expected


def test_every_attribute_has_its_form(compared: Compared) -> None:
    made = [
        struct.pack(">BBH", 1, 1, 22 + size)
        + bytes(16)
        + attribute(code, bytes(range(1, size + 1)))
        for code in range(135)
        for size in (0, 1, 2, 3, 4, 5, 8, 10, 14, 16, 17, 18, 19, 21, 25)
    ]
    compared.hold(framed("udp", 1813, made), [("-v",)])


def test_messages_are_tcpdumps(compared: Compared) -> None:
    chance = random.Random(1)
    made = [message(chance) for _ in range(300)]
    compared.hold(framed("udp", 1812, made))
    compared.hold(framed("udp", 1812, mutated(chance, made, 400) + noise(chance, 50)))
    compared.hold(cut("udp", 1812, made[:5]))


def test_hostile_messages_have_a_line() -> None:
    chance = random.Random(2)
    made = mutated(chance, [message(chance) for _ in range(50)], 400) + noise(chance, 100)
    assert all(shown(framed("udp", 1812, made), ("-vvv",)))

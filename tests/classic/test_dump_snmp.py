"""SNMP: tcpdump's text, to the letter."""

from __future__ import annotations

import random
import struct

from datagrams import Compared, cut, framed, mutated, noise, shown

PATHS = (
    "1.3.6.1.2.1.1.3.0",
    "1.3.6.1.2.1.2.2.1.10.1",
    "1.3.6.1.4.1.9.1.5",
    "1.3.6.1.4.1.8072.3",
    "1.3.6.1.3.5",
    "1.3.6.1.6.3.1.1.4.1.0",
    "1.3.6.1.6.3.10.2.1.1",
    "2.5.4.3",
    "0.0",
    "1.3",
    "1.3.6.1.2.2",
    "1.3.6.1.2.1",
)


def value(tag: int, data: bytes) -> bytes:
    size = len(data)
    return (
        bytes([tag]) + (bytes([size]) if size < 128 else b"\x82" + struct.pack(">H", size)) + data
    )


def integer(number: int) -> bytes:
    return value(2, number.to_bytes((number.bit_length() + 8) // 8, "big", signed=True))


def path(text: str) -> bytes:
    first, second, *others = map(int, text.split("."))
    octets = b""
    for number in (first * 40 + second, *others):
        part = bytes([number & 127])
        while number := number >> 7:
            part = bytes([number & 127 | 128]) + part
        octets += part
    return value(6, octets)


VALUES = (
    b"\5\0",
    *(integer(number) for number in (0, -1, 2**31 - 1, -(2**31), 2**40)),
    value(4, b"hello"),
    value(4, b"\1\2"),
    *(value(tag, b"\1\2\3") for tag in (0x41, 0x42, 0x43, 0x46, 0x40, 0x44)),
    value(0x40, b"\xc0\0\2\1"),
    b"\x80\0",
    b"\x81\0",
    b"\x82\0",
    b"\x85\0",
    path("1.3.6.1.4.1.9.9"),
    *(value(tag, b"x") for tag in (1, 0x31, 0x61, 0xC0, 0xE0)),
)


def request(chance: random.Random) -> bytes:
    """A request, a response or a notification of any kind."""
    kind = chance.randrange(9)
    bindings = value(
        0x30,
        b"".join(
            value(0x30, path(chance.choice(PATHS)) + chance.choice((b"\5\0", *VALUES)))
            for _ in range(chance.randrange(4))
        ),
    )
    if kind == 4:
        numbers = integer(chance.choice((0, 2, 6, 7))) + integer(chance.choice((0, 3)))
        agent = value(0x40, b"\xc0\0\2\1") + numbers + value(0x43, b"\1\2")
        return value(0xA4, path(chance.choice(PATHS)) + agent + bindings)
    numbers = integer(chance.randrange(2**31)) + integer(chance.choice((0, 0, 2, 18, 30, -1)))
    return value(0xA0 + kind, numbers + integer(chance.choice((0, 0, 1))) + bindings)


def message(chance: random.Random) -> bytes:
    version = chance.choice((0, 1, 1, 3, 3, 2, 9))
    if version != 3:
        name = value(4, chance.choice((b"public", b"private", b"\1\2")))
        return value(0x30, integer(version) + name + request(chance) + chance.choice((b"", b"x")))
    secrets = value(4, bytes(9)) + integer(3) + integer(77) + value(4, b"user")
    secrets = value(4, value(0x30, secrets + value(4, bytes(12)) + value(4, bytes(8))))
    flags = value(4, bytes([chance.choice((0, 1, 3, 4, 5, 7, 2, 8))]))
    header = value(0x30, integer(5) + integer(65507) + flags + integer(chance.choice((3, 3, 1))))
    scoped = value(0x30, value(4, b"engine") + value(4, b"") + request(chance))
    return value(0x30, integer(3) + header + secrets + chance.choice((scoped, value(4, bytes(9)))))


def messages(chance: random.Random, count: int) -> list[bytes]:
    return [message(chance) for _ in range(count)]


def test_a_request() -> None:
    binding = value(0x30, path("1.3.6.1.2.1.1.3.0") + b"\5\0")
    pdu = value(0xA0, integer(1) + integer(0) + integer(0) + value(0x30, binding))
    octets = value(0x30, integer(1) + value(4, b"public") + pdu)
    frames = framed("udp", 161, [octets])
    assert shown(frames)[0].endswith(":  GetRequest(25)  .1.3.6.1.2.1.1.3.0")
    assert shown(frames, numeric=False)[0].endswith(":  GetRequest(25)  system.sysUpTime.0")


def test_messages_are_tcpdumps(compared: Compared) -> None:
    chance = random.Random(1)
    made = messages(chance, 400)
    compared.hold(framed("udp", 161, made))
    compared.hold(framed("udp", 162, mutated(chance, made, 700) + noise(chance, 100)))


def test_messages_cut_off_are_tcpdumps(compared: Compared) -> None:
    compared.hold(cut("udp", 161, messages(random.Random(2), 10)))


def test_odd_values_are_tcpdumps(compared: Compared) -> None:
    chance = random.Random(3)
    octets = (0x30, 2, 4, 5, 6, 0x1F, 0x9F, 0x41, 0xA0, 0xFF, 1, 3, 0, 0x80, 0x81, 0x82, 43, 127)
    made = [b"\x30\x7f" + bytes(chance.choices(octets, k=chance.randrange(60))) for _ in range(800)]
    compared.hold(framed("udp", 161, made), [("-v",)])


def test_hostile_messages_have_a_line() -> None:
    chance = random.Random(4)
    made = mutated(chance, messages(chance, 50), 500) + noise(chance, 200)
    assert all(shown(framed("udp", 161, made), ("-vvv",), numeric=False))

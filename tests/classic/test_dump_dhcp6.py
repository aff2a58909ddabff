"""DHCPv6: tcpdump's text, to the letter."""

from __future__ import annotations

import random
import struct

from datagrams import Compared, cut, framed, mutated, noise, shown

NAMES = (b"\7example\3com\0", b"\3abc\0\1x\0", b"\3ab", b"\xc0\0", b"\0")
FORMS: dict[int, tuple[bytes, ...]] = {
    1: (b"\0\1\0\1" + bytes(range(10)), b"\0\1\0", b"\0\4" + bytes(16), b"\0"),
    2: (b"\0\2" + bytes(8), b"\0\2" + bytes(7), b"\0\3\0\1" + bytes(6), b"\0\3"),
    3: (bytes(12), bytes(5)),
    4: (bytes(4), bytes(3)),
    5: (bytes(range(24)), bytes(8)),
    6: (b"\0\x17\0\x18\1\0", b"\0", b""),
    7: (b"\xff", b""),
    8: (b"\1\0", b"\0"),
    9: (b"\1\2\3\4", b"\7ab", b""),
    11: (
        b"\2\1\0" + bytes(8),
        b"\2\1\0" + bytes(8 + 24),
        b"\2\0\1" + bytes(8 + 5),
        b"\3\1\0" + bytes(8) + b"\1" + bytes(16),
        b"\3\1\0" + bytes(8) + b"\2" + bytes(16),
        b"\3\1\0" + bytes(8) + b"\3" + bytes(16),
        b"\1\1\0" + bytes(8),
        b"\3\1",
    ),
    13: (b"\0\0", b"\0\2no", b"\0\x20", b"\1\0", b"\0"),
    18: (b"ab", bytes(20)),
    19: (b"\5", b"\x0b", b"\3", b""),
    21: NAMES,
    23: (bytes(range(16)), bytes(32), bytes(7)),
    24: NAMES,
    26: (bytes(range(25)), bytes(9)),
    32: (b"\0\0\1\0", b"\0"),
    37: (b"\0\0\0\1abc", b"ab"),
    42: (b"Europe/Paris", b"GM", b"EST\x005\xff"),
    44: (b"\1" + bytes(16), b"\2" + bytes(17), b"\3" + bytes(16), b""),
    45: (b"", b"\0\x0e\0\0"),
    47: (bytes(16), bytes(40), bytes(3)),
    56: (
        b"\0\1\0\x10" + bytes(16),
        b"\0\3\0\5\3abc\0",
        b"\0\3\0\3\3ab",
        b"\0\7\0\1a",
        b"\0\1\0\x20",
        b"\0",
    ),
    64: (b"\4aftr\7example\3com\0", b"\4aftr\4xxxx", b"\3abc\0", b"\0"),
    200: (b"abc",),
}


def option(code: int, data: bytes) -> bytes:
    return struct.pack(">HH", code, len(data)) + data


def message(chance: random.Random, depth: int = 0) -> bytes:
    """A client's, a server's or a relay's, with options in options."""
    kind = chance.randrange(1, 17)
    octets = bytes([kind]) + (chance.randbytes(33) if kind in (12, 13) else chance.randbytes(3))
    for _ in range(chance.randrange(5)):
        code = chance.choice(list(FORMS))
        data = chance.choice(FORMS[code])
        if code in (3, 4, 5, 26, 45) and chance.random() < 0.5:
            data += option(13, b"\0\0") + option(5, bytes(24))
        if code == 9 and depth < 4:
            data = message(chance, depth + 1)
        octets += option(code, data)
    return octets


def test_a_solicit() -> None:
    octets = b"\1\x12\x34\x56" + option(8, b"\0\0") + option(6, b"\0\x17\0\x18")
    [text] = shown(framed("udp6", 547, [octets], sport=546), ("-v",))
    expected = (
        "dhcp6 solicit (xid=123456 (elapsed-time 0) (option-request DNS-server DNS-search-list))"
    )
    assert text.endswith(f" {expected}")


def test_every_option_has_its_form(compared: Compared) -> None:
    made = [b"\1abc" + option(code, data) for code in FORMS for data in FORMS[code]]
    made += [b"\1abc" + option(code, data) for code in range(120) for data in (b"", b"abcd")]
    compared.hold(framed("udp6", 547, made))
    compared.hold(framed("udp", 546, made), [("-v",)])


def test_messages_are_tcpdumps(compared: Compared) -> None:
    chance = random.Random(1)
    made = [message(chance) for _ in range(300)]
    compared.hold(framed("udp6", 547, made))
    compared.hold(framed("udp6", 547, mutated(chance, made, 700) + noise(chance, 100)))


def test_messages_cut_off_are_tcpdumps(compared: Compared) -> None:
    chance = random.Random(2)
    compared.hold(cut("udp6", 547, [message(chance) for _ in range(8)]))


def test_relays_in_relays_end() -> None:
    octets = b"\1abc"
    while len(octets) < 60_000:
        octets = b"\x0c" + bytes(33) + option(9, octets)
    [text] = shown(framed("udp6", 547, [octets]), ("-v",))
    assert text.count("relay-fwd") > 100


def test_hostile_messages_have_a_line() -> None:
    chance = random.Random(3)
    made = mutated(chance, [message(chance) for _ in range(50)], 500) + noise(chance, 200)
    assert all(shown(framed("udp6", 547, made), ("-vvv",)))

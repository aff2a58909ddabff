"""BOOTP and DHCP: tcpdump's text, to the letter."""

from __future__ import annotations

import random

from datagrams import VERBOSITIES, Compared, cut, framed, mutated, noise, shown

COOKIE = b"\x63\x82\x53\x63"
ETHERNET = bytes.fromhex("020000000001")
FORMS = {
    55: (b"\1\3\6\x0f\x1f\x21\xfc", b""),
    61: (b"\1" + ETHERNET, b"\0name", b"\xff" + bytes(12), b""),
    77: (b"\3abc\2de", b"\5abc", b"\0ab", b"a"),
    81: (b"\1\0\0host.example", b"\x45\xff\xff", b"\0"),
    82: (b"\1\4port\2\6remote\5\2ab", b"\1\x20abc", b"\1"),
    121: (b"\x18\xc0\0\2\xc0\0\2\1\0\1\2\3\4", b"\x21abcd", b"\x10\xac\x10\1\2\3", b"ab"),
}


def option(code: int, data: bytes) -> bytes:
    return bytes((code, len(data))) + data


def message(
    operation: int = 1, hardware: bytes = b"\1\6", options: bytes = b"", name: bytes = b""
) -> bytes:
    """The fixed fields, and options behind the cookie."""
    head = bytes((operation,)) + hardware + b"\0" + b"\x12\x34\x56\x78" + b"\0\5\x80\0"
    addresses = bytes(4) + b"\xc0\0\2\x05" + b"\xc0\0\2\x01" + bytes(4)
    rest = ETHERNET + bytes(10) + name.ljust(64, b"\0") + b"boot/file".ljust(128, b"\0")
    return head + addresses + rest + COOKIE + options


def messages(chance: random.Random, count: int) -> list[bytes]:
    made = []
    for _ in range(count):
        options = option(53, bytes([chance.randrange(1, 16)]))
        for _ in range(chance.randrange(8)):
            code = chance.choice((*range(1, 255), *(list(FORMS) * 5)))
            options += option(
                code, chance.choice(FORMS.get(code, (chance.randbytes(chance.randrange(13)),)))
            )
        options += chance.choice((b"\xff", b"\xff" + bytes(20), b"", bytes(7) + b"\xff"))
        made.append(
            message(
                chance.choice((1, 1, 2, 2, 3)),
                chance.choice((b"\1\6", b"\1\6", b"\6\6", b"\1\x10", b"\0\0")),
                options,
                chance.choice((b"", b"server", b"x" * 64)),
            )
        )
    vendor = message()[:-4]
    return [*made, vendor + b"CMU\0" + bytes(range(60)), vendor + b"abcd", vendor + bytes(64)]


def test_a_discover_in_one_line() -> None:
    [text] = shown(framed("udp", 67, [message(options=option(53, b"\1") + b"\xff")], sport=68))
    expected = "BOOTP/DHCP, Request from 02:00:00:00:00:01, length 244"
    assert text == f"IP 192.0.2.1.68 > 192.0.2.2.67: {expected}"


def test_every_option_has_its_form(compared: Compared) -> None:
    sizes = (0, 1, 2, 3, 4, 5, 8, 12)
    made = [
        message(options=option(code, bytes(range(1, size + 1))) + b"\xff")
        for code in range(256)
        for size in sizes
    ]
    compared.hold(framed("udp", 67, made), [("-v",)])
    made = [message(options=option(code, data)) for code in FORMS for data in FORMS[code]]
    compared.hold(framed("udp", 68, made), VERBOSITIES)


def test_messages_are_tcpdumps(compared: Compared) -> None:
    chance = random.Random(1)
    made = messages(chance, 250)
    compared.hold(framed("udp", 67, made), (*VERBOSITIES, ("-q",)))
    compared.hold(framed("udp", 67, mutated(chance, made, 600) + noise(chance, 100)))


def test_messages_cut_off_are_tcpdumps(compared: Compared) -> None:
    compared.hold(cut("udp", 67, messages(random.Random(2), 3)))


def test_hostile_messages_have_a_line() -> None:
    chance = random.Random(3)
    made = mutated(chance, messages(chance, 50), 500) + noise(chance, 200)
    assert all(shown(framed("udp", 67, made), ("-vvv",)))

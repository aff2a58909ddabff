"""NTP: tcpdump's text, to the letter."""

from __future__ import annotations

import random
import struct

from datagrams import Compared, cut, framed, mutated, noise, shown

from netshell.classic.dump.application.ntp import timestamp


def messages(chance: random.Random, count: int) -> list[bytes]:
    """Messages of every mode, leap indicator and stratum, with and without a digest."""
    made = []
    for _ in range(count):
        mode = chance.randrange(8)
        first = mode | chance.choice((0x18, 0x20)) | chance.choice((0, 0x40, 0x80, 0xC0))
        if mode == 6:
            size = chance.choice((0, 4, 12))
            fields = chance.randbytes(3) + chance.choice((bytes(2), b"\6\x15")) + bytes(4)
            behind = chance.randbytes(size + chance.choice((0, 0, 4)))
            made.append(bytes([first]) + fields + struct.pack(">H", size) + behind)
            continue
        stratum = chance.choice((0, 1, 2, 3, 15, 16, 62, 63, 255))
        poll = chance.choice((0, 6, 10, 31, 32, 128, 225, 250))
        head = bytes((first, stratum, poll, 0xE9)) + chance.randbytes(8)
        name = chance.choice((b"GPS\0", chance.randbytes(4)))
        times = b"".join(
            chance.choice((bytes(8), b"\xe8\0\0\0" + chance.randbytes(4), chance.randbytes(8)))
            for _ in range(4)
        )
        more = chance.choice((0, 0, 2, 4, 20, 24, 30))
        made.append(head + name + times + chance.randbytes(more))
    return made


def test_a_client_in_one_line() -> None:
    [text] = shown(framed("udp", 123, [b"\x23" + bytes(47)]))
    assert text == "IP 192.0.2.1.40000 > 192.0.2.2.123: NTPv4, Client, length 48"


def test_times_of_both_eras() -> None:
    assert timestamp(0) == "0.000000000"
    assert timestamp(1 << 32).endswith("(1900-01-01T00:00:01Z)")
    assert timestamp((1 << 64) - 1) == "4294967295.999999999 (2036-02-07T06:28:15Z)"


def test_messages_are_tcpdumps(compared: Compared) -> None:
    chance = random.Random(1)
    made = messages(chance, 400)
    compared.hold(framed("udp", 123, made))
    compared.hold(framed("udp", 123, mutated(chance, made, 500) + noise(chance, 100)))


def test_messages_cut_off_are_tcpdumps(compared: Compared) -> None:
    compared.hold(cut("udp", 123, messages(random.Random(2), 12)))


def test_hostile_messages_have_a_line() -> None:
    chance = random.Random(3)
    made = mutated(chance, messages(chance, 50), 300) + noise(chance, 200)
    assert all(shown(framed("udp", 123, made), ("-vvv",)))

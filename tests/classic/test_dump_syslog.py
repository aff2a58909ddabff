"""syslog and TFTP: tcpdump's text, to the letter."""

from __future__ import annotations

import random

import pytest
from datagrams import Compared, cut, framed, mutated, noise, shown

SYSLOG = (
    *(b"<%d>Oct 11 22:14:15 host su: failed \xe9\n" % priority for priority in range(0, 1000, 7)),
    b"<165>1 2003-10-11T22:14:15.003Z host app - ID47 - text",
    b"<1234>x",
    b"<>x",
    b"<12",
    b"x",
)
TFTP = (
    b"\0\1file\0octet\0",
    b"\0\2f\0netascii\0blksize\0001428\0tsize\0000\0",
    b"\0\1file",
    b"\0\1",
    b"\0\3\0\1data",
    b"\0\4\0\2",
    b"\0\5\0\1not found\0",
    b"\0\5\0\x09x\0",
    b"\0\6blksize\x001428\0\0",
    b"\0\7",
    b"\0",
    b"\0\5\0\1",
    b"\0\3\0",
    b"\0\1a\0b",
    b"\0\1\0\0\0\0",
)
PROTOCOLS = ((514, SYSLOG), (69, TFTP))


def test_a_message_and_a_request() -> None:
    [text] = shown(framed("udp", 514, [b"<34>x"]))
    assert text.endswith(": SYSLOG auth.critical, length: 5")
    [text] = shown(framed("udp", 69, TFTP[:1]))
    assert text.endswith(': TFTP, length 13, RRQ "file" octet')


@pytest.mark.parametrize(("port", "made"), PROTOCOLS)
def test_texts_are_tcpdumps(compared: Compared, port: int, made: tuple[bytes, ...]) -> None:
    chance = random.Random(port)
    compared.hold(framed("udp", port, made))
    compared.hold(framed("udp", port, mutated(chance, made, 500) + noise(chance, 100)))
    compared.hold(cut("udp", port, made[:4]))


@pytest.mark.parametrize(("port", "made"), PROTOCOLS)
def test_hostile_texts_have_a_line(port: int, made: tuple[bytes, ...]) -> None:
    chance = random.Random(port + 1)
    assert all(
        shown(framed("udp", port, mutated(chance, made, 300) + noise(chance, 100)), ("-vvv",))
    )

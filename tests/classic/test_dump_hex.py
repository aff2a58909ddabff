"""Dumps of bytes: the three ways, and what of a packet they show."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from mixed_traffic import Packet, write
from tcpdumps import Pair

from netshell.classic.dump.hex import both, dumped, plain
from netshell.classic.dump.settings import Settings

FOUR = bytes([192, 0, 2, 1])


def test_sixteen_bytes_a_line() -> None:
    octets = bytes(range(0x2E, 0x2E + 17))
    assert plain(octets) == ("\n\t0x0000:  2e2f 3031 3233 3435 3637 3839 3a3b 3c3d\n\t0x0010:  3e")
    assert both(octets) == (
        "\n\t0x0000:  2e2f 3031 3233 3435 3637 3839 3a3b 3c3d  ./0123456789:;<="
        "\n\t0x0010:  3e                                       >"
    )


@pytest.mark.parametrize("way", [plain, both])
def test_nothing_has_no_lines(way: Callable[[bytes], str]) -> None:
    assert way(b"") == ""


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        (Settings(), ""),
        (Settings(hexadecimal=1), plain(b"cd")),
        (Settings(hexadecimal=2), plain(b"abcd")),
        (Settings(both=1, hexadecimal=2, ascii=2), both(b"cd")),
        (Settings(both=2), both(b"abcd")),
        (Settings(hexadecimal=1, ascii=1), plain(b"cd")),
        (Settings(ascii=1), "\ncd"),
        (Settings(ascii=2), "\nabcd"),
    ],
)
def test_what_is_asked_for(settings: Settings, shown: str) -> None:
    assert dumped(b"abcd", 2, settings) == shown


@pytest.mark.parametrize("settings", [Settings(hexadecimal=1), Settings(both=1), Settings(ascii=1)])
def test_nothing_behind_the_link_header(settings: Settings) -> None:
    assert dumped(b"ab", 2, settings) == ""


def test_carriage_returns_are_left_out_where_tcpdump_leaves_them_out(
    peer: Callable[[str], Path], tmp_path: Path
) -> None:
    chance = random.Random(5)
    bodies = [b"A\rBCD", b"A\rB", b"A\r", b"A\r\rB", b"A\r\r", b"A\r\r\nB", b"\r", b"\n", b"\r\n"]
    bodies += [bytes(chance.choices(b"AB\r\n\t \x00\x7f\xff", k=chance.randrange(1, 10)))
               for _ in range(400)]  # fmt: skip
    packets = []
    for body in bodies:
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, 64, 200, 0, *[FOUR] * 2)
        packets.append(Packet(head + body, 20 + len(body), 0, 20 + len(body)))
    place = write(tmp_path / "text.pcap", packets, link=101)
    Pair(peer("tcpdump")).hold("-nnt", "-A", "-r", str(place))

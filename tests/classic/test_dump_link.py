"""Links and tunnels: tcpdump's text, to the letter."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from odd_links import cooked, frame, logged, null, ppp, pppoe, serial
from odd_packets import Odd, cut_everywhere, hold, ours, packets

from netshell.classic.dump import show_packet
from netshell.classic.dump.links.link import LINKS
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State

MAKERS = {
    "ethernet": (1, frame),
    "cooked": (113, cooked),
    "null": (0, null),
    "loop": (108, null),
    "ppp": (9, ppp),
    "ppp-serial": (50, serial),
    "pppoe": (51, pppoe),
    "logged": (239, logged),
}


@pytest.mark.parametrize("name", MAKERS)
def test_odd_packets(name: str, peer: Callable[[str], Path], tmp_path: Path) -> None:
    link, make = MAKERS[name]
    hold(peer("tcpdump"), tmp_path, packets(5, 500, make), link)


@pytest.mark.parametrize("name", MAKERS)
def test_cut_at_every_byte(name: str, peer: Callable[[str], Path], tmp_path: Path) -> None:
    link, make = MAKERS[name]
    hold(peer("tcpdump"), tmp_path, cut_everywhere(9, 8, make), link)


def test_a_link_type_without_a_printer(peer: Callable[[str], Path], tmp_path: Path) -> None:
    made = packets(147, 20, lambda chance: chance.randbytes(chance.randrange(1, 90)))
    hold(peer("tcpdump"), tmp_path, made, 147)


def test_cooked_header_names_the_interface() -> None:
    head = struct.pack(">HHIHBB8s", 0x0800, 0, 7, 1, 4, 6, b"\2\0\0\0\0\1")
    settings = Settings(numeric=True, interface={7: "eth0"}.get)  # type: ignore[arg-type]
    text = show_packet(276, head + b"E", 21, 21, settings, State())
    assert text == "eth0  Out IP  [|ip]"


def test_hardware_addresses_without_n() -> None:
    packet = (
        bytes.fromhex("ffffffffffff00000c070001")
        + b"\x08\x06"
        + bytes.fromhex("0001080006040001 00000c070001 0a000001 000000000000 0a000002")
    )
    settings = Settings(link_header=True, ether={b"\0\0\x0c\7\0\1": "router"}.get)  # type: ignore[arg-type]
    text = show_packet(1, packet, len(packet), len(packet), settings, State())
    end = "ethertype ARP (0x0806), length 42: Request who-has 10.0.0.2 tell 10.0.0.1, length 28"
    assert text == f"router > Broadcast, {end}"


@pytest.mark.parametrize("link", [*LINKS, 147])
def test_any_bytes_of_any_link_give_a_line(link: int) -> None:
    for odd in packets(link, 400, lambda chance: chance.randbytes(chance.randrange(1, 90))):
        for options in (("-nn",), ("-nn", "-vvv", "-e")):
            assert ours([odd], link, options)[0]


def test_headers_are_left_out_of_dumps_unless_something_was_cut_off() -> None:
    octets = bytes(12) + b"\x08\x00" + b"E"
    state = State()
    show_packet(1, octets, len(octets), 60, Settings(numeric=True), state)
    assert state.header_len == 14
    assert ours([Odd(octets[:3], 60)], 1, ("-nn",)) == [" [|ether]"]

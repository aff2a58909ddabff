"""IPv4, IPv6, TCP, UDP, ICMP, ICMPv6 and ARP in Ethernet frames: tcpdump's text, to the letter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from odd_packets import Kinds, Odd, cut_everywhere, hold, ours, packets, resolution

KINDS = Kinds()
MAKERS = {
    "frame": (1, KINDS.frame),
    "ipv4": (101, KINDS.network4),
    "ipv6": (101, KINDS.network6),
}


@pytest.mark.parametrize("name", MAKERS)
def test_odd_packets(name: str, peer: Callable[[str], Path], tmp_path: Path) -> None:
    link, make = MAKERS[name]
    hold(peer("tcpdump"), tmp_path, packets(7, 700, make), link)


@pytest.mark.parametrize("name", MAKERS)
def test_cut_at_every_byte(name: str, peer: Callable[[str], Path], tmp_path: Path) -> None:
    link, make = MAKERS[name]
    hold(peer("tcpdump"), tmp_path, cut_everywhere(11, 12, make), link)


def test_addresses_that_are_asked_for(peer: Callable[[str], Path], tmp_path: Path) -> None:
    frames = packets(3, 400, lambda chance: bytes(12) + b"\x08\x06" + resolution(chance))
    hold(peer("tcpdump"), tmp_path, frames)


def test_tunnels_without_end_are_given_up() -> None:
    inner = b""
    for _ in range(3000):
        size = len(inner) + 20
        inner = (
            bytes.fromhex("4500")
            + size.to_bytes(2, "big")
            + bytes(4)
            + b"\x40\x04"
            + bytes(10)
            + inner
        )
    (text,) = ours([Odd(inner, len(inner))], 101, ("-nn", "-v"))
    assert text.startswith("IP (tos 0x0, ttl 64")
    assert text.endswith("[|ip]")

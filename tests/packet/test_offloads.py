"""Many packets judged at once: always what packet.offload says of each."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from frames import chunk_of, segment
from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from netshell.packet.chunk import ETHERNET, NULL, SLL, SLL2, Chunk
from netshell.packet.offload import USUAL
from netshell.packet.offloads import offloaded
from netshell.packet.packet import Packet
from netshell.packet.table import decode


def one_by_one(chunk: Chunk) -> list[bool]:
    columns = decode(chunk)
    return [
        Packet(row, columns, row, chunk.frame(row)).offload is not None for row in range(len(chunk))
    ]


def at_once(chunk: Chunk) -> list[bool]:
    return offloaded(decode(chunk), chunk, np.arange(len(chunk))).tolist()


def frame(rng: random.Random) -> bytes:
    """A segment of any size, with a checksum that is right, left out, unfilled or anything."""
    size = rng.choice((10, 1400, 1460, 1475, 3000, 9100, 9200, 30_000))
    ip = IP(dst="10.9.8.7") if rng.random() < 0.5 else IPv6(dst="fd77::2", src="fd77::1")
    sums: tuple[dict[str, int], ...] = ({}, {"chksum": 0}, {"chksum": rng.randrange(65536)})
    packet = ip / TCP(flags="PA", **rng.choice(sums)) / Raw(bytes(size))
    made = bytearray(bytes(packet))
    start = 20 if ip.version == 4 else 40
    if rng.random() < 0.4:  # the pseudo header's sum, as Linux leaves it
        ends = made[12:20] if ip.version == 4 else made[8:40]
        words = sum(ends[i] << 8 | ends[i + 1] for i in range(0, len(ends), 2))
        total = (words + 6 + len(made) - start) % 65535
        made[start + 16 : start + 18] = total.to_bytes(2)
    if ip.version == 4 and rng.random() < 0.2:
        made[2:4] = bytes(2)  # no length yet
    if ip.version == 4 and rng.random() < 0.1:
        made[6] |= 0x20  # a fragment
    macs = bytes(12) if rng.random() < 0.2 else bytes(11) + b"\1"
    return macs + (b"\x08\x00" if ip.version == 4 else b"\x86\xdd") + bytes(made)


@pytest.mark.parametrize("seed", range(20))
def test_they_are_those_of_each_packet(seed: int) -> None:
    rng = random.Random(seed)
    frames = [frame(rng) for _ in range(40)]
    sizes = [len(each) for each in frames]
    cut = [each[: rng.choice((len(each), 60, 52, 50, 49, 14))] for each in frames]
    chunk = chunk_of(cut, wire_lens=sizes)
    expected = one_by_one(chunk)
    assert at_once(chunk) == expected
    assert True in expected
    assert any(size > USUAL and not each for size, each in zip(sizes, expected, strict=True))


@pytest.mark.parametrize("link", [SLL, SLL2, NULL])
@pytest.mark.parametrize("hardware", [1, 772])
def test_other_links(link: int, hardware: int) -> None:
    packet = segment(payload=bytes(12_000))[14:]
    sll = b"\0\0" + hardware.to_bytes(2) + bytes(10) + b"\x08\x00"
    sll2 = b"\x08\x00" + bytes(6) + hardware.to_bytes(2) + bytes(10)
    header = {SLL: sll, SLL2: sll2, NULL: b"\2\0\0\0"}[link]
    chunk = chunk_of([header + packet], link)
    assert at_once(chunk) == one_by_one(chunk) == [link != NULL and hardware == 1]


def test_without_packets() -> None:
    assert at_once(chunk_of([])) == []
    empty = replace(chunk_of([b""]), wire_len=np.array([2000], np.uint32))
    assert at_once(empty) == one_by_one(empty) == [False]
    ethernet = bytes(Ether(dst="02:00:00:00:00:01") / IP() / TCP())
    assert at_once(chunk_of([ethernet], ETHERNET)) == [False]

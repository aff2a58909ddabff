"""Later fragments get the ports of their packet's first one, and of no other."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
from flow_frames import ACK, ipv4, ipv6, tcp, udp
from frames import chunk_of

from netshell.capture.file import read
from netshell.capture.save import save
from netshell.commands.scan import scan
from netshell.flow.fragments import REMEMBERED, WITHIN_NS, Fragments, ports
from netshell.packet.table import Columns, decode

FIRST, MIDDLE, LAST = 0x2000, 0x2002, 4  # more fragments follow; from byte 16; from byte 32
BODY = b"x" * 16


def sports(columns: Columns, cuts: tuple[int, ...] = ()) -> list[int]:
    """Source ports as one walk over some stretches finds them."""
    fragments, found = Fragments(), []
    for part in np.split(np.arange(len(columns)), cuts):
        source, _ = ports(fragments.filled(columns[part]))
        found += source.tolist()
    return found


def test_a_datagram_in_three_pieces() -> None:
    columns = decode(
        chunk_of(
            [
                ipv4(17, 0, 1, udp(5000, 53, 8), FIRST),
                ipv4(17, 1, 0, udp(53, 5001, 8), FIRST),  # back, with the same number
                ipv4(17, 0, 1, BODY, MIDDLE),
                ipv4(17, 1, 0, BODY, LAST),
                ipv4(17, 0, 1, BODY, LAST),
            ]
        )
    )
    assert sports(columns) == [5000, 53, 5000, 53, 5000]
    assert columns.sport.tolist() == [5000, 53, -1, -1, -1]  # the packets' own columns stay


def test_a_segment_of_ipv6() -> None:
    def piece(word: int, body: bytes) -> bytes:
        return ipv6(44, 0, 1, b"\x06\0" + word.to_bytes(2, "big") + b"\0\0\0\x09" + body)

    head = piece(1, tcp(40000, 80, ACK, 1, 1) + b"x" * 4)
    atomic = ipv6(44, 0, 1, b"\x06\0\0\0\0\0\0\x08" + tcp(40001, 80, ACK, 1, 1))
    columns = decode(chunk_of([head, atomic, piece(24, BODY)]))
    assert sports(columns) == [40000, 40001, 40000]


def test_not_without_the_first_nor_with_another_packets() -> None:
    first = ipv4(17, 0, 1, udp(5000, 53, 8), FIRST)
    others = [
        ipv4(17, 0, 1, BODY, LAST, ident=8),
        ipv4(6, 0, 1, BODY, LAST),
        ipv4(17, 0, 2, BODY, LAST),
        ipv4(17, 1, 0, BODY, LAST),
    ]
    assert sports(decode(chunk_of([*others, first]))) == [-1, -1, -1, -1, 5000]
    assert sports(decode(chunk_of([first, *others]))) == [5000, -1, -1, -1, -1]
    icmp = ipv4(1, 0, 1, b"\x08" + bytes(15), FIRST), ipv4(1, 0, 1, BODY, LAST)
    assert sports(decode(chunk_of(list(icmp)))) == [-1, -1]


def test_the_newest_first_one_counts_and_none_is_waited_for_longer_than_30_s() -> None:
    frames = [
        ipv4(17, 0, 1, udp(5000, 53, 8), FIRST),
        ipv4(17, 0, 1, BODY, LAST),
        ipv4(17, 0, 1, udp(6000, 53, 8), FIRST),  # the same number again
        ipv4(17, 0, 1, BODY, MIDDLE),
        ipv4(17, 0, 1, BODY, LAST),
    ]
    chunk = chunk_of(frames)
    times = np.array([0, WITHIN_NS, WITHIN_NS, 2 * WITHIN_NS, 2 * WITHIN_NS + 1])
    columns = decode(replace(chunk, time_ns=times))
    assert sports(columns) == [5000, 5000, 6000, 6000, -1]


def test_only_the_last_first_ones_are_remembered() -> None:
    def first(number: int) -> bytes:
        return ipv4(17, 0, 1, udp(5000 + number % 2, 53, 8), FIRST, ident=number)

    last = [ipv4(17, 0, 1, BODY, LAST, ident=number) for number in (0, 1)]
    columns = decode(chunk_of([*map(first, range(REMEMBERED + 1)), *last]))
    for cuts in ((), (5,), (REMEMBERED,), (REMEMBERED + 1, REMEMBERED + 2)):
        assert sports(columns, cuts)[-2:] == [-1, 5001], cuts


def test_it_does_not_depend_on_where_stretches_are_cut() -> None:
    rng = random.Random(3)
    frames = [
        ipv4(
            17, *rng.choice([(0, 1), (1, 0)]), udp(rng.randrange(9), 53, 8), FIRST, rng.randrange(4)
        )
        if rng.random() < 0.4
        else ipv4(17, *rng.choice([(0, 1), (1, 0)]), BODY, LAST, rng.randrange(4))
        for _ in range(300)
    ]
    columns = decode(chunk_of(frames))
    whole = sports(columns)
    assert -1 in whole
    for _ in range(20):
        assert sports(columns, tuple(sorted(rng.sample(range(300), 6)))) == whole


def test_the_flow_has_all_of_them_read_or_scanned(tmp_path: Path) -> None:
    frames = [
        ipv4(17, 0, 1, udp(5000, 53, 8), FIRST),
        ipv4(17, 0, 1, BODY, MIDDLE),
        ipv4(17, 1, 0, udp(53, 5000, 8), FIRST),
        ipv4(17, 0, 1, BODY, LAST),
        ipv4(17, 1, 0, b"y" * 16, LAST),
    ]
    path = save([chunk_of(frames)], tmp_path / "x.pcap")
    for flows in (read(path).flows, scan(path).flows):
        (flow,) = flows
        assert (flow.packets, flow.client_packets, flow.server_packets) == (5, 3, 2)
        assert flow.numbers.tolist() == [0, 1, 2, 3, 4]
        assert b"".join(turn.data for turn in flow.follow()).endswith(b"y" * 16)

"""Which printer a segment or datagram gets: tcpdump's order of decisions."""

from __future__ import annotations

import random
from itertools import product

import pytest
from datagrams import Compared, Frame, framed, noise, shown

from netshell.classic.dump.application import ports

QUERY = bytes.fromhex("000101000001000000000000076578616d706c65036f72670000010001")
LENGTH_ONLY = (137, 138, 443, 1900, 3478, 5355, 51820)


def test_every_row_has_its_printer() -> None:
    for row in (*ports.UDP, *ports.TCP):
        assert callable(ports.loaded(row.printer))


def test_either_end_or_the_one_that_counts() -> None:
    assert ports.over_udp(53, 40000) is ports.over_udp(40000, 53) is ports.loaded("domain.show")
    assert ports.over_udp(49152, 40000) is ports.loaded("bcm_li.show")
    assert ports.over_udp(40000, 49152) is None
    assert ports.over_udp(1985, 40000) is None
    assert ports.over_tcp(40000, 443) is None


@pytest.mark.parametrize("port", LENGTH_ONLY)
def test_what_tcpdump_writes_the_length_of_alone(compared: Compared, port: int) -> None:
    frames = framed("udp", port, [QUERY, b""])
    assert shown(frames)[0].endswith(": UDP, length 29")
    compared.hold(frames)


def test_udp_is_asked_in_tcpdumps_order(compared: Compared) -> None:
    known = sorted(ports.UDP_PORTS)
    chance = random.Random(1)
    pairs = chance.sample(list(product(known, known)), 600)
    frames = [
        framed("udp", dport, [chance.choice((QUERY, chance.randbytes(40)))], sport)[0]
        for sport, dport in pairs
    ]
    compared.hold(frames, [(), ("-v",)])


def test_tcp_is_asked_in_tcpdumps_order(compared: Compared) -> None:
    known = sorted(ports.TCP_PORTS)
    frames = [
        framed("tcp", dport, [b"GET / HTTP/1.1\r\n"], sport)[0]
        for sport, dport in product(known, known)
    ]
    compared.hold(frames, [(), ("-v",)])


def test_lengths_that_contradict_each_other(compared: Compared) -> None:
    chance = random.Random(2)
    frames = []
    for port in sorted(ports.UDP_PORTS):
        for frame in framed("udp", port, [QUERY, *noise(chance, 3)]):
            octets = bytearray(frame.octets)
            octets[38:40] = chance.randrange(8, len(octets)).to_bytes(2, "big")
            frames.append(Frame(bytes(octets), len(octets)))
            padded = frame.octets + bytes(chance.randrange(20))
            frames.append(Frame(padded, len(padded)))
    compared.hold(frames, [(), ("-vv",)])


def test_whatever_the_port_and_the_bytes_there_is_a_line() -> None:
    chance = random.Random(3)
    for kind, known in (
        ("udp", ports.UDP_PORTS),
        ("udp6", ports.UDP_PORTS),
        ("tcp", ports.TCP_PORTS),
    ):
        for port in sorted(known):
            frames = framed(kind, port, noise(chance, 60))
            frames += framed(kind, 40000, noise(chance, 20), port)
            for options in ((), ("-v",), ("-vvv",)):
                assert all(shown(frames, options))

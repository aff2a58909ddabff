"""Frames for the flow table's tests: few hosts, few ports and few numbers, so that they meet."""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np
from frames import chunk_of
from hypothesis import strategies as st

from netshell.packet.chunk import Chunk

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
HOSTS = ("10.0.0.1", "10.0.0.2", "10.9.0.1")
FLAGS = (SYN, SYN, SYN | ACK, ACK, ACK, PSH | ACK, FIN | ACK, RST, RST | ACK, SYN | FIN, 0)
NUMBERS = (0, 100, 101, 200, 201, 2**32 - 1)
KINDS = ("tcp", "tcp", "tcp", "udp", "icmp", "first", "fragment", "arp")


def ipv4(
    proto: int, source: int, target: int, body: bytes, fragment: int = 0, ident: int = 7
) -> bytes:
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), ident, fragment, 64, proto, 0)
    addresses = b"".join(bytes(map(int, HOSTS[i].split("."))) for i in (source, target))
    return bytes(12) + b"\x08\x00" + head + addresses + body


def ipv6(proto: int, source: int, target: int, body: bytes) -> bytes:
    """The same hosts as IPv6 addresses that differ from their IPv4 ones in the version alone."""
    mapped = b"\0" * 10 + b"\xff\xff"
    addresses = b"".join(mapped + bytes(map(int, HOSTS[i].split("."))) for i in (source, target))
    return (
        bytes(12)
        + b"\x86\xdd"
        + struct.pack(">IHBB", 6 << 28, len(body), proto, 64)
        + addresses
        + body
    )


def tcp(sport: int, dport: int, flags: int, seq: int, ack: int, size: int = 0) -> bytes:
    return struct.pack(">HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 9, 0, 0) + b"x" * size


def udp(sport: int, dport: int, size: int) -> bytes:
    return struct.pack(">HHHH", sport, dport, 8 + size, 0) + b"x" * size


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    kind = draw(st.sampled_from(KINDS))
    source, target = draw(st.sampled_from([(0, 1), (1, 0), (0, 2), (2, 0), (0, 0)]))
    sport, dport = draw(st.sampled_from([(40000, 80), (80, 40000), (80, 80), (5000, 6000)]))
    size = draw(st.integers(0, 9))
    make = ipv6 if draw(st.booleans()) and draw(st.booleans()) else ipv4
    if kind == "arp":
        return bytes(12) + b"\x08\x06" + bytes(28)
    if kind == "icmp":
        return make(1, source, target, b"\x08" + bytes(7 + size))
    if kind in ("first", "fragment"):
        proto, ident = draw(st.sampled_from([6, 17])), draw(st.integers(1, 2))
        if kind == "fragment":
            return ipv4(proto, source, target, b"y" * (size + 4), 3, ident)
        body = udp(sport, dport, 9) if proto == 17 else tcp(sport, dport, ACK, 100, 200, 9)
        return ipv4(proto, source, target, body, 0x2000, ident)
    if kind == "udp":
        return make(17, source, target, udp(sport, dport, size))
    number = st.sampled_from(NUMBERS)
    flags = draw(st.sampled_from(FLAGS))
    frame = make(6, source, target, tcp(sport, dport, flags, draw(number), draw(number), size))
    return frame if draw(st.integers(0, 9)) else frame[: len(frame) - 10]  # a cut header


@st.composite
def captures(draw: st.DrawFn, most: int = 60) -> Chunk:
    """Up to ``most`` packets; the clock mostly goes on."""
    chunk = chunk_of(draw(st.lists(frames(), max_size=most)))
    steps = draw(st.lists(st.integers(-3, 9), min_size=len(chunk), max_size=len(chunk)))
    return replace(chunk, time_ns=1_700_000_000_000_000_000 + np.cumsum(np.array(steps, np.int64)))

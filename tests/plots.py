"""A transfer with everything in it that pictures show, told by time."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from segmented import ACK, FIN, SYN, Cut, chunk_from

from netshell.flow.flows import Flow, flows_of
from netshell.flow.source import Held
from netshell.packet.table import decode

SIZE = 1000
SCALE = b"\x01\x03\x03\x02"  # windows count four times

Timed = tuple[float, Cut]


def flow_from(timed: Iterable[Timed], isn: int = 1000, peer_isn: int = 5000) -> Flow:
    """The flow of segments at their times, in ms."""
    return flows_of(*_parts(timed, isn, peer_isn))[0]


def source_from(timed: Iterable[Timed], isn: int = 1000, peer_isn: int = 5000) -> Held:
    return _parts(timed, isn, peer_isn)[1]


def _parts(timed, isn, peer_isn):  # type: ignore[no-untyped-def]
    times, cuts = zip(*timed, strict=True)
    chunk = chunk_from(cuts, isn, peer_isn)
    time_ns = chunk.time_ns[0] + np.round(np.array(times) * 1e6).astype(np.int64)
    chunk = replace(chunk, time_ns=time_ns)
    source = Held([(0, decode(chunk), chunk)])
    return source.flows, source


def data(ms: float, seq: int, size: int = SIZE, flags: int = ACK) -> Timed:
    """The server sends some bytes."""
    return ms, Cut(seq, b"x" * size, flags, ack=101, by_client=False)


def ack(
    ms: float, number: int, window: int = 2500, sack: tuple[int, int] | None = None,
    flags: int = ACK, peer_isn: int = 5000,
) -> Timed:  # fmt: skip
    """The client acknowledges them."""
    options = b""
    if sack is not None:
        absolute = [(peer_isn + each) % 2**32 for each in sack]
        options = b"\x01\x01\x05\x0a" + struct.pack(">II", *absolute)
    return ms, Cut(101, flags=flags, ack=number, window=window, options=options)


def transfer(peer_isn: int = 5000) -> list[Timed]:
    """A page of twelve segments: the fourth is lost, the ninth comes late; the client pauses."""
    told: list[Timed] = [
        (0, Cut(0, flags=SYN, ack=0, window=8000, options=SCALE)),
        (10, Cut(0, flags=SYN | ACK, by_client=False, window=8000, options=SCALE)),
        (10.5, Cut(1, window=2500)),
        (11, Cut(1, b"x" * 100, window=2500)),
        (21, Cut(1, ack=101, by_client=False)),
    ]
    told += [data(22 + i / 2, 1 + i * SIZE) for i in (0, 1, 2, 4, 5)]  # 3 lost before the capture
    told += [ack(23, 2001), ack(24, 3001)]
    told += [ack(25 + i / 4, 3001, sack=(4001, 5001 + i * SIZE), peer_isn=peer_isn) for i in (0, 1)]
    told += [data(45, 3001), ack(46, 6001, window=1500)]
    told += [data(47 + i / 2, 6001 + i * SIZE) for i in (0, 1, 3)]
    told += [data(49, 8001), ack(50, 10001, window=0), ack(80, 10001, window=2500)]
    told += [data(90, 10001), data(91, 11001, flags=ACK | FIN), ack(92, 12002)]
    told += [ack(100, 12002, flags=ACK | FIN)]
    return told


def page() -> Flow:
    return flow_from(transfer())

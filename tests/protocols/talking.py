"""Captures of a TCP connection, from what both sides say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from frames import chunk_of, segment

from netshell.capture.capture import Capture
from netshell.capture.store import Part, Store

FIN, SYN, PSH, ACK = 1, 2, 8, 16
START_NS = 1_700_000_000_000_000_000
CLIENT, SERVER = ("10.0.0.1", 40000), "10.0.0.2"


def talked(
    *turns: tuple[str, bytes], port: int = 80, mss: int = 1000, lost: Sequence[int] = ()
) -> Capture:
    """A connection from its SYN to its FIN, one packet a millisecond: each turn is a side and what
    it sends, in segments of ``mss`` bytes, which the other side acknowledges. ``lost`` are numbers
    of packets that were not captured."""
    ends = {"client": CLIENT, "server": (SERVER, port)}
    other = {"client": "server", "server": "client"}
    at = {"client": 1000, "server": 5000}
    frames: list[bytes] = []

    def send(side: str, flags: int, data: bytes = b"") -> None:
        frames.append(
            segment(
                *ends[side], *ends[other[side]], flags=flags, seq=at[side],
                ack=at[other[side]] if flags & ACK else 0, payload=data,
            )
        )  # fmt: skip
        at[side] += len(data) + bool(flags & (SYN | FIN))

    send("client", SYN)
    send("server", SYN | ACK)
    send("client", ACK)
    for side, data in turns:
        for begin in range(0, len(data), mss):
            send(side, PSH | ACK, data[begin : begin + mss])
        send(other[side], ACK)
    send("client", FIN | ACK)
    send("server", FIN | ACK)
    send("client", ACK)
    kept = [number for number in range(len(frames)) if number not in lost]
    chunk = chunk_of([frames[number] for number in kept])
    times = START_NS + 1_000_000 * np.array(kept, np.int64)
    return Capture(Store.of([Part(replace(chunk, time_ns=times), 0)]))


def http(request: bytes, answer: bytes) -> list[tuple[str, bytes]]:
    """An exchange, its lines in LF for short."""
    lines = (request.replace(b"\n", b"\r\n"), answer.replace(b"\n", b"\r\n"))
    return [("client", lines[0]), ("server", lines[1])]

"""Seeded TCP conversations with faults, as frames with times: what findings are tested with.

:func:`faulty` is a plausible exchange (handshake, data both ways, acknowledgments, closing) that
then loses, repeats, delays and reorders packets; :func:`noise` is segments with numbers, windows and
flags picked from a few near each other, so that every rule meets every other.
"""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from frames import chunk_of, segment

from netshell.capture.save import save
from netshell.packet.chunk import Chunk

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
MODULUS = 1 << 32
START_NS = 1_700_000_000_000_000_000


@dataclass(frozen=True, slots=True)
class Sent:
    """One segment, its numbers counted from those the two sides begin with."""

    at_ns: int
    by_client: bool
    flags: int
    seq: int
    ack: int
    window: int = 1000
    size: int = 0
    options: bytes = b""


@dataclass(frozen=True, slots=True)
class Ends:
    """A pair of ports and where the two sides' numbers begin."""

    port: int
    client: int
    server: int

    def frame(self, sent: Sent) -> bytes:
        mine, other = self.client, self.server
        ends = ("10.0.0.1", self.port, "10.0.0.2", 80)
        if not sent.by_client:
            mine, other, ends = other, mine, (*ends[2:], *ends[:2])
        return segment(
            *ends,
            flags=sent.flags,
            seq=(mine + sent.seq) % MODULUS,
            ack=(other + sent.ack) % MODULUS if sent.flags & ACK else 0,
            window=sent.window,
            options=sent.options,
            payload=b"x" * sent.size,
        )


def ends(rng: random.Random, port: int) -> Ends:
    """Beginnings, half of them near the end of the number space."""
    near = (MODULUS - rng.randrange(1, 3000), rng.randrange(1, MODULUS))
    return Ends(port, rng.choice(near), rng.choice(near))


def captured(conversations: list[tuple[Ends, list[Sent]]]) -> Chunk:
    """All conversations as one capture, by time."""
    every = [(sent.at_ns, who, sent) for who, sents in conversations for sent in sents]
    every.sort(key=lambda each: each[0])
    chunk = chunk_of([who.frame(sent) for _, who, sent in every])
    times = START_NS + np.array([at for at, _, _ in every], np.int64)
    return replace(chunk, time_ns=times)


def written(chunk: Chunk, path: Path) -> Path:
    return save([chunk], path, ())


# --- noise ------------------------------------------------------------------------------------


def noise(rng: random.Random, port: int, count: int = 40) -> tuple[Ends, list[Sent]]:
    """Segments that keep near the highest numbers sent, and hit every edge of them."""
    who, at, sents = ends(rng, port), 0, []
    top, told, window = [0, 0], [0, 0], [1000, 1000]
    if rng.random() < 0.7:
        sents += handshake(rng, 0, rng.choice((0, 0, 40_000, 4_000_000)))
        at, top, told = sents[-1].at_ns, [1, 1], [1, 1]
    for _ in range(rng.randrange(2, count)):
        side = rng.randrange(2)
        at += rng.choice((0, 1_000, 300_000, 2_900_000, 3_100_000, 19_000_000, 50_000_000))
        flags = rng.choice((ACK,) * 12 + (PSH | ACK, FIN | ACK, RST, RST | ACK, SYN | ACK, FIN, 0))
        size = rng.choice((0, 0, 0, 1, 1, 2, 10, 10, 100))
        seq = top[side] + rng.choice((0,) * 8 + (-1, -1, -10, -100, 10, 1, -2, 5))
        if rng.random() < 0.3:
            told[side] = top[1 - side] + rng.choice((0, 0, 0, -10, -1, 10, 1))
        if rng.random() < 0.3:
            window[side] = rng.choice((0, 0, 1, 10, 100, 1000, 1000))
        shown = 0 if flags & RST and rng.random() < 0.5 else window[side]
        sents.append(Sent(at, side == 0, flags, seq, told[side], shown, size))
        top[side] = max(top[side], seq + size + (flags & (SYN | FIN) > 0))
    return who, sents


def handshake(rng: random.Random, at: int, rtt: int) -> list[Sent]:
    scale = (rng.choice((None, 0, 0, 3)), rng.choice((None, 0, 0, 7)))
    made = [
        Sent(at, True, SYN, 0, 0, 1000, 0, _scale(scale[0])),
        Sent(at + rtt // 2, False, SYN | ACK, 0, 1, 1000, 0, _scale(scale[1])),
        Sent(at + rtt, True, ACK, 1, 1, 1000),
    ]
    missing = rng.choice((9, 9, 9, 9, 0, 1, 2))
    return [each for i, each in enumerate(made) if i != missing]


def _scale(shift: int | None) -> bytes:
    return b"" if shift is None else struct.pack(">BBBB", 3, 3, shift, 1)

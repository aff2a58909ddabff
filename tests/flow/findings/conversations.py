"""Seeded TCP conversations with faults, as frames with times: what findings are tested with.

:func:`faulty` is a plausible exchange (handshake, data both ways, acknowledgments, closing) that
then loses, repeats, delays and reorders packets; :func:`noise` is segments with numbers, windows
and flags picked from a few near each other, so that every rule meets every other.
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
    ttl: int = 64


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
            ttl=sent.ttl,
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


_FLAGS = (ACK,) * 12 + (PSH | ACK, FIN | ACK, RST, RST | ACK, SYN | ACK, FIN, 0, SYN)


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
        flags = rng.choice(_FLAGS)
        size = rng.choice((0, 0, 0, 1, 1, 2, 10, 10, 100))
        seq = top[side] + rng.choice((0,) * 8 + (-1, -1, -10, -100, 10, 1, -2, 5))
        if flags & SYN and rng.random() < 0.7:
            seq = 0
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


# --- plausible, with faults ---------------------------------------------------------------------


def faulty(rng: random.Random, port: int) -> tuple[Ends, list[Sent]]:
    """A connection that sends data both ways and closes, over a network that loses, repeats and
    reorders, captured by something that misses packets."""
    who = ends(rng, port)
    rtt = rng.choice((200_000, 2_000_000, 30_000_000))
    sents = handshake(rng, 0, rtt)
    state = _Exchange(rng, rtt, sents)
    for _ in range(rng.randrange(1, 8)):
        rng.choice(_EPISODES)(state, rng.random() < 0.6)
    if rng.random() < 0.7:
        state.close(rng.random() < 0.5)
    loss, twice, late = rng.choice(((0, 0, 0), (0.03, 0.02, 0.03), (0.2, 0.1, 0.1)))
    made = []
    for sent in sents:
        if rng.random() < loss:
            continue
        delay = rng.randrange(1, 2 * rtt) if rng.random() < late else 0
        made.append(replace(sent, at_ns=sent.at_ns + delay))
        if rng.random() < twice:
            made.append(replace(sent, at_ns=sent.at_ns + rng.choice((1000, rtt // 2, 3 * rtt))))
    return who, made


class _Exchange:
    """Two sides that take turns; what is written down is what both would send without faults."""

    def __init__(self, rng: random.Random, rtt: int, sents: list[Sent]) -> None:
        self.rng, self.rtt, self.sents = rng, rtt, sents
        self.at = rtt
        self.next = {True: 1, False: 1}
        self.window = {True: 1000, False: 1000}

    def send(self, client: bool, size: int = 0, flags: int = ACK, **changed: int) -> Sent:
        told = changed.pop("ack", self.next[not client])
        seq = changed.pop("seq", self.next[client])
        window = changed.pop("window", self.window[client])
        self.at += changed.pop("after", self.rng.randrange(1, 2000))
        sent = Sent(self.at, client, flags, seq, told, window, size)
        self.sents.append(sent)
        self.next[client] = max(self.next[client], seq + size + (flags & (SYN | FIN) > 0))
        return sent

    def burst(self, client: bool) -> None:
        """Some segments, acknowledged in pairs."""
        for i in range(self.rng.randrange(1, 12)):
            self.send(client, self.rng.choice((1, 100, 100, 100, 536)), PSH | ACK)
            if i % 2:
                self.send(not client, after=self.rtt // 2)
        self.send(not client, after=self.rtt)

    def lost(self, client: bool) -> None:
        """One segment is lost: duplicate acknowledgments, and it is sent again."""
        first = self.next[client]
        self.next[client] += 100
        for _ in range(self.rng.randrange(1, 6)):
            self.send(client, 100)
            self.send(not client, ack=first, after=self.rng.choice((10, self.rtt // 2)))
        self.send(client, 100, seq=first, after=self.rng.choice((10, self.rtt, 10 * self.rtt)))
        self.send(not client, after=self.rtt)

    def again(self, client: bool) -> None:
        """A segment is sent again after a timeout, more than once."""
        sent = self.send(client, 100, PSH | ACK)
        for i in range(self.rng.randrange(1, 4)):
            self.send(client, 100, PSH | ACK, seq=sent.seq, after=200_000_000 << i)
        self.send(not client, after=self.rtt)
        if self.rng.random() < 0.5:
            self.send(client, 100, PSH | ACK, seq=sent.seq, after=self.rtt)

    def stopped(self, client: bool) -> None:
        """The window fills up, is probed, and opens again."""
        taker = not client
        room = self.rng.choice((100, 300))
        self.send(taker, window=room)
        for _ in range(room // 100):
            self.send(client, 100)
        self.window[taker] = 0
        self.send(taker)
        for i in range(self.rng.randrange(0, 4)):
            kind = self.rng.randrange(3)
            if kind == 0:  # a byte of new data, not taken
                at = self.next[client]
                self.send(client, 1, after=200_000_000 << i)
                self.next[client] = at
            else:  # as Linux does: an old number, without data
                self.send(client, kind - 1, seq=self.next[client] - 1, after=200_000_000 << i)
            self.send(taker, after=self.rtt)
        self.window[taker] = 1000
        self.send(taker, after=self.rtt)
        self.burst(client)

    def idle(self, client: bool) -> None:
        """Nothing to say, asked for from time to time."""
        for _ in range(self.rng.randrange(1, 4)):
            size = self.rng.randrange(2)
            self.send(client, size, seq=self.next[client] - 1, after=5_000_000_000)
            if self.rng.random() < 0.8:
                self.send(not client, after=self.rtt)

    def close(self, client: bool) -> None:
        """FIN both ways, or a reset."""
        if self.rng.random() < 0.3:
            self.send(client, 0, self.rng.choice((RST, RST | ACK)), window=0)
            return
        self.send(client, self.rng.choice((0, 10)), FIN | ACK)
        self.send(not client, after=self.rtt)
        self.send(not client, 0, FIN | ACK)
        self.send(client, after=self.rtt)


_EPISODES = (
    _Exchange.burst,
    _Exchange.burst,
    _Exchange.lost,
    _Exchange.again,
    _Exchange.stopped,
    _Exchange.idle,
)

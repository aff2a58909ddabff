"""Frames decoded in one go have the columns that layer by layer they would have."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

import numpy as np
import pytest
from frames import chunk_of

from netshell.packet import plain, table
from netshell.packet.chunk import RAW, Chunk
from netshell.packet.columns import Columns
from netshell.packet.schema import COLUMNS

MACS = bytes(range(12))
TAG = b"\x81\x00\x20\x07"


def tcp(size: int, flags: int = 0x10) -> bytes:
    ports = struct.pack(">HHIIBBHHH", 40000, 443, 1 << 31, 77, size << 2, flags, 501, 0, 0)
    return ports + b"\x01" * (size - 20)


def frame(version: int, tag: bytes, segment: bytes) -> bytes:
    if version == 4:
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(segment), 9, 0x4000, 64, 6, 0)
        return MACS + tag + b"\x08\x00" + ip + bytes(range(1, 9)) + segment
    ip = struct.pack(">IHBB", 6 << 28, len(segment), 6, 63) + bytes(range(32))
    return MACS + tag + b"\x86\xdd" + ip + segment


PLAIN = [
    frame(version, tag, tcp(size, flags) + payload)
    for version in (4, 6)
    for tag in (b"", TAG)
    for size in (20, 32, 60)
    for flags in (0x10, 0x02)
    for payload in (b"", b"x" * 7, b"y" * 90)
]


def columns(chunk: Chunk, details: bool, monkeypatch: pytest.MonkeyPatch | None = None) -> Columns:
    if monkeypatch is None:
        made = table.decode(chunk)
        return made.load() if details else made
    with monkeypatch.context() as patch:
        patch.setattr(plain, "decode", lambda chunk, block, *_: np.arange(len(chunk[block])))
        made = table.decode(chunk)
        made.group("detail" if details else "flow")
        return made


def changed(count: int, seed: int) -> Iterator[tuple[bytes, int]]:
    """Plain frames with some bytes changed, cut, or longer on the wire."""
    rng = random.Random(seed)
    for _ in range(count):
        octets = bytearray(rng.choice(PLAIN))
        for _ in range(rng.choice((0, 1, 1, 2, 5))):
            # Near the fields that decide, mostly.
            at = rng.choice(
                (12, 13, 14, 16, 17, 18, 20, 21, 23, 24, 25, 46, 47, 50, 66, rng.randrange(80))
            )
            octets[at % len(octets)] = rng.choice(
                (0, 1, 5, 6, 0x45, 0x60, 0x81, rng.randrange(256))
            )
        size = len(octets)
        cut = rng.choice((size, size, rng.randrange(size + 1)))
        yield bytes(octets[:cut]), rng.choice((size, cut, 0, size + 6, 1 << 31))


@pytest.mark.parametrize("details", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_columns_are_those_of_the_layers(
    seed: int, details: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames, wire = zip(*changed(3000, seed), strict=True)
    chunk = chunk_of(frames, wire_lens=wire)
    ours, theirs = columns(chunk, details), columns(chunk, details, monkeypatch)
    for field in COLUMNS:
        if details or field.group != "detail":
            same = np.array_equal(getattr(ours, field.name), getattr(theirs, field.name))
            assert same, (field.name, seed)


@pytest.mark.parametrize("details", [False, True])
def test_plain_frames_are_not_left_to_the_layers(
    details: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunk = chunk_of(PLAIN)
    left: list[int] = []
    decode = plain.decode

    def counted(*arguments: object) -> object:
        rows = decode(*arguments)  # type: ignore[arg-type]
        left.append(len(rows))
        return rows

    monkeypatch.setattr(plain, "decode", counted)
    found = columns(chunk, details)
    assert (found.proto == 6).all()
    syns = (found.tcp_flags == 2).sum() if details else 0
    assert sum(left) == syns < len(chunk)


def test_other_links_and_no_frames_at_all() -> None:
    frames = [octets[14:] for octets in PLAIN if octets[12:14] == b"\x08\x00"]
    chunk = chunk_of(frames, RAW)
    assert (table.decode(chunk).dport == 443).all()
    mixed = chunk_of([*frames, *PLAIN], [RAW] * len(frames) + [1] * len(PLAIN))
    assert (table.decode(mixed).dport == 443).all()
    assert len(table.decode(chunk[:0]).dport) == 0

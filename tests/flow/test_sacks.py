"""Blocks of selective acknowledgments beside a plain reading of the options."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from segmented import ACK, HANDSHAKE, Cut, segments_from

from netshell.flow.sacks import sacked
from netshell.flow.segments import Segments
from netshell.packet.tcp import SACK

PEER = 2**32 - 100


def sack(*edges: int) -> bytes:
    return bytes([5, 2 + 4 * len(edges)]) + b"".join(struct.pack(">I", e % 2**32) for e in edges)


def segments_with(*options: bytes) -> Segments:
    told = [Cut(1, ack=1 + 10 * at, options=each) for at, each in enumerate(options)]
    return segments_from([*HANDSHAKE, *told], peer_isn=PEER)


def blocks(*options: bytes) -> list[tuple[int, int, int]]:
    segments = segments_with(*options)
    found = sacked(segments, np.arange(len(segments)))
    each = zip(found.row.tolist(), found.start.tolist(), found.end.tolist(), strict=True)
    return [(row - len(HANDSHAKE), start, end) for row, start, end in each]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (sack(PEER + 50, PEER + 60), [(50, 60)]),
        (b"\1\1" + sack(PEER + 90, PEER + 200), [(90, 200)]),  # across the wrap
        (sack(PEER + 5, PEER + 6, PEER + 8, PEER + 9), [(5, 6), (8, 9)]),
        (bytes([8, 10]) + bytes(8) + sack(PEER + 5, PEER + 6), [(5, 6)]),
        (sack(PEER - 40, PEER - 30), [(-40, -30)]),  # a duplicate told (RFC 2883)
        (sack(PEER + 9, PEER + 9), []),
        (sack(PEER + 9, PEER + 5), []),
        (b"\0" + sack(PEER + 5, PEER + 6), []),
        (b"\x05\x01" + bytes(12), []),
        (b"\x05\x0c" + sack(PEER + 5, PEER + 6)[2:] + bytes(2), []),
        (b"\x05\xff" + bytes(12), []),
        (bytes([8, 10]) + bytes(8), []),
    ],
)
def test_blocks(options: bytes, expected: list[tuple[int, int]]) -> None:
    assert [(start, end) for _, start, end in blocks(options)] == expected


@given(st.lists(st.lists(st.integers(0, 2**31 - 1), max_size=4), min_size=1, max_size=6))
def test_they_are_those_of_a_plain_reading(told: list[list[int]]) -> None:
    options = [sack(*(PEER + n for n in edges[: len(edges) // 2 * 2])) for edges in told]
    segments = segments_with(*options)
    expected = set()
    for row in range(len(HANDSHAKE), len(segments)):
        for option in segments.options(row):
            if option.kind == SACK and option.value:
                for left, right in option.value:
                    start, end = ((each - PEER) % 2**32 for each in (left, right))
                    start, end = (n - 2**32 if n > 2**31 + 100 else n for n in (start, end))
                    if end > start:
                        expected.add((row - len(HANDSHAKE), start, end))
    assert set(blocks(*options)) == expected


def test_those_of_a_side_without_acknowledgments_count_for_nothing() -> None:
    segments = segments_from([Cut(1, flags=0, options=sack(5, 9)), Cut(1, b"x", ACK)])
    assert len(sacked(segments, np.arange(2)).row) == 0

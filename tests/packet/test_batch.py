"""Frames that nobody indexed make the same records as indexed ones, and are found in them again."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from frames import chunk_of
from hypothesis import given
from hypothesis import strategies as st

from netshell.packet import pcap, pcapng
from netshell.packet.batch import HEAD, Batch
from netshell.packet.chunk import Chunk
from netshell.packet.packing import evenly

SIZES = st.one_of(
    st.lists(st.sampled_from([0, 1, 2, 3, 59, 60, 61, 1514]), min_size=1, max_size=40),
    st.builds(lambda size, count: [size] * count, st.integers(0, 70), st.integers(1, 40)),
)


def frames_of(sizes: list[int], directions: list[int]) -> Chunk:
    chunk = chunk_of([bytes([i % 251 + 1]) * size for i, size in enumerate(sizes)])
    chunk.direction[:] = (directions * len(sizes))[: len(sizes)]
    chunk.wire_len[:] = chunk.captured_len + np.arange(len(sizes)) % 3
    chunk.time_ns[:] = 1_700_000_000_999_999_990 + np.arange(len(sizes)) * 7
    return chunk


def not_indexed(chunk: Chunk) -> Batch:
    """The frames as a source has them: evenly spaced and of one size, or not."""
    heads = np.empty(len(chunk), HEAD)
    heads["seconds"], heads["nanoseconds"] = np.divmod(chunk.time_ns, 10**9)
    heads["captured"], heads["wire"] = chunk.captured_len, chunk.wire_len
    sizes = set(chunk.captured_len.tolist())
    one = sizes.pop() if len(sizes) == 1 else None
    at = chunk.offset if one is None else evenly(chunk.offset)
    return Batch(chunk.data, at, one, heads, chunk.direction, 0, 1)


def same(one: Chunk, other: Chunk) -> bool:
    return all(
        np.array_equal(getattr(one, each.name), getattr(other, each.name))
        and getattr(one, each.name).dtype == getattr(other, each.name).dtype
        for each in fields(Chunk)
    )


@given(SIZES, st.lists(st.integers(1, 2), min_size=1, max_size=5), st.integers(1, 40))
def test_the_same_records_and_the_same_packets(
    sizes: list[int], directions: list[int], count: int
) -> None:
    def dirty(size: int) -> np.ndarray:
        return np.full(size, 0xEE, np.uint8)

    chunk = frames_of(sizes, directions)
    writer = pcapng.Writer(["eth0"])
    writer.describe([(0, 1)])
    for laid, records, unpacked in (
        (pcap.laid_out(chunk), pcap.packed(not_indexed(chunk), dirty), pcap.unpacked),
        (writer.laid_out(chunk), writer.packed(not_indexed(chunk), dirty), pcapng.unpacked),
    ):
        assert records.data.tobytes() == laid.data.tobytes()
        assert same(unpacked(records), laid)
        some = unpacked(records.first(count))
        assert same(some, laid[:count].elsewhere(some.data, laid.offset[:count]))
        assert laid.data.tobytes().startswith(some.data.tobytes())
        assert (len(some.data) == len(laid.data)) == (count >= len(sizes))


def test_no_packets_of_an_interface_that_was_not_described() -> None:
    with pytest.raises(ValueError, match="not described"):
        pcapng.Writer(["eth0"]).packed(not_indexed(frames_of([60], [1])))

"""Records laid out together are what writing them one by one gives."""

from __future__ import annotations

import os
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
from frames import chunk_of
from hypothesis import given
from hypothesis import strategies as st

from netshell.packet import pcap, pcapng
from netshell.packet.packing import (
    Statistics,
    _common,
    evenly,
    fresh,
    in_a_row,
    listed,
    put,
    put_frames,
    statistics_block,
)


@given(st.lists(st.sampled_from([0, 1, 2, 59, 60, 61]), max_size=60), st.integers(0, 9))
def test_every_frame_in_its_place(sizes: list[int], gap: int) -> None:
    frames = [bytes([i % 251]) * size for i, size in enumerate(sizes)]
    chunk = chunk_of(frames)
    at = np.array([sum(sizes[:i]) + (i + 1) * gap for i in range(len(sizes))], np.int64)
    out = np.full(sum(sizes) + (len(sizes) + 1) * gap, 0xEE, np.uint8)
    put_frames(out, at, chunk)
    assert out.tobytes() == b"\xee" * gap + b"".join(frame + b"\xee" * gap for frame in frames)


def test_items_of_one_size() -> None:
    out = np.zeros(12, np.uint8)
    put(out, np.array([8, 1]), np.array([0x01020304, 0x0A0B0C0D], ">u4"))
    assert out.tobytes() == b"\0\x0a\x0b\x0c\x0d\0\0\0\x01\x02\x03\x04"


@given(st.lists(st.sampled_from([0, 1, 59, 60, 61]), max_size=40))
def test_pcap_records_one_by_one(sizes: list[int]) -> None:
    frames = [bytes([i % 251]) * size for i, size in enumerate(sizes)]
    chunk = chunk_of(frames)
    expected = b"".join(
        struct.pack("<IIII", *divmod(int(time_ns), 10**9), len(frame), len(frame)) + frame
        for time_ns, frame in zip(chunk.time_ns, frames, strict=True)
    )
    assert b"".join(pcap.records(chunk)) == expected


@given(st.lists(st.tuples(st.sampled_from([0, 1, 59, 60]), st.integers(0, 2)), max_size=40))
def test_pcapng_blocks_come_back(rows: list[tuple[int, int]]) -> None:
    chunk = chunk_of([bytes([i % 251]) * size for i, (size, _) in enumerate(rows)])
    chunk.direction[:] = [direction for _, direction in rows]
    chunk.iface[:] = [i % 3 for i in range(len(rows))]
    writer = pcapng.Writer(["a", "b", "c"])
    parsed = pcapng.parse(writer.header() + b"".join(writer.records(chunk)))
    assert parsed.damage is None
    assert [parsed.chunk.frame(i) for i in range(len(rows))] == [
        chunk.frame(i) for i in range(len(rows))
    ]
    assert (parsed.chunk.direction == chunk.direction).all()
    assert [parsed.names[i] for i in parsed.chunk.iface] == ["abc"[i] for i in chunk.iface]


def test_statistics_as_tshark_reads_them(tmp_path: Path, peer: Callable[[str], str]) -> None:
    writer = pcapng.Writer(["lo", "eth0", "eth1"])
    chunk = chunk_of([bytes(60)] * 2)
    chunk.iface[:] = [1, 0]
    records = b"".join(writer.records(chunk))
    counted = Statistics(2**40, 7, 1_700_000_000_123_456_789, 1_700_000_009_000_000_001)
    path = tmp_path / "x.pcapng"
    # eth1 sent nothing, and is not described.
    path.write_bytes(writer.header() + records + writer.statistics({1: counted, 2: counted}))
    argv = [peer("tshark"), "-r", path, "-X", "read_format:MIME Files Format", "-V"]
    zone = os.environ | {"TZ": "UTC"}
    said = subprocess.run(argv, capture_output=True, text=True, check=True, env=zone)
    _, *blocks = said.stdout.split("Block: Interface Statistics Block\n")
    assert len(blocks) == 1
    assert "Interface: 1\n" in blocks[0]
    assert "[Timestamp: Nov 14, 2023 22:13:29.000000001 UTC]" in blocks[0]
    assert f"Number of Received Packets: {2**40}\n" in blocks[0]
    assert "Number of Dropped Packets: 7\n" in blocks[0]


def test_statistics_of_nothing_known() -> None:
    made = statistics_block(3, Statistics())
    assert made == struct.pack("<IIIIIII", 5, 28, 3, 0, 0, 0, 28)


@given(st.lists(st.integers(0, 70_000), max_size=12))
def test_frames_of_any_sizes(sizes: list[int]) -> None:
    frames = [bytes([i + 1]) * size for i, size in enumerate(sizes)]
    out = np.zeros(sum(sizes), np.uint8)
    put_frames(out, np.cumsum([0, *sizes])[:-1], chunk_of(frames))
    assert out.tobytes() == b"".join(frames)


@given(st.permutations([*range(20), *[60] * 30, *[1514] * 20, 70_000, *[0] * 9]))
def test_common_sizes_among_others(sizes: list[int]) -> None:
    frames = [bytes([i + 1]) * size for i, size in enumerate(sizes)]
    out = np.zeros(sum(sizes), np.uint8)
    put_frames(out, np.cumsum([0, *sizes])[:-1], chunk_of(frames))
    assert out.tobytes() == b"".join(frames)
    assert _common(np.array(sizes, np.uint32)) == []  # the table would be longer than the frames
    assert _common(np.array([size for size in sizes if size < 5000], np.uint32)) == [0, 60, 1514]


@given(st.lists(st.integers(-20, 20), max_size=8))
def test_even_places_are_a_range_of_the_same(steps: list[int]) -> None:
    places = 1000 + np.cumsum([0, *steps])
    found = evenly(places)
    assert listed(found).tolist() == places.tolist()
    assert isinstance(found, range) == (len(set(steps)) <= 1 and min(steps, default=1) > 0)
    assert listed(in_a_row(np.array([4, 4, 4]))).tolist() == [0, 4, 8]
    assert listed(in_a_row(np.array([4, 5, 4]))).tolist() == [0, 4, 9]


@given(
    st.lists(st.tuples(st.sampled_from([0, 1, 59, 60]), st.integers(0, 2)), max_size=20),
    st.booleans(),
)
def test_laid_out_is_what_stands_in_the_file(rows: list[tuple[int, int]], dirty: bool) -> None:
    def room(size: int) -> np.ndarray:
        return np.full(size, 0xEE, np.uint8) if dirty else fresh(size)

    frames = [bytes([i % 251]) * size for i, (size, _) in enumerate(rows)]
    chunk = chunk_of(frames)
    chunk.direction[:] = [direction for _, direction in rows]
    writer = pcapng.Writer(["eth0"])
    writer.describe([(0, 1)])
    for laid, ends, plain, head in (
        (pcap.laid_out(chunk, room), pcap.ends, pcap.records(chunk), pcap.RECORD_SIZE),
        (writer.laid_out(chunk, room), pcapng.ends, writer.records(chunk), pcapng.PACKET_HEAD),
    ):
        assert laid.data.tobytes() == b"".join(plain)
        assert [laid.frame(row) for row in range(len(laid))] == frames
        starts = [*(laid.offset - head).tolist(), len(laid.data)]
        assert starts == [0, *ends(laid).tolist()]

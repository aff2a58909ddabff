"""pcap files: round trips, files of other programs, and damage of every kind."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from frames import chunk_of, segment
from hypothesis import given
from hypothesis import strategies as st
from scapy.utils import RawPcapReader, wrpcap

from netshell.packet import pcap
from netshell.packet.chunk import Chunk
from netshell.packet.pcap import Damage, parse

FRAMES = [segment(payload=b"a" * n) for n in (0, 1, 1400)] + [b"", b"\0"]


def file_of(frames: list[bytes], order: str = "<", unit: int = 1, link: int = 1) -> bytes:
    """A pcap file, written by hand."""
    magic = 0xA1B23C4D if unit == 1 else 0xA1B2C3D4
    data = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262_144, link)
    for i, frame in enumerate(frames):
        lengths = (len(frame), len(frame) + i)
        data += struct.pack(order + "IIII", 1_700_000_000 + i, 123_456, *lengths) + frame
    return data


def frames_of(chunk: Chunk) -> list[bytes]:
    return [chunk.frame(i) for i in range(len(chunk))]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("unit", [1, 1000])
def test_both_byte_orders_and_both_units(order: str, unit: int) -> None:
    chunk, damage = parse(file_of(FRAMES, order, unit, link=113))
    assert damage is None
    assert frames_of(chunk) == FRAMES
    assert chunk.wire_len.tolist() == [len(frame) + i for i, frame in enumerate(FRAMES)]
    assert chunk.time_ns[2] == 1_700_000_002_000_000_000 + 123_456 * unit
    assert chunk.link.tolist() == [113] * len(FRAMES)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda b: np.frombuffer(b, "u1")])
def test_any_kind_of_bytes(kind: Callable[[bytes], pcap.Bytes]) -> None:
    data = kind(file_of(FRAMES))
    assert pcap.is_pcap(data)
    assert frames_of(parse(data)[0]) == FRAMES


@pytest.mark.parametrize("nanoseconds", [True, False])
def test_written_and_read_again(nanoseconds: bool) -> None:
    chunk = chunk_of(FRAMES, 101, [2000] * len(FRAMES))
    pieces = list(pcap.records(chunk, nanoseconds=nanoseconds))
    again, damage = parse(pcap.header(101, nanoseconds=nanoseconds) + b"".join(pieces))
    assert damage is None
    assert frames_of(again) == FRAMES
    for name in ("time_ns", "captured_len", "wire_len", "link"):
        assert np.array_equal(getattr(again, name), getattr(chunk, name)), name


def test_more_frames_than_one_piece_holds() -> None:
    frames = [bytes([i % 256]) * (i % 7) for i in range(10_000)]
    pieces = list(pcap.records(chunk_of(frames)))
    assert len(pieces) > 1
    assert frames_of(parse(pcap.header() + b"".join(pieces))[0]) == frames


def test_a_file_without_frames() -> None:
    chunk, damage = parse(pcap.header())
    assert (len(chunk), damage) == (0, None)


# --- damage ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "offset", "words"),
    [
        (b"", 0, "empty"),
        (b"\xd4\xc3", 0, "not a pcap file"),
        (b"GIF89a" + bytes(50), 0, "begins with 47 49 46 38"),
        (pcap.header()[:20], 20, "file header is cut"),
        (file_of(FRAMES[:2]) + b"\1\2\3", 24 + 16 + 54 + 16 + 55, "3 of 16 bytes"),
        (file_of(FRAMES[:2])[:-5], 24 + 16 + 54, "5 of 55 bytes miss"),
        (
            file_of(FRAMES[:1]) + struct.pack("<IIII", 1, 1, 0xFFFFFFF0, 60) + b"x" * 60,
            24 + 16 + 54,
            "claims 4294967280 bytes",
        ),
    ],
)
def test_damage_is_named_and_what_came_before_it_kept(data: bytes, offset: int, words: str) -> None:
    chunk, damage = parse(data)
    assert damage is not None
    assert damage.offset == offset
    assert words in damage.reason and str(offset) in str(damage)
    assert frames_of(chunk) == FRAMES[: len(chunk)]
    assert len(chunk) == {24 + 16 + 54: 1, 24 + 16 + 54 + 16 + 55: 2}.get(offset, 0)


def test_cut_at_every_byte() -> None:
    data = file_of(FRAMES[:2])
    whole = {24: 0, 24 + 16 + 54: 1, len(data): 2}
    for size in range(len(data)):
        chunk, damage = parse(data[:size])
        assert (damage is None) == (size in whole), size
        assert frames_of(chunk) == FRAMES[: len(chunk)]


@given(st.binary(max_size=300))
def test_any_bytes_are_survived(data: bytes) -> None:
    for start in (b"", pcap.header(), file_of(FRAMES[:1])):
        chunk, damage = parse(start + data)
        assert int((chunk.offset + chunk.captured_len).max(initial=0)) <= len(start + data)
        assert damage is None or isinstance(damage, Damage)


def test_a_stated_wire_length_below_the_captured_one_is_raised_to_it() -> None:
    data = bytearray(file_of(FRAMES[:1]))
    data[36:40] = bytes(4)
    assert parse(bytes(data))[0].wire_len.tolist() == [54]


# --- other programs' files, and ours read by them -------------------------------------------


def test_reads_what_scapy_writes_and_scapy_reads_ours(tmp_path: Path) -> None:
    theirs, ours = tmp_path / "scapy.pcap", tmp_path / "ours.pcap"
    frames = [frame for frame in FRAMES if frame]
    wrpcap(str(theirs), frames, linktype=1)
    assert frames_of(parse(theirs.read_bytes())[0]) == frames
    chunk = chunk_of(frames)
    ours.write_bytes(pcap.header() + b"".join(pcap.records(chunk)))
    with RawPcapReader(str(ours)) as reader:
        read = list(reader)
    assert [data for data, _ in read] == frames
    assert [meta.sec * 10**9 + meta.usec for _, meta in read] == chunk.time_ns.tolist()


def test_tcpdump_copies_ours_unchanged(peer: Callable[[str], Path], tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.pcap", tmp_path / "theirs.pcap"
    chunk = chunk_of(FRAMES[:3])
    ours.write_bytes(pcap.header() + b"".join(pcap.records(chunk)))
    subprocess.run(
        [peer("tcpdump"), "--nano", "-r", ours, "-w", theirs], check=True, capture_output=True
    )
    again, damage = parse(theirs.read_bytes())
    assert damage is None
    assert frames_of(again) == FRAMES[:3]
    assert np.array_equal(again.time_ns, chunk.time_ns)

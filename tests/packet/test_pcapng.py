"""pcapng files: round trips, other programs, several sections and interfaces, and damage."""

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

from netshell.packet import pcap, pcapng
from netshell.packet.chunk import Chunk
from netshell.packet.pcapng import Writer, parse

FRAMES = [segment(payload=b"a" * n) for n in (0, 1, 2, 3, 1400)]


def frames_of(chunk: Chunk) -> list[bytes]:
    return [chunk.frame(i) for i in range(len(chunk))]


def chunk_with_everything() -> Chunk:
    """Two interfaces of different link types, all directions, frames longer than captured."""
    chunk = chunk_of(FRAMES, [1, 101, 1, 101, 1], [2000] * len(FRAMES))
    chunk.iface[:] = [0, 1, 0, 1, 0]
    chunk.direction[:] = [0, 1, 2, 0, 1]
    return chunk


def written(chunk: Chunk, *names: str) -> bytes:
    writer = Writer(names)
    return writer.header() + b"".join(writer.records(chunk))


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += b"\0" * (-len(body) % 4)
    return (
        struct.pack(order + "II", kind, 12 + len(body))
        + body
        + struct.pack(order + "I", 12 + len(body))
    )


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(options: bytes = b"", order: str = "<", link: int = 1, snaplen: int = 0) -> bytes:
    return block(1, struct.pack(order + "HHI", link, 0, snaplen) + options, order)


def packet(ticks: int, data: bytes = b"x", number: int = 0, order: str = "<") -> bytes:
    fixed = struct.pack(
        order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data)
    )
    return block(6, fixed + data, order)


def test_written_and_read_again() -> None:
    chunk = chunk_with_everything()
    again, names, damage = parse(written(chunk, "eth0", "wlan ü"))
    assert damage is None and names == ("eth0", "wlan ü")
    assert frames_of(again) == FRAMES
    for name in ("time_ns", "captured_len", "wire_len", "iface", "direction", "link"):
        assert np.array_equal(getattr(again, name), getattr(chunk, name)), name


def test_an_interface_is_described_once_over_all_chunks() -> None:
    chunk = chunk_of(FRAMES)
    writer = Writer(["lo"])
    data = writer.header() + b"".join(writer.records(chunk)) + b"".join(writer.records(chunk))
    again, names, damage = parse(data)
    assert (names, damage, frames_of(again)) == (("lo",), None, FRAMES * 2)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("options", "ticks", "time_ns"),
    [
        (b"", 1_700_000_000_123_456, 1_700_000_000_123_456_000),
        ("tsresol 9", 1_700_000_000_123_456_789, 1_700_000_000_123_456_789),
        ("tsresol 12", 5_000_000_001_999, 5_000_000_001),
        ("tsresol 0x8a", 1025, 1_000_976_562),
        ("tsresol 0", 2**64 - 1, 2**63 - 1),
        ("tsoffset -3", 5_000_000, 2_000_000_000),
    ],
)
def test_time_units(order: str, options: str, ticks: int, time_ns: int) -> None:
    tail = b""
    if options:
        kind, value = options.split()
        if kind == "tsresol":
            tail = struct.pack(order + "HHB3x", 9, 1, int(value, 0))
        else:
            tail = struct.pack(order + "HHq", 14, 8, int(value))
    data = section(order) + interface(tail, order) + packet(ticks, order=order)
    chunk, _, damage = parse(data)
    assert damage is None
    assert chunk.time_ns.tolist() == [time_ns]


def test_several_sections_count_their_interfaces_on() -> None:
    data = section() + interface() + packet(1) + section(">") + interface(b"", ">", link=101)
    data += packet(2, order=">") + block(0x0BAD, b"custom", ">")
    chunk, names, damage = parse(data)
    assert (chunk.iface.tolist(), chunk.link.tolist(), names, damage) == (
        [0, 1],
        [1, 101],
        ("", ""),
        None,
    )


def test_simple_and_obsolete_packet_blocks() -> None:
    simple = block(3, struct.pack("<I", 100) + b"simple")
    obsolete = block(2, struct.pack("<HHIIII", 0, 0, 0, 7, 3, 60) + b"old")
    chunk, _, damage = parse(section() + interface(snaplen=6) + simple + obsolete)
    assert damage is None
    assert frames_of(chunk) == [b"simple", b"old"]
    assert chunk.wire_len.tolist() == [100, 60]
    assert chunk.time_ns.tolist() == [0, 7000]


@pytest.mark.parametrize(
    ("tail", "words"),
    [
        (packet(1)[:-1], "cut short (35 of 36 bytes)"),
        (b"\6\0\0\0\0", "cut short (5 of at least 12"),
        (struct.pack("<III", 6, 13, 0), "claims 13 bytes"),
        (struct.pack("<III", 6, 0, 0), "claims 0 bytes"),
        (struct.pack("<III", 6, 0xFFFFFFF0, 0), "cut short"),
        (packet(1)[:-4] + b"\0\0\0\0", "two lengths differ"),
        (packet(1, number=1), "interface 1, which was not described"),
        (block(6, struct.pack("<IIIII", 0, 0, 0, 500, 500) + b"few"), "claims 500 bytes"),
        (
            block(6, struct.pack("<IIIII", 0, 0, 0, 300_000, 300_000) + bytes(300_000)),
            "claims 300000 bytes; no frame has over 262144",
        ),
        (block(6, b"1234"), "too short"),
        (block(1, b"1234"), "too short"),
        (block(3, b""), "too short"),
        (b"\x0a\x0d\x0d\x0a" + bytes(24), "byte-order mark"),
    ],
)
def test_damage_is_named_and_what_came_before_it_kept(tail: bytes, words: str) -> None:
    start = section() + interface() + packet(5, b"good")
    chunk, _, damage = parse(start + tail)
    assert frames_of(chunk) == [b"good"]
    assert damage is not None and damage.offset == len(start) and words in damage.reason


def test_other_files_are_refused_at_their_first_byte() -> None:
    for data in (b"", b"GIF89a", pcap.header()):
        chunk, names, damage = parse(data)
        assert damage is not None
        assert (len(chunk), names, damage.offset) == (0, (), 0)
        assert not pcapng.is_pcapng(data)
    assert pcapng.is_pcapng(section())


@given(st.binary(max_size=200), st.integers(0, 10_000), st.integers(0, 255))
def test_any_bytes_are_survived(data: bytes, place: int, value: int) -> None:
    good = bytearray(written(chunk_with_everything(), "eth0", "eth1"))
    good[place % len(good)] = value
    for whole in (bytes(good), section() + interface() + data, data):
        chunk, _, _ = parse(whole)
        assert int((chunk.offset + chunk.captured_len).max(initial=0)) <= len(whole)


def test_tshark_reads_ours(peer: Callable[[str], Path], tmp_path: Path) -> None:
    path = tmp_path / "ours.pcapng"
    chunk = chunk_with_everything()
    path.write_bytes(written(chunk, "eth0", "raw1"))
    fields = (
        "frame.time_epoch",
        "frame.interface_name",
        "frame.len",
        "frame.cap_len",
        "frame.packet_flags_direction",
    )
    asked = [argument for name in fields for argument in ("-e", name)]
    told = subprocess.run(
        [peer("tshark"), "-n", "-r", path, "-T", "fields", *asked],
        capture_output=True,
        text=True,
        check=True,
    )
    names, directions = ("eth0", "raw1"), ("", "1", "2")
    for i, line in enumerate(told.stdout.splitlines()):
        at, name, wire, captured, direction = line.split("\t")
        assert at == f"{chunk.time_ns[i] // 10**9}.{chunk.time_ns[i] % 10**9:09d}"
        assert name == names[chunk.iface[i]]
        assert (int(wire), int(captured)) == (2000, len(FRAMES[i]))
        assert int(direction or "0", 0) == int(directions[chunk.direction[i]] or "0")


def test_reads_what_editcap_writes(peer: Callable[[str], Path], tmp_path: Path) -> None:
    classic, converted = tmp_path / "a.pcap", tmp_path / "a.pcapng"
    chunk = chunk_of(FRAMES)
    classic.write_bytes(pcap.header() + b"".join(pcap.records(chunk)))
    subprocess.run([peer("editcap"), "-F", "pcapng", classic, converted], check=True)
    again, _, damage = parse(converted.read_bytes())
    assert damage is None
    assert frames_of(again) == FRAMES
    assert np.array_equal(again.time_ns, chunk.time_ns)

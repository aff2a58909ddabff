"""Files read window by window: whatever the windows, the whole file's frames and damage."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from frames import chunk_of, segment

from netshell.packet import pcap, pcapng
from netshell.packet.chunk import Chunk
from netshell.packet.framing import MAX_BLOCK
from netshell.packet.reader import Reader, no_capture, reader_for

FRAMES = [segment(dport=80 + i % 2, payload=bytes(i * 7 % 90)) for i in range(60)]


def pcap_file() -> bytes:
    return b"".join([pcap.header(), *pcap.records(chunk_of(FRAMES))])


def pcapng_file() -> bytes:
    writer = pcapng.Writer(["eth0"])
    return b"".join([writer.header(), *writer.records(chunk_of(FRAMES))])


def fed(data: bytes, size: int) -> tuple[Reader, list[Chunk], pcap.Damage | None]:
    """The file in windows of this size."""
    reader = reader_for(data[:4])
    assert reader is not None
    at, chunks, damage, last = 0, [], None, False
    while damage is None and not last:
        last = at + size >= len(data)
        chunk, used, damage = reader.feed(np.frombuffer(data[at : at + size], np.uint8), last)
        chunks.append(chunk)
        at += used
    return reader, chunks, damage


@pytest.mark.parametrize("make", [pcap_file, pcapng_file])
@pytest.mark.parametrize("size", [200, 333, 1000, 1 << 20])
def test_windows_do_not_show(make: object, size: int) -> None:
    data = make() * 1  # type: ignore[operator]
    reader, chunks, damage = fed(data, size)
    assert damage is None
    assert [chunk.frame(i) for chunk in chunks for i in range(len(chunk))] == FRAMES
    times = np.concatenate([chunk.time_ns for chunk in chunks])
    assert times.tolist() == chunk_of(FRAMES).time_ns.tolist()
    assert reader.names == (() if make is pcap_file else ("eth0",))


def test_sections_last_over_windows() -> None:
    data = pcapng_file() + pcapng_file()
    reader, chunks, damage = fed(data, 300)
    assert damage is None
    assert reader.names == ("eth0", "eth0")
    assert np.concatenate([chunk.iface for chunk in chunks]).tolist() == [0] * 60 + [1] * 60


@pytest.mark.parametrize("make", [pcap_file, pcapng_file])
@pytest.mark.parametrize("cut", [1, 9, 30, 61])
def test_a_cut_file_is_damaged_at_the_same_place(make: object, cut: int) -> None:
    data = make()[:-cut]  # type: ignore[operator]
    _, _, whole = fed(data, len(data))
    assert whole is not None
    for size in (200, 250, 4096):
        _, chunks, damage = fed(data, size)
        assert damage is not None
        assert damage == whole
        assert sum(map(len, chunks)) == 59


def test_an_absurd_length_is_damage_at_once() -> None:
    data = bytearray(pcap_file())
    struct.pack_into("<I", data, 24 + 8, 1 << 30)
    reader = reader_for(bytes(data[:4]))
    assert reader is not None
    chunk, used, damage = reader.feed(np.frombuffer(bytes(data[:100]), np.uint8), False)
    assert (len(chunk), used) == (0, 24)
    assert damage is not None
    assert damage.offset == 24
    assert "claims 1073741824 bytes" in damage.reason


def sealed(kind: int, body: bytes) -> bytes:
    length = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + length + body + length


@pytest.mark.parametrize("size", [MAX_BLOCK, MAX_BLOCK + 4000, 3 * MAX_BLOCK])
def test_blocks_that_no_window_holds_are_stepped_over(size: int) -> None:
    data = pcapng_file()
    own = sealed(0xBAD, bytes(2 * MAX_BLOCK))
    reader, chunks, damage = fed(data + own + data, size)
    assert damage is None
    assert sum(map(len, chunks)) == 120
    note = "1 block that is too large was stepped over"
    if size > len(own):  # it is whole in a window
        note = "1 block of the file is of a kind that is not read, and not saved"
    assert reader.remarks.notes == [note]


@pytest.mark.parametrize("at_end", [False, True])
def test_a_large_block_that_is_cut_short_or_wrong(at_end: bool) -> None:
    data = pcapng_file()
    own = sealed(0xBAD, bytes(2 * MAX_BLOCK))
    broken = own[:-4] + bytes(4) + data if at_end else own[:-2]
    _, chunks, damage = fed(data + broken, MAX_BLOCK)
    assert sum(map(len, chunks)) == 60
    assert damage is not None
    reason = f"a block is cut short ({len(own) - 2} of {len(own)} bytes)"
    assert damage == (len(data), "a block's two lengths differ" if at_end else reason)


def test_a_large_block_with_packets_ends_the_reading_for_what_it_is() -> None:
    data = pcapng_file()
    _, chunks, damage = fed(data + sealed(6, bytes(2 * MAX_BLOCK)) + data, MAX_BLOCK)
    assert sum(map(len, chunks)) == 60
    reason = f"a block of {2 * MAX_BLOCK + 12} bytes is too large to be read"
    assert damage == (len(data), reason)


def test_what_is_no_capture() -> None:
    assert reader_for(b"GIF8") is None
    assert reader_for(b"") is None
    assert no_capture(b"") == "the file is empty"
    assert no_capture(b"GIF89a") == "not a pcap file (it begins with 47 49 46 38)"

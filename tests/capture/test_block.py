"""Blocks as the kernel fills them: every packet is found, whatever their frames say."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netshell.capture import block as module
from netshell.capture.block import Block, compacted, index, owned
from netshell.capture.records import Records

SECOND = 1_700_000_000
FRAME_AT = 82  # behind header and address, where the kernel's alignment puts an Ethernet frame


def header(step: int, second: int, size: int) -> bytes:
    """tpacket3_hdr: next, sec, nsec, snaplen, len, status, mac, net; the VLAN tag; sockaddr_ll."""
    return struct.pack(
        "=IIIIIIHHIIHH8x", step, second, 5, size, size, 0, FRAME_AT, 96, 0, 0, 0, 0
    ) + struct.pack("=HHiHBB8s", 17, 8, 2, 1, 0, 6, bytes(8))


def filled(frames: list[bytes], last: int = SECOND + 1, before: bytes = b"\xcc") -> Block:
    records = b""
    for number, frame in enumerate(frames):
        step = (FRAME_AT + len(frame) + 15) // 16 * 16
        named = 0 if number == len(frames) - 1 else step
        record = header(named, SECOND + number % 2, len(frame))
        record += (before * FRAME_AT)[len(record) : FRAME_AT] + frame
        records += record.ljust(step, b"\xcc")
    descriptor = struct.pack(
        "=IIIIIIQIIII", 2, 48, 1, len(frames), 48, 48 + len(records), 1, SECOND, 0, last, 0
    )
    return Block(memoryview(descriptor + records), len(frames), 3, 1)


def frames_of(block: Block) -> list[bytes]:
    chunk = index([block])
    assert set(chunk.iface.tolist()) <= {3}
    return [chunk.frame(row) for row in range(len(chunk))]


@given(st.lists(st.integers(0, 90), min_size=1, max_size=40), st.booleans())
def test_every_packet_is_found(sizes: list[int], still_filling: bool) -> None:
    frames = [bytes([number + 1]) * size for number, size in enumerate(sizes)]
    block = filled(frames, last=0 if still_filling else SECOND + 1)
    assert frames_of(block) == frames
    both = index([block, block])
    assert [both.frame(row) for row in range(len(both))] == frames * 2
    assert both.time_ns[0] == SECOND * 1_000_000_000 + 5


@pytest.mark.parametrize("sizes", [[60] * 5, [60, 500, 60, 200, 90]])
def test_frames_that_look_like_headers(sizes: list[int]) -> None:
    """Whatever place in a frame: a header's bytes, with a time within the block's."""
    forged = header(96, SECOND, 60)
    for shift in range(16):
        frames = [(b"\xee" * shift + forged * 8)[:size] for size in sizes]
        assert frames_of(filled(frames)) == frames


def test_mixed_sizes_need_no_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_followed", None)
    frames = [b"x" * size for size in (60, 1514, 60, 590)]
    assert frames_of(filled(frames)) == frames


def test_remains_between_packets_need_no_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel leaves what was there before: headers of a lap ago, maybe of this second."""
    monkeypatch.setattr(module, "_followed", None)
    frames = [b"x" * size for size in (60, 1514, 60, 590)]
    times = struct.pack("=I", SECOND)
    assert frames_of(filled(frames, before=times)) == frames


def test_small_packets_are_kept_without_what_the_kernel_adds() -> None:
    frames = [bytes([number]) * 60 for number in range(50)]
    block = filled(frames)
    kept = compacted(block)
    assert isinstance(kept, Records)
    assert kept.size < block.size * 0.7
    before, after = index([block]), kept.chunk()
    assert [after.frame(row) for row in range(len(after))] == frames
    for column in ("time_ns", "captured_len", "wire_len", "iface", "direction", "link"):
        assert getattr(after, column).tolist() == getattr(before, column).tolist(), column


def test_large_packets_and_tagged_ones_are_kept_as_they_came() -> None:
    assert isinstance(compacted(filled([b"x" * 1514] * 20)), Block)
    tagged = bytearray(filled([b"x" * 60] * 20).data)
    for at in range(48, len(tagged), 144):
        tagged[at + 20] = module.STATUS_VLAN_VALID
    assert isinstance(compacted(Block(memoryview(tagged), 20, 3, 1)), Block)


def test_bytes_of_its_own() -> None:
    memory = bytearray(filled([b"abc", b"defg"]).data)
    lent = replace(filled([b"abc", b"defg"]), data=memoryview(memory))
    own = owned(lent)
    assert isinstance(own, Block)
    memory[:] = bytes(len(memory))
    assert frames_of(own) == [b"abc", b"defg"]
    assert frames_of(own.first(1)) == [b"abc"]
    assert own.totals() == (7, 0)

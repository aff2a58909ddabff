"""Blocks of the ring become records at once, and chunks when somebody looks."""

from __future__ import annotations

import struct
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_block import SECOND, filled

from netshell.capture import block as layout
from netshell.capture.amount import Rotate
from netshell.capture.block import Block, batch, index
from netshell.capture.file import read
from netshell.capture.outfile import FORMS
from netshell.capture.recording import Recording
from netshell.capture.records import Records
from netshell.capture.store import Store
from netshell.packet.chunk import SLL, Chunk
from netshell.packet.packing import fresh
from netshell.packet.remarks import Remarks


def laid(block: Block, suffix: str) -> Records:
    form = FORMS[suffix](["", "", "", "eth0"], [1, 1, 1, 1], Remarks())
    found = batch(block)
    assert found is not None
    return Records(form.packed(found, fresh), form)


@given(
    st.lists(st.integers(0, 90), min_size=1, max_size=40)
    | st.builds(lambda size, count: [size] * count, st.integers(0, 90), st.integers(1, 40)),
    st.sampled_from([".pcap", ".pcapng"]),
)
def test_what_a_block_holds(sizes: list[int], suffix: str) -> None:
    block = filled([bytes([number + 1]) * size for number, size in enumerate(sizes)])
    records, indexed = laid(block, suffix), index([block])
    chunk = records.chunk()
    assert [chunk.frame(row) for row in range(len(chunk))] == [
        indexed.frame(row) for row in range(len(indexed))
    ]
    for each in fields(Chunk):
        if each.name not in ("data", "offset"):
            assert np.array_equal(getattr(chunk, each.name), getattr(indexed, each.name))
    assert (len(records), records.totals()) == (len(block), indexed.totals())
    assert records.size >= len(records.data)


def test_directions_differ() -> None:
    block = filled([b"x" * 60] * 4)
    memory = bytearray(block.data)
    step = (82 + 60 + 15) // 16 * 16
    for number in (1, 3):
        memory[48 + number * step + 58] = layout.PACKET_OUTGOING
    turned = replace(block, data=memoryview(memory))
    for suffix in (".pcap", ".pcapng"):
        assert laid(turned, suffix).chunk().direction.tolist() == [1, 2, 1, 2]


def test_what_is_to_be_restored_is_left_to_the_index() -> None:
    block = filled([b"x" * 60] * 3)
    assert batch(replace(block, link=SLL)) is None
    memory = bytearray(block.data)
    struct.pack_into("=I", memory, 48 + 20, layout.STATUS_VLAN_VALID)
    assert batch(replace(block, data=memoryview(memory))) is None


@pytest.mark.parametrize("suffix", [".pcap", ".pcapng"])
@pytest.mark.parametrize("rotate", [None, Rotate(bytes=2000), Rotate(seconds=60)])
def test_written_and_kept(tmp_path: Path, suffix: str, rotate: Rotate | None) -> None:
    frames = [[bytes([each]) * (each + row % 5) for row in range(20)] for each in range(1, 9)]
    names = ["", "", "", "eth0"]
    one = Recording(tmp_path / f"x{suffix}", names, [1, 1, 1, 1], rotate)
    store = Store(limit=155)
    for several in frames:
        kept = store.add([one.laid_out(filled(several))])
        one.add([piece for piece in kept if isinstance(piece, Records)])
    one.close()
    expected = [frame for several in frames for frame in several][:155]
    assert (one.written, one.unwritten, store.total) == (155, 0, 155)
    assert [packet.raw for path in one.paths for packet in read(path)] == expected
    assert store.totals() == (sum(map(len, expected)), 0)
    parts = store.parts()
    assert [part.chunk.frame(row) for part in parts for row in range(len(part))] == expected
    assert {int(time_ns) // 10**9 for part in parts for time_ns in part.chunk.time_ns} == {
        SECOND,
        SECOND + 1,
    }
    assert (len(one.paths) > 1) == (rotate is not None and rotate.bytes is not None)

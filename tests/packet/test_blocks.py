"""Blocks read together against blocks read one by one: the same packets, remarks and damage."""

from __future__ import annotations

import random
import struct

import numpy as np
import pcapng_reference as reference
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netshell.packet import blocks, interfaces
from netshell.packet.blocks import BlockReader
from netshell.packet.chunk import Chunk
from netshell.packet.framing import MAX_BLOCK, MAX_FRAME


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) % 4)
    length = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + length + body + length


def option(code: int, value: bytes, order: str) -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def section(order: str = "<", options: bytes = b"") -> bytes:
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1) + options, order)


def interface(order: str = "<", options: bytes = b"", link: int = 1, snaplen: int = 0) -> bytes:
    return block(1, struct.pack(order + "HHI", link, 0, snaplen) + options, order)


def packet(
    order: str, number: int, ticks: int, data: bytes, options: bytes = b"", wire: int = 0
) -> bytes:
    high, low = ticks >> 32, ticks & 0xFFFFFFFF
    head = struct.pack(order + "IIIII", number, high, low, len(data), wire)
    return block(6, head + data + bytes(-len(data) % 4) + options, order)


class Maker:
    """Random files: sections of both orders, odd clocks, every block, options, some wrong."""

    def __init__(self, seed: int, wrong: float) -> None:
        self.rng = random.Random(seed)
        self.wrong = wrong
        self.order = "<"
        self.described = 0

    def file(self, count: int, sections: float) -> bytes:
        parts = [self.section()]
        for _ in range(count):
            chance = self.rng.random()
            if chance < sections:
                parts.append(self.section())
            elif chance < 2 * sections or not self.described:
                parts.append(self.interface())
            else:
                parts.append(self.other())
        return b"".join(parts)

    def section(self) -> bytes:
        self.order, self.described = self.rng.choice("<>"), 0
        return section(self.order, self.options())

    def interface(self) -> bytes:
        rng, order = self.rng, self.order
        self.described += 1
        clock = rng.choice((6, 9, 9, 0, 3, 12, 28, 29, 127, 128, 138, 160, 162, 163, 200, 255))
        tail = option(2, rng.choice((b"eth0", b"\xff", b"")), order)
        if rng.random() < 0.7:
            tail += option(9, bytes([clock]), order)
        if rng.random() < 0.3:
            seconds = rng.choice((0, -3, 1 << 32, -(1 << 32), 1 << 62, -(1 << 63)))
            tail += option(14, struct.pack(order + "q", seconds), order)
        return interface(order, tail + self.options(), rng.choice((1, 101)), rng.choice((0, 6)))

    def other(self) -> bytes:
        rng, order = self.rng, self.order
        number = rng.randrange(self.described)
        kind = rng.choice((6, 6, 6, 6, 6, 2, 3, 4, 5, 0xBAD))
        if rng.random() < self.wrong:
            number += self.described
        data = rng.randbytes(rng.randrange(40))
        kept = len(data) + (rng.choice((60, 1 << 31)) if rng.random() < self.wrong else 0)
        wire = rng.choice((0, len(data), 2000, 0xFFFFFFFF))
        near = 1_700_000_000 * 10 ** rng.choice((0, 6, 9))
        ticks = rng.choice((near, near, rng.getrandbits(64), (1 << 64) - 1, 0, 1 << 62))
        if rng.random() < self.wrong:
            return block(kind, data[: rng.randrange(20)], order)
        tail = bytes(-len(data) % 4) + self.options()
        high, low = ticks >> 32, ticks & 0xFFFFFFFF
        if kind == 6:
            head = struct.pack(order + "IIIII", number, high, low, kept, wire)
        elif kind == 2:
            head = struct.pack(order + "HHIIII", number & 0xFFFF, 7, high, low, kept, wire)
        elif kind == 3:
            head = struct.pack(order + "I", wire)
        elif kind == 4:
            head, tail = option(1, b"\x0a\0\0\1" + b"host\0", order) + bytes(4), b""
        else:
            head = struct.pack(order + "III", 0, high, low)
            return block(kind, head + self.options(), order)
        return block(kind, head + data + tail, order)

    def options(self) -> bytes:
        rng, order = self.rng, self.order
        if rng.random() < 0.5:
            return b""
        made = [
            option(2, struct.pack(order + "I", rng.choice((0, 1, 2, 3, 0xFFFFFFFD))), order),
            option(1, b"said " + rng.randbytes(rng.randrange(5)), order),
            option(1, b"hi", order),
            option(4, bytes(8), order),
            option(5, struct.pack(order + "Q", 3), order),
            option(2, b"xy", order),
            struct.pack(order + "HH", 2, 4000),
            bytes(4),
        ]
        return b"".join(rng.choices(made, k=rng.randrange(4)))


FIELDS = ("offset", "captured_len", "wire_len", "time_ns", "iface", "direction", "link")


def rows_of(chunk: Chunk, start: int = 0) -> list[tuple[int, ...]]:
    columns = [getattr(chunk, name).tolist() for name in FIELDS]
    columns[0] = [start + at for at in columns[0]]
    return list(zip(*columns, strict=True))


def check(data: bytes) -> reference.Found:
    """Both readers find the same: packets, names, remarks, and damage to the letter."""
    expected = reference.read(data)
    reader = BlockReader()
    chunk, stop = reader.read(np.frombuffer(data, np.uint8))
    assert rows_of(chunk) == expected.rows
    assert reader.interfaces.names == expected.names
    assert reader.remarks == expected.remarks
    assert (None if stop is None else (stop.at, stop.reason)) == expected.damage
    assert stop is None or stop.cut == expected.cut
    kinds = ("i8", "u4", "u4", "i8", "u2", "u1", "u2")
    assert tuple(getattr(chunk, name).dtype.str[1:] for name in FIELDS) == kinds
    return expected


@pytest.fixture(params=[1, 7, 8192])
def together(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "TOGETHER", request.param)
    monkeypatch.setattr(blocks, "MANY", request.param)
    monkeypatch.setattr(blocks, "SHORT", min(request.param, 32))
    monkeypatch.setattr(blocks, "FEW", 0 if request.param == 7 else 32)


FILES = st.builds(
    lambda seed, wrong, count, sections: Maker(seed, wrong).file(count, sections),
    st.integers(0, 1 << 32),
    st.sampled_from((0.0, 0.0, 0.02)),
    st.integers(0, 150),
    st.sampled_from((0.02, 0.2)),
)


@settings(max_examples=150)
@given(FILES, st.sampled_from((1, 7, 8192)), st.sampled_from((0, 32)))
def test_the_same_as_one_by_one(data: bytes, together: int, few: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "TOGETHER", together)
        patch.setattr(blocks, "MANY", together)
        patch.setattr(blocks, "SHORT", min(together, 32))
        patch.setattr(blocks, "FEW", few)
        check(data)


@settings(max_examples=150)
@given(FILES, st.integers(0, 1 << 20))
def test_cut_anywhere(data: bytes, cut: int) -> None:
    check(data[: cut % (len(data) + 1)])


@settings(max_examples=300)
@given(FILES, st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(1, 255)), max_size=4))
def test_flipped_bytes(data: bytes, flips: list[tuple[int, int]]) -> None:
    changed = bytearray(data)
    for at, flip in flips:
        changed[at % len(data)] ^= flip
    check(bytes(changed))


@settings(max_examples=100)
@given(FILES, st.integers(64, 2000))
def test_pieces_do_not_show(data: bytes, size: int) -> None:
    """A cut stops a piece, and the next begins there: together they are the file."""
    expected = reference.read(data)
    reader, rows, at = BlockReader(), [], 0
    while True:
        last = at + size >= len(data)
        chunk, stop = reader.read(np.frombuffer(data[at : at + size], np.uint8))
        rows += rows_of(chunk, at)
        at += stop.at if stop else min(size, len(data) - at)
        if last or (stop is not None and not stop.cut):
            break
        size += 0 if stop is None or stop.at else size  # a block larger than the piece
    assert (rows, reader.interfaces.names) == (expected.rows, expected.names)
    assert reader.remarks == expected.remarks
    assert (None if stop is None else (at, stop.reason)) == expected.damage


@pytest.mark.usefixtures("together")
def test_every_cut_and_every_flip_of_a_small_file() -> None:
    data = b""
    for order in "<>":
        flags = option(2, struct.pack(order + "I", 1), order)
        data += section(order) + interface(order, option(9, b"\x09", order))
        data += packet(order, 0, 1 << 40, b"abc", flags) + interface(order, link=101)
        data += packet(order, 1, 5, b"", option(1, b"hi", order))
        data += block(3, struct.pack(order + "I", 3) + b"abc", order)
    assert len(check(data).rows) == 6
    for place in range(len(data)):
        check(data[:place])
        for flip in (1, 0x80, 0xFF):
            changed = bytearray(data)
            changed[place] ^= flip
            check(bytes(changed))


@pytest.mark.parametrize("many", [1000, blocks.MANY])
def test_many_blocks_reach_the_lanes(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than are followed one by one, in both orders, with damage far behind."""
    monkeypatch.setattr(blocks, "MANY", many)
    for order in "<>":
        usual = b"".join(packet(order, i % 2, i, bytes(i % 50), wire=60) for i in range(20_000))
        start = section(order) + interface(order) + interface(order, option(9, b"\x09", order))
        assert len(check(start + usual).rows) == 20_000
        found = check(start + usual + packet(order, 2, 0, b"") + usual)
        assert found.damage == (len(start + usual), found.damage[1] if found.damage else "")
        assert len(check((start + usual) * 2 + usual[:-2]).rows) == 59_999


def test_many_short_sections() -> None:
    parts = [section(o) + interface(o) + packet(o, 0, 9, b"x") for o in "<>"]
    found = check(b"".join(parts * 3000))
    assert len(found.rows) == 6000
    assert found.rows[-1][4] == 5999


def test_an_interface_is_known_only_behind_its_description() -> None:
    start = section() + interface() + packet("<", 0, 1, b"a")
    found = check(start + packet("<", 1, 1, b"b") + interface() + packet("<", 1, 1, b"c"))
    assert found.damage == (len(start), "a packet of interface 1, which was not described")
    assert len(check(start + interface() + packet("<", 1, 1, b"c")).rows) == 2


def test_not_more_interfaces_than_a_chunk_can_number() -> None:
    data = section() + interface() * (interfaces.MOST + 2)
    found = check(data)
    assert found.damage == (len(data) - 40, "more than 65,536 interfaces")


def test_large_blocks() -> None:
    """Those that no walk takes are read, and a frame that is too large is not."""
    start, big = section() + interface(), block(0xBAD, bytes(MAX_BLOCK))
    assert len(check(start + big + packet("<", 0, 1, b"x") + big).rows) == 1
    assert check(start + packet("<", 0, 1, bytes(MAX_FRAME))).damage is None
    found = check(start + packet("<", 0, 1, bytes(MAX_FRAME + 1)))
    assert found.damage is not None and "claims 262145 bytes" in found.damage[1]


@given(
    st.integers(0, 255),
    st.integers(-(1 << 63), (1 << 63) - 1) | st.integers(-5, 5),
    st.lists(st.integers(0, (1 << 64) - 1) | st.integers(0, 1 << 33), min_size=1, max_size=20),
)
def test_clocks_are_exact(unit: int, seconds: int, ticks: list[int]) -> None:
    clock = option(9, bytes([unit]), "<") + option(14, struct.pack("<q", seconds), "<")
    for more in (b"", interface()):  # with one clock for all, and with several
        check(section() + interface("<", clock) + more + b"".join(
            packet("<", 0, tick, b"") for tick in ticks
        ))  # fmt: skip


def test_comments_beside_directions() -> None:
    options = option(2, struct.pack("<I", 2), "<") + option(1, b"odd one", "<")
    data = section() + interface() + packet("<", 0, 1, b"a", options) * 100
    found = check(data)
    assert found.remarks.of_packets == dict.fromkeys(range(100), ("odd one",))
    assert {row[5] for row in found.rows} == {2}

"""Lanes against a plain loop: whole, cut and flipped files, and payloads made to mislead."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netshell.packet import lanes
from netshell.packet.framing import MAX_BLOCK, MAX_FRAME, SECTION, Blocks, Frames, Framing
from netshell.packet.lanes import Pace, Walk

BEGIN = 24
FORCED: dict[str, int] = {"first": 1, "few": 0, "least": 1}  # lanes from the second record on


def frames_by_loop(data: bytes, order: str) -> tuple[list[int], int, str | None]:
    """The records of a pcap file from BEGIN on, the end of them, and what is wrong there."""
    at, found, size = BEGIN, [], len(data)
    while at < size:
        if at + 16 > size:
            return found, at, f"a record header is cut short ({size - at} of 16 bytes)"
        (length,) = struct.unpack_from(order + "I", data, at + 8)
        if length > MAX_FRAME:
            return found, at, f"a record claims {length} bytes; no frame has over {MAX_FRAME}"
        if at + 16 + length > size:
            missing = at + 16 + length - size
            return found, at, f"the last record is cut short ({missing} of {length} bytes miss)"
        found.append(at)
        at += 16 + length
    return found, at, None


def blocks_by_loop(data: bytes, order: str) -> tuple[list[int], int, str | None]:
    """The same for the blocks of a pcapng section."""
    at, found, size = BEGIN, [], len(data)
    while at < size:
        if at + 12 > size:
            return found, at, f"a block is cut short ({size - at} bytes are left)"
        kind, length = struct.unpack_from(order + "II", data, at)
        if kind == SECTION:
            return found, at, "another section begins"
        if length > MAX_BLOCK:
            return found, at, f"a block claims {length} bytes; none has over {MAX_BLOCK}"
        if length < 12 or length % 4:
            return found, at, f"a block claims {length} bytes"
        if at + length > size:
            missing = at + length - size
            return found, at, f"the last block is cut short ({missing} of {length} bytes miss)"
        (again,) = struct.unpack_from(order + "I", data, at + length - 4)
        if again != length:
            return found, at, f"a block claims {length} bytes at its start and {again} at its end"
        found.append(at)
        at += length
    return found, at, None


def frame(order: str, payload: bytes, second: int = 1_700_000_000, length: int = -1) -> bytes:
    """One record of a pcap file; its length may be a lie."""
    size = len(payload) if length < 0 else length
    return struct.pack(order + "IIII", second, 999, size, size) + payload


def block(order: str, payload: bytes, kind: int = 6, length: int = -1) -> bytes:
    """One block of a pcapng file."""
    payload += bytes(-len(payload) % 4)
    size = struct.pack(order + "I", 12 + len(payload) if length < 0 else length)
    return struct.pack(order + "I", kind) + size + payload + size


Made = Callable[..., bytes]
Loop = Callable[[bytes, str], tuple[list[int], int, "str | None"]]
KINDS: dict[str, tuple[Callable[[Any, str], Framing], Made, Loop]] = {
    "pcap": (Frames, frame, frames_by_loop),
    "pcapng": (Blocks, block, blocks_by_loop),
}


def check(kind: str, data: bytes, order: str = "<", **tuning: int) -> Walk:
    """The walk finds what the loop finds, record by record, up to the same damage."""
    framing_of, _, loop = KINDS[kind]
    framing = framing_of(np.frombuffer(data, np.uint8), order)
    walk = Walk(framing, BEGIN, **tuning)
    found = [int(at) for places in walk for at in places]
    expected, end, problem = loop(data, order)
    assert found == expected
    assert walk.at == end
    assert problem is None or framing.problem(walk.at) == problem
    assert framing.follow(BEGIN, len(data), len(data)) == (expected, end)
    return walk


@st.composite
def files(draw: st.DrawFn) -> tuple[str, str, bytes]:
    """A file of some kind and byte order, with payloads that may look like records."""
    kind, order = draw(st.sampled_from(sorted(KINDS))), draw(st.sampled_from("<>"))
    make = KINDS[kind][1]
    rng = random.Random(draw(st.integers(0, 1 << 32)))
    inner = [make(order, rng.randbytes(rng.choice((0, 3, 40)))) for _ in range(20)]
    payloads = {
        "random": lambda: rng.randbytes(rng.randrange(300)),
        "empty": lambda: b"",
        "zeros": lambda: bytes(rng.randrange(300)),
        "records": lambda: b"".join(rng.choices(inner, k=rng.randrange(8))),
        "cut records": lambda: b"".join(rng.choices(inner, k=4))[rng.randrange(16) :],
        "liars": lambda: make(order, b"abcd", length=rng.choice((0, 7, 16, 100, 1 << 20))) * 3,
    }
    used = draw(st.lists(st.sampled_from(sorted(payloads)), min_size=1, max_size=6))
    count = draw(st.integers(0, 120))
    records = [make(order, payloads[rng.choice(used)]()) for _ in range(count)]
    return kind, order, bytes(BEGIN) + b"".join(records)


TUNINGS = st.fixed_dictionaries(
    {
        "lanes": st.integers(1, 60),
        "stretch": st.sampled_from((1, 100, 1000, 1 << 30)),
        "first": st.sampled_from((1, 2, 10)),
        "few": st.sampled_from((0, 3)),
        "least": st.just(1),
    }
)


@given(files(), TUNINGS)
def test_walks_as_a_loop_does(file: tuple[str, str, bytes], tuning: dict[str, int]) -> None:
    kind, order, data = file
    check(kind, data, order, **tuning)


@given(files(), TUNINGS, st.integers(0, 1 << 20), st.integers(1, 200))
def test_short_runs_of_one_size(
    file: tuple[str, str, bytes], tuning: dict[str, int], cut: int, often: int
) -> None:
    """As with thousands of them: a run ends where it ends, whatever follows."""
    kind, order, data = file
    make = KINDS[kind][1]
    data = data[: BEGIN + cut % (len(data) - BEGIN + 1)] + make(order, b"same") * often + data[24:]
    with mock.patch.multiple(lanes, ALIKE=2, _TRIED=3):
        check(kind, data, order, **tuning)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [0, 1, 11, 12, 15, 16, 23])
def test_next_to_nothing(kind: str, size: int) -> None:
    data = np.zeros(size, np.uint8)
    walk = Walk(KINDS[kind][0](data, "<"), 0, Pace(mean=60.0))
    assert sum(map(len, walk)) == (1 if kind == "pcap" and size >= 16 else 0)


@pytest.mark.parametrize(
    ("kind", "record"),
    [("pcap", bytes(16)), ("pcap", frame("<", bytes(50))), ("pcapng", block("<", b"", kind=7))],
)
def test_records_of_one_size_are_not_followed(
    kind: str, record: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a file of zeros has: nothing tells where one of them begins."""
    framing = KINDS[kind][0]
    followed = [0]
    follow = framing.follow

    def counted(self: Framing, at: int, stop: int, limit: int) -> tuple[list[int], int]:
        found, at = follow(self, at, stop, limit)
        followed[0] += len(found)
        return found, at

    data = np.frombuffer(bytes(BEGIN) + record * 300_000, np.uint8)
    with monkeypatch.context() as patched:
        patched.setattr(framing, "follow", counted)
        walk = Walk(framing(data, "<"), BEGIN)
        assert sum(map(len, walk)) == 300_000
    assert followed[0] < 1000
    check(kind, data[: 24 + 5_000 * len(record)].tobytes() + record[:-1])


@settings(max_examples=200)
@given(files(), TUNINGS, st.integers(0, 1 << 20))
def test_cut_anywhere(file: tuple[str, str, bytes], tuning: dict[str, int], cut: int) -> None:
    kind, order, data = file
    check(kind, data[: BEGIN + cut % (len(data) - BEGIN + 1)], order, **tuning)


@settings(max_examples=300)
@given(
    files(), TUNINGS, st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(1, 255)), max_size=4)
)
def test_flipped_bytes(
    file: tuple[str, str, bytes], tuning: dict[str, int], flips: list[tuple[int, int]]
) -> None:
    kind, order, data = file
    changed = bytearray(data)
    for at, flip in flips:
        if len(data) > BEGIN:
            changed[BEGIN + at % (len(data) - BEGIN)] ^= flip
    check(kind, bytes(changed), order, **tuning)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("order", ["<", ">"])
def test_every_cut_of_a_small_file(kind: str, order: str) -> None:
    make = KINDS[kind][1]
    data = bytes(BEGIN) + b"".join(make(order, bytes([n]) * n) for n in range(12))
    for cut in range(BEGIN, len(data) + 1):
        check(kind, data[:cut], order, lanes=4, **FORCED)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("order", ["<", ">"])
def test_lanes_are_found_and_proven(kind: str, order: str) -> None:
    check(kind, usual(kind, order, 30_000), order)
    # Few were followed one by one, or lanes would be for nothing.
    assert followed(kind, usual(kind, order, 30_000), order) < 7500


def usual(kind: str, order: str, count: int, absurd: bytes = b"") -> bytes:
    """A file as they mostly are: letters, and times that go on.

    With ``absurd`` as the highest bytes of a length in its last third.
    """
    make, rng = KINDS[kind][1], random.Random(4)
    text = "".join(rng.choices("abcdefghijklmnop <>/\n", k=4000)).encode()
    records = []
    for n in range(count):
        start, size = rng.randrange(2000), rng.choice((0, 6, 60, 60, 600, 1500))
        words = text[start : start + size]
        more = {"second": 1_700_000_000 + n // 100} if kind == "pcap" else {}
        records.append(make(order, words, **more))
    if absurd:
        broken = bytearray(records[count * 2 // 3])
        at = 8 if kind == "pcap" else 4
        at += 4 - len(absurd) if order == "<" else 0
        broken[at : at + len(absurd)] = absurd
        records[count * 2 // 3] = bytes(broken)
    return bytes(BEGIN) + b"".join(records)


def followed(kind: str, data: bytes, order: str) -> int:
    """Records that the walk of a file followed one by one."""
    framing = KINDS[kind][0](np.frombuffer(data, np.uint8), order)
    original, counts = framing.follow, [0]

    def counting(at: int, stop: int, limit: int) -> tuple[list[int], int]:
        records, after = original(at, stop, limit)
        counts.append(len(records))
        return records, after

    framing.follow = counting  # type: ignore[method-assign]
    for _ in Walk(framing, BEGIN):
        pass
    return sum(counts)


# --- made to mislead ------------------------------------------------------------------------


def nested(kind: str, order: str) -> bytes:
    """A capture of captures being copied: most bytes are records that are not there."""
    make, rng = KINDS[kind][1], random.Random(1)
    inside = b"".join(make(order, b"x" * rng.randrange(80)) for _ in range(600))
    whole = [make(order, inside[: rng.randrange(len(inside)) & ~3]) for _ in range(60)]
    return bytes(BEGIN) + b"".join(make(order, b"") for _ in range(1200)) + b"".join(whole)


def shifted(kind: str, order: str) -> bytes:
    """Every payload is one endless chain of empty records, beside the real one."""
    make = KINDS[kind][1]
    empty = make(order, b"" if kind == "pcapng" else b"\0")
    records = [make(order, empty * 900) for _ in range(200)]
    return bytes(BEGIN) + make(order, b"") * 1200 + b"".join(records)


def damaged(kind: str, order: str) -> bytes:
    """An absurd length in the middle; behind it everything goes on as if nothing were."""
    return usual(kind, order, 20_000, absurd=b"\xff\xff\xff\xff")


def barely(kind: str, order: str) -> bytes:
    """The same, but only the length's highest byte is wrong."""
    return usual(kind, order, 20_000, absurd=b"\1")


def giants(kind: str, order: str) -> bytes:
    """Small records first, so that many are expected; then few, full of zeros."""
    make = KINDS[kind][1]
    return bytes(BEGIN) + make(order, b"") * 3000 + make(order, bytes(200_000)) * 40


HOSTILE: Sequence[Callable[[str, str], bytes]] = (nested, shifted, damaged, barely, giants)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda made: made.__name__)
@pytest.mark.parametrize("tuning", [{}, FORCED | {"lanes": 200}, {"few": 2, "least": 20}])
def test_hostile_files(
    hostile: Callable[[str, str], bytes], kind: str, order: str, tuning: dict[str, int]
) -> None:
    walk = check(kind, hostile(kind, order), order, **tuning)
    # Every step was paid for; one round of guessing and one of steps may exceed the budget.
    search = lanes.SEARCH + lanes.LANES * (lanes.MOST_SEARCHED // lanes.PER_STEP)
    round_ = lanes.LANES * (lanes.ROWS + lanes.HOPS * lanes.CANDIDATES)
    assert walk.pace.budget > -search - round_


@pytest.mark.parametrize("kind", KINDS)
def test_the_pace_is_kept_from_window_to_window(kind: str) -> None:
    data = np.frombuffer(usual(kind, "<", 60_000), np.uint8)
    framing_of, _, loop = KINDS[kind]
    pace, at, found, behind = Pace(), BEGIN, [], []
    while at < len(data):
        window = data[at : at + (4 << 20)]
        framing = framing_of(window, "<")
        original = framing.follow

        def counting(
            at: int, stop: int, limit: int, original: Any = original
        ) -> tuple[list[int], int]:
            records, after = original(at, stop, limit)
            behind.append(len(records))
            return records, after

        framing.follow = counting  # type: ignore[method-assign]
        walk = Walk(framing, 0, pace)
        found += [at + int(place) for places in walk for place in places]
        at += walk.at
    assert found == loop(data.tobytes(), "<")[0]
    assert sum(behind) < 4000


def test_another_section_ends_the_chain() -> None:
    section = block("<", b"\x4d\x3c\x2b\x1a" + bytes(12), SECTION)
    data = usual("pcapng", "<", 5000)
    walk = check("pcapng", data + section + data[BEGIN:])
    assert walk.at == len(data)


def test_memory_is_bounded_by_the_stretch() -> None:
    data = np.frombuffer(usual("pcap", "<", 20_000), np.uint8)
    stretches = list(Walk(Frames(data, "<"), BEGIN, stretch=1 << 20))
    assert len(stretches) > 5
    assert all(places[-1] - places[0] <= 1 << 20 for places in stretches)
    joined = np.concatenate(stretches)
    assert all(a < b for a, b in pairwise(joined.tolist()))


@pytest.mark.parametrize("kind", KINDS)
def test_no_data(kind: str) -> None:
    walk = check(kind, bytes(BEGIN))
    assert walk.done
    assert list(walk) == []


def test_hypothesis_files_do_reach_the_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    original = Walk._together

    def noting(self: Walk, stop: int, count: int, limit: int) -> Any:
        calls.append(count)
        return original(self, stop, count, limit)

    monkeypatch.setattr(Walk, "_together", noting)
    check("pcap", usual("pcap", "<", 100), lanes=9, **FORCED)
    assert calls

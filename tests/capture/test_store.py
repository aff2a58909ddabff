"""Packets are kept as they came, numbered once and for all, and indexed when somebody looks."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from frames import chunk_of, segment
from hypothesis import given
from hypothesis import strategies as st

from netshell.capture import store as stores
from netshell.capture.merge import Merge, compacted, concatenated
from netshell.capture.store import Store
from netshell.packet.chunk import Chunk

ALL = [segment(seq=i, payload=b"%04d" % i) for i in range(300)]


def frames_of(store: Store) -> list[bytes]:
    return [part.chunk.frame(i) for part in store.parts() for i in range(len(part))]


@given(st.lists(st.integers(0, 40), max_size=20), st.lists(st.booleans(), min_size=20, max_size=20))
def test_order_and_numbers_hold_however_it_is_looked_at(
    sizes: list[int], looks: list[bool]
) -> None:
    store, given_ = Store(), []
    for size, look in zip(sizes, looks, strict=False):
        piece = (ALL * 4)[len(given_) : len(given_) + size]
        store.add([chunk_of(piece)])
        given_ += piece
        if look:
            for part in store.parts():
                assert len(part.columns) == len(part)
    assert frames_of(store) == given_
    assert store.total == len(given_)
    starts = [(part.start, part.end) for part in store.parts()]
    assert [start for start, _ in starts] == [0, *[end for _, end in starts[:-1]]][: len(starts)]
    for part in store.parts():
        assert part.columns.seq.tolist() == [i % 300 for i in range(part.start, part.end)]


def test_many_small_looks_leave_few_parts() -> None:
    store = Store()
    for frame in ALL:
        store.add([chunk_of([frame])])
        store.parts()
    assert len(store.parts()) < 12
    assert frames_of(store) == ALL


def test_a_large_chunk_is_cut_into_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "PART_PACKETS", 64)
    store = Store()
    store.add([chunk_of(ALL)])
    assert [len(part) for part in store.parts()] == [64, 64, 64, 64, 44]
    assert frames_of(store) == ALL


def test_the_limit_is_exact() -> None:
    store = Store(limit=250)
    for at in range(0, 300, 100):
        assert not store.is_full
        store.add([chunk_of(ALL[at : at + 100])])
    assert store.is_full
    assert frames_of(store) == ALL[:250]
    store.add([chunk_of(ALL)])
    assert store.total == 250


def test_waiting() -> None:
    store = Store()
    assert not store.wait(1, time.monotonic())
    reached: list[bool] = []
    waiter = threading.Thread(target=lambda: reached.append(store.wait(2)))
    waiter.start()
    store.add([chunk_of(ALL[:1])])
    store.add([chunk_of(ALL[1:2])])
    waiter.join(60)
    assert reached == [True]
    waiter = threading.Thread(target=lambda: reached.append(store.wait(3)))
    waiter.start()
    store.end()
    waiter.join(60)
    assert reached == [True, False]
    assert store.wait(2)


def test_adding_while_others_look() -> None:
    store = Store()
    wrong: list[str] = []

    def look() -> None:
        while not store.ended:
            found = frames_of(store)
            if found != (ALL * 20)[: len(found)]:
                wrong.append("out of order")

    lookers = [threading.Thread(target=look) for _ in range(2)]
    for looker in lookers:
        looker.start()
    for i in range(0, 6000, 30):
        store.add([chunk_of((ALL * 20)[i : i + 30])])
    store.end()
    for looker in lookers:
        looker.join()
    assert not wrong
    assert frames_of(store) == ALL * 20


# --- merge ----------------------------------------------------------------------------------


def at_times(times: list[int]) -> Chunk:
    chunk = chunk_of([b"%08d" % time_ns for time_ns in times])
    return Chunk(
        chunk.data,
        chunk.offset,
        chunk.captured_len,
        chunk.wire_len,
        np.array(times, np.int64),
        chunk.iface,
        chunk.direction,
        chunk.link,
    )


def test_what_is_let_go_is_in_order_and_complete() -> None:
    merge = Merge(hold_s=1)
    merge.push(at_times([10, 30, 50]), now=0)
    assert merge.wait_s(now=0.25) == 0.75
    assert merge.pop(now=0.5) == []
    merge.push(at_times([20, 40, 60, 70]), now=0.5)
    (first,) = merge.pop(now=1)
    assert first.time_ns.tolist() == [10, 20, 30, 40, 50]
    assert [first.frame(i) for i in range(5)] == [b"%08d" % t for t in (10, 20, 30, 40, 50)]
    assert merge.pop(now=1.2) == []
    (second,) = merge.pop(now=1.5)
    assert second.time_ns.tolist() == [60, 70]
    assert (merge.wait_s(now=2), merge.pop(now=9), merge.rest()) == (None, [], [])


def test_the_rest_comes_at_the_end() -> None:
    merge = Merge(hold_s=1)
    merge.push(at_times([5, 1]), now=0)
    merge.push(at_times([]), now=0)
    merge.push(at_times([3]), now=0)
    (rest,) = merge.rest()
    assert rest.time_ns.tolist() == [1, 3, 5]


@given(st.lists(st.lists(st.integers(0, 99), max_size=5), max_size=8))
def test_nothing_is_lost_or_doubled(batches: list[list[int]]) -> None:
    merge, out = Merge(hold_s=2), []
    for now, batch in enumerate(batches):
        merge.push(at_times(batch), now)
        out += merge.pop(now)
    out += merge.rest()
    found = [chunk.frame(i) for chunk in out for i in range(len(chunk))]
    assert sorted(found) == sorted(b"%08d" % t for batch in batches for t in batch)
    for chunk in out:
        assert (np.diff(chunk.time_ns) >= 0).all()
        assert [int(chunk.frame(i)) for i in range(len(chunk))] == chunk.time_ns.tolist()


def test_compacted_and_concatenated_keep_every_frame() -> None:
    chunk = chunk_of(ALL[:10])
    some = compacted(chunk[np.array([7, 2, 2])])
    assert [some.frame(i) for i in range(3)] == [ALL[7], ALL[2], ALL[2]]
    assert len(some.data) == sum(map(len, (ALL[7], ALL[2], ALL[2])))
    both = concatenated(some, chunk)
    assert [both.frame(i) for i in range(13)] == [ALL[7], ALL[2], ALL[2], *ALL[:10]]

"""Which packet carried which bytes, and when."""

from __future__ import annotations

import random

from netshell.protocols.carried import Carried


def carried(*sizes: int) -> Carried:
    made = Carried()
    for at, size in enumerate(sizes):
        made.add(size, 10 * at, at)
    return made


def test_packets_of_a_stretch() -> None:
    made = carried(3, 2, 5)
    assert (made.size, made.time_ns) == (10, 20)
    assert made.packets(0, 10) == [0, 1, 2]
    assert (
        made.packets(2, 3) == [0] and made.packets(3, 4) == [1] and made.packets(2, 6) == [0, 1, 2]
    )
    assert made.packets(4, 4) == [1]  # of nothing, the one it stands in
    assert made.packets(10, 12) == [] and Carried().packets(0, 5) == []


def test_bytes_are_cut_where_they_came() -> None:
    made = carried(3, 2, 5)
    assert list(made.cut(2, b"cdefgh")) == [(0, 0, b"c"), (10, 1, b"de"), (20, 2, b"fgh")]
    chance = random.Random(1)
    sizes = [chance.randrange(1, 9) for _ in range(200)]
    data = chance.randbytes(sum(sizes))
    pieces = list(carried(*sizes).cut(0, data))
    assert b"".join(piece for *_, piece in pieces) == data
    assert [len(piece) for *_, piece in pieces] == sizes


def test_what_is_forgotten_keeps_its_place() -> None:
    made = carried(*[2] * 10_000)
    made.forget(100)  # too few to be worth it
    assert made.packets(0, 2) == [0]
    made.forget(9_000)
    assert made.packets(2 * 9_000, 2 * 9_001) == [9_000]
    assert made.packets(0, 2) == [9_000]  # the oldest one that is remembered
    made.clear()
    assert list(made.cut(19_999, b"x")) == [(0, -1, b"x")]
    assert made.packets(0, 20_000) == [] and made.size == 20_000 and made.time_ns == 0

"""Sequence numbers from one packet to the next: both directions, and a conversation anew."""

from __future__ import annotations

import pytest

from netshell.classic.dump import state as module
from netshell.classic.dump.state import State

LOW, HIGH = bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])


def test_both_directions_count_from_where_they_began() -> None:
    state = State()
    assert state.relative(HIGH, LOW, 40000, 80, 500, 900, False) == (500, 900, 899)
    assert state.relative(LOW, HIGH, 80, 40000, 900, 510, False) == (1, 10, 500)
    assert state.relative(HIGH, LOW, 40000, 80, 520, 930, False) == (20, 31, 899)


def test_numbers_wrap() -> None:
    state = State()
    state.relative(LOW, HIGH, 1, 2, 0xFFFFFFFF, 0, False)
    assert state.relative(LOW, HIGH, 1, 2, 4, 2, False) == (5, 3, 0xFFFFFFFF)


def test_equal_ports_are_told_apart_by_their_addresses() -> None:
    state = State()
    state.relative(HIGH, LOW, 5, 5, 100, 200, False)
    assert state.relative(LOW, HIGH, 5, 5, 201, 107, False) == (2, 7, 100)


def test_a_syn_begins_a_conversation_anew() -> None:
    state = State()
    state.relative(LOW, HIGH, 1, 2, 100, 200, False)
    assert state.relative(LOW, HIGH, 1, 2, 7000, 9000, True) == (7000, 9000, 8999)
    assert state.relative(LOW, HIGH, 1, 2, 7001, 9001, False) == (1, 2, 8999)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CONVERSATIONS", 3)
    state = State()
    for port in range(10):
        state.relative(LOW, HIGH, port, 1000, 1, 1, False)
    assert [key[2] for key in state.conversations] == [7, 8, 9]

"""What stands alone and what is told as one: nothing special is ever folded away."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from flow_frames import captures
from hypothesis import given
from hypothesis import strategies as st
from tcp_talk import talk

from netshell.flow.findings import Finding, find
from netshell.flow.flows import flows_of
from netshell.flow.ladder import rows_of
from netshell.flow.rungs import Drawn
from netshell.flow.source import Held
from netshell.flow.state import State
from netshell.flow.steps import EDGE, LEAST, Rows, Steps, folded, of_segments
from netshell.flow.tracker import track
from netshell.packet.chunk import Chunk
from netshell.packet.table import decode

OPENED = "0 > S 0\n10 < S. 0 1\n20 > . 1 1\n"


def bulk(count: int, start_ms: float = 30.0) -> str:
    """Full segments of the client, each acknowledged."""
    return "".join(
        f"{start_ms + i / 1000} > . {1 + 100 * i} 1 100\n"
        f"{start_ms + i / 1000 + 0.0004} < . 1 {101 + 100 * i}\n"
        for i in range(count)
    )


def rows(text: str) -> Rows:
    segments = talk(text)
    return of_segments(segments, track(segments), find(segments).records())


def steps(text: str) -> Steps:
    told = rows(text)
    return Steps(told, folded(told.plain()))


def test_a_segment_is_told_with_its_numbers_and_both_states() -> None:
    syn, answer, ack, data = steps(OPENED + "30 > P. 1 1 5\n")
    assert (syn.flags, syn.sender, syn.seq, syn.ack, syn.gap_ns) == ("SYN", "client", 0, None, None)
    assert (syn.client_state, syn.server_state) == (State.SYN_SENT, State.SYN_RECEIVED)
    assert (answer.flags, answer.sender, answer.seq, answer.ack) == ("SYN,ACK", "server", 0, 1)
    assert answer.gap_ns == 10_000_000
    assert (ack.client_state, ack.server_state) == (State.ESTABLISHED, State.ESTABLISHED)
    assert (data.client_bytes, data.server_bytes, data.packets) == (5, 0, 1)


def test_long_data_is_one_step_that_says_how_much() -> None:
    told = steps(OPENED + bulk(500))
    assert [step.packets for step in told] == [1, 1, 1, 1, 1, 1000 - 2 * EDGE, 1, 1]
    run = told[5]
    assert (run.packet, run.last_packet) == (3 + EDGE, 1002 - EDGE)
    assert (run.client_packets, run.server_packets) == (498, 498)
    assert (run.client_bytes, run.server_bytes) == (49_800, 0)
    assert run.sender == "both" and run.flags is None and run.seq is None
    assert run.duration_ns == pytest.approx(497.4e3, abs=2e3)
    assert run.client_state is State.ESTABLISHED


def test_a_short_exchange_is_not_folded() -> None:
    assert all(step.packets == 1 for step in steps(OPENED + bulk((2 * EDGE + LEAST - 1) // 2)))


def echoes(count: int, pause_ms: float) -> str:
    """Each end says eight bytes in turn; the client acknowledges the last ones by themselves."""
    told = []
    for i in range(count):
        at, place = 30 + i * pause_ms, 1 + 8 * i
        told += [f"{at} > P. {place} {place} 8", f"{at + 1} < P. {place} {place + 8} 8",
                 f"{at + 1.1} > . {place + 8} {place + 8}"]  # fmt: skip
    return "\n".join(told) + "\n"


@pytest.mark.parametrize("pause_ms", [2, 500])
def test_a_dialogue_is_never_folded(pause_ms: float) -> None:
    assert all(step.packets == 1 for step in steps(OPENED + echoes(30, pause_ms)))


def test_bulk_that_answers_is_folded_and_the_question_shown() -> None:
    asked = "29 > P. 1 1 9\n29.5 < . 1 10\n"
    answer = "".join(
        f"{30 + i / 1000} < . {1 + 100 * i} 10 100\n{30.0004 + i / 1000} > . 10 {101 + 100 * i}\n"
        for i in range(50)
    )
    told = steps(OPENED + asked + answer)
    assert max(step.packets for step in told) > 80
    assert [step.packets for step in told][:5] == [1] * 5


def test_data_that_crosses_is_bulk() -> None:
    crossing = "".join(
        f"{30 + i / 1000} > . {1 + 100 * i} {1 + 100 * max(i - 3, 0)} 100\n"
        f"{30.0004 + i / 1000} < . {1 + 100 * i} {1 + 100 * max(i - 3, 0)} 100\n"
        for i in range(50)
    )
    assert max(step.packets for step in steps(OPENED + crossing)) > 80


def test_a_long_silence_in_bulk_is_shown() -> None:
    more = "".join(f"{400 + i / 1000} > . {50001 + 100 * i} 1 100\n" for i in range(50))
    told = steps(OPENED + bulk(500) + more)
    (late,) = [step for step in told if step.gap_ns is not None and step.gap_ns > 3e8]
    assert late.packets == 1


@pytest.mark.parametrize(
    "special",
    [
        "80 > F. 50001 1",  # a flag, and a state that changes
        "80 > P.U 50001 1 100",  # a flag
        "80 > . 1 1 100",  # a retransmission
        "80 < . 1 50001\n80.001 < . 1 50001",  # a duplicate ACK
        "2000 > . 50001 1 100",  # a silence before it
    ],
)
def test_what_is_special_stands_alone(special: str) -> None:
    told = steps(OPENED + bulk(500) + special + "\n")
    first = 3 + 1000
    alone = [step for step in told if step.packet >= first]
    assert alone and all(step.packets == 1 for step in alone)
    assert len(told) < 20


def test_chat_is_counted_beside_a_run() -> None:
    found = Finding("window_update", 500, "chat", "more room", 0)
    told = replace(rows(OPENED + bulk(500)), findings=(found, replace(found, packet=600)))
    runs = [step for step in Steps(told, folded(told.plain())) if step.packets > 1]
    assert [step.findings for step in runs] == [(found, replace(found, packet=600))]
    assert [mark.name for mark in Drawn(0).rung(runs[0]).marks] == ["2 x window_update"]
    worse = replace(told, findings=(replace(found, severity="note"),))
    assert any(step.packet == 500 for step in Steps(worse, folded(worse.plain())))


def test_a_closed_window_stands_alone() -> None:
    told = rows(OPENED + bulk(500))
    window = told.window.copy()
    window[500] = 0
    shut = replace(told, window=window)
    found = [step for step in Steps(shut, folded(shut.plain())) if step.window == 0]
    assert [step.packet for step in found] == [500]


@given(st.lists(st.booleans(), max_size=80), st.integers(0, 5), st.booleans())
def test_every_row_is_in_one_step_and_no_special_one_in_a_run(
    plain: list[bool], before: int, is_open: bool
) -> None:
    starts = folded(np.array(plain, bool), before, is_open).tolist()
    assert starts[0] == 0 and starts[-1] == len(plain)
    assert starts == sorted(set(starts))
    for a, b in pairwise(starts):
        assert b - a == 1 or (b - a >= LEAST and all(plain[a:b]))


@given(captures())
def test_any_flow_has_steps(told: Chunk) -> None:
    source = Held([(0, decode(told), told)])
    flows = flows_of(source.flows, source)
    for flow in flows:
        found = rows_of(flow)
        every = list(Steps(found, folded(found.plain())))
        assert sum(step.packets for step in every) == len(found) <= flow.packets
        assert [step.packet for step in every] == sorted(step.packet for step in every)
        if flow.client_flags is None:
            assert len(found) == flow.packets
            assert sum(step.client_packets for step in every) == flow.client_packets

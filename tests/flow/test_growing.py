"""A ladder that grows: every packet in one step, in order, and no end before the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flow_frames import captures
from hypothesis import given
from hypothesis import strategies as st
from tcp_talk import chunk

from netshell.capture.capture import Capture
from netshell.capture.source import Costs, Counters
from netshell.capture.store import Store
from netshell.errors import NetshellError
from netshell.flow import growing, ladder
from netshell.flow.flow import Flow
from netshell.flow.growing import HOLD_S, SETTLE_S, Cursor, LiveLadder
from netshell.flow.rungs import Drawn
from netshell.flow.steps import Rows, Step
from netshell.lab.wire import Wire
from netshell.packet.chunk import Chunk
from netshell.view import Note, Span

OPENED = "0 > S 0\n10 < S. 0 1\n20 > . 1 1\n"
CLOSED = "900 > F. 1 1\n910 < F. 1 2\n920 > . 2 2\n"


class ByHand:
    """A run that a test feeds and ends."""

    files = ()
    notes = ()
    problem: NetshellError | None = None

    def __init__(self) -> None:
        self.running = True

    def counters(self) -> Counters:
        return Counters(0, 0)

    def costs(self) -> Costs:
        return Costs(0, 0, 0, 0)

    def stop(self) -> None:
        self.running = False


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def capture_of(told: Chunk) -> Capture:
    made = Capture(Store(), run=ByHand())
    made.add(told)
    return made


class Growth:
    """A capture that a test feeds, and the ladder of its first flow."""

    def __init__(self, first: str | Chunk, fold: bool = True) -> None:
        self.run = ByHand()
        self.capture = Capture(Store(), run=self.run)
        self.add(first)
        self.ladder = LiveLadder(self.capture.flows[0], fold)
        self.clock = Clock()
        self.cursor = Cursor(self.ladder, self.clock)

    def add(self, told: str | Chunk) -> None:
        self.capture.add(chunk(told) if isinstance(told, str) else told)

    def take(self, most: int | None = None, is_last: bool = False) -> list[Step]:
        self.ladder._rested_at = self.ladder._cost_s = 0.0  # at once, and never rested after
        return list(self.cursor.take(most, is_last))

    def later(self, seconds: float) -> list[Step]:
        self.clock.now += seconds
        return self.take()


@pytest.fixture(autouse=True)
def nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "started", [])


def test_a_packet_is_told_once_what_follows_may_explain_it() -> None:
    growth = Growth("0 > S 0\n")
    assert growth.take() == []
    growth.add("10 < S. 0 1\n20 > . 1 1\n")
    assert growth.later(SETTLE_S / 2) == []
    (syn,) = growth.later(SETTLE_S)
    assert (syn.flags, syn.server_state) == ("SYN", "SYN_RECEIVED")  # its answer shows it
    answer, ack = growth.later(SETTLE_S)
    assert (answer.flags, ack.flags) == ("SYN,ACK", "ACK")
    assert growth.later(9) == []
    assert growth.take(is_last=True) == []


def test_a_packet_is_not_told_by_an_old_look() -> None:
    growth = Growth("0 > S 0\n")
    growth.take()
    growth.ladder._rested_at = float("inf")  # busy with something that takes long
    growth.add("10 < S. 0 1\n20 > . 1 1\n")
    growth.clock.now += 9
    assert growth.cursor.take() == ()
    assert len(growth.take()) == 1  # now it was looked at again: the SYN is explained


def bulk(first: int, count: int) -> str:
    """Full segments of the client, each acknowledged."""
    return "".join(
        f"{30 + i} > . {1 + 100 * i} 1 100\n{30 + i}.4 < . 1 {101 + 100 * i}\n"
        for i in range(first, first + count)
    )


def test_long_data_is_told_in_parts() -> None:
    growth = Growth(OPENED)
    growth.take()
    assert len(growth.later(1)) == 3
    growth.add(bulk(0, 100))
    growth.take()
    first = growth.later(SETTLE_S)
    assert [step.packets for step in first] == [1, 1]  # the rest waits for what comes next
    growth.add(bulk(100, 50))
    assert growth.later(HOLD_S / 2) == []
    (run,) = growth.later(HOLD_S)
    assert (run.packets, run.client_bytes) == (298, 14_900)
    growth.add(bulk(150, 30) + "500 > F. 18001 1\n")
    growth.take()
    *more, end = growth.later(1)
    assert [step.packets for step in more] == [58, 1, 1]
    assert end.flags == "FIN,ACK"


def test_a_cut_capture_of_anything_grows_without_gap_or_repetition() -> None:
    @given(captures(), st.lists(st.integers(1, 20), max_size=8), st.booleans(), st.integers(1, 9))
    def check(told: Chunk, cuts: list[int], fold: bool, most: int) -> None:
        if not len(told) or not capture_of(told[:1]).flows:  # such as ARP
            return
        growth = Growth(told[:1], fold)
        taken: list[Step] = []
        at = 1
        for size in [*cuts, len(told)]:
            growth.add(told[at : at + size])
            at += size
            taken += growth.take(most)
            growth.clock.now += 0.2
        taken += growth.take(is_last=True)
        rows = growth.ladder.rows(now=True)
        numbers = [(step.packet, step.last_packet) for step in taken]
        assert numbers == sorted(numbers)
        assert sum(step.packets for step in taken) == len(rows)
        if not fold and most > len(told):
            assert all(step.packets == 1 for step in taken)

    check()


def test_what_is_too_much_is_one_step_with_its_findings() -> None:
    growth = Growth(OPENED)
    growth.add("".join(f"{30 + i} > P. 1 1 100\n" for i in range(50)))
    growth.take()
    growth.clock.now += 1
    taken = growth.take(most=10)
    assert [step.packets for step in taken] == [1, 1, 1, 1, 53 - 9, 1, 1, 1, 1, 1]
    assert sum(f.kind == "retransmission" for step in taken for f in step.findings) == 49
    assert taken[4].flags is None


def test_flags_in_what_is_too_much_are_named() -> None:
    growth = Growth(OPENED)
    growth.add("".join(f"{30 + i} > F. {1 + i} 1\n" for i in range(50)))
    growth.take()
    growth.clock.now += 1
    (whole,) = growth.take(most=1)
    assert whole.packets == 53 and whole.flags == "SYN,FIN"
    assert Span("SYN,FIN among them", "key") in Drawn(0).rung(whole).label


def test_it_ends_with_the_connection_or_the_capture_or_when_told() -> None:
    growth = Growth(OPENED)
    assert growth.ladder.running
    growth.add(CLOSED)
    growth.take()
    assert growth.ladder.is_over and not growth.ladder.running

    growth = Growth(OPENED)
    growth.run.stop()
    assert not growth.ladder.running and not growth.ladder.stopped

    growth = Growth(OPENED)
    assert not growth.ladder.stop().running


def test_iterating_waits_for_what_comes() -> None:
    growth = Growth(OPENED)
    seen: list[str | None] = []
    some = threading.Event()

    def look(steps: Iterator[Step]) -> None:
        for step in steps:
            seen.append(step.flags)
            some.set()

    looking = threading.Thread(target=look, args=(iter(growth.ladder),))
    looking.start()
    assert some.wait(60)
    growth.add(CLOSED)
    looking.join(60)
    assert not looking.is_alive()
    assert seen == ["SYN", "SYN,ACK", "ACK", "FIN,ACK", "FIN,ACK", "ACK"]


def test_ctrl_c_while_waiting_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    growth = Growth(OPENED)

    def interrupted(seconds: float) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(growth.ladder, "wait", interrupted)
    assert [step.flags for step in growth.ladder] == ["SYN", "SYN,ACK", "ACK"]
    assert growth.ladder.stopped and growth.capture.running


def test_work_on_a_long_flow_leaves_time_for_others() -> None:
    growth = Growth(OPENED)
    before = growth.ladder.rows()
    growth.add(bulk(0, 10))
    growth.ladder._rested_at = float("inf")
    assert growth.ladder.rows() is before
    assert len(growth.ladder.rows(now=True)) == 23


def test_nobody_waits_for_work_that_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    growth = Growth(OPENED)
    before = growth.ladder.rows()
    begun, done = threading.Event(), threading.Event()
    real = ladder.rows_of

    def slow(flow: Flow) -> Rows:
        begun.set()
        assert done.wait(60)
        return real(flow)

    monkeypatch.setattr(ladder, "rows_of", slow)
    growth.add(bulk(0, 10))
    growth.ladder._cost_s, growth.ladder._rested_at = 9.0, 0.0
    assert growth.ladder.rows() is before
    assert begun.wait(60)
    assert growth.ladder.rows() is before  # it is at work: neither waited for nor begun again
    done.set()
    assert len(growth.ladder.rows(now=True)) == 23


def test_where_nobody_prints_it_shows_what_there_is() -> None:
    growth = Growth(OPENED)
    text = str(growth.ladder)
    assert text.count("│") == 6 and text.endswith("● grows while the capture runs")
    growth.run.stop()
    assert "grows" not in str(growth.ladder)


def test_whoever_prints_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[LiveLadder] = []
    monkeypatch.setattr(growing, "started", [told.append])
    growth = Growth(OPENED)
    grows = growth.capture.flows[0].ladder(live=True)
    assert told[-1] is grows
    (note,) = grows.view()
    assert isinstance(note, Note) and "grows above the prompt" in note.text


def test_on_a_wire_it_tells_a_connection_as_it_happens(wire: Wire) -> None:
    from inlab import python

    from netshell.lab.servers import start_http

    start_http(wire.server)
    code = (
        "import http.client\n"
        "cap = sniff('tcp port 80', 'eth0')\n"
        f"web = http.client.HTTPConnection('{wire.server.ipv4}'); web.connect()\n"
        "cap.wait(count=3, seconds=60)\n"
        "flow = cap.flows[0]\n"
        "for step in flow.ladder(live=True):\n"
        "    print(step.sender, step.flags, step.client_state, step.server_state)\n"
        "    if step.packet == 2:\n"
        "        web.request('GET', '/'); web.getresponse().read(); web.close()\n"
        "cap.stop()\n"
    )
    lines = python(wire, code).splitlines()
    assert lines[:3] == [
        "client SYN SYN_SENT SYN_RECEIVED",
        "server SYN,ACK ESTABLISHED SYN_RECEIVED",
        "client ACK ESTABLISHED ESTABLISHED",
    ]
    assert lines[3] == "client PSH,ACK ESTABLISHED ESTABLISHED"
    assert lines[-1].split()[2:] in (["TIME_WAIT", "CLOSED"], ["CLOSED", "TIME_WAIT"])

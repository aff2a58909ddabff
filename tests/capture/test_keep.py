"""Only the newest packets are held: the memory is bounded, numbers stay, what goes is counted."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from frames import chunk_of, segment
from hypothesis import given, settings
from hypothesis import strategies as st

from netshell.capture import baselines as module
from netshell.capture.amount import Keep, parse_keep
from netshell.capture.capture import Capture
from netshell.capture.source import Costs, Counters
from netshell.capture.store import Store
from netshell.errors import BadArgument, NetshellError
from netshell.packet.chunk import Chunk

ALL = [segment(flags=0x02, seq=1000)] + [
    segment(seq=1001 + i, dport=80 + i % 2, payload=b"%05d" % i) for i in range(1, 2000)
]


class Running:
    """A run that goes on."""

    running = True
    problem: NetshellError | None = None
    notes = ()
    files = ()

    def counters(self) -> Counters:
        return Counters(0, 0)

    def costs(self) -> Costs:
        return Costs(2.0, 0.5, 0, 0)

    def stop(self) -> None:
        self.running = False


def filled(keep: Keep, many: int = 1000, each: int = 20, look: int = 0) -> Capture:
    """A capture that ``many`` packets have gone through, ``each`` at a time, looked at or not."""
    cap = Capture(Store(keep=keep), names=("eth0",), ifaces=("eth0",), run=Running())
    for turn, at in enumerate(range(0, many, each)):
        piece = ALL[at : min(at + each, many)]
        cap.add(chunk_of(piece))
        if look and turn % look == 0:
            assert len(cap.columns) == len(cap) - cap.first
            assert cap[-1].raw == piece[-1]
    return cap


@settings(max_examples=15)
@given(st.integers(1, 400), st.integers(7, 60), st.integers(0, 5))
def test_numbers_stay_and_the_newest_are_there(keep: int, each: int, look: int) -> None:
    cap = filled(Keep(packets=keep), 1000, each, look)
    assert len(cap) == 1000
    held = len(cap) - cap.first
    assert min(keep, 1000) <= held <= keep + max(each, keep // 8) + each
    for number in {cap.first, 999, (cap.first + 999) // 2}:
        assert (cap[number].index, cap[number].raw) == (number, ALL[number])
    assert cap[-1].raw == ALL[999]
    assert [packet.index for packet in cap[:]] == list(range(held))
    assert [packet.raw for packet in cap[:]] == ALL[cap.first : 1000]
    assert cap.stats.let_go == cap.first
    assert cap.stats.received == 1000
    assert cap.stats.bytes == sum(map(len, ALL[:1000]))  # of all, those let go too


@pytest.mark.parametrize("look", [0, 1, 7])
def test_memory_is_bounded_with_all_that_was_worked_out(look: int) -> None:
    keep = Keep(bytes=60_000)
    cap = Capture(Store(keep=keep))
    for turn in range(300):
        cap.add(chunk_of(ALL[:20]))
        if look and turn % look == 0:
            cap[-1].line()
        store = cap._store
        size = sum(part.size for part in store._parts) + sum(p.size for p in store._pending)
        # What the last look added is let go with the next packets.
        assert size <= 60_000 or look
        assert len(cap._baselines._arrays) <= 2 * (len(cap) - cap.first) + 600
    cap.add(chunk_of(ALL[:1]))
    assert sum(part.size for part in store._parts) + sum(p.size for p in store._pending) <= 60_000
    assert cap.first > 4000
    assert len(cap) == 6001


@pytest.mark.parametrize("look", [False, True])
def test_the_newest_stay_where_less_is_kept_than_comes_together(look: bool) -> None:
    """keep="1 MB" on a fast wire, whose blocks are larger."""
    cap = Capture(Store(keep=parse_keep("1 B")))
    for at in range(0, 60, 20):
        cap.add(chunk_of(ALL[at : at + 20]))
        if look:
            cap[-1].line()
        assert (len(cap), cap.first) == (at + 20, at)
        assert [packet.raw for packet in cap[:]] == ALL[at : at + 20]
    nothing = Capture(Store(keep=parse_keep("0 B")))
    nothing.add(chunk_of(ALL[:20]))
    assert nothing.first == 20


def test_what_was_let_go_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    cap = filled(Keep(packets=100))
    with pytest.raises(IndexError, match=f"packet 3 was let go; the oldest held is {cap.first}"):
        cap[3]
    assert f"1,000 received, 0 dropped, {cap.first:,} let go" in str(cap)
    assert "let go: " in str(cap.stats)
    assert len(list(cap[: cap.first + 5])) == 5


def test_iterating_and_filtering_what_is_held() -> None:
    cap = filled(Keep(packets=100))
    cap._store.end()
    held = range(cap.first, 1000)
    assert [packet.index for packet in cap] == list(held)
    odd = [ALL[i] for i in held if i % 2]
    assert [packet.raw for packet in cap.filter("tcp dst port 81")] == odd
    assert [packet.raw for packet in cap.filter(lambda packet: packet.dport == 81)] == odd
    with pytest.raises(BadArgument, match=r"cannot filter by an array: .* held = cap\[:\]"):
        cap.filter(cap.columns.dport == 81)
    part = cap[:]
    assert [packet.raw for packet in part.filter(part.columns.dport == 81)] == odd
    assert cap.stop() is cap
    assert [packet.raw for packet in cap.filter(cap.columns.dport == 81)] == odd


def test_relative_numbers_go_on_across_what_was_let_go() -> None:
    cap = filled(Keep(packets=100), look=1)  # looked at all the time: the SYN was seen
    assert [packet.relative_seq for packet in cap[-3:]] == [997, 999, 999]  # of two flows
    unseen = filled(Keep(packets=100))
    assert unseen[unseen.first].relative_seq == 1  # under way, as far as anybody knows
    old = unseen[unseen.first : unseen.first + 4]
    for _ in range(50):
        unseen.add(chunk_of(ALL[:10]))
    unseen[-1]
    assert [packet.relative_seq for packet in old] == [1, 1, 3, 3]


def test_connections_are_forgotten_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FORGET_FLOWS", 300)
    cap = Capture(Store(keep=Keep(packets=100)))
    for number in range(2000):
        cap.add(chunk_of([segment(sport=1000 + number)]))
        cap[-1]
        assert len(cap._baselines._state) <= 601


def test_nothing_is_kept_but_all_is_counted() -> None:
    cap = Capture(Store(keep=Keep(packets=0)))
    cap.add(chunk_of(ALL[:50]))
    assert (len(cap), cap.first, len(cap.columns), cap.links) == (50, 50, 0, ())
    assert cap.stats.bytes == sum(map(len, ALL[:50]))
    cap._store.end()
    assert list(cap) == list(cap[:]) == list(cap.filter("tcp")) == []
    for number in (0, -1, 49):
        with pytest.raises(IndexError):
            cap[number]
    assert "let go" in str(cap.stats)


def test_adding_never_waits_for_who_looks() -> None:
    store = Store(keep=Keep(packets=10))
    store._reading.acquire()  # somebody makes parts, for as long as it takes
    added = threading.Thread(target=lambda: [store.add([chunk_of(ALL[:10])]) for _ in range(50)])
    added.start()
    added.join(60)
    assert not added.is_alive()
    assert (store.total, store.first) == (500, 0)
    store._reading.release()
    store.add([chunk_of(ALL[:10])])
    assert store.first >= 490


def test_totals_look_at_new_packets_only(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    plain = Chunk.totals

    def counting(self: Chunk) -> tuple[int, int]:
        looked.append(len(self))
        return plain(self)

    monkeypatch.setattr(Chunk, "totals", counting)
    store = Store()
    for turn in range(30):
        store.add([chunk_of(ALL[turn * 10 : turn * 10 + 10], wire_lens=[60] * 10)])
        if turn % 3 == 0:
            store.parts()
        assert store.totals() == store.totals() == ((turn + 1) * 600, store._truncated)
    assert sum(looked) == 300


def test_the_limit_counts_what_was_let_go() -> None:
    store = Store(limit=250, keep=Keep(packets=20))
    added = [sum(map(len, store.add([chunk_of(ALL[:100])]))) for _ in range(4)]
    assert added == [100, 100, 50, 0]
    assert store.is_full
    assert np.concatenate([part.columns.seq for part in store.parts()]).tolist()[-1] == 1001 + 49


def test_flows_count_what_was_let_go_while_somebody_looks() -> None:
    """Seen all the time, or only in the end: flows of all packets, or of those still held."""
    looked = Capture(Store(keep=Keep(packets=100)))
    for at in range(0, 1000, 20):
        looked.add(chunk_of(ALL[at : at + 20]))
        assert sum(flow.packets for flow in looked.flows) == len(looked)
    late = filled(Keep(packets=100))
    assert {flow.client.port for flow in late.flows} == {40000}
    assert sum(flow.packets for flow in late.flows) == len(late) - late.first

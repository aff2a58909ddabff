"""Which flows are chosen and in which order, against a plain reading of each flow's own fields."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from frames import chunk_of, segment

from netshell.errors import BadArgument, Unavailable
from netshell.flow import choice, tracker
from netshell.flow.findings import FINDINGS
from netshell.flow.flows import Flow, Flows, flows_of
from netshell.flow.kept import ALONE, DetailTable
from netshell.flow.source import Held
from netshell.flow.state import State
from netshell.packet.table import decode
from tests.flow.findings.conversations import Ends, Sent, captured, faulty, noise


def source(seed: int = 1, count: int = 40) -> Held:
    rng = random.Random(seed)
    chunk = captured([(faulty, noise)[i % 3 == 0](rng, 5000 + i) for i in range(count)])
    return Held([(0, decode(chunk), chunk)])


def flows(seed: int = 1, count: int = 40) -> Flows:
    held = source(seed, count)
    return flows_of(held.flows, held)


def numbers(found: Any) -> list[int]:
    return [flow.number for flow in found]


# --- where --------------------------------------------------------------------------------------


def test_by_finding() -> None:
    found = flows()
    met = 0
    for rule in FINDINGS:
        wanted = [f.number for f in flows() if f.findings.where(kind=rule.kind)]
        assert numbers(found.where(finding=rule.kind)) == wanted
        met += bool(wanted)
    assert met >= 12


@pytest.mark.parametrize("words", ["FIN", "rst", "FIN by client", "still open", "no answer"])
def test_by_how_it_ended(words: str) -> None:
    found = flows()
    assert numbers(found.where(ended=words)) == [
        flow.number for flow in found if words.lower() in flow.ended.lower()
    ]


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("seed", [2, 5, 6])
def test_by_state(state: State, seed: int) -> None:
    found = flows(seed)
    until = found[0].origin.flows.last_ns.max()
    wanted = [f.number for f in found if state in f.states.at(int(until))]
    assert numbers(found.where(state=state.lower().replace("_", "-"))) == wanted


def _plain(count: int, *kinds: tuple[bool, int, int, int]) -> list[tuple[Ends, list[Sent]]]:
    """Conversations of (by client, flags, seq, ack), a millisecond apart."""
    sent = [Sent(at * 10**6, *each) for at, each in enumerate(kinds)]
    return [(Ends(6000 + i, 7, 9), sent) for i in range(count)]


SHAKEN = ((True, 2, 0, 0), (False, 18, 0, 1), (True, 16, 1, 1), (False, 16, 1, 1))


@pytest.mark.parametrize(
    ("kinds", "ends"),
    [
        ([(True, 2, 0, 0)], {State.SYN_SENT, State.LISTEN}),
        ([(True, 2, 0, 0), (True, 2, 0, 0)], {State.SYN_SENT, State.LISTEN}),
        ([(True, 2, 0, 0), (False, 20, 0, 1)], {State.CLOSED}),
        (SHAKEN, {State.ESTABLISHED}),
        (SHAKEN[2:], {State.ESTABLISHED}),
        ((*SHAKEN, (False, 4, 1, 0)), {State.CLOSED}),
        ((*SHAKEN, (True, 20, 1, 1)), {State.CLOSED}),
    ],
)
def test_plain_flows_are_not_followed_one_by_one(
    kinds: list[tuple[bool, int, int, int]], ends: set[State], monkeypatch: pytest.MonkeyPatch
) -> None:
    chunk = captured(_plain(5, *kinds))
    held = Held([(0, decode(chunk), chunk)])
    found = flows_of(held.flows, held)
    assert {state for flow in found for state in flow.states.at(int(chunk.time_ns[-1]))} == ends
    followed: list[object] = []
    monkeypatch.setattr(tracker, "track", lambda *given: followed.append(given))
    for state in State:
        assert len(found.where(state=state)) == 5 * (state in ends)
    assert not followed


@pytest.mark.parametrize(
    "kinds",
    [
        (*SHAKEN, (False, 4, 9, 0)),  # beyond the next number: a challenge ACK is due
        (*SHAKEN, (False, 4, 99999, 0)),
        ((True, 2, 0, 0), (False, 20, 0, 77)),  # acknowledges no SYN
        ((True, 2, 0, 0), (False, 2, 0, 0)),
        ((True, 16, 1, 1), (False, 20, 9, 9)),
        ((True, 0, 0, 0),),
        ((True, 4, 0, 0),),
        ((True, 3, 0, 0),),
    ],
)
def test_what_only_looks_plain_is_followed(kinds: list[tuple[bool, int, int, int]]) -> None:
    chunk = captured(_plain(2, *kinds))
    held = Held([(0, decode(chunk), chunk)])
    found = flows_of(held.flows, held)
    ends = {state for flow in found for state in flow.states.at(int(chunk.time_ns[-1]))}
    assert {state for state in State if len(found.where(state=state)) == 2} == ends


def test_by_either_end() -> None:
    frames = [
        segment("10.0.0.1", 40000, "10.0.0.2", 80, flags=2),
        segment("10.0.0.2", 40000, "10.0.0.1", 80, flags=2),
        segment("10.0.0.3", 40000, "10.9.0.1", 80, flags=2),
    ]
    chunk = chunk_of(frames)
    held = Held([(0, decode(chunk), chunk)])
    found = flows_of(held.flows, held)
    assert numbers(found.where(client="10.0.0.1")) == [0]
    assert numbers(found.where(server="10.0.0.1")) == [1]
    assert numbers(found.where(host="10.0.0.1")) == [0, 1]
    assert numbers(found.where(client="10.0.0.0/24", server="10.9.0.0/16")) == [2]
    assert numbers(found.where(port=[79, 81])) == []
    assert numbers(found.where(port=[81, 80])) == numbers(found.where(port=(80,))) == [0, 1, 2]
    assert numbers(found.where(port=80, client="10.0.0.2", known_by="SYN", ended="no")) == [1]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"client": "10.0.0.300"}, "client '10.0.0.300': it is no address and no network"),
        ({"port": [80, "http"]}, "port 'http': it is no whole number; use numbers from 0"),
        ({"finding": "retransmision"}, "did you mean 'retransmission'?"),
        ({"finding": "zero window"}, "did you mean 'zero_window'?"),
        ({"finding": "nothing"}, "one of 'reused_ports'"),
        ({"ended": "refusd"}, "did you mean 'refused'?"),
        ({"ended": ""}, "one of 'FIN'"),
        ({"ended": "xyz"}, "one of 'FIN'"),
        ({"known_by": "syn"}, "did you mean 'SYN'?"),
        ({"state": "opened"}, "one of LISTEN"),
        ({"state": 5}, "one of LISTEN"),
        ({"client": "nobody"}, "use an address"),
        ({"server": "10.0.0.1:80"}, "use an address"),
    ],
)
def test_what_cannot_be_meant_says_what_could(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(BadArgument) as caught:
        flows(1, 3).where(**wrong)
    assert says in str(caught.value) and "\n" not in str(caught.value)


# --- orders -------------------------------------------------------------------------------------

_KEYS: dict[str, Callable[[Flow], float | None]] = {
    "bytes": lambda flow: flow.bytes,
    "sent": lambda flow: flow.client_bytes,
    "received": lambda flow: flow.server_bytes,
    "packets": lambda flow: flow.packets,
    "start": lambda flow: flow.start_ns,
    "last": lambda flow: flow.start_ns + round(flow.duration_s * 1e9),
    "duration": lambda flow: flow.duration_s,
    "handshake": lambda flow: flow.handshake_rtt_ms,
    "wait": lambda flow: flow.longest_wait_ms,
    "first byte": lambda flow: flow.first_byte_ms,
    "rtt": lambda flow: flow.rtt_ms,
    "data rtt": lambda flow: _sum(flow.client_data_rtt_ms, flow.server_data_rtt_ms),
    "retransmitted": lambda flow: flow.retransmitted_packets,
    "findings": lambda flow: flow.finding_count,
    "payload": lambda flow: _sum(flow.client_unique_bytes, flow.server_unique_bytes),
    "throughput": lambda flow: _sum(flow.client_bytes_per_s, flow.server_bytes_per_s),
}


def _sum(*values: float | None) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def test_every_order_has_a_key() -> None:
    assert set(_KEYS) == set(choice.ORDERS)
    assert set(choice.SLOW) < set(choice.ORDERS)


@pytest.mark.parametrize("by", choice.ORDERS)
def test_orders(by: str) -> None:
    found = flows(3)

    def key(flow: Flow) -> float:
        value = _KEYS[by](flow)
        return -1 if value is None else value

    ordered = [key(flow) for flow in found.sort(by)]
    assert ordered == pytest.approx(sorted(map(key, found)))
    assert [key(flow) for flow in found.top(5, by)] == pytest.approx(ordered[::-1][:5])


@pytest.mark.parametrize("by", choice.SLOW)
def test_slowest_are_those_of_known_time(by: str) -> None:
    found = flows(3)
    known = sorted(
        (value for flow in found if (value := _KEYS[by](flow)) is not None), reverse=True
    )
    assert [_KEYS[by](flow) for flow in found.slowest(7, by)] == pytest.approx(known[:7])
    assert len(found.slowest(1000, by)) == len(known)


def test_an_order_that_does_not_exist() -> None:
    for wrong in (lambda: flows(1, 3).sort("byte"), lambda: flows(1, 3).top(3, "byte")):
        with pytest.raises(BadArgument, match="did you mean 'bytes'"):
            wrong()
    with pytest.raises(BadArgument, match="did you mean 'duration'"):
        flows(1, 3).slowest(3, "durations")


def test_flows_wait_for_nothing_that_is_not_asked_for() -> None:
    code = """if True:
        import sys
        from netshell.flow.flows import flows_of
        from netshell.flow.source import Held
        held = Held([])
        len(flows_of(held.flows, held).records())
        slow = ("details", "choice", "findings", "segments", "tracker")
        loaded = [name for name in slow if f"netshell.flow.{name}" in sys.modules]
        assert not loaded, loaded
    """
    subprocess.run([sys.executable, "-c", code], check=True)


# --- what is kept -------------------------------------------------------------------------------


def test_flows_say_the_same_one_by_one_in_a_table_or_all_together() -> None:
    alone, shown, every = flows(), flows(), flows()
    str(shown[:5])
    every.sort("findings")
    for found in (alone, shown):
        for one, other in zip(found, every, strict=True):
            assert one._told() == other._told()


def test_after_some_flows_one_by_one_all_are_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    passes = []
    before = DetailTable._details

    def counted(table: DetailTable, wanted: Any) -> Any:
        passes.append(len(wanted))
        return before(table, wanted)

    monkeypatch.setattr(DetailTable, "_details", counted)
    found = flows()
    assert [flow.client_mss for flow in found] == [flow.client_mss for flow in found]
    assert passes == [1] * ALONE + [len(found)]
    # A table of some works out those; other columns of the same cost nothing more.
    found = flows()
    passes.clear()
    str(found[:5])
    assert [flow.ended for flow in found[:5]] and passes == [5]


def test_a_running_capture_is_looked_at_again() -> None:
    held = source(4, 20)
    found = flows_of(held.flows, held)
    chunk = held._parts[0][2]
    half = Held([(0, decode(chunk[: len(chunk) // 2]), chunk[: len(chunk) // 2])])
    table = DetailTable(half)
    early = table.one(0)
    assert early is table.one(0)
    half._parts, half._flows = held._parts, None
    assert table.one(0) == found[0]._told() != early


def test_a_walked_file_has_details_of_single_flows() -> None:
    class Walked(Held):
        lasting = False

    held = source()
    walked = Walked(held._parts)
    found = flows_of(walked.flows, walked)
    every = flows_of(held.flows, held)
    assert found[3].ended == every[3].ended and found[3].client_mss == every[3].client_mss
    for wrong in (
        lambda: found.where(finding="retransmission"),
        lambda: found.sort("wait"),
        lambda: found.where(ended="FIN"),
    ):
        with pytest.raises(Unavailable, match="a scanned file has no details"):
            wrong()
    assert "ended" not in str(found) and "ended" in str(every)
    (data,) = found.data() or ()
    assert "client_mss" not in data and "client_bytes" in data
    (data,) = every.data() or ()
    assert "client_mss" in data

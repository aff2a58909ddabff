"""Handshakes as objects: what was sent, how long it took, what both ends agreed on."""

from __future__ import annotations

import pytest
from flow_frames import captures
from hypothesis import given
from hypothesis import strategies as st
from tcp_talk import chunk, talk, talks

from netshell.flow.flows import Flows, flows_of
from netshell.flow.handshake import OUTCOMES, Handshake, Offer, _offer, handshake_of
from netshell.flow.source import Held
from netshell.packet.chunk import Chunk
from netshell.packet.table import decode
from netshell.packet.tcp import decode_options

OPENED = """
0  > S  0    mss=1460 ws=7 sack ts
10 < S. 0 1  mss=1400 ws=9 sack
12 > .  1 1
"""


def every(told: Chunk) -> Flows:
    source = Held([(0, decode(told), told)])
    return flows_of(source.flows, source)


def read(text: str) -> Handshake:
    return handshake_of(talk(text))


def test_complete() -> None:
    found = read(OPENED)
    assert (found.outcome, found.syns, found.syn_acks, found.ack) == ("complete", (0,), (1,), 2)
    assert (found.rtt_ms, found.server_rtt_ms, found.client_rtt_ms) == (12, 10, 2)
    assert found.client == Offer(mss=1460, window_scale=7, sack=True, timestamps=True)
    assert found.server == Offer(mss=1400, window_scale=9, sack=True)
    assert found.accepted == ("window scale", "SACK")
    assert str(found) == ("complete in 12.0 ms (server 10.0 ms, client 2.0 ms), window scale, SACK")
    shown = repr(found)
    assert "MSS 1460, window scale 7, SACK, timestamps" in shown
    assert "timestamps (client only, not server)" in shown


def test_a_syn_sent_again() -> None:
    found = read("0 > S 0\n 1000 > S 0\n 1010 < S. 0 1\n 1011 > . 1 1")
    assert (found.outcome, found.syns, found.retries_s) == ("complete", (0, 1), (1.0,))
    assert (found.rtt_ms, found.server_rtt_ms) == (11, 10)  # from the last one
    assert found.connect_ms == 1011  # from the first: what the client waited
    assert "complete in 11.0 ms" in str(found)
    assert "SYN sent 2 times (connected 1.011 s after the first)" in str(found)
    assert found.accepted == () and str(found.client) == "no options"


@pytest.mark.parametrize("reset", ["R. 0 77", "R 0"])
def test_a_rst_that_does_not_acknowledge_the_syn_refuses_nothing(reset: str) -> None:
    found = read(f"0 > S 0\n 10 < {reset}")
    assert (found.outcome, found.reset) == ("unanswered", None)
    assert read("0 > S 0\n 10 < R. 0 1").outcome == "refused"


def test_a_clock_that_goes_back() -> None:
    found = read("5000 > S 0\n 4000 > S 0\n 2000 > S 0")
    assert str(found) == "unanswered, SYN sent 3 times, and the clock went back"
    assert "-1.000" not in repr(found)


def test_no_answer() -> None:
    found = read("0 > S 0\n 1000 > S 0\n 3000 > S 0\n 7000 > S 0")
    assert (found.outcome, found.retries_s, found.server) == ("unanswered", (1.0, 3.0, 7.0), None)
    assert str(found) == "unanswered, SYN sent 4 times, the last 7.0 s behind the first"
    assert "1.000 s, 3.000 s, 7.000 s after the first" in repr(found)


def test_blocks_of_sack_in_a_syn_are_named() -> None:
    blocks = Offer(sack_blocks=True)
    assert str(blocks) == "blocks (SACK, which no SYN should have)"
    assert _offer(decode_options(bytes([1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 16]))) == blocks


def test_refused() -> None:
    found = read("0 > S 0\n 4 < R. 0 1")
    assert (found.outcome, found.reset, found.reset_by, found.reset_ms) == (
        "refused",
        1,
        "server",
        4,
    )
    assert str(found) == "refused by RST after 4.0 ms"


def test_not_taken_to_its_end() -> None:
    found = read("0 > S 0\n 10 < S. 0 1\n 1010 < S. 0 1")
    assert (found.outcome, found.syn_acks, found.rtt_ms) == ("unfinished", (1, 2), None)
    assert str(found) == "unfinished: the SYN,ACK was sent 2 times, and not acknowledged"
    found = read("0 > S 0\n 10 < S. 0 1\n 11 > R 1")
    assert (found.outcome, found.reset_by, found.reset_ms) == ("cut off", "client", 1)
    assert str(found) == "cut off by the client's RST"


def test_opened_by_both() -> None:
    found = read("0 > S 0 ws=3\n 1 < S 0 ws=4\n 9 > S. 0 1\n 9 < S. 0 1\n 20 > . 1 1\n 20 < . 1 1")
    assert (found.outcome, found.simultaneous, found.syns) == ("complete", True, (0,))
    assert found.accepted == ("window scale",)
    assert str(found).endswith("opened by both at once")


def test_partly_and_not_captured() -> None:
    for text, outcome, told in (
        ("0 < S. 0 1\n 1 > . 1 1", "partly seen", "partly captured"),
        ("0 > S 0\n 9 > . 1 1\n 10 > P. 1 1 5", "partly seen", "partly captured"),
        ("0 > P. 1 1 5\n 1 < . 1 6", "not seen", "not captured"),
    ):
        found = read(text)
        assert (found.outcome, str(found)) == (outcome, told)
    assert handshake_of(talk("0 > S 0").of(9)).outcome == "not seen"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0 > S 0 0 0 tfo=", "cookie asked for, not granted"),
        ("0 > S 0 0 0 tfo=\n 1 < S. 0 1 tfo=0123456789abcdef", "cookie asked for, and granted"),
        ("0 > S 0 0 9 tfo=0123\n 1 < S. 0 10", "9 bytes in the SYN, all taken"),
        ("0 > S 0 0 9 tfo=0123\n 1 < S. 0 1", "9 bytes in the SYN, none taken"),
        ("0 > S 0 0 9 tfo=0123\n 1 < S. 0 5", "9 bytes in the SYN, 4 taken"),
        ("0 > S 0 0 9 tfo=0123", "9 bytes in the SYN"),
        ("0 > S 0", ""),
    ],
)
def test_fast_open(text: str, told: str) -> None:
    found = read(text)
    assert found.fast_open == told
    if "granted" in told:
        assert found.client is not None and found.client.cookie == ""
    assert str(found).endswith(told)


def test_copies_are_no_repetitions() -> None:
    found = read("0 > S 0\n 0.1 > S 0\n 10 < S. 0 1\n 10.1 < S. 0 1\n 12 > . 1 1")
    assert (found.syns, found.syn_acks, found.retries_s) == ((0,), (2,), ())


def test_the_times_of_the_table_of_flows() -> None:
    for text in (OPENED, "0 > S 0\n 1000 > S 0\n 1010 < S. 0 1\n 1011 > . 1 1\n 1200 < S. 0 1"):
        told = chunk(text)
        (flow,) = every(told)
        found = flow.handshake
        times = found.rtt_ms, found.server_rtt_ms, found.client_rtt_ms
        assert times == (flow.handshake_rtt_ms, flow.server_rtt_ms, flow.client_rtt_ms)


@given(st.one_of(talks(), captures()))
def test_anything(anything: Chunk) -> None:
    for flow in every(anything):
        found = flow.handshake
        assert found.outcome in OUTCOMES
        assert str(found) and repr(found)
        assert "\n" not in str(found)


def test_packets_out_of_the_order_of_time_have_no_times_between_them() -> None:
    text = "50000 > S 0\n 10 < S. 0 1\n 0 > . 1 1"
    found = read(text)
    assert (found.outcome, found.syns, found.syn_acks, found.ack) == ("complete", (0,), (1,), 2)
    assert (found.rtt_ms, found.server_rtt_ms, found.client_rtt_ms) == (None, None, None)
    assert str(found) == "complete"
    flows = every(chunk(text))
    assert (flows[0].handshake_rtt_ms, flows[0].server_rtt_ms, flows[0].client_rtt_ms) == (
        None, None, None,
    )  # fmt: skip
    assert len(flows.slowest(by="handshake")) == 0
    (data,) = flows.data() or ()
    assert data["handshake_rtt_ms"].missing.tolist() == [True]
    assert "e+" not in str(flows) and "-5" not in str(flows)

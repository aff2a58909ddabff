"""``explain``: what a capture cannot show is not said, and nothing is said twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from frames import chunk_of, segment

from netshell import explain
from netshell.capture.capture import Capture
from netshell.commands.explain.flows import _speed as in_rate
from netshell.errors import BadArgument
from tests.commands.test_explain_flows import TALK, as_capture, told
from tests.flow.findings.conversations import Ends, captured
from tests.flow.findings.test_beyond import ACK, FIN, RST, SYN, WHO, c, opened, s


@pytest.fixture(scope="module")
def cap() -> Capture:
    return as_capture(captured([(WHO, TALK)]))


def test_rates_are_written_out() -> None:
    fast = told(*opened(), *(c(20 + each / 1e6, 1 + each * 9000, size=9000) for each in range(40)))
    assert "MB/s over the whole time" in fast
    assert [in_rate(each) for each in (3.33e11, 1e9, 999.7)] == ["333 GB/s", "1 GB/s", "1 kB/s"]


def test_times_that_go_backwards_are_told() -> None:
    talk = [*opened(), c(30, 1, size=10), s(50, 1, 11)]
    chunk = captured([(WHO, talk)])
    times = chunk.time_ns.copy()
    times[3:] -= 9_000_000_000
    text = str(explain(as_capture(replace(chunk, time_ns=times)).flows[0]))
    assert "The times of its packets go backwards once (first at packet 3)" in text
    assert "backwards" not in told(*talk)


@pytest.mark.parametrize(("rtt", "middle", "near"), [(20, 19, "client"), (0.05, 0.04, "")])
def test_a_tiny_difference_says_nothing_of_the_place(rtt: float, middle: float, near: str) -> None:
    syn, answer, ack = opened(rtt)
    answer = replace(answer, at_ns=round(middle * 1e6))
    text = str(explain(as_capture(captured([(WHO, [syn, answer, ack])])).flows[0].handshake))
    assert ("nearer to the client" in text) == bool(near)
    assert "nearer" in text or not near


def test_an_answer_long_after_is_in_doubt() -> None:
    asked, answered = c(30, 1, size=42), s(51_700, 1, 43, size=876)
    text = told(asked, s(31, 1, 43), answered)  # its beginning was not captured
    assert "The answer, if it is one, begins 51.670 s after the request ended" in text
    assert "To do (slow_server): If something was asked for there: look at the server" in text
    assert "what works there is slow" not in text
    sure = told(*opened(), asked, s(900, 1, 43, size=876))
    assert "what works there is slow" in sure
    assert "behind the request" not in sure


def test_what_an_acknowledgment_waited_for_is_not_the_networks() -> None:
    asked, late = c(30, 1, size=42), s(93, 1, 43)
    twice = [c(300, 43, 9, size=42), s(363, 9, 85), s(700, 9, 85, size=8)]
    begun = [asked, late, s(299, 1, 43, size=8), *twice]
    whole = told(*opened(), *begun)
    assert "629.0 ms of that passed at the server, 40.0 ms on the network" in whole
    text = told(*begun)  # its handshake was not captured
    assert "at least 543.0 ms of that passed at the server, at most 126.0 ms on the net" in text
    unclear = told(asked, s(180, 1, 43), s(290, 1, 43, size=8))
    assert "the server took" not in unclear and "the network took" not in unclear


def test_close_wait_is_said_once_and_with_one_number() -> None:
    talk = [*opened(), c(30, 1, flags=FIN | ACK), s(70, 1, 2)]
    later = replace(c(9000, 1, size=1), by_client=True)
    other = Ends(40001, 7, 8)
    cap = as_capture(captured([(WHO, talk), (other, [later])]))
    text = str(explain(cap.flows[0]))
    assert text.count("CLOSE_WAIT") - text.count('"CLOSE_WAIT"') == 1
    assert "for 8.930 s behind its acknowledgment" in text
    assert "FIN_WAIT_2 and CLOSE_WAIT for 8.930 s" in str(cap.flows[0].teardown)


def test_who_talks_to_its_own_port_is_told_so_with_each_finding() -> None:
    frames = [segment("10.0.0.1", 80, "10.0.0.1", 80, flags=SYN, seq=9) for _ in range(2)]
    cap = as_capture(chunk_of(frames))
    assert cap.findings
    assert all("Both ends have one address and port" in each.text for each in cap.findings)


def test_a_finding_s_name_is_found_when_it_is_misspelt() -> None:
    assert explain("zerowindow").subject == "zero_window (warn)"
    with pytest.raises(BadArgument, match=r'did you mean explain\("zero_window"\)'):
        explain("zerowindo")
    with pytest.raises(BadArgument, match="give TCP flags"):
        explain("nothing of the kind")


def test_a_packet_s_finding_comes_first(cap: Capture) -> None:
    lines = explain(cap[7]).lines
    assert lines[0].startswith("spurious_retransmission") or "retransmission" in lines[0]
    assert next(line for line in lines if line.startswith("Packet 7 (Wireshark's frame 8)"))


def test_an_abort_is_told_once_and_says_what_it_can() -> None:
    text = told(*opened(), c(30, 1, size=107), s(50, 1, 108, flags=RST | ACK))
    assert text.count("SO_LINGER 0") == 1
    assert "data unread, or with SO_LINGER 0 (107 bytes had come for it)" in text
    empty = told(*opened(), s(50, 1, 1, flags=RST | ACK))
    assert "its program closed with SO_LINGER 0 or the like, as no data had come" in empty

"""Teardowns as objects: who closed, with what, how long it took, and what a RST proves."""

from __future__ import annotations

from tcp_talk import START_NS, chunk, talk

from netshell.flow.flows import Flows, flows_of
from netshell.flow.source import Held
from netshell.flow.state import State
from netshell.flow.teardown import Teardown, teardown_of
from netshell.packet.chunk import Chunk
from netshell.packet.table import decode

OPENED = """
0  > S  0
10 < S. 0 1
20 > .  1 1
"""


def every(told: Chunk) -> Flows:
    source = Held([(0, decode(told), told)])
    return flows_of(source.flows, source)


def read(text: str, end_ms: float | None = None) -> Teardown:
    now = None if end_ms is None else START_NS + round(end_ms * 1e6)
    return teardown_of(talk(OPENED + text), now)


def test_four_segments() -> None:
    found = read("30 < F. 1 1\n 31 > . 1 2\n 90 > F. 1 2\n 91 < . 2 2")
    assert (found.ended, found.closed_first) == ("FIN by server", "server")
    assert (found.segments, found.merged, found.duration_s) == ((3, 4, 5, 6), False, 0.061)
    assert (found.half_closed_s, found.half_closed_bytes) == (0.06, 0)
    assert (found.client, found.server) == (State.CLOSED, State.TIME_WAIT)
    assert found.time_wait_s == 59.999  # since the FIN arrived
    assert str(found) == "FIN by server, 4 segments in 61.0 ms"


def test_three_segments() -> None:
    found = read("30 > F. 1 1\n 31 < F. 1 2\n 32 > . 2 2")
    assert (found.segments, found.merged) == ((3, 4, 5), True)
    assert found.half_closed_s is None
    assert read("30 > F. 1 1\n 31 < F. 1 2\n 32 > . 2 2", 70_000).time_wait_s is None


def test_half_closed() -> None:
    text = "30 > F. 1 1\n 31 < . 1 2\n 40 < P. 1 2 500\n 41 < P. 1 2 500\n 42 > . 2 501\n"
    found = read(text + "1030 < F. 501 2\n 1031 > . 2 502")
    assert (found.half_closed_s, found.half_closed_bytes) == (1.0, 500)  # what came twice, once
    assert "500 bytes of the other side still behind the first FIN" in str(found)
    left = read(text, 5_030)
    assert left.ended == "FIN by client, server still open"
    assert (left.client, left.server) == (State.FIN_WAIT_2, State.CLOSE_WAIT)
    assert (left.half_closed_s, left.waiting_s) == (5.0, 4.999)
    assert "FIN_WAIT_2 and CLOSE_WAIT for 4.999 s" in str(left)
    assert "the server's program has not closed its socket" in left.why


def test_a_fin_that_nobody_saw_closes_no_half() -> None:
    found = read("30 > F. 1 1\n 240 > F. 1 1", 900)
    assert (found.ended, found.half_closed_s) == ("FIN by client, unacknowledged", None)


def test_both_at_once() -> None:
    found = read("30 > F. 1 1\n 30 < F. 1 1\n 60 > . 2 2\n 60 < . 2 2")
    assert (found.closed_first, found.simultaneous, len(found.segments)) == ("both", True, 4)
    assert (found.client, found.server) == (State.TIME_WAIT, State.TIME_WAIT)


def test_what_a_rst_proves() -> None:
    aborted = read("30 > P. 1 1 5\n 40 < R. 1 6")
    assert (aborted.reset, aborted.reset_by) == (4, "server")
    assert "the wire cannot tell which (5 bytes had come for it)" in aborted.why
    empty = read("30 < R. 1 1")
    assert "No data had come for it" in empty.why
    behind = read("30 > F. 1 1\n 31 < . 1 2\n 40 < R. 1 2")
    assert "No data had come for it" in behind.why
    drawn = read("30 < F. 1 1\n 31 > . 1 2\n 40 > P. 1 2 5\n 41 < R 2")
    assert "(FIN in packet 3), and packet 5 came for it" in drawn.why
    stray = read("30 > P. 1 1 5\n 40 < R 1")
    assert "knows no such connection, and packet 3 came for it" in stray.why
    assert read("30 < P. 1 1 5\n 31 > R 1\n 31.5 > R 6").resets == 2


def test_a_rst_of_which_the_beginning_is_not_known() -> None:
    for text, why in (
        ("0 < R. 1 1", "all that was captured: the program aborted, or a firewall or NAT"),
        ("0 > P. 1 1 5\n 10 < R. 1 6", "the beginning was not captured"),
    ):
        found = teardown_of(talk(text))
        assert found.ended == "RST by server: aborted"
        assert why in found.why
        assert "none was unread" not in found.why


def test_an_abort_behind_the_sender_s_own_fin_is_one() -> None:
    half = "30 > F. 1 1\n 31 < . 1 2\n 40 < P. 1 2 20\n 41 > . 2 21\n"
    found = read(half + "90 > R. 2 21")
    assert found.ended == "RST by client: aborted"
    assert "the client's own doing" in found.why
    drawn = read(half + "60 < P. 21 2 5\n 61 > R 2")
    assert drawn.ended == "RST by client: after its close"


def test_rsts_behind_a_close_are_named() -> None:
    crossed = "30 > F. 1 1\n 30.1 < F. 1 1\n 40 > . 2 2\n 40.1 < . 2 2\n"
    found = read(crossed + "50 > R 2\n 50.1 < R 2")
    assert found.ended == "FIN by both at once"
    assert "both sides sent 2 RSTs, too (the first in packet 7)" in found.why
    assert not read(crossed).why


def test_a_rst_that_does_not_count_is_named() -> None:
    assert "the RST in packet 3 does not count" in read("30 < R. 90000 1").why
    found = teardown_of(talk("0 > S 0\n 10 < R. 0 77"))
    assert (found.ended, found.client) == ("no answer", State.SYN_SENT)
    assert "does not acknowledge the SYN" in found.why


def test_an_answer_to_an_earlier_connection() -> None:
    found = teardown_of(talk("0 > S 0\n 1 < S. 0 5\n 2 > R 5"))
    assert "packet 1, which acknowledges what was never sent" in found.why
    assert "port scan" in teardown_of(talk("0 > S 0\n 1 < S. 0 1\n 2 > R 1")).why


def test_a_clock_that_goes_back_measures_nothing() -> None:
    found = read("30 > F. 1 1\n 10 < F. 1 2\n 5 > . 2 2")
    assert (found.ended, found.duration_s) == ("FIN by client", None)
    assert "-" not in str(found)


def test_silence() -> None:
    found = read("30 > P. 1 1 5\n 240 > P. 1 1 5\n 660 > P. 1 1 5")
    assert (found.ended, found.closed_first) == ("timeout: server silent", "")
    assert "nothing came back since packet 1" in found.why


def test_all_of_it_in_one_flow() -> None:
    told = chunk(OPENED + "30 > F. 1 1\n 31 < F. 1 2\n 32 > . 2 2")
    (flow,) = every(told)
    assert flow.ended == flow.teardown.ended == "FIN by client"
    assert [each.packet for each in flow.states] == list(range(6))
    assert flow.states.client is flow.teardown.client is State.TIME_WAIT
    assert "FIN by client" in repr(flow.teardown)
    assert flow.handshake.rtt_ms == 20


def test_a_handshake_that_was_cut_off_says_at_which_step() -> None:
    assert "last step" in teardown_of(talk("0 > S 0\n 10 < S. 0 1\n 20 > R 1")).why
    assert "before any answer" in teardown_of(talk("0 > S 0\n 10 > R 1")).why


def test_who_was_never_heard_was_not_heard_since() -> None:
    why = teardown_of(talk("0 > P. 1 1 5\n 240 > P. 1 1 5\n 660 > P. 1 1 5")).why
    assert why.endswith("nothing came back, as far as captured")

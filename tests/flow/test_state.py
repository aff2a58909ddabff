"""TCP's states: their spellings, and the ways between them."""

from __future__ import annotations

import pytest

from netshell.errors import BadArgument
from netshell.flow.state import TRANSITIONS, State


@pytest.mark.parametrize(
    ("spelling", "state"),
    [
        ("TIME-WAIT", State.TIME_WAIT),  # ss, RFC 9293
        ("TIME_WAIT", State.TIME_WAIT),  # netstat
        ("time wait", State.TIME_WAIT),
        ("FIN_WAIT2", State.FIN_WAIT_2),  # netstat
        ("FIN-WAIT-2", State.FIN_WAIT_2),  # ss
        ("ESTAB", State.ESTABLISHED),  # ss
        ("SYN_RECV", State.SYN_RECEIVED),  # netstat
        ("SYN_RCVD", State.SYN_RECEIVED),  # BSD
        ("LISTENING", State.LISTEN),  # Windows
        ("CLOSE", State.CLOSED),  # psutil
        ("UNCONN", State.CLOSED),  # ss
        ("LAST-ACK", State.LAST_ACK),
    ],
)
def test_spellings(spelling: str, state: State) -> None:
    assert State.parse(spelling) is state
    assert State.parse(spelling.lower()) is state


@pytest.mark.parametrize("text", ["", "LAST_WAIT", "WAIT", "\0", "\u202e", "TIME"])
def test_what_is_no_state_is_refused(text: str) -> None:
    with pytest.raises(BadArgument, match="one of LISTEN, SYN_SENT") as caught:
        State.parse(text)
    assert str(caught.value).isprintable()


def test_every_state_has_a_way_in_and_out() -> None:
    assert {t.state for t in TRANSITIONS} == {t.next for t in TRANSITIONS} == set(State)
    assert len({(t.state, t.event) for t in TRANSITIONS}) == len(TRANSITIONS)


def walk(state: State, *events: str) -> State:
    ways = {(t.state, t.event): t.next for t in TRANSITIONS}
    for event in events:
        state = ways[state, event]
    return state


def test_the_walks_of_rfc_9293() -> None:
    client = walk(State.CLOSED, "connect()", "SYN,ACK arrives")
    server = walk(State.CLOSED, "listen()", "SYN arrives", "ACK of the SYN arrives")
    assert client is server is State.ESTABLISHED
    fin = "ACK of the FIN arrives"
    assert walk(client, "close()", fin, "FIN arrives") is State.TIME_WAIT  # Figure 12, TCP Peer A
    assert walk(server, "FIN arrives", "close()", fin) is State.CLOSED  # Figure 12, TCP Peer B
    assert walk(client, "close()", "FIN arrives", fin) is State.TIME_WAIT  # Figure 13, both


def test_who_waits_in_time_wait() -> None:
    into = {t.state for t in TRANSITIONS if t.next is State.TIME_WAIT}
    closed_first = {t.next for t in TRANSITIONS if (t.event, t.sent) == ("close()", "FIN")}
    assert into == {State.FIN_WAIT_1, State.FIN_WAIT_2, State.CLOSING}
    assert closed_first == {State.FIN_WAIT_1, State.LAST_ACK}

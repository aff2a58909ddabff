"""The inferred state of both ends is the kernels', at every step of every way a connection goes."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
import tcp_lab
import tcp_states
from tcp_lab import Watched

from netshell.lab.wire import Wire

SYN = "tcp flags & (syn|ack) == syn"
SYN_ACK = "tcp flags & (syn|ack) == syn|ack"
ONLY_ACK = "tcp flags & (syn|fin|rst|psh|ack) == ack"
FIN = "tcp flags & fin == fin"

OTHER = {"client": "server", "server": "client"}


@pytest.fixture
def watched(wire: Wire, peer: Callable[[str], Path]) -> Watched:
    return Watched(wire, peer("nft"))


def states(first: str, own: str, others: str) -> tuple[str, str]:
    """Client's and server's, from those of the side that acts and of the other one."""
    return (own, others) if first == "client" else (others, own)


# --- opening --------------------------------------------------------------------------------


def test_a_syn_that_is_filtered(watched: Watched) -> None:
    watched.listen()
    watched.drop("server", SYN)
    watched.connect()
    assert watched.reach("SYN_SENT", "LISTEN") == "no answer"


def test_refused(watched: Watched) -> None:
    watched.connect()
    assert watched.reach("CLOSED", "CLOSED") == "RST by server: refused"


def test_a_handshake_step_by_step(watched: Watched) -> None:
    """The SYN,ACK does not arrive, then the ACK does not, then all is well."""
    watched.listen()
    watched.drop("client", SYN_ACK)
    watched.connect()
    assert watched.reach("SYN_SENT", "SYN_RECEIVED") == "handshake unfinished"
    watched.drop("server", ONLY_ACK)
    watched.drop("client")
    watched.reach("ESTABLISHED", "SYN_RECEIVED")
    watched.drop("server")
    watched.wire.server.call(tcp_states.accept, "listener", "server")
    watched.do("server", tcp_states.send, 5)
    assert watched.reach("ESTABLISHED", "ESTABLISHED") == "still open"


def test_opened_by_both_at_once(watched: Watched) -> None:
    watched.drop("client", SYN)
    watched.drop("server", SYN)
    watched.connect()
    watched.wire.server.call(tcp_lab.connect_from, "server", watched.server, watched.client)
    watched.reach("SYN_SENT", "SYN_SENT")
    watched.drop("client", SYN, SYN_ACK)
    watched.drop("server")
    watched.reach("SYN_SENT", "SYN_RECEIVED")
    watched.drop("client")
    assert watched.reach("ESTABLISHED", "ESTABLISHED") == "still open"


def test_data_in_the_syn(watched: Watched) -> None:
    """Fast Open: the first connection gets a cookie, the second one uses it."""
    wire = watched.wire
    for host in wire.hosts:
        host.call(tcp_lab.allow_fast_open)
    for told in ("cookie asked for, and granted", "99 bytes in the SYN, all taken"):
        watched.next()
        wire.server.call(tcp_lab.listen_fast, "listener", *watched.server)
        if told.startswith("99"):
            watched.drop("client", SYN_ACK)
        wire.client.call(tcp_lab.connect_fast, "client", watched.client, watched.server, 99)
        if told.startswith("99"):
            watched.reach("SYN_SENT", "SYN_RECEIVED")
            wire.server.call(tcp_states.accept, "listener", "server")  # with its data, already
            watched.do("server", tcp_lab.wait_for_data)
            watched.reach("SYN_SENT", "SYN_RECEIVED")
            watched.drop("client")
        watched.reach("ESTABLISHED", "ESTABLISHED")
        assert wire.client.call(tcp_lab.fast_open, watched.client) == told


# --- closing --------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["client", "server"])
def test_closed_step_by_step(watched: Watched, first: str) -> None:
    """Each FIN and each ACK is held back once, and then let through."""
    other = OTHER[first]
    watched.open()
    watched.drop(other, FIN)
    watched.do(first, tcp_states.close)
    ended = watched.reach(*states(first, "FIN_WAIT_1", "ESTABLISHED"))
    assert ended == f"FIN by {first}, unacknowledged"
    watched.drop(other)
    ended = watched.reach(*states(first, "FIN_WAIT_2", "CLOSE_WAIT"))
    assert ended == f"FIN by {first}, {other} still open"
    watched.drop(other, ONLY_ACK)
    watched.do(other, tcp_states.close)
    watched.reach(*states(first, "TIME_WAIT", "LAST_ACK"))
    watched.drop(other)
    assert watched.reach(*states(first, "TIME_WAIT", "CLOSED")) == f"FIN by {first}"


@pytest.mark.parametrize("first", ["client", "server"])
def test_half_closed(watched: Watched, first: str) -> None:
    """CLOSE_WAIT is left open; data goes on the other way; then all is closed."""
    other = OTHER[first]
    watched.open()
    watched.do(first, tcp_states.stop_sending)
    watched.reach(*states(first, "FIN_WAIT_2", "CLOSE_WAIT"))
    watched.do(other, tcp_states.send, 500)
    watched.reach(*states(first, "FIN_WAIT_2", "CLOSE_WAIT"))
    watched.do(other, tcp_states.close)
    assert watched.reach(*states(first, "TIME_WAIT", "CLOSED")) == f"FIN by {first}"


def test_closed_by_both_at_once(watched: Watched) -> None:
    watched.open()
    watched.drop("client", FIN)
    watched.drop("server", FIN, ONLY_ACK)
    watched.do("client", tcp_states.stop_sending)
    watched.do("server", tcp_states.stop_sending)
    watched.reach("FIN_WAIT_1", "FIN_WAIT_1")
    watched.drop("client")
    watched.reach("CLOSING", "FIN_WAIT_1")
    watched.drop("server")
    assert watched.reach("TIME_WAIT", "TIME_WAIT") == "FIN by both at once"


def test_fins_that_cross(watched: Watched) -> None:
    """Each side gets the FIN that the other one sent before it had seen any."""
    watched.open()
    for side in OTHER:
        watched.drop(side, FIN, ONLY_ACK)
    for side in OTHER:
        watched.do(side, tcp_states.stop_sending)
    watched.reach("FIN_WAIT_1", "FIN_WAIT_1")
    (mine, frame), (others, _) = watched.wire.client.call(tcp_lab.first_fins, watched.client)
    watched.drop("client", f"tcp ackseq {(mine + 1) % 2**32}")
    watched.reach("CLOSING", "FIN_WAIT_1")
    watched.drop("server", f"tcp ackseq {(others + 1) % 2**32}")
    watched.wire.client.call(tcp_lab.put_on_the_wire, frame)
    watched.reach("CLOSING", "CLOSING")
    watched.drop("client")
    watched.drop("server")
    assert watched.reach("TIME_WAIT", "TIME_WAIT") == "FIN by both at once"


# --- resets ---------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["client", "server"])
def test_linger_0(watched: Watched, first: str) -> None:
    watched.open()
    watched.do(first, tcp_lab.linger_0)
    watched.do(first, tcp_states.close)
    assert watched.reach("CLOSED", "CLOSED") == f"RST by {first}: aborted"


@pytest.mark.parametrize("first", ["client", "server"])
def test_closed_with_unread_data(watched: Watched, first: str) -> None:
    watched.open()
    watched.do(OTHER[first], tcp_states.send, 5)
    watched.reach("ESTABLISHED", "ESTABLISHED")
    watched.do(first, tcp_lab.wait_for_data)
    watched.do(first, tcp_states.close)
    assert watched.reach("CLOSED", "CLOSED") == f"RST by {first}: aborted"


@pytest.mark.parametrize("first", ["client", "server"])
def test_data_for_an_end_that_is_closed(watched: Watched, first: str) -> None:
    other = OTHER[first]
    watched.open()
    watched.do(first, tcp_states.close)
    watched.reach(*states(first, "FIN_WAIT_2", "CLOSE_WAIT"))
    watched.do(other, tcp_states.send, 5)
    assert watched.reach("CLOSED", "CLOSED") == f"RST by {first}: after its close"


def test_a_rst_in_the_middle_of_a_half_close(watched: Watched) -> None:
    watched.open()
    watched.do("client", tcp_states.stop_sending)
    watched.reach("FIN_WAIT_2", "CLOSE_WAIT")
    watched.do("server", tcp_lab.linger_0)
    watched.do("server", tcp_states.close)
    assert watched.reach("CLOSED", "CLOSED") == "RST by server: aborted"


def test_over_ipv6(wire: Wire, peer: Callable[[str], Path]) -> None:
    watched = Watched(wire, peer("nft"), v6=True)
    watched.open()
    watched.do("server", tcp_states.stop_sending)
    watched.reach("CLOSE_WAIT", "FIN_WAIT_2")
    watched.do("client", tcp_states.close)
    assert watched.reach("CLOSED", "TIME_WAIT") == "FIN by server"


def test_any_way_a_connection_can_go(wire: Wire) -> None:
    """Twenty connections whose programs do anything in any order, seeded: asked after each step."""
    watched, chance = Watched(wire), random.Random(9293)
    steps = {
        "send": lambda side: watched.do(side, tcp_lab.send_if_possible, 700),
        "read": lambda side: watched.do(side, tcp_lab.read_all),
        "stop": lambda side: watched.do(side, tcp_lab.stop_sending),
        "close": lambda side: watched.do(side, tcp_states.close),
        "abort": lambda side: (watched.do(side, tcp_lab.linger_0),
                               watched.do(side, tcp_states.close)),
    }  # fmt: skip
    for _ in range(20):
        watched.next()
        watched.open()
        opened = ["client", "server"]
        while opened:
            side = chance.choice(opened)
            step = chance.choices(list(steps), [5, 4, 3, 2, 1])[0]
            steps[step](side)
            if step in ("close", "abort"):
                opened.remove(side)
            watched.agree()

"""Socket records by themselves: how they read, and what they say about themselves."""

from __future__ import annotations

import pytest

from netshell.flow.key import Endpoint
from netshell.flow.state import State
from netshell.host.sockets import (
    NOWHERE,
    Network,
    PlainRows,
    Socket,
    Timer,
    Wanted,
    as_number,
)
from netshell.host.tcp_info import TcpInfo
from netshell.view import draw


def test_a_socket_alone_is_shown_in_words() -> None:
    """Its fields and the measurements that matter, each on a line that fits a screen."""
    socket = Socket(
        "tcp",
        Endpoint("192.0.2.1", 80),
        Endpoint("2001:db8:1111:2222:3333:4444:5555:6666", 40000),
        State.ESTABLISHED,
        7,
        "\x1b[31m" * 3,
        shared_with=(8, 9),
        recv_q=1,
        send_q=None,
        timer=Timer("on", 204, 3),
        iface="eth0",
        tcp_info=TcpInfo.decode(bytes(280), "cubic"),
    )
    lines = draw(socket.view(), 80).splitlines()
    assert max(map(len, lines)) <= 80
    told = dict(line.split(maxsplit=1) for line in lines)
    assert told["process"] == "\\x1b[31m" * 3 + ", pid 7"
    assert told["shared"] == "with  pid 8, pid 9"
    assert told["recv-q"] == "1 byte"
    assert "send-q" not in told
    assert told["timer"] == "on 204 ms, 3 retries"
    assert told["rtt"] == "not measured yet"
    assert told["retransmits"] == "none"
    assert {"cwnd", "mss", "acked", "received"} <= set(told)
    assert str(socket).isprintable()
    assert repr(socket) == draw(socket.view())


def test_a_listeners_queues_are_connections() -> None:
    listener = Socket("tcp", Endpoint("*", 80), NOWHERE, State.LISTEN, recv_q=1, send_q=9)
    told = dict(listener.facts())
    assert (told["waiting"], told["backlog"]) == ("1 connection", "9 connections")
    assert "recv-q" not in told
    assert not told["remote"]


@pytest.mark.parametrize(
    ("timer", "text"),
    [
        (Timer("on", 204, 3), "on 204 ms, 3 retries"),
        (Timer("on", 204, 1), "on 204 ms, 1 retry"),
        (Timer("timewait", 59_400, 0), "timewait 59 s"),
        (Timer("keepalive", 7_140_000, 0), "keepalive 119 min"),
    ],
)
def test_timers_read(timer: Timer, text: str) -> None:
    assert str(timer) == text


@pytest.mark.parametrize(
    ("address", "family"),
    [("0.0.0.0", "IPv4"), ("::", "IPv6"), ("*", "both"), ("fe80::1", "IPv6"), ("1.2.3.4", "IPv4")],
)
def test_family(address: str, family: str) -> None:
    assert Socket("tcp", Endpoint(address, 80), NOWHERE, State.LISTEN).family == family


def test_who_waits() -> None:
    end, peer = Endpoint("127.0.0.1", 80), Endpoint("127.0.0.1", 5)
    assert Socket("tcp", end, NOWHERE, State.LISTEN).listening
    assert Socket("udp", end, NOWHERE, "").listening
    assert not Socket("udp", end, peer, State.ESTABLISHED).listening
    assert not Socket("tcp", end, peer, State.ESTABLISHED).listening


def test_text_of_a_socket() -> None:
    end, peer = Endpoint("10.0.0.1", 80), Endpoint("10.0.0.2", 5)
    one = Socket("tcp", end, peer, State.TIME_WAIT)
    assert str(one) == "tcp 10.0.0.1:80 10.0.0.2:5 TIME_WAIT"
    assert str(Socket("udp", end, NOWHERE, "", 7, "dnsd")) == "udp 10.0.0.1:80 *:* dnsd[7]"


def test_networks_keep_the_families_apart() -> None:
    every_v6 = Network(0, 0)
    every_v4 = Network(0xFFFF << 32, 2**128 - 2**32)
    assert every_v6.holds(as_number("2001:db8::1"))
    assert not every_v6.holds(as_number("10.0.0.1"))
    assert every_v4.holds(as_number("10.0.0.1"))
    assert not every_v4.holds(as_number("2001:db8::1"))


def test_wanted_by_owner_looks_at_all_holders() -> None:
    end = Endpoint("10.0.0.1", 80)
    shared = Socket("tcp", end, NOWHERE, State.LISTEN, 7, "nginx", shared_with=(8, 9))
    assert Wanted(pids=frozenset({9})).matches(shared)
    assert not Wanted(pids=frozenset({10})).matches(shared)
    assert Wanted(process="nginx").matches(shared)


def test_plain_rows_remember_what_is_unseen() -> None:
    rows = PlainRows([Socket("udp", NOWHERE, NOWHERE, "")] * 3, unseen=2, denied=True)
    assert (len(rows[1:]), rows[1:].unseen(), rows[1:].denied()) == (2, 2, True)

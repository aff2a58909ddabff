"""Findings that tshark does not have, of the kernel's TCP: each trouble made, and not made."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import tcp_lab
import tcp_states
from tcp_lab import DEADLINE_S, Watched
from tcp_states import SOCKETS

from netshell.flow.findings import BEYOND, Findings
from netshell.lab.wire import Wire
from tests.flow.findings.test_lab import send_all, small_segments, take

Peer = Callable[[str], Path]

WORKS_S = 0.3
KINDS = {rule.kind for rule in BEYOND}


# --- inside a host ----------------------------------------------------------------------------


def found() -> dict[str, list[str]]:
    """The texts of the capture's findings beyond tshark's, by kind."""
    texts: dict[str, list[str]] = {}
    for finding in tcp_lab._captures[-1].findings:
        if finding.kind in KINDS:
            texts.setdefault(finding.kind, []).append(finding.text)
    return texts


def ask(name: str) -> float:
    """Send a request and read its answer; how long that took, in seconds."""
    sock, start = SOCKETS[name], time.monotonic()
    sock.settimeout(DEADLINE_S)
    sock.sendall(bytes(100))
    assert sock.recv(1000)
    return time.monotonic() - start


def write_write_read(name: str, rounds: int, no_delay: bool) -> None:
    """Requests in two small pieces each, as a careless program writes them."""
    sock = SOCKETS[name]
    sock.settimeout(DEADLINE_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, no_delay)
    for _ in range(rounds):
        sock.sendall(bytes(50))
        sock.sendall(bytes(50))
        assert sock.recv(1000)


def answer_each(name: str, works_s: float = 0) -> None:
    """Works and answers once a whole request of 100 bytes is there, in the background."""

    def serve() -> None:
        sock, got = SOCKETS[name], 0
        sock.settimeout(DEADLINE_S)
        while piece := sock.recv(1000):
            got += len(piece)
            if got % 100 == 0:
                threading.Event().wait(works_s)
                sock.sendall(bytes(10))

    threading.Thread(target=serve, daemon=True).start()


# --- outside ----------------------------------------------------------------------------------


@pytest.fixture
def watched(wire: Wire, peer: Peer) -> Watched:
    return Watched(wire, peer("nft"))


def until(watched: Watched, kind: str, also: Iterable[str] = ()) -> str:
    """Wait until the capture has a finding, and no other kind but ``also``; its text."""
    deadline = time.monotonic() + DEADLINE_S
    while kind not in (texts := watched.wire.client.call(found)):
        assert time.monotonic() < deadline, f"no {kind} among {texts}"
        time.sleep(0.02)
    # A busy machine may make its own server slow.
    assert set(texts) - {"slow_server", *also} <= {kind}, texts
    return str(texts[kind][0])


def rewrite(watched: Watched, rule: str) -> None:
    """Have the server's host change what it sends."""
    table = "table inet change {\nchain output {\ntype filter hook output priority 0\n"
    table += f"{rule}\n}}\n}}\n"
    watched.wire.server.run([watched.nft, "-f", "-"], input=table, check=True)


@pytest.mark.parametrize("firewall", [False, True])
def test_refused(watched: Watched, firewall: bool) -> None:
    if firewall:
        watched.listen()
        table = "table inet deny {\nchain input {\ntype filter hook input priority 0\n"
        table += "tcp dport 8001 reject with tcp reset\n}\n}\n"
        watched.wire.server.run([watched.nft, "-f", "-"], input=table, check=True)
    watched.connect()
    assert "refuses the connection to port 8001" in until(watched, "connection_refused")


def test_filtered(watched: Watched) -> None:
    watched.listen()
    watched.drop("server", "tcp dport 8001")
    watched.connect()
    assert "SYN to port 8001" in until(watched, "syn_unanswered")
    watched.drop("server")  # the next SYN gets through: it was not unanswered after all
    watched.reach("ESTABLISHED", "ESTABLISHED")
    assert watched.wire.client.call(found) == {}


@pytest.mark.parametrize("works_s", [0, WORKS_S])
def test_a_server_that_works_before_it_answers(watched: Watched, works_s: float) -> None:
    watched.open()
    watched.host("server").call(answer_each, "server", works_s)
    took = watched.host("client").call(ask, "client")
    if works_s:
        assert "at the server" in until(watched, "slow_server")
    elif took < 0.15:  # else this machine was busy, and the server slow indeed
        assert watched.wire.client.call(found) == {}


def test_a_request_that_is_lost(watched: Watched) -> None:
    watched.open()
    watched.host("server").call(answer_each, "server")  # is ready before the request comes
    watched.drop("server", "tcp dport 8001")
    watched.host("client").call(send_all, "client", 100)
    deadline = time.monotonic() + DEADLINE_S
    while not watched.wire.client.call(has_been_sent_again):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    watched.drop("server")
    watched.host("client").call(take, "client", 10)
    assert "the request was sent again" in until(watched, "slow_network")


def has_been_sent_again() -> bool:
    return "retransmission" in tcp_lab._captures[-1].findings.counts


@pytest.mark.parametrize("no_delay", [False, True])
def test_two_small_writes(watched: Watched, no_delay: bool) -> None:
    watched.open()
    watched.host("server").call(answer_each, "server")
    watched.host("client").call(write_write_read, "client", 10, no_delay)
    if no_delay:
        assert "nagle_delayed_ack" not in watched.wire.client.call(found)
    else:
        assert "holds 50 bytes back" in until(watched, "nagle_delayed_ack")


def test_a_program_that_does_not_close(watched: Watched) -> None:
    watched.open()
    watched.do("client", tcp_states.close)
    assert "leaves the socket in CLOSE_WAIT" in until(watched, "close_wait")
    watched.next()
    watched.open()
    watched.do("client", tcp_states.close)
    watched.do("server", tcp_states.close)
    watched.reach("TIME_WAIT", "CLOSED")
    assert len(watched.wire.client.call(found)["close_wait"]) == 1


def test_a_path_that_takes_small_packets_only(watched: Watched) -> None:
    small_segments(watched)
    watched.open()
    watched.host("client").call(send_all, "client", 300)
    assert watched.host("server").call(take, "server", 300) == 300
    watched.drop("server", "tcp dport 8001 meta length > 1000")
    watched.host("client").call(send_all, "client", 6 * 1448 + 300)
    assert "1,448 bytes from 301" in until(watched, "mtu_black_hole")
    watched.drop("server")  # now they get through
    assert watched.host("server").call(take, "server", 6 * 1448 + 300)
    deadline = time.monotonic() + DEADLINE_S
    while watched.wire.client.call(found):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("forged", [False, True])
def test_a_reset_with_another_ttl(watched: Watched, forged: bool) -> None:
    watched.open()
    watched.host("client").call(send_all, "client", 100)
    assert watched.host("server").call(take, "server", 100) == 100
    if forged:
        rewrite(watched, "tcp flags & rst == rst ip ttl set 61")
    watched.do("server", tcp_lab.linger_0)
    watched.do("server", tcp_states.close)
    watched.reach("CLOSED", "CLOSED")
    also = {"ttl_changed"} if forged else set()
    said = until(watched, "connection_reset", also)
    assert "with SO_LINGER 0 (100 bytes had come for it)" in said
    if forged:
        (text,) = watched.wire.client.call(found)["ttl_changed"]
        assert "has TTL 61, but" in text


@pytest.mark.parametrize("large", [False, True])
def test_segments_larger_than_the_wire_takes(watched: Watched, large: bool) -> None:
    if not large:
        small_segments(watched)
    watched.open()
    watched.host("client").call(send_all, "client", 100_000)
    assert watched.host("server").call(take, "server", 100_000) == 100_000
    if large:
        assert "the network card cuts them later (TSO)" in until(watched, "offloaded")
    assert set(watched.wire.client.call(found)) == ({"offloaded"} if large else set())


def hold() -> int:
    """The number of findings of the running capture, which stay in use as a shell's results do."""
    _held.append(tcp_lab._captures[-1].findings)
    return sum(1 for each in _held[-1] if each.kind == "close_wait")


_held: list[Findings] = []


def test_what_shows_by_time_alone_is_found_without_another_packet(watched: Watched) -> None:
    watched.open()
    watched.do("client", tcp_states.close)
    watched.reach("FIN_WAIT_2", "CLOSE_WAIT")
    total = watched.wire.client.call(packets)
    deadline = time.monotonic() + DEADLINE_S
    while not watched.wire.client.call(hold):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert watched.wire.client.call(packets) == total


def packets() -> int:
    return len(tcp_lab._captures[-1])

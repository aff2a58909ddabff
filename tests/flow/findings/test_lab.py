"""Findings of real connections in the lab, beside tshark's: the kernel's TCP under faults."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import tcp_lab
import tcp_states
from tcp_lab import DEADLINE_S, Watched
from tcp_states import SOCKETS

from netshell.lab.wire import Wire
from tests.flow.findings.oracle import Comparison, compare

Peer = Callable[[str], Path]


# --- inside a host ----------------------------------------------------------------------------


def send_all(name: str, size: int) -> None:
    SOCKETS[name].settimeout(DEADLINE_S)
    SOCKETS[name].sendall(bytes(size))


def fill(name: str) -> int:
    """Send until the other side takes no more."""
    sock, sent = SOCKETS[name], 0
    sock.setblocking(False)
    try:
        while True:
            sent += sock.send(bytes(1 << 16))
    except BlockingIOError:
        return sent


def take(name: str, size: int) -> int:
    """Read so many bytes."""
    sock, got = SOCKETS[name], 0
    sock.settimeout(DEADLINE_S)
    while got < size:
        more = len(sock.recv(min(1 << 16, size - got)))
        assert more
        got += more
    return got


def stay_alive(name: str) -> None:
    sock = SOCKETS[name]
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)


def small_buffer(name: str) -> None:
    SOCKETS[name].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)


def kinds() -> dict[str, int]:
    return dict(tcp_lab._captures[-1].findings.counts)


def sentences() -> list[str]:
    return [each.text for each in tcp_lab._captures[-1].findings]


def saved(path: str, missing: str) -> None:
    """Write the capture to a file, without the packets that a filter matches."""
    capture = tcp_lab._captures[-1].stop()
    (capture.filter(f"not ({missing})") if missing else capture).save(path)


# --- outside ----------------------------------------------------------------------------------


@pytest.fixture
def watched(wire: Wire, peer: Peer) -> Watched:
    return Watched(wire, peer("nft"))


def until(watched: Watched, *wanted: str) -> None:
    """Wait until the capture has findings of some kinds."""
    deadline = time.monotonic() + DEADLINE_S
    while missing := set(wanted) - set(found := watched.wire.client.call(kinds)):
        assert time.monotonic() < deadline, f"no {missing} among {found}"
        time.sleep(0.02)


def small_segments(watched: Watched) -> None:
    """So that a loss is of one segment, not of a large one that is cut later on its way."""
    for host in watched.wire.hosts:
        host.run(["ip", "link", "set", "dev", host.iface, "gso_max_segs", "1"], check=True)


def compared(watched: Watched, peer: Peer, path: Path, missing: str = "") -> Comparison:
    watched.wire.client.call(saved, str(path), missing)
    made = compare(peer("tshark"), path)
    assert made.agreement >= 0.98, str(made)
    return made


@pytest.mark.parametrize("every", [7, 23])
def test_segments_lost_on_their_way(
    watched: Watched, peer: Peer, tmp_path: Path, every: int
) -> None:
    small_segments(watched)
    watched.open()
    watched.drop("server", f"tcp dport 8001 numgen inc mod {every} == 3")
    watched.drop("client", f"tcp sport 8001 numgen inc mod {every + 4} == 5")
    size = 150_000
    watched.host("client").call(send_all, "client", size)
    assert watched.host("server").call(take, "server", size) == size
    watched.drop("server")
    made = compared(watched, peer, tmp_path / "x.pcapng")
    assert made.both["retransmission"] >= 3, str(made)
    assert made.both["duplicate_ack"] >= 3, str(made)
    said = watched.wire.client.call(sentences)  # captured before the loss, beside the sender
    assert not [text for text in said if "overtaken" in text or "captured twice" in text]
    assert [text for text in said if "lacks this (SACK in packet" in text], said


def test_a_capture_that_misses_packets(watched: Watched, peer: Peer, tmp_path: Path) -> None:
    small_segments(watched)
    watched.open()
    size = 60_000
    watched.host("server").call(send_all, "server", size)
    assert watched.host("client").call(take, "client", size) == size
    made = compared(watched, peer, tmp_path / "x.pcapng", missing="ip[5] & 7 = 3")
    assert made.both["lost_segment"] >= 2, str(made)
    assert made.both["ack_lost_segment"] >= 1, str(made)


def test_a_reader_that_stops_and_goes_on(watched: Watched, peer: Peer, tmp_path: Path) -> None:
    watched.listen()
    watched.host("server").call(small_buffer, "listener")
    watched.connect()
    watched.reach("ESTABLISHED", "ESTABLISHED")
    watched.wire.server.call(tcp_states.accept, "listener", "server")
    sent = watched.host("client").call(fill, "client")
    until(watched, "zero_window", "keep_alive")  # Linux probes with an old number, without data
    assert watched.host("server").call(take, "server", sent) == sent
    until(watched, "window_update")
    made = compared(watched, peer, tmp_path / "x.pcapng")
    assert made.both["zero_window"] >= 2, str(made)


def test_a_connection_kept_alive(watched: Watched, peer: Peer, tmp_path: Path) -> None:
    watched.open()
    watched.host("client").call(stay_alive, "client")
    until(watched, "keep_alive", "keep_alive_ack")
    made = compared(watched, peer, tmp_path / "x.pcapng")
    assert made.agreement == 1, str(made)


def test_a_syn_without_answer_and_ports_used_again(
    watched: Watched, peer: Peer, tmp_path: Path
) -> None:
    watched.listen()
    watched.drop("server", "tcp dport 8001")
    watched.connect()
    until(watched, "retransmission")
    watched.drop("server")
    watched.reach("ESTABLISHED", "ESTABLISHED")
    watched.wire.server.call(tcp_states.accept, "listener", "server")
    for side in ("client", "server"):
        watched.do(side, tcp_lab.linger_0)
        watched.do(side, tcp_states.close)
    watched.connect()
    until(watched, "reused_ports")
    compared(watched, peer, tmp_path / "x.pcapng")

"""The kernel's sockets as records: row by row what `ss` shows, in every state."""

from __future__ import annotations

import os
import pickle
import re
import socket
import struct
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest
import tcp_states
from hypothesis import given
from hypothesis import strategies as st
from tcp_states import conns_of, our_rows, ss_lines, ss_rows

from netshell.errors import NetshellError
from netshell.flow.state import State
from netshell.host import diag, netlink
from netshell.host.carrier import Carriers
from netshell.host.sockets import Timer, Wanted
from netshell.lab.wire import Wire

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_NETLINK"), reason="netlink is Linux's")

Peer = Callable[[str], Path]

NOBODY = Carriers((), {}, "lo", lambda remote, local: "")


@pytest.mark.parametrize("v6", [False, True], ids=["IPv4", "IPv6"])
def test_every_state_equals_ss(wire: Wire, peer: Peer, v6: bool) -> None:
    ss = peer("ss")
    port = tcp_states.reach_all(wire, ss, v6)
    seen: set[str] = set()
    for host in wire.hosts:
        for _ in range(20):  # until no state changed between
            rows = ss_rows(host, ss, "-t")
            before = ss_lines(host, ss, "-t", "-o")
            found = host.call(conns_of)
            after = ss_lines(host, ss, "-t", "-o")
            if ss_rows(host, ss, "-t") == rows:
                break
        assert our_rows(found) == rows
        seen |= {each.state for each in found}
        for each in found:
            ends = str(each.local), str(each.remote)
            _between(_timer(before[ends]), each.timer, _timer(after[ends]))
    every = set(State) - {State.CLOSED} - ({State.SYN_RECEIVED} if v6 else set())
    assert seen == every
    established = next(
        each for each in wire.client.call(conns_of, "ESTABLISHED", port=port) if not each.send_q
    )
    assert established.iface == "eth0"
    assert established.pid == wire.client.pid
    assert established.tcp_info.rtt_ms > 0
    assert established.tcp_info.congestion


def _timer(line: str) -> Timer | None:
    shown = re.search(r"timer:\((\w+),([^,]*),(\d+)\)", line)
    if shown is None:
        return None
    kind = "probe" if shown[1] == "persist" else shown[1]
    return Timer(kind, _milliseconds(shown[2]), int(shown[3]))


def _between(before: Timer | None, ours: Timer | None, after: Timer | None) -> None:
    """Ours is a timer that `ss` showed a moment before and after: it may fire in between."""
    if before is None or ours is None or after is None:
        assert ours in (before, after)
        return
    assert ours.kind in (before.kind, after.kind)
    assert before.retries <= ours.retries <= after.retries
    if before.retries == after.retries and before.expires_ms >= after.expires_ms:
        # It did not start anew. ss cuts what is over a second down to seconds.
        assert after.expires_ms - 10 <= ours.expires_ms <= before.expires_ms + 1000


def _milliseconds(text: str) -> int:
    """`ss` writes 1,644 ms as "1.644ms", 12 s as "12sec", and 1 min 7 s as "1min7sec"."""
    units = {"ms": 1, "sec": 1000, "min": 60_000}
    found = re.findall(r"([\d.]+)(ms|sec|min)", text)
    return int(
        sum(float(number) * (1000 if "." in number else units[unit]) for number, unit in found)
    )


def test_udp_equals_ss(wire: Wire, peer: Peer) -> None:
    server = wire.server
    server.call(tcp_states.udp, "any4", "0.0.0.0", 5353)
    server.call(tcp_states.udp, "any", "::", 5354)
    server.call(tcp_states.udp, "own", server.ipv6, 5355)
    there = server.call(tcp_states.udp, "peer", server.ipv4, 0, (wire.client.ipv4, 9))
    wire.client.call(tcp_states.udp, "sender", "0.0.0.0", 0)
    wire.client.call(tcp_states.send_to, "sender", server.ipv4, 5353, 100)
    found = server.call(conns_of, proto="udp")
    assert our_rows(found) == ss_rows(server, peer("ss"), "-u")
    by_port = {each.local.port: each for each in found}
    assert by_port[5353].local.address == "0.0.0.0"
    assert by_port[5354].local.address == "*"
    assert by_port[5354].iface == "*"
    assert by_port[5355].iface == "eth0"
    assert by_port[there].state == State.ESTABLISHED
    assert by_port[there].iface == "eth0"
    assert by_port[5353].drops == 0


def test_wildcards_tell_the_families_apart(wire: Wire, peer: Peer) -> None:
    server = wire.server
    four = server.call(tcp_states.listen, "four", "0.0.0.0", 0)
    six = server.call(tcp_states.listen, "six", "::", 0)
    both = server.call(tcp_states.listen, "both", "::", 0, both=True)
    wire.client.call(tcp_states.connect, "mapped", server.ipv4, both)
    server.call(tcp_states.accept, "both", "mapped")
    found = server.call(conns_of)
    assert our_rows(found) == ss_rows(server, peer("ss"), "-t")
    families = {each.local.port: each.family for each in found if each.listening}
    assert families == {four: "IPv4", six: "IPv6", both: "both"}
    # An IPv4 peer of an IPv6 socket is IPv4 on the wire, and so it is here.
    accepted = next(each for each in found if each.remote.port)
    assert (accepted.local.address, accepted.family) == (server.ipv4, "IPv4")


def test_processes_equal_ss(wire: Wire, peer: Peer) -> None:
    tcp_states.reach_all(wire, peer("ss"), v6=False)
    for _ in range(20):  # until no socket went away between
        lines = ss_lines(wire.server, peer("ss"), "-t", "-p")
        found = wire.server.call(conns_of)
        if ss_lines(wire.server, peer("ss"), "-t", "-p").keys() == lines.keys():
            break
    for each in found:
        shown = set(re.findall(r"pid=(\d+)", lines[str(each.local), str(each.remote)]))
        ours = {str(pid) for pid in (each.pid, *each.shared_with) if pid is not None}
        assert ours == shown
        assert bool(each.process) is bool(shown)


def test_own_traffic_is_carried_by_loopback(wire: Wire) -> None:
    server = wire.server
    port = server.call(tcp_states.listen, "own", server.ipv4, 0)
    server.call(tcp_states.connect, "to-itself", server.ipv4, port)
    found = server.call(conns_of, port=port)
    assert {each.iface for each in found if not each.listening} == {"lo"}
    assert {each.iface for each in found if each.listening} == {"eth0"}
    # The kernel agrees: the way from one of its addresses to another is loopback.
    assert server.run(["ip", "route", "get", server.ipv4]).stdout.split()[3] == "lo"


def test_an_address_on_loopback_leaves_by_the_route(wire: Wire) -> None:
    """A service address on lo (anycast, load balancers) is carried by what leads to the peer."""
    server = wire.server
    for argv in (
        ["ip", "address", "add", "10.99.0.1/32", "dev", "lo"],
        ["ip", "route", "add", "10.77.0.0/24", "dev", "eth0", "table", "7", "src", "10.99.0.1"],
    ):
        server.run(argv, check=True)
    wire.client.run(["ip", "route", "add", "10.99.0.1", "via", server.ipv4], check=True)
    port = server.call(tcp_states.listen, "service", "10.99.0.1", 0)
    wire.client.call(tcp_states.connect, "service", "10.99.0.1", port)
    found = server.call(conns_of, "ESTABLISHED", port=port)
    assert [each.iface for each in found] == ["eth0"]


def test_a_socket_whose_address_was_taken_away_is_still_told(wire: Wire) -> None:
    """As when a VPN goes down: nothing says any more what carries it, and it hides no others."""
    client, server = wire.client, wire.server
    client.run(["ip", "address", "add", "10.88.0.1/32", "dev", "eth0"], check=True)
    server.run(["ip", "route", "add", "10.88.0.1", "via", client.ipv4], check=True)
    port = server.call(tcp_states.listen, "gone", server.ipv4, 0)
    client.call(tcp_states.connect, "gone", server.ipv4, port, "10.88.0.1")
    client.run(["ip", "address", "del", "10.88.0.1/32", "dev", "eth0"], check=True)
    (found,) = client.call(conns_of, "ESTABLISHED", port=port)
    assert (found.local.address, found.iface) == ("10.88.0.1", "")


def test_link_local_peers_name_their_interface(wire: Wire) -> None:
    found = wire.server.run(["ip", "-6", "-o", "address", "show", "scope", "link"]).stdout
    address = next(
        line.split()[3].partition("/")[0] for line in found.splitlines() if "eth0" in line
    )
    port = wire.server.call(tcp_states.listen, "link", "::", 0)
    wire.client.call(tcp_states.connect, "link", f"{address}%eth0", port)
    (ours,) = wire.client.call(conns_of, port=port)
    assert ours.remote.address == address
    assert ours.iface == "eth0"


def test_records_pickle_and_compare() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        rows = diag.dump(_port(server), NOBODY)
        with socket.create_connection(server.getsockname()):
            rows = diag.dump(_port(server), NOBODY)
            copies = pickle.loads(pickle.dumps(list(rows)))
    assert len(rows) == 3
    assert copies == list(rows)
    assert [each.tcp_info for each in copies] == [each.tcp_info for each in rows]
    assert rows[-1] == list(rows)[-1]
    assert list(rows[1:]) == list(rows)[1:]
    with pytest.raises(IndexError):
        rows[3]


def _port(server: socket.socket) -> Wanted:
    number = server.getsockname()[1]
    return Wanted(ports=(range(number, number + 1),))


# --- damaged answers ------------------------------------------------------------------------


def _message(body: bytes, kind: int = 20) -> bytes:
    whole = netlink.HEADER.pack(netlink.HEADER.size + len(body), kind, 2, 1, 0) + body
    return whole + bytes(-len(whole) % 4)


_SOCKET = _message(
    struct.pack("=BBBBHH16s16sIQIIIII", 2, 1, 0, 0, 1, 2, b"", b"", 0, 0, 0, 0, 0, 0, 0)
    + netlink.attribute(2, bytes(280))
)


@given(st.integers(0, len(_SOCKET) * 2), st.integers(0, len(_SOCKET) * 2 - 1), st.integers(0, 255))
def test_damage_raises_nothing_but_our_error(cut: int, at: int, value: int) -> None:
    damaged = bytearray(_SOCKET * 2)
    damaged[at] = value
    buffer = bytes(damaged[:cut])
    try:
        rows = diag.DiagRows(buffer, diag.starts([buffer]), len(buffer), NOBODY)
        for each in rows:
            assert isinstance(each.tcp_info is None, bool)
    except NetshellError:
        pass  # the only thing that may be raised


@given(st.binary(max_size=200))
def test_noise_raises_nothing_but_our_error(noise: bytes) -> None:
    try:
        starts = diag.starts([noise])
    except NetshellError:
        return
    assert all(start + 88 <= len(noise) for start in starts)


def test_equal_lengths_and_unequal_ones_are_walked_alike() -> None:
    other = _message(_SOCKET[16:88])
    assert diag.starts([_SOCKET * 3]) == array("Q", [0, len(_SOCKET), len(_SOCKET) * 2])
    mixed = _SOCKET + other + _SOCKET
    expected = [0, len(_SOCKET), len(_SOCKET) + len(other)]
    assert list(diag.starts([mixed])) == expected
    assert list(diag.starts([_SOCKET, mixed])) == [0, *(len(_SOCKET) + each for each in expected)]


def test_a_foreign_user_is_told_what_is_not_seen() -> None:
    """As another user: everything but other users' processes, and their number."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                server.close()  # or the child would see itself holding it
                os.setuid(65534)
                rows = diag.dump(Wanted(ports=(range(port, port + 1),)), NOBODY)
                os.write(
                    writer, f"{len(rows)} {rows[0].pid} {rows.unseen()} {rows.denied()}".encode()
                )
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        os.close(writer)
        with os.fdopen(reader) as said:
            assert said.read() == "1 None 1 True"

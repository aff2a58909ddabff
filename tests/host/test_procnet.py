"""The tables of /proc/net: read as the kernel writes them, whatever they hold."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from netshell.errors import Unavailable
from netshell.host import procnet
from netshell.host.processes import Owners, read_owners
from netshell.host.rawsockets import raw_sockets
from netshell.host.unix import read_unix, unix_sockets
from netshell.lab.wire import Wire

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc/net is Linux's")

HEAD = b"Num       RefCount Protocol Flags    Type St Inode Path\n"
ROW = b"00000000abcdef01: 00000002 00000000 00010000 0001 01 %d%s\n"


def test_counters_are_named_as_the_kernel_names_them() -> None:
    found = {section.name: dict(section.counters) for section in procnet.protocol_counters()}
    assert found["Ip"]["InReceives"] >= 0
    assert found["Tcp"]["MaxConn"] == -1
    assert "TCPTimeouts" in found["TcpExt"]


def test_counters_of_ipv6_come_in_sections() -> None:
    try:
        names = [section.name for section in procnet.protocol_counters(v6=True)]
    except Unavailable:
        pytest.skip("no IPv6 here")
    assert names[:3] == ["Ip6", "Icmp6", "Udp6"]
    assert names[-1] == "Tcp"


def test_routes_are_those_of_ip_route(wire: Wire, peer: Callable[[str], Path]) -> None:
    ip = peer("ip")
    for line in ("route add 10.20.0.0/16 via 10.77.0.2 metric 7", "route add prohibit 10.9.0.0/24"):
        wire.client.run([ip, *line.split()], check=True)
    found = {
        (route.destination, route.prefix): route for route in wire.client.call(procnet.main_routes)
    }
    assert found["10.20.0.0", 16].gateway == "10.77.0.2"
    assert found["10.20.0.0", 16].metric == 7
    assert found["10.9.0.0", 24].flags & 0x200
    assert found["10.77.0.0", 24].iface == "eth0"
    six = {(each.destination, each.prefix) for each in wire.client.call(procnet.main_routes6)}
    assert ("fd77::", 64) in six


def test_addresses_and_groups(wire: Wire) -> None:
    held = {each.address: each for each in wire.client.call(procnet.addresses6)}
    assert held["fd77::1"].iface == "eth0"
    assert held["fd77::1"].prefix == 64
    assert held["::1"].scope == 0x10
    groups = {(each.iface, each.address) for each in wire.client.call(procnet.groups)}
    assert {("eth0", "224.0.0.1"), ("eth0", "ff02::1")} <= groups


def test_raw_sockets_with_their_process() -> None:
    try:
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, 250)
    except PermissionError:
        pytest.skip("raw sockets need root")
    with raw:
        mine = [each for each in raw_sockets("raw", read_owners()) if each.local.port == 250]
    assert mine
    assert mine[0].opened_as == "IPv4"
    assert mine[0].pid is not None


def test_unix_sockets_are_seen_as_they_are(tmp_path: Path) -> None:
    path = str(tmp_path / "a socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as bound:
        bound.bind(path)
        bound.listen()
        found = {each.path: each for each in unix_sockets(read_owners())}
    assert (found[path].kind, found[path].state) == ("SEQPACKET", "LISTENING")
    assert found[path].pid is not None
    assert found[path].listening


def test_a_path_of_several_lines_is_one_socket() -> None:
    table = HEAD + ROW % (7, b" /run/a\nb\n\x1b[31m") + ROW % (8, b" @abstract@x") + ROW % (9, b"")
    first, second, third = read_unix(table)
    assert first.path == "/run/a\nb\n\x1b[31m"
    assert "\x1b" not in str(first)
    assert (second.path, second.inode) == ("@abstract@x", 8)
    assert third.path == ""


@pytest.mark.parametrize("table", [b"", HEAD, b"\n\n", b"x" * 100, HEAD + b"nonsense\n\xff\xfe\n"])
def test_what_is_no_table_has_no_sockets(table: bytes) -> None:
    assert read_unix(table) == []


def test_a_table_that_is_not_there() -> None:
    with pytest.raises(Unavailable, match="no /proc/net/nonsense"):
        procnet.read_table("nonsense", "nonsense")


def test_sockets_without_owners_have_no_process() -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(f"\0netshell-test-{os.getpid()}")
        found = [
            each for each in unix_sockets(Owners()) if each.path == f"@netshell-test-{os.getpid()}"
        ]
    assert [each.pid for each in found] == [None]


def test_a_command_line_is_what_ps_shows() -> None:
    from netshell.host.processes import command_line

    code = "print(flush=True); input()"
    child = subprocess.Popen(
        [sys.executable, "-c", code, "a b"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert child.stdout is not None
        child.stdout.readline()  # before it runs, it has no command line
        assert command_line(child.pid)[1:] == (b"-c", code.encode(), b"a b")
    finally:
        child.communicate(b"\n")
    assert command_line(child.pid) == ()

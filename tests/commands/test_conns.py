"""``conns`` and ``listeners``: what they show, what may be asked, and what they say to nonsense."""

from __future__ import annotations

import ctypes
import dataclasses
import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tcp_states

import netshell.render  # noqa: F401 (offers json)
from netshell import conns, host, ifaces, listeners
from netshell.commands.conns import Sockets
from netshell.errors import BadArgument, NotFound
from netshell.flow.key import Endpoint
from netshell.flow.state import State
from netshell.host.fake import Fake
from netshell.host.interfaces import Address, Interface
from netshell.host.sockets import NOWHERE, Socket, Timer
from netshell.lab.servers import start_dns
from netshell.lab.wire import Wire
from netshell.view import cells, draw


def made(
    proto: str = "tcp",
    local: str = "10.0.0.1:80",
    remote: str = "",
    state: str = State.ESTABLISHED,
    **more: Any,
) -> Socket:
    def end(text: str) -> Endpoint:
        address, _, port = text.rpartition(":")
        return Endpoint(address, int(port)) if text else NOWHERE

    return Socket(proto, end(local), end(remote), state, **more)  # type: ignore[arg-type]


WORLD = [
    made(local="0.0.0.0:80", state=State.LISTEN, pid=7, process="nginx", send_q=511, iface="*"),
    made(local="::1:631", state=State.LISTEN, pid=5, process="cupsd", send_q=4096, iface="lo"),
    made(remote="192.0.2.1:5000", pid=7, process="nginx", iface="eth0", shared_with=(8,)),
    made(remote="192.0.2.2:5001", state=State.CLOSE_WAIT, pid=7, process="nginx", recv_q=1),
    made(
        local="10.0.0.1:9000",
        remote="2001:db8::1:443",
        state=State.TIME_WAIT,
        timer=Timer("timewait", 30_000, 0),
    ),
    made("udp", "0.0.0.0:53", state="", pid=9, process="named", iface="*"),
    made("udp", "10.0.0.1:4000", "192.0.2.53:53", pid=10, process="dig", iface="eth0"),
]


@pytest.fixture
def world() -> Iterator[None]:
    with host.pretend(Fake(WORLD)):
        yield


def shown(result: Sockets, width: int = 80) -> list[str]:
    return draw(result.view(), width).splitlines()


@pytest.mark.usefixtures("world")
class TestNarrowing:
    @pytest.mark.parametrize(
        ("asked", "count"),
        [
            ({}, 5),
            ({"proto": "udp"}, 2),
            ({"proto": "ALL"}, 7),
            ({"state": "LISTEN"}, 2),
            ({"state": "close-wait"}, 1),
            ({"state": ["listen", State.TIME_WAIT]}, 3),
            ({"state": "LISTEN,TIME_WAIT"}, 3),
            ({"state": "estab", "proto": "all"}, 2),
            ({"state": "UNCONN", "proto": "udp"}, 1),
            ({"state": "SYN_SENT"}, 0),
            ({"port": 80}, 3),
            ({"port": "http"}, 3),
            ({"port": "5000-5001"}, 2),
            ({"port": range(5000, 5001)}, 1),
            ({"port": [443, "631"]}, 2),
            ({"port": "443, 631"}, 2),
            ({"port": "domain", "proto": "udp"}, 2),
            ({"host": "192.0.2.1"}, 1),
            ({"host": "192.0.2.0/24"}, 2),
            ({"host": "192.0.2.77/24"}, 2),
            ({"host": "2001:db8::/32"}, 1),
            ({"host": "::1"}, 1),
            ({"host": "0.0.0.0/0"}, 4),
            ({"host": "localhost", "state": "LISTEN", "port": 80}, 0),
            ({"process": "nginx"}, 3),
            ({"process": "ngin"}, 0),
            ({"listening": True}, 2),
            ({"listening": True, "proto": "all"}, 3),
            ({"listening": False}, 3),
            ({"process": "nginx", "port": 80, "state": "CLOSE_WAIT"}, 1),
        ],
    )
    def test_counts(self, asked: dict[str, Any], count: int) -> None:
        assert len(conns(**asked)) == count

    def test_listeners_are_tcp_and_udp(self) -> None:
        assert [each.proto for each in listeners()] == ["tcp", "tcp", "udp"]
        assert [each.local.port for each in listeners(port=53)] == [53]
        assert len(listeners("tcp", process="nginx")) == 1


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"state": "ESTABLISHD"}, "one of LISTEN, SYN_SENT, SYN_RECEIVED, ESTABLISHED"),
        ({"state": 7}, "unknown TCP state 7; one of LISTEN"),
        ({"state": []}, "state: an empty list"),
        ({"proto": "icmp"}, "unknown protocol 'icmp'; one of tcp, udp, all"),
        ({"proto": None}, "one of tcp, udp, all"),
        ({"port": 70000}, "a number from 1 to 65535"),
        ({"port": 0}, "a number from 1 to 65535"),
        ({"port": True}, "not a port"),
        ({"port": "99-1"}, "not a port"),
        ({"port": "no-such-service"}, 'a service such as "https"'),
        ({"port": 80.0}, "not a port"),
        ({"port": range(0)}, "not a port"),
        ({"port": "80\x1b"}, "not a port"),
        ({"host": "10.0.0.0/33"}, "goes from 0 to 32"),
        ({"host": "::/129"}, "goes from 0 to 128"),
        ({"host": "ten/8"}, "not a network 'ten/8'"),
        ({"host": 10}, "use an address, a network or a name"),
        ({"pid": "nginx"}, "goes to process="),
        ({"pid": -1}, "not a process number"),
        ({"pid": []}, "pid: an empty list"),
        ({"process": 7}, "goes to pid="),
        ({"process": ""}, "not a name"),
        ({"listening": "yes"}, "one of True, False, None"),
    ],
)
def test_nonsense_is_told_what_is_valid(asked: dict[str, Any], says: str) -> None:
    with pytest.raises(BadArgument) as caught:
        conns(**asked)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_who_is_not_there() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    with pytest.raises(NotFound, match=f"no process {child}"):
        conns(pid=child)


@pytest.mark.usefixtures("world")
class TestView:
    def test_fits_into_80_columns(self) -> None:
        lines = shown(conns())
        assert lines[0].split() == ["state", "local", "remote", "iface", "pid", "process", "recv-q"]
        assert lines[1].split() == ["LISTEN", "0.0.0.0:80", "*:*", "*", "7", "nginx"]
        assert max(map(len, lines)) <= 80
        assert lines[-1].startswith("not shown at this width: ")

    def test_all_there_is(self) -> None:
        lines = shown(conns(), 0)
        assert "timewait 30 s" in lines[5]
        assert "nginx +1" in lines[3]  # another process holds the same socket

    def test_columns_that_say_nothing_are_left_out(self) -> None:
        assert " ".join(shown(listeners())[0].split()) == (
            "proto local iface pid process waiting backlog"
        )
        assert " ".join(shown(listeners("tcp"))[0].split()) == (
            "local iface pid process waiting backlog"
        )
        assert " ".join(shown(conns("LISTEN"))[0].split()) == (
            "state local iface pid process waiting backlog"
        )
        head = shown(conns(port=5000))[0].split()
        assert "recv-q" not in head
        assert "timer" not in head

    def test_a_row_that_is_not_there(self) -> None:
        with pytest.raises(IndexError, match=r"^no such row: 0 of 0 sockets$"):
            conns("SYN_SENT")[0]
        with pytest.raises(TypeError, match=r"^sockets have numbers"):
            conns()["pid"]  # type: ignore[call-overload]

    def test_the_queues_of_a_socket_are_under_the_same_heads_in_every_table(self) -> None:
        def queues(found: Sockets) -> dict[str, str]:
            lines = shown(found, 0)
            row = next(line for line in lines if "0.0.0.0:80" in line)
            ends = {name: lines[0].index(name) + len(name) for name in ("waiting", "backlog")}
            return {name: row[:end].rpartition(" ")[2] for name, end in ends.items()}

        for found in (conns(), conns("LISTEN"), conns(port=80), listeners(), listeners("tcp")):
            assert queues(found) == {"waiting": "0", "backlog": "511"}

    def test_nothing(self) -> None:
        assert shown(conns("SYN_SENT")) == ["no such sockets"]
        assert shown(listeners(port=9)) == ["no such sockets"]

    def test_the_state_is_always_shown(self) -> None:
        for found in (conns("LISTEN"), conns("ESTABLISHED"), conns(port=631), conns(port=631)[:1]):
            assert shown(found)[0].startswith("state")
        assert not any("state" in line for line in shown(listeners()))


def test_nothing_at_all() -> None:
    with host.pretend(Fake()):
        assert shown(conns()) == shown(conns(proto="all")) == ["no sockets"]
        assert shown(listeners()) == shown(listeners("tcp")) == ["nothing listens here"]
        assert shown(conns(port=80)) == ["no such sockets"]
        assert shown(conns(listening=True)) == ["no such sockets"]

    def test_slices_and_records(self) -> None:
        found = conns()
        assert isinstance(found[:2], Sockets)
        assert len(found[:2]) == 2
        assert found[0].process == "nginx"
        assert [each.state for each in found][:2] == [State.LISTEN] * 2
        first = json.loads(found.json())[0]
        assert first["local"] == {"address": "0.0.0.0", "port": 80}
        assert (first["state"], first["pid"], first["timer"]) == ("LISTEN", 7, None)


def test_what_is_not_seen_is_said() -> None:
    with host.pretend(Fake(WORLD, unseen=2)):
        assert shown(conns())[-1] == "2 sockets of other users: run as root to see their processes."
    with host.pretend(Fake([], unseen=1)):
        assert shown(conns())[-1] == "1 socket of other users: run as root to see its process."


def test_hostile_names_are_drawn_clean() -> None:
    evil = made(process="\x1b[2J\u202eevil\n", iface="e\x9b", user="\x00")
    with host.pretend(Fake([evil])):
        text = draw(conns().view(), 80)
    assert text.replace("\n", "").isprintable()
    assert "\\x1b[2J\\u202eevil\\n" in text


ODD = (
    *("", "x" * 15, "\x1b[2J\n\t\u202e", "東京サーバー", "a b  c", "\\xff\\xfe\\xfd\\xfc\\xfb"),
    *("é" * 15, "\u200b" * 15, "e\u0301x", "-", "\t" * 15),
)


@pytest.mark.parametrize("odd", ODD, ids=ascii)
def test_odd_names_leave_the_columns_in_line(odd: str) -> None:
    """Processes, users and interfaces are called as somebody likes, up to 15 characters."""
    plain = made(remote="192.0.2.1:5000", pid=1, process="sshd", user="root", iface="eth0")
    there = made(remote="192.0.2.2:5000", pid=2, process=odd, user=odd, iface=odd)
    link = Interface("eth0", 1, ("UP",), 1500, "", (Address("192.0.2.5", 24, "IPv4"),))
    named = dataclasses.replace(link, name=odd, kind=odd, master=odd)
    with host.pretend(Fake([plain, there], [link, named])):
        tables = (conns(), conns()[1], conns()[1:], ifaces(), ifaces()[1:], ifaces()[1])
        for table in tables:
            lines = draw(table.view(), 80).splitlines()
            assert "\n".join(lines).replace("\n", "").isprintable()
            assert max(map(cells, lines)) <= 80
        head, first, second, *_rest = draw(conns().view(), 80).splitlines()
        at = head.index("process")
        assert first[at:].startswith("sshd")
        assert cells(second.partition("192.0.2.2:5000")[0]) == head.index("remote")
        assert head.index("pid") + 3 == at - 2  # it was not pushed out


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_a_real_process_with_a_hostile_name() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        said, says = os.pipe()
        waits, goes = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(goes)
            ctypes.CDLL(None).prctl(15, b"\x1b]0;x\x07\xff", 0, 0, 0)  # PR_SET_NAME
            os.write(says, b"x")
            os.read(waits, 1)
            os._exit(0)
        os.close(waits)
        try:
            os.read(said, 1)
            found = conns(port=port, pid=child)
            assert len(found) == 1
            assert len(conns(port=port, process=found[0].process)) == 1
            text = str(found)
        finally:
            for each in (goes, said, says):
                os.close(each)
            os.waitpid(child, 0)
    assert "\\x1b]0;x\\x07\\xff" in text
    assert text.replace("\n", "").isprintable()


def test_in_the_lab_by_name_and_network(wire: Wire, peer: Callable[[str], Path]) -> None:
    port = tcp_states.reach_all(wire, peer("ss"), v6=False)
    start_dns(wire.server)
    client = wire.client

    def ask(**options: Any) -> list[tuple[str, ...]]:
        # Timers and measurements go on between two looks; who talks to whom does not.
        return tcp_states.our_rows(client.call(tcp_states.conns_of, **options))

    everything = ask()
    assert len(everything) == 8
    assert ask(host="10.77.0.0/24") == everything
    assert ask(host="server.lab") == everything
    assert ask(host=client.ipv6) == []
    assert len(ask(host=wire.server.ipv4, port=port)) == 6
    waiting = client.call(tcp_states.conns_of, "time-wait")
    assert [each.timer.kind for each in waiting] == ["timewait"]
    assert [each.pid for each in waiting] == [None]
    own = client.call(tcp_states.conns_of, pid=client.pid)
    assert {each.pid for each in own} == {client.pid}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_sees_all_sockets_and_is_told_what_is_hidden() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        str(conns())  # all that is needed is loaded before the user changes
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                server.close()
                os.setgroups([])
                os.setuid(65534)
                said = draw(conns(port=port).view(), 100)
                try:
                    conns(pid=os.getppid())
                except Exception as error:  # noqa: BLE001 (it is the parent's to judge)
                    said += f"\n{type(error).__name__}: {error}"
                os.write(writer, said.encode())
            finally:
                os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as pipe:
            lines = pipe.read().splitlines()
        os.waitpid(child, 0)
    assert f"127.0.0.1:{port}" in lines[1]
    assert lines[2] == "1 socket of other users: run as root to see its process."
    assert lines[3] == (
        f"NotPermitted: cannot see the sockets of process {os.getpid()}: "
        "it is another user's; run as root"
    )

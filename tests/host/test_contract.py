"""What holds of every platform's module: the kernel's, the portable one, and a stated world."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from netshell import host
from netshell.errors import BadArgument
from netshell.flow.key import Endpoint
from netshell.flow.state import State
from netshell.host import Machine, portable
from netshell.host.fake import Fake
from netshell.host.interfaces import Address, Interface
from netshell.host.routes import Route
from netshell.host.sockets import NOWHERE, Network, Socket, SocketRows, Wanted, as_number


@dataclass
class World:
    """A listener with one connection on loopback, a UDP socket, and a machine that knows them."""

    machine: Machine
    listener: Endpoint
    near: Endpoint
    bound: Endpoint

    def sockets(self, **wanted: object) -> SocketRows:
        return self.machine.list_sockets(Wanted(**wanted))  # type: ignore[arg-type]

    def ports(self) -> tuple[range, ...]:
        return (range(self.listener.port, self.listener.port + 1),)


@pytest.fixture(params=["linux", "portable", "fake"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as near,
        listener.accept()[0],
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound,
    ):
        bound.bind(("127.0.0.1", 0))
        ends = [Endpoint(*each.getsockname()) for each in (listener, near, bound)]
        yield World(_machine(request.param, *ends), *ends)


def _machine(name: str, listener: Endpoint, near: Endpoint, bound: Endpoint) -> Machine:
    if name == "portable":
        return portable
    if name == "linux":
        if not hasattr(socket, "AF_NETLINK"):
            pytest.skip("netlink is Linux's")
        from netshell.host import linux

        return linux
    mine = {"pid": os.getpid(), "process": "python", "user": "me", "iface": "lo"}
    return Fake(
        sockets=[
            Socket("tcp", listener, NOWHERE, State.LISTEN, **mine),
            Socket("tcp", near, listener, State.ESTABLISHED, **mine),
            Socket("tcp", listener, near, State.ESTABLISHED, **mine),
            Socket("udp", bound, NOWHERE, "", **mine),
        ],
        interfaces=[
            Interface(
                "lo", 1, ("UP", "LOOPBACK"), 65536, "", (Address("127.0.0.1", 8, "IPv4", "host"),)
            )
        ],
        routes={"127.0.0.0/8": Route("", "lo", "127.0.0.1", kind="local", on_link=True)},
    )


def test_the_sockets_of_a_conversation(world: World) -> None:
    found = world.sockets(ports=world.ports())
    by_state = {(each.state, each.local): each for each in found}
    assert len(found) == 3
    waiting = by_state[State.LISTEN, world.listener]
    assert waiting.remote == NOWHERE
    assert waiting.listening
    here = by_state[State.ESTABLISHED, world.near]
    assert here.remote == world.listener
    assert not here.listening
    for each in found:
        assert (each.proto, each.pid, each.iface, each.family) == ("tcp", os.getpid(), "lo", "IPv4")
        assert each.process
        assert each.user
    assert found.unseen() == 0


def test_udp_has_no_state(world: World) -> None:
    ports = (range(world.bound.port, world.bound.port + 1),)
    (found,) = world.sockets(protos=("udp",), ports=ports)
    assert (found.proto, found.state, found.remote) == ("udp", "", NOWHERE)
    assert found.listening
    assert len(world.sockets(protos=("tcp", "udp"), ports=ports + world.ports())) >= 4


def test_each_way_to_narrow(world: World) -> None:
    ports = world.ports()
    assert len(world.sockets(ports=ports, states=frozenset({State.LISTEN}))) == 1
    assert len(world.sockets(ports=ports, states=frozenset({State.CLOSING}))) == 0
    assert len(world.sockets(ports=ports, listening=True)) == 1
    assert len(world.sockets(ports=ports, listening=False)) == 2
    assert len(world.sockets(ports=ports, pids=frozenset({os.getpid()}))) == 3
    name = world.sockets(ports=ports)[0].process
    assert len(world.sockets(ports=ports, process=name)) == 3
    assert len(world.sockets(ports=ports, process="no such process")) == 0
    local = Network(as_number("127.0.0.0"), 2**128 - 2**24)
    assert len(world.sockets(ports=ports, networks=(local,))) == 3
    elsewhere = Network(as_number("203.0.113.0"), 2**128 - 2**8)
    assert len(world.sockets(ports=ports, networks=(elsewhere,))) == 0
    everything_in_v6 = Network(0, 0)
    assert len(world.sockets(ports=ports, networks=(everything_in_v6,))) == 0


def test_rows_are_a_sequence(world: World) -> None:
    found = world.sockets(ports=world.ports())
    assert list(found) == [found[i] for i in range(len(found))]
    assert list(found[1:]) == list(found)[1:]
    assert found[-1] == list(found)[-1]
    with pytest.raises(IndexError):
        found[3]


def test_interfaces(world: World) -> None:
    loopback = next(each for each in world.machine.list_interfaces() if each.loopback)
    assert loopback.up
    assert loopback.mtu > 0
    assert loopback.index > 0
    assert "127.0.0.1" in {each.address for each in loopback.addresses}
    four = next(each for each in loopback.addresses if each.address == "127.0.0.1")
    assert (four.prefix, four.family, four.scope) == (8, "IPv4", "host")
    assert loopback.name in world.machine.interface_names()
    assert "127.0.0.1" in world.machine.addresses()


def test_routes(world: World) -> None:
    found = world.machine.find_route("127.0.0.1")
    loopback = next(each.name for each in world.machine.list_interfaces() if each.loopback)
    assert (found.iface, found.source, found.kind) == (loopback, "127.0.0.1", "local")
    assert found.on_link
    assert found.usable
    assert str(found) == loopback


@pytest.mark.parametrize("bad", ["", "nonsense", "1.2.3", "127.0.0.1/8"])
def test_what_is_no_address(world: World, bad: str) -> None:
    with pytest.raises(BadArgument, match="not an address"):
        world.machine.find_route(bad)


def test_pretending(world: World) -> None:
    with host.pretend(world.machine):
        assert len(host.list_sockets(Wanted(ports=world.ports()))) == 3
        assert host.interface_names() == world.machine.interface_names()
        assert host.find_route("127.0.0.1") == world.machine.find_route("127.0.0.1")
    assert host.interface_names() == [name for _index, name in socket.if_nameindex()]


def test_default_route_of_a_stated_world() -> None:
    six = Route("", "wg0", "2001:db8::5", "")
    with host.pretend(Fake(routes={"::/0": six})):
        found = host.default_route()
    assert found is not None
    assert found.iface == "wg0"
    with host.pretend(Fake()):
        assert host.default_route() is None

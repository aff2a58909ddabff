"""The demo's walk on a recorded capture, for where the kernel allows no namespaces.

Packets, their times and the DNS reply are those of a real run (``walk.pcap``), read by the same
verbs. What only a live kernel can tell, routes and socket states, is stated as that run's kernel
told it, through ``host.pretend``; the walk says so.

To record it anew, on Linux: ``from netshell.shell.recorded import record; record(path)``.
"""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from netshell import host
from netshell.flow.key import Endpoint
from netshell.flow.state import State
from netshell.host.fake import Fake
from netshell.host.interfaces import Address, Interface
from netshell.host.routes import Route
from netshell.host.sockets import Socket
from netshell.shell.demo import packet_steps, settled, time_wait_steps
from netshell.shell.verbs import namespace
from netshell.shell.walk import Step, Walk

if TYPE_CHECKING:
    from netshell.capture.capture import Capture
    from netshell.lookup.answer import Answer

CAPTURE = files("netshell.lab").joinpath("walk.pcap")


def walk_recorded() -> int:
    """Walk through the recorded capture; the exit status, as the demo's."""
    from netshell.commands.read import read

    with as_file(CAPTURE) as path:
        recording = read(path)
    web = recording.filter("tcp port 80")
    client = Endpoint(web[0].src, web[0].sport or 0)
    server = Endpoint(web[0].dst, web[0].dport or 0)
    walk = Walk(namespace() | {"recording": recording})
    walk.namespace["dig"] = lambda name: recorded_answer(recording, name)
    walk.title(
        "From a name to its packets: a recorded connection on a private wire",
        f"Packets and DNS reply are the recording's, between {client.address} and",
        f"{server.address}. Routes and sockets are as the client's kernel told them then.",
    )
    with host.pretend(_world(client, server, State.ESTABLISHED)):
        for step in _first_steps(client, server):
            walk.take(step)
        for step in packet_steps(client.address, server.address):
            walk.take(step)
    with host.pretend(_world(client, server, State.TIME_WAIT)):
        for step in time_wait_steps():
            walk.take(step)
    return walk.closing()


def _first_steps(client: Endpoint, server: Endpoint) -> list[Step]:
    return [
        Step(
            'dig("www.lab")',
            lambda answer: (
                f"The name leads to {answer.addresses[0]}, said the server {answer.server.address} "
                f"in the packet recorded here."
            ),
            lambda answer: server.address in answer.addresses,
        ),
        Step(
            f'iface_for("{server.address}")',
            lambda route: f"Packets to it left through {route}.",
            lambda route: str(route) == "eth0",
        ),
        Step(
            'cap = recording.filter("tcp port 80")',
            lambda cap: f"{len(cap)} of the recording's packets belong to the connection.",
            lambda cap: len(cap) >= 8,
        ),
        Step(
            "conns(port=80)",
            lambda sockets: f"While it was open: {sockets[0].state} on {sockets[0].iface}.",
            lambda sockets: [socket.local for socket in sockets] == [client],
        ),
    ]


def recorded_answer(recording: Capture, name: str) -> Answer:
    """The answer for a name among the capture's DNS replies over UDP. Raises LookupFailed."""
    from netshell.errors import LookupFailed
    from netshell.lookup.query import read_reply
    from netshell.lookup.servers import Server

    asked_ns = 0
    for packet in recording.filter("udp port 53"):
        if packet.dport == 53:
            asked_ns = packet.time_ns
            continue
        server = Server(Endpoint(packet.src, packet.sport or 0))
        took_ms = (packet.time_ns - asked_ns) / 1e6
        answer = read_reply(packet.payload, server, took_ms, packet.time_ns)
        if answer.question.name.rstrip(".") == name.rstrip("."):
            return answer
    raise LookupFailed("no answer for", where=name, why="the recording holds no reply for it")


def _world(client: Endpoint, server: Endpoint, state: State) -> Fake:
    """The client's machine at one moment of the recording."""
    open_ = state is State.ESTABLISHED
    socket = Socket(
        "tcp",
        client,
        server,
        state,
        process="python3" if open_ else "",
        iface="eth0",
    )
    eth0 = Interface(
        "eth0", 2, ("BROADCAST", "UP"), 1500, "", (Address(client.address, 24, "IPv4"),), state="up"
    )
    route = Route("", "eth0", client.address, table="main", mtu=1500, on_link=True)
    return Fake([socket], [eth0], {f"{server.address}/32": route})


def record(path: str) -> None:
    """Capture the walk's connection in a lab of its own and save it. Raises Unavailable."""
    from netshell.lab.servers import start_dns, start_http
    from netshell.lab.wire import Wire

    with Wire.open() as wire:
        start_dns(wire.server)
        start_http(wire.server, closes="client")
        wire.client.call(_record_here, path)


def _record_here(path: str) -> None:
    from http.client import HTTPConnection

    from netshell.commands.dig import dig
    from netshell.commands.sniff import sniff

    capture = sniff("udp port 53 or tcp port 80", iface="eth0")
    web = HTTPConnection(dig("www.lab").addresses[0])
    web.request("GET", "/")
    web.getresponse().read()
    web.close()
    settled()
    capture.stop().save(path)

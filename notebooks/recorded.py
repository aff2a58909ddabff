"""The two hosts of a recorded capture, answering the verbs as far as its packets tell.

A recording is walked through: each thing that is done moves it on to the packet with which that
was over when it was recorded, and sockets are in the states that the packets up to there prove
(``flow.states``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from netshell import host
from netshell.commands.conns import conns, listeners
from netshell.commands.ifaces import ifaces
from netshell.commands.read import read
from netshell.errors import LookupFailed
from netshell.flow.key import Endpoint
from netshell.flow.state import State
from netshell.host.fake import Fake
from netshell.host.interfaces import Address, Interface
from netshell.host.routes import Route
from netshell.host.sockets import NOWHERE, Socket

ADDRESSES = {"client": "10.77.0.1", "server": "10.77.0.2"}
CLOSED = (State.CLOSED, State.LISTEN)


class Recording:
    """A capture of what the lab did, and how far it was walked through."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.capture = read(path)
        self.at = 0  # packets that are over
        self._taken = 0  # connections that were begun

    def flows(self) -> list[Any]:
        """Its TCP connections."""
        return [flow for flow in self.capture.flows if flow.proto == "tcp"]

    def next_flow(self) -> Any:
        """The connection that comes next. Raises LookupFailed where there is none."""
        flows = self.flows()[self._taken :]
        if not flows:
            raise LookupFailed("cannot connect", where=self.path.name, why="no more was recorded")
        self._taken += 1
        return flows[0]

    def move_to(self, packet: int) -> None:
        """Everything up to this packet is over."""
        self.at = max(self.at, packet + 1)


class RecordedHost:
    """One host, as far as the packets tell."""

    def __init__(self, recording: Recording, name: str) -> None:
        self._recording = recording
        self.name = name
        self.ipv4 = ADDRESSES[name]

    def dig(self, name: str, rdtype: str = "A") -> Any:
        """The recorded answer that comes next for this question. Raises LookupFailed."""
        from netshell.lookup.query import question

        asked = question(name, rdtype)
        recording = self._recording
        for message in recording.capture.messages.where(protocol="dns"):
            is_next = message.packets[0] >= recording.at and message.answer_bytes
            if is_next and (message.qname, message.qtype) == (asked.name, asked.rdtype):
                recording.move_to(message.packets[-1])
                if "tc" not in message.flags:
                    return _answer(recording.capture, message)
        raise LookupFailed("no answer for", where=name, why="the recording holds none")

    def iface_for(self, name: str) -> Route:
        """The one way that the lab has, or that to this host itself."""
        if name == self.ipv4:
            return Route(name, "lo", name, table="local", mtu=65536, kind="local", on_link=True)
        there = ADDRESSES["server"]
        return Route(there, "eth0", self.ipv4, table="main", mtu=1500, on_link=True)

    def ifaces(self) -> Any:
        """The host's two interfaces."""
        with host.pretend(self._machine()):
            return ifaces()

    def conns(self, **wanted: Any) -> Any:
        """Its connections, in the states that the packets so far prove."""
        with host.pretend(self._machine()):
            return conns(**wanted)

    def listeners(self) -> Any:
        """What the lab's servers listen on."""
        with host.pretend(self._machine()):
            return listeners()

    def sniff(self, filter: str = "") -> Any:
        """The recorded packets from here on that the filter chooses."""
        rest = self._recording.capture[self._recording.at :]
        return rest.filter(filter) if filter else rest

    def sniff_host(self, name: str, port: int) -> Any:
        """The recorded packets from here on of one host and port."""
        address = ADDRESSES["server"]
        capture = self.sniff(f"tcp port {port} and host {address}")
        capture.remarks.hosts.setdefault(address, []).append(name)
        return capture

    def browse(self, *paths: str, host: str = "www.lab", keep: bool = True) -> list[int]:
        """The statuses that were recorded for these pages."""
        statuses: list[int] = []
        while len(statuses) < len(paths):
            flow = self._recording.next_flow()
            statuses += [message.status for message in flow.messages]
            self._recording.move_to(flow.states[-1].packet)
        return statuses

    def download(self, size: int, lose: int, host: str = "www.lab") -> float:
        """The seconds that the recorded download took."""
        flow = self._recording.next_flow()
        self._recording.move_to(flow.states[-1].packet)
        return float(flow.messages[0].duration_s)

    def hold(self, host: str = "www.lab", port: int = 80) -> None:
        """Go to where the next connection is open."""
        for moment in self._recording.next_flow().states:
            self._recording.move_to(moment.packet)
            if moment.client is moment.server is State.ESTABLISHED:
                return

    def let_go(self) -> None:
        """Go to where the open connections are over."""
        for flow in self._recording.flows():
            if flow.states[0].packet < self._recording.at:
                self._recording.move_to(flow.states[-1].packet)

    def _machine(self) -> Fake:
        """This host at this moment."""
        lo, eth0 = (
            Interface(name, number, flags, mtu, "", (Address(address, bits, "IPv4"),), state=state)
            for name, number, flags, mtu, address, bits, state in (
                ("lo", 1, ("LOOPBACK", "UP"), 65536, "127.0.0.1", 8, "unknown"),
                ("eth0", 2, ("BROADCAST", "UP"), 1500, self.ipv4, 24, "up"),
            )
        )
        return Fake(list(self._sockets()), [lo, eth0])

    def _sockets(self) -> Iterator[Socket]:
        if self.name == "server":
            for port in (53, 80):
                yield Socket("tcp", Endpoint("0.0.0.0", port), NOWHERE, State.LISTEN)
        for flow in self._recording.flows():
            past = [moment for moment in flow.states if moment.packet < self._recording.at]
            if not past:
                continue
            ends = (flow.client, flow.server)
            local, remote = ends if self.name == "client" else ends[::-1]
            state = getattr(past[-1], self.name)
            if state not in CLOSED:
                yield Socket("tcp", local, remote, state, iface="eth0")


def _answer(capture: Any, message: Any) -> Any:
    """A recorded answer, as ``dig`` would give it."""
    from netshell.lookup.query import read_reply
    from netshell.lookup.servers import Server

    flow = capture.flows[message.flow]
    over_tcp = flow.proto == "tcp"
    reply = flow.stream("server").data[2:] if over_tcp else capture[message.packets[-1]].payload
    took_ms = (message.duration_s or 0.0) * 1e3
    answer = read_reply(bytes(reply), Server(flow.server), took_ms, message.end_ns, flow.proto)
    if over_tcp:
        told = "The reply over UDP was truncated; asked again over TCP."
        answer = dataclasses.replace(answer, remarks=(told, *answer.remarks))
    return answer

"""Whose connections a capture's flows are, asked while they are open and remembered."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Collection, Mapping

import numpy as np
from conftest import missing
from patience import DEADLINE_S

from netshell import sniff
from netshell.capture.owners import Ends, Owners
from netshell.commands.sniff_owners import held_by
from netshell.errors import NotPermitted
from netshell.flow.flow_columns import FlowColumns
from netshell.flow.key import Endpoint

CLIENT, SERVER = Endpoint("10.0.0.7", 50000), Endpoint("10.0.0.1", 5432)


def flows(*began_ns: int) -> FlowColumns:
    """As many TCP flows between the same two ends."""
    count = len(began_ns)
    fields = {name: np.zeros(count, np.int64) for name in FlowColumns.__slots__}
    prefix = bytes(10) + b"\xff\xff"
    for name, end in (("client", CLIENT), ("server", SERVER)):
        packed = prefix + socket.inet_aton(end.address)
        fields[name] = np.tile(np.frombuffer(packed, np.uint8), (count, 1))  # type: ignore[assignment]
        fields[f"{name}_port"] = np.full(count, end.port)
    fields["proto"] = np.full(count, 6)
    fields["first_ns"] = np.array(began_ns, np.int64)
    return FlowColumns(**fields)  # type: ignore[arg-type]


class System:
    """What is asked, what it answers, and how long that takes."""

    def __init__(self) -> None:
        self.asked = 0
        self.now = 0.0
        self.takes = 0.0
        self.answer: dict[Ends, str] = {}

    def clock(self) -> float:
        return self.now

    def __call__(self, wanted: Collection[Ends]) -> Mapping[Ends, str]:
        self.asked += 1
        self.now += self.takes
        return {ends: who for ends, who in self.answer.items() if ends in wanted}


def test_the_client_comes_before_the_server() -> None:
    system = System()
    system.answer = {Ends(SERVER, CLIENT): "postgres[1]", Ends(CLIENT, SERVER): "python3[2]"}
    owners = Owners(system, system.clock)
    owners.look(flows(100))
    assert owners.of(CLIENT, SERVER, 100) == "python3[2]"
    assert owners.of(SERVER, CLIENT, 100) == "python3[2]"
    assert owners.of(CLIENT, Endpoint("10.0.0.1", 1), 100) == ""


def test_what_was_found_is_not_asked_again_and_a_port_may_be_another_ones_later() -> None:
    system = System()
    system.answer = {Ends(CLIENT, SERVER): "first[1]"}
    owners = Owners(system, system.clock)
    owners.look(flows(100))
    owners.look(flows(100))
    assert system.asked == 1
    system.answer = {Ends(CLIENT, SERVER): "second[2]"}
    owners.look(flows(100, 900))
    assert [owners.of(CLIENT, SERVER, at) for at in (50, 100, 899, 900)] == [
        "", "first[1]", "first[1]", "second[2]",
    ]  # fmt: skip


def test_what_is_not_found_is_given_up() -> None:
    system = System()
    owners = Owners(system, system.clock)
    for _ in range(9):
        owners.look(flows(100))
    assert system.asked == 3


def test_a_slow_system_is_left_alone_for_a_while() -> None:
    system = System()
    system.takes = 0.5
    owners = Owners(system, system.clock)
    owners.look(flows(100))
    owners.look(flows(100))
    assert system.asked == 1
    system.now += 2
    owners.look(flows(100))
    assert system.asked == 2


def test_this_process_holds_its_sockets() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        ends = Ends(Endpoint(*client.getsockname()), Endpoint(*client.getpeername()))
        (who,) = held_by({ends, Ends(SERVER, CLIENT)}).values()
        assert who.endswith(f"[{os.getpid()}]")
    assert held_by({ends}) == {}


def test_a_short_connection_is_known_after_its_end() -> None:
    """And whoever follows the capture ends with it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        try:
            capture = sniff(f"tcp port {port}", iface="lo")
        except NotPermitted as error:
            missing(str(error))
        with capture:
            with socket.create_connection(("127.0.0.1", port)) as client:
                ends = Endpoint(*client.getsockname()), Endpoint(*client.getpeername())
                deadline = time.monotonic() + DEADLINE_S
                assert capture.owners is not None
                while not capture.owners.of(*ends, time.time_ns()):
                    assert time.monotonic() < deadline
                    time.sleep(0.01)  # between two looks at the real condition
            (flow,) = capture.flows
            assert capture.owners.of(flow.client, flow.server, flow.start_ns)
    deadline = time.monotonic() + DEADLINE_S
    while any(each.name == "netshell-owners" for each in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)  # between two looks at the real condition

"""Pickled or copied: packets, columns, flows and what is made of them work alone."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flow_frames import ACK, SYN, ipv4, ipv6, tcp
from frames import chunk_of

from netshell.capture import file
from netshell.capture.capture import Capture
from netshell.capture.save import save
from netshell.capture.scan import Scan
from netshell.capture.store import Store
from netshell.packet.schema import COLUMNS

FRAMES = [
    ipv4(6, 0, 1, tcp(40000, 80, SYN, 100, 0)),
    ipv4(6, 1, 0, tcp(80, 40000, SYN | ACK, 200, 101)),
    ipv4(6, 0, 1, tcp(40000, 80, ACK, 101, 201)),
    ipv6(6, 0, 1, tcp(40000, 80, SYN, 100, 0)),
    ipv4(6, 0, 1, tcp(40000, 80, ACK, 101, 201, 5)),
    ipv6(6, 1, 0, tcp(80, 40000, SYN | ACK, 100, 101)),
    ipv4(6, 0, 1, tcp(40000, 80, ACK, 101, 201, 5)),
]
COPIES = (lambda given: pickle.loads(pickle.dumps(given)), copy.deepcopy)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return save([chunk_of(FRAMES)], tmp_path / "x.pcap")


@pytest.mark.parametrize("copied", COPIES)
@pytest.mark.parametrize(
    "make",
    [
        lambda capture: capture[3],
        lambda capture: capture.flows,
        lambda capture: capture.flows[0],
        lambda capture: capture.flows.top(1),
        lambda capture: capture.findings,
        lambda capture: capture.flows[0].ladder(),
        lambda capture: capture.flows[0].states,
        lambda capture: capture.flows[0].plot("sequence"),
    ],
)
def test_what_is_made_of_a_capture(
    path: Path, make: Callable[[Any], Any], copied: Callable[[Any], Any]
) -> None:
    made = make(file.read(path))
    shown = str(made)
    again = copied(made)
    path.unlink()
    assert shown == str(again) and shown
    assert again.json() == made.json()


@pytest.mark.parametrize("copied", COPIES)
def test_a_packet_is_one_alone(path: Path, copied: Callable[[Any], Any]) -> None:
    many = file.read(save([chunk_of(FRAMES * 500)], path))
    for packet in (many[1], many[3], next(iter(Scan([str(path)])))):
        again = copied(packet)
        assert again == packet and again.index == packet.index
        assert (again.src, again.dst, again.line()) == (packet.src, packet.dst, packet.line())
        assert again.scapy.summary() == packet.scapy.summary()
        assert again.origin is None
        assert len(pickle.dumps(packet)) < 5000


@pytest.mark.parametrize("copied", COPIES)
def test_columns_are_equal(path: Path, copied: Callable[[Any], Any]) -> None:
    columns = file.read(path).columns
    for some in (columns, columns[2:5], columns[:0]):
        again = copied(some)
        for field in COLUMNS:
            np.testing.assert_array_equal(getattr(again, field.name), getattr(some, field.name))
        assert [again.address("src", row) for row in range(len(again))] == [
            some.address("src", row) for row in range(len(some))
        ]


def test_flows_work_on_alone(path: Path) -> None:
    flows = file.read(path).flows
    again = pickle.loads(pickle.dumps(flows.where(proto="tcp")))
    path.unlink()
    assert again[0].numbers.tolist() == flows[0].numbers.tolist()
    assert again[0].stream("client").data == flows[0].stream("client").data
    assert str(again[0].findings) == str(flows[0].findings)
    assert str(again[0].origin.packet(4)) == str(flows[0].origin.packet(4))
    assert again.top(1, by="retransmitted")[0] == flows[0]


def test_of_a_capture_that_goes_on_it_is_this_moment() -> None:
    store = Store()
    capture = Capture(store)
    capture.add(chunk_of(FRAMES[:4]))
    flow = capture.flows[0]
    again = pickle.loads(pickle.dumps(flow))
    capture.add(chunk_of(FRAMES[4:]))
    assert len(flow.numbers) == 5
    assert len(again.numbers) == 3


def test_a_scans_flow_reads_the_file(path: Path) -> None:
    flow = Scan([str(path)]).flows[0]
    again = pickle.loads(pickle.dumps(flow))
    assert again == flow and again.numbers.tolist() == flow.numbers.tolist()

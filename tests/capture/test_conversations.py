"""``cap.flows`` and ``scan().flows``: what is there now, the same however it came."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from flow_frames import ACK, FIN, SYN, ipv4, tcp, udp
from frames import chunk_of

from netshell.capture import conversations
from netshell.capture.capture import Capture
from netshell.capture.scan import Scan
from netshell.capture.store import Store
from netshell.packet.table import Columns

RNG = random.Random(3)
FRAMES = [
    ipv4(6, *ends, tcp(*ports, RNG.choice([SYN, SYN | ACK, ACK, FIN | ACK]), RNG.randrange(3), 1))
    if RNG.random() < 0.7
    else ipv4(17, *ends, udp(*ports, RNG.randrange(9)))
    for ends, ports in (
        RNG.choice([((0, 1), (5000, 80)), ((1, 0), (80, 5000)), ((2, 0), (6000, 53))])
        for _ in range(500)
    )
]


def whole(frames: list[bytes] = FRAMES) -> Capture:
    store = Store()
    store.add([chunk_of(frames)])
    store.end()
    return Capture(store)


def test_a_growing_capture_answers_for_what_is_there() -> None:
    store = Store()
    growing = Capture(store)
    assert len(growing.flows) == 0
    for at in range(0, 500, 7):
        store.add([chunk_of(FRAMES[at : at + 7])])
        found = growing.flows
        assert sum(flow.packets for flow in found) == len(growing)
    at_once = whole().flows
    same = ("number", "client", "server", "packets", "bytes", "flags", "known_by")
    assert [[getattr(flow, name) for name in same] for flow in growing.flows] == [
        [getattr(flow, name) for name in same] for flow in at_once
    ]


def test_each_packet_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store()
    growing = Capture(store)
    seen: list[int] = []
    before = conversations.FlowTable.extend

    def counted(table: conversations.FlowTable, columns: Columns) -> None:
        seen.append(len(columns))
        before(table, columns)

    monkeypatch.setattr(conversations.FlowTable, "extend", counted)
    for at in range(0, 500, 50):
        store.add([chunk_of(FRAMES[at : at + 50])])
        assert growing.flows and growing.flows
    assert sum(seen) == 500


def test_a_flow_knows_its_packets() -> None:
    cap = whole()
    numbers = [cap.flows[i].numbers.tolist() for i in range(len(cap.flows))]
    assert sorted(i for row in numbers for i in row) == list(range(500))
    for number, flow in zip(numbers, cap.flows, strict=True):
        ends = {(str(flow.client), str(flow.server)), (str(flow.server), str(flow.client))}
        for i in number:
            packet = cap[i]
            assert (f"{packet.src}:{packet.sport}", f"{packet.dst}:{packet.dport}") in ends


def test_decoding_ahead_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = str(whole().flows)
    monkeypatch.setattr(conversations, "FEW", 0)
    store = Store()
    for at in range(0, 500, 100):
        store.add([chunk_of(FRAMES)[at : at + 100]])
    monkeypatch.setattr("netshell.capture.store.PART_PACKETS", 60)
    assert str(Capture(store).flows) == expected


def test_asked_again_nothing_is_made_anew() -> None:
    capture = whole()
    first, second = capture.source.flows, capture.source.flows
    assert first is second
    capture.add(chunk_of(FRAMES[:1]))
    assert capture.source.flows.packets.sum() == first.packets.sum() + 1


def test_a_scan_has_the_same_flows(tmp_path: Path) -> None:
    path = whole().save(tmp_path / "flows.pcap")
    found = Scan([str(path)]).flows
    assert found == whole().flows
    assert "ended" not in str(found) and "ended" in str(whole().flows)  # needs the packets
    assert found[0].numbers.tolist() == whole().flows[0].numbers.tolist()


def test_asked_again_no_packet_is_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    capture = whole()
    known = capture.source.flows
    monkeypatch.setattr(conversations, "count_flows", lambda *given: asked.append(given))
    assert all(capture.source.flows is known for _ in range(9))
    assert not asked

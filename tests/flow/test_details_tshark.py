"""What is told of flows beside tshark's fields: each value, on conversations with faults."""

from __future__ import annotations

import random
import subprocess
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from netshell.capture.file import read
from netshell.flow.findings.running import Running
from netshell.flow.flows import Flow, Flows
from netshell.flow.round_trips import round_trips
from netshell.flow.segments import segments_of
from tests.flow.findings.conversations import captured, faulty, noise, written

Peer = Callable[[str], Path]
Row = dict[str, str]

FIELDS = (
    "frame.number", "ip.src", "ipv6.src", "tcp.srcport", "tcp.dstport", "tcp.flags", "tcp.len",
    "ip.ttl", "ipv6.hlim", "tcp.completeness", "tcp.analysis.ack_rtt", "tcp.analysis.acks_frame",
    "tcp.options.mss_val", "tcp.options.wscale.shift", "tcp.options.sack_perm",
    "tcp.analysis.retransmission", "tcp.analysis.out_of_order",
)  # fmt: skip


def tshark(program: Path, path: Path, *options: str) -> dict[int, Row]:
    """tshark's fields of TCP segments, by the number of the packet from 0."""
    asked = [part for name in FIELDS for part in ("-e", name)]
    out = subprocess.run(
        [program, "-r", path, "-Y", "tcp", "-T", "fields", "-E", "occurrence=f", *asked, *options],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    rows = [dict(zip(FIELDS, line.split("\t"), strict=True)) for line in out.splitlines()]
    return {int(row["frame.number"]) - 1: row for row in rows}


def made(path: Path, kind: object, seed: int, count: int = 200) -> Path:
    rng = random.Random(seed)
    conversations = []
    for i in range(count):
        who, sents = (faulty if kind == "faulty" else noise)(rng, 5000 + i % (3 * count // 4))
        late = 100_000_000_000 * (i // (3 * count // 4))  # on ports used before
        conversations.append((who, [replace(sent, at_ns=sent.at_ns + late) for sent in sents]))
    return written(captured(conversations), path)


def by_side(flow: Flow, rows: dict[int, Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {"client": [], "server": []}
    for number in flow.numbers.tolist():
        row = rows[number]
        own = (row["ip.src"] or row["ipv6.src"], int(row["tcp.srcport"]))
        is_client = own == (flow.client.address, flow.client.port)
        found["client" if is_client else "server"].append(row)
    return found


@pytest.mark.parametrize(("kind", "seed"), [("faulty", 1), ("faulty", 2), ("noise", 3)])
def test_fields_of_each_side(peer: Peer, tmp_path: Path, kind: str, seed: int) -> None:
    path = made(tmp_path / "x.pcapng", kind, seed)
    rows, flows = tshark(peer("tshark"), path), read(path).flows
    compared = outside = 0
    for flow in flows:
        for side, sent in by_side(flow, rows).items():
            if not sent:
                assert getattr(flow, f"{side}_ttl") is None
                continue
            assert getattr(flow, f"{side}_payload_bytes") == sum(
                int(row["tcp.len"]) for row in sent
            )
            ttls = [int(row["ip.ttl"] or row["ipv6.hlim"]) for row in sent]
            assert getattr(flow, f"{side}_ttl") == ttls[0]
            changes = sum(a != b for a, b in pairwise(ttls))
            assert getattr(flow, f"{side}_ttl_changes") == changes
            syn = next((row for row in sent if int(row["tcp.flags"], 16) & 2), None)
            offered = [
                None if syn is None or not syn[name] else int(syn[name])
                for name in ("tcp.options.mss_val", "tcp.options.wscale.shift")
            ]
            said = [getattr(flow, f"{side}_{name}") for name in ("mss", "window_scale")]
            assert said == offered
            sack = None if syn is None else bool(syn["tcp.options.sack_perm"])
            assert getattr(flow, f"{side}_sack") == sack
            theirs = [row for row in sent if row["tcp.analysis.retransmission"]]
            soon = [row for row in sent if row["tcp.analysis.out_of_order"]]
            compared += len(theirs)
            # Of those that tshark calls out of order, the ones with nothing new.
            ours = getattr(flow, f"{side}_retransmitted_packets")
            outside += max(len(theirs) - ours, 0) + max(ours - len(theirs) - len(soon), 0)
            if ours == len(theirs) and not soon:
                size = sum(int(row["tcp.len"]) for row in theirs)
                assert getattr(flow, f"{side}_retransmitted_bytes") == size
    assert compared > 50 and outside <= compared * 0.02  # docs: a few findings differ


@pytest.mark.parametrize(("kind", "seed"), [("faulty", 4), ("faulty", 9), ("noise", 5)])
def test_completeness(peer: Peer, tmp_path: Path, kind: str, seed: int) -> None:
    """In its second pass, tshark knows of all packets; the module says what it leaves out."""
    path = made(tmp_path / "x.pcapng", kind, seed)
    rows, flows = tshark(peer("tshark"), path, "-2"), read(path).flows
    same = 0
    for flow in flows:
        theirs = int(rows[int(flow.numbers[-1])]["tcp.completeness"])
        first = rows[int(flow.numbers[0])]
        is_syn = int(first["tcp.flags"], 16) & 0x12 == 2
        assert flow.completeness is not None
        if kind == "faulty" and is_syn:
            assert flow.completeness == theirs, flow
        elif is_syn:
            assert (flow.completeness ^ theirs) in (0, 8), flow
        same += flow.completeness == theirs
    assert same >= 0.95 * len(flows)


@pytest.mark.parametrize(("kind", "seed"), [("faulty", 6), ("faulty", 7), ("noise", 8)])
def test_round_trips_of_data(peer: Peer, tmp_path: Path, kind: str, seed: int) -> None:
    """Each sample that both have is the same; those without anything sent again are all there."""
    path = made(tmp_path / "x.pcapng", kind, seed)
    rows, cap = tshark(peer("tshark"), path), read(path)
    source = cap.source
    segments = segments_of(source, source.flows)
    run = Running(segments)
    ours: dict[int, tuple[int, float]] = {}
    for by_client in (True, False):
        found = round_trips(run, by_client)
        packets = segments.packet[found.ack].tolist(), segments.packet[found.data].tolist()
        for ack, data, ns in zip(*packets, found.ns.tolist(), strict=True):
            ours[ack] = data, ns / 1e9
    theirs = {
        number: (int(row["tcp.analysis.acks_frame"]) - 1, float(row["tcp.analysis.ack_rtt"]))
        for number, row in rows.items()
        if row["tcp.analysis.ack_rtt"]
    }
    both = ours.keys() & theirs.keys()
    same = [n for n in both if ours[n][0] == theirs[n][0]]
    assert len(same) > 140
    # In noise, other segments than data end where data does, and tshark takes the time since those.
    assert len(same) >= (0.9 if kind == "noise" else 0.98) * len(both)
    for number in same:
        assert ours[number][1] == pytest.approx(theirs[number][1], abs=2e-9)
    again = defaultdict(list)
    for row in run.behind.tolist():
        again[int(segments.flow[row]), bool(segments.from_client[row])].append(row)
    place = {int(packet): row for row, packet in enumerate(segments.packet)}
    for number in theirs.keys() - both:
        ack, data = place[number], place[theirs[number][0]]
        own = int(segments.flow[data]), bool(segments.from_client[data])
        is_excused = (
            segments.length[data] == 0  # of a SYN or FIN: in the handshake, not here
            or bool(rows[theirs[number][0]]["tcp.analysis.retransmission"])
            or any(data <= row < ack for row in again[own])
            or not run.raises[data]
            or theirs[number][1] < 0
            or bool(segments.flags[ack] & 4)
        )
        assert is_excused or kind == "noise", (number, theirs[number])


def test_conversations(peer: Peer, tmp_path: Path) -> None:
    """Payload of flows without a fault is what tshark follows; throughput is over its duration."""
    path = made(tmp_path / "x.pcapng", "faulty", 9, 40)
    flows: Flows = read(path).flows
    rows = tshark(peer("tshark"), path)
    for flow in flows.where(proto="tcp"):
        sides = by_side(flow, rows)
        for side in ("client", "server"):
            unique, whole = (
                getattr(flow, f"{side}_{name}_bytes") for name in ("unique", "payload")
            )
            assert 0 <= unique <= whole
            if not any(row["tcp.analysis.retransmission"] for row in sides[side]):
                lengths = [int(row["tcp.len"]) for row in sides[side]]
                assert unique >= whole - sum(np.array(lengths) == 1)  # keep-alives
            if flow.duration_s:
                speed = getattr(flow, f"{side}_bytes_per_s")
                assert speed == pytest.approx(unique / flow.duration_s)

"""The flow table against a plain, sequential reading of its rules, and against tshark."""

from __future__ import annotations

import random
import struct
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flow_frames import ACK, FLAGS, NUMBERS, RST, SYN, captures, ipv4, ipv6, tcp, udp
from frames import chunk_of
from hypothesis import given
from hypothesis import strategies as st

from netshell.flow import index, table
from netshell.flow.fragments import WITHIN_NS, Fragments
from netshell.flow.table import NEVER, FlowColumns, FlowTable, packets_of
from netshell.packet.chunk import Chunk
from netshell.packet.table import Columns, decode


@dataclass
class Plain:
    """One flow, packet by packet."""

    first: int
    ends: list[tuple[bytes, int]]
    times: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    packets: list[int] = field(default_factory=lambda: [0, 0])
    size: list[int] = field(default_factory=lambda: [0, 0])
    flags: list[int] = field(default_factory=lambda: [0, 0])
    base: list[int | None] = field(default_factory=lambda: [None, None])
    client: int | None = None
    syn_seen: bool = False
    handshake: list[int] = field(default_factory=lambda: [NEVER] * 3)
    end: int = -1


def plain(columns: Columns) -> list[Plain]:
    """The rules of netshell.flow.table, one packet after the other."""
    flows: list[Plain] = []
    current: dict[Any, Plain] = {}
    source, target = columns.src, columns.dst
    begun: dict[Any, tuple[int, int, int]] = {}  # first fragments
    pieces = zip(columns.ip_id, columns.fragment_offset, columns.more_fragments, strict=True)
    fragment = [(int(ident), int(offset), bool(more)) for ident, offset, more in pieces]
    names = ("ip_version", "proto", "sport", "dport", "tcp_flags", "seq", "ack")
    times, sizes = columns.time_ns.tolist(), columns.wire_len.tolist()
    rows = zip(*(getattr(columns, name).tolist() for name in names), strict=True)
    for i, (version, proto, sport, dport, flags, seq, ack) in enumerate(rows):
        if not version:
            continue
        ident, offset, more = fragment[i]
        whose = (source[i].tobytes(), target[i].tobytes(), proto, ident)
        if not offset and more and sport >= 0:
            begun[whose] = times[i], sport, dport
        elif offset and whose in begun and abs(times[i] - begun[whose][0]) <= WITHIN_NS:
            _, sport, dport = begun[whose]
        me, peer = (source[i].tobytes(), sport), (target[i].tobytes(), dport)
        key = (version, proto, *sorted((me, peer)))
        flow = current.get(key)
        if flow is None:
            flow = current[key] = Plain(i, [me, peer])
            flows.append(flow)
        side = 0 if flow.ends[0] == me else 1
        if flags >= 0 and flags & (SYN | ACK) == SYN and flow.base[side] not in (None, seq):
            flow.end = i
            flow = current[key] = Plain(i, [me, peer])
            flows.append(flow)
            side = 0
        told(flow, side, flags, seq, ack, times[i])
        flow.rows.append(i)
        flow.times.append(times[i])
        flow.packets[side] += 1
        flow.size[side] += sizes[i]
        flow.flags[side] |= max(flags, 0)
    return flows


def told(flow: Plain, side: int, flags: int, seq: int, ack: int, time: int) -> None:
    """What a segment tells of the numbers and the handshake."""
    if flags < 0:
        return
    if flow.base[side] is None or flags & (SYN | ACK) == SYN | ACK:
        flow.base[side] = seq if flags & SYN else (seq - 1) % 2**32
    if flags & ACK and flow.base[1 - side] is None:
        flow.base[1 - side] = (ack - 1) % 2**32
    opening, answer = flags & (SYN | ACK) == SYN, flags & (SYN | ACK) == SYN | ACK
    if flow.client is None and (opening or answer):
        flow.client = side if opening else 1 - side
    if opening and side == flow.client:
        flow.syn_seen = True
        if flow.handshake[1] == NEVER:
            flow.handshake[0] = time
    elif answer and side != flow.client:
        if flow.handshake[1] == NEVER:
            flow.handshake[1] = time
    elif (
        flags & (SYN | ACK | RST) == ACK
        and side == flow.client
        and flow.handshake[1] != NEVER
        and flow.handshake[2] == NEVER
    ):
        flow.handshake[2] = time


def as_rows(flows: Sequence[Plain]) -> list[tuple[Any, ...]]:
    rows = []
    for flow in flows:
        client, known = flow.client, table.BY_SYN if flow.syn_seen else table.BY_SYN_ACK
        if client is None:
            client, known = 0, table.BY_FIRST
            ports = [port for _, port in flow.ends]
            for limit in (32768, 1024):
                if min(ports) >= 0 and (ports[0] < limit) != (ports[1] < limit):
                    client, known = int(ports[0] < limit), table.BY_PORT
        both = (client, 1 - client)
        rows.append(
            (
                *(flow.ends[i] for i in both),
                known,
                *(flow.packets[i] for i in both),
                *(flow.size[i] for i in both),
                *(flow.flags[i] for i in both),
                min(flow.times),
                max(flow.times),
                *flow.handshake,
                flow.first,
                flow.end,
            )
        )
    return rows


NAMES = (
    *("known_by", "packets_out", "packets_back", "bytes_out", "bytes_back"),
    *("flags_out", "flags_back", "first_ns", "last_ns", "syn_ns", "syn_ack_ns", "ack_ns"),
    *("first", "end"),
)


def rows_of(flows: FlowColumns) -> list[tuple[Any, ...]]:
    return [
        (
            (flows.client[i].tobytes(), int(flows.client_port[i])),
            (flows.server[i].tobytes(), int(flows.server_port[i])),
            *(int(getattr(flows, name)[i]) for name in NAMES),
        )
        for i in range(len(flows))
    ]


def counted(chunk: Chunk, cuts: Sequence[int] = (), loaded: bool = False) -> FlowTable:
    made = FlowTable()
    edges = [0, *sorted(cut for cut in cuts if cut < len(chunk)), len(chunk)]
    for begin, end in pairwise(edges):
        part = chunk[begin:end]
        made.extend(decode(part).load() if loaded else decode(part))
    return made


@given(captures(), st.lists(st.integers(0, 60), max_size=6), st.booleans())
def test_the_table_is_what_a_plain_reading_gives(
    chunk: Chunk, cuts: list[int], loaded: bool
) -> None:
    columns = decode(chunk)
    expected = plain(columns)
    flows = counted(chunk, cuts, loaded)
    assert rows_of(flows.columns()) == as_rows(expected)
    for i, flow in enumerate(expected):
        assert packets_of(columns, 0, flows.columns(), i, Fragments())[0].tolist() == flow.rows
    assert flows.without_ip == len(chunk) - sum(len(flow.rows) for flow in expected)


@given(captures(), st.integers(1, 5))
def test_nothing_depends_on_hashes_or_blocks(chunk: Chunk, block: int) -> None:
    """All endpoints with the same few hashes, a handful of packets at a time."""

    def poor(first: Any, second: Any) -> Any:
        return (first % np.uint64(2)) << np.uint64(63)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "_mixed", poor)
        patch.setattr(table, "_BLOCK", block)
        assert rows_of(counted(chunk).columns()) == as_rows(plain(decode(chunk)))


def test_many_flows_and_few_packets_of_each() -> None:
    frames = [ipv4(17, i % 3, (i + 1) % 3, udp(1024 + i // 5, 53, 1)) for i in range(40_000)]
    flows = counted(chunk_of(frames)).columns()
    assert rows_of(flows) == as_rows(plain(decode(chunk_of(frames))))


def test_nothing_and_no_ip() -> None:
    assert len(FlowTable().columns()) == 0
    made = counted(chunk_of([bytes(12) + b"\x08\x06" + bytes(28)] * 3))
    assert (len(made.columns()), made.packets, made.without_ip) == (0, 3, 3)
    assert len(counted(chunk_of([b"", b"\0"])).columns()) == 0


def test_what_is_taken_later_does_not_change_a_result() -> None:
    frames = [ipv4(17, 0, 1, udp(5000, 53, 1))]
    made = counted(chunk_of(frames))
    before = made.columns()
    made.extend(decode(chunk_of(frames * 3)))
    assert (before.packets_out[0], made.columns().packets_out[0]) == (1, 4)


def test_packets_let_go_keep_their_numbers() -> None:
    made = FlowTable()
    made.skip(7)
    made.extend(decode(chunk_of([ipv4(17, 0, 1, udp(5000, 53, 1))])))
    flows = made.columns()
    assert (flows.first[0], made.packets, made.without_ip) == (7, 8, 0)


def test_one_side_of_a_connection_to_itself() -> None:
    chunk = chunk_of([ipv4(6, 0, 0, tcp(5000, 5000, flags, 1, 1)) for flags in (SYN, SYN | ACK)])
    flows = counted(chunk).columns()
    assert (len(flows), flows.packets.tolist()) == (1, [2])


# --- beside tshark ----------------------------------------------------------------------------


def written(path: Path, frames: Sequence[bytes]) -> Path:
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for i, frame in enumerate(frames):
            file.write(struct.pack("<IIII", 1_700_000_000, i, len(frame), len(frame)) + frame)
    return path


def asked(tshark: Path, path: Path, *arguments: str) -> list[list[str]]:
    found = subprocess.run(
        [tshark, "-n", "-o", "ip.defragment:FALSE", "-r", path, *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.split() for line in found.stdout.splitlines()]


@pytest.mark.parametrize("seed", range(3))
def test_ports_used_again_are_the_streams_of_tshark(
    seed: int, tmp_path: Path, peer: Callable[[str], Path]
) -> None:
    rng = random.Random(seed)
    frames = []
    for port in range(10_000, 10_400):
        for _ in range(rng.randrange(1, 12)):
            numbers = (rng.choice(FLAGS), rng.choice(NUMBERS), rng.choice(NUMBERS))
            there = rng.random() < 0.5
            ports = (port, 80) if there else (80, port)
            make = ipv4 if port % 3 else ipv6
            frames.append(make(6, int(not there), int(there), tcp(*ports, *numbers)))
    columns = decode(chunk_of(frames))
    flows = counted(chunk_of(frames), range(0, len(frames), 700)).columns()
    mine = np.full(len(frames), -1)
    for i in range(len(flows)):
        mine[packets_of(columns, 0, flows, i, Fragments())[0]] = i
    path = written(tmp_path / "reuse.pcap", frames)
    streams = asked(peer("tshark"), path, "-T", "fields", "-e", "tcp.stream")
    assert mine.tolist() == [int(stream) for (stream,) in streams]


@pytest.mark.parametrize("proto", ["tcp", "udp"])
def test_counts_are_those_of_tshark(
    proto: str, tmp_path: Path, peer: Callable[[str], Path]
) -> None:
    rng = random.Random(7)
    frames = []
    for _ in range(3000):
        source, target = rng.sample(range(3), 2)
        sport, dport = rng.choice([(40000, 80), (80, 40000), (5000, 53), (53, 5000)])
        size, make = rng.randrange(50), rng.choice([ipv4, ipv6])
        numbers = (rng.choice(FLAGS), rng.choice(NUMBERS), rng.choice(NUMBERS))
        frames.append(
            rng.choice(
                [
                    make(6, source, target, tcp(sport, dport, *numbers, size)),
                    make(17, source, target, udp(sport, dport, size)),
                    ipv4(17, source, target, bytes(size + 4), fragment=5),
                    bytes(12) + b"\x08\x06" + bytes(28),
                ]
            )
        )
    path = written(tmp_path / "mixed.pcap", frames)
    told = conversations(peer("tshark"), path, proto)
    flows = counted(chunk_of(frames)).columns()
    chosen = (flows.proto == {"tcp": 6, "udp": 17}[proto]) & (flows.client_port >= 0)
    mine = sorted(
        sorted(
            [
                (int(flows.client_port[i]), int(flows.packets_out[i]), int(flows.bytes_out[i])),
                (int(flows.server_port[i]), int(flows.packets_back[i]), int(flows.bytes_back[i])),
            ]
        )
        for i in np.flatnonzero(chosen)
    )
    assert mine == told


def conversations(tshark: Path, path: Path, proto: str) -> list[list[tuple[int, int, int]]]:
    """What ``-z conv`` counts: per end its port, and the packets and bytes it sent."""
    found = []
    for line in asked(tshark, path, "-q", "-z", f"conv,{proto}"):
        if "<->" not in line:
            continue
        # A <-> B, B to A: packets bytes unit, A to B: packets bytes unit, both.
        ports = [int(line[i].rsplit(":", 1)[1]) for i in (0, 2)]
        assert line[5] == line[8] == "bytes", line
        back, out = (int(line[3]), int(line[4])), (int(line[6]), int(line[7]))
        found.append(sorted([(ports[0], *out), (ports[1], *back)]))
    return sorted(found)

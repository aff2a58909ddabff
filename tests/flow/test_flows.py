"""Flows as records: what they say, how they are chosen, and what a long table costs."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from flow_frames import ACK, FIN, PSH, RST, SYN, ipv4, ipv6, tcp, udp
from frames import chunk_of

import netshell.render  # noqa: F401  (json)
from netshell.errors import BadArgument
from netshell.flow.flow import Flow
from netshell.flow.flows import SHOWN, Flows, flows_of
from netshell.flow.key import Endpoint
from netshell.flow.source import Held
from netshell.packet.table import decode
from netshell.packet.tcp import Flags
from netshell.view import Table, draw

WEB = (40000, 80)
BACK = (80, 40000)
HANDSHAKE = [
    ipv4(6, 0, 1, tcp(*WEB, SYN, 100, 0)),
    ipv4(6, 1, 0, tcp(*BACK, SYN | ACK, 200, 101)),
    ipv4(6, 0, 1, tcp(*WEB, ACK, 101, 201)),
    ipv4(6, 0, 1, tcp(*WEB, PSH | ACK, 101, 201, 9)),
    ipv4(6, 1, 0, tcp(*BACK, FIN | ACK, 201, 110)),
]


def flows(frames: list[bytes]) -> Flows:
    chunk = chunk_of(frames)
    source = Held([(0, decode(chunk), chunk)])
    return flows_of(source.flows, source)


def test_a_connection_from_its_first_packet_to_its_last() -> None:
    (flow,) = flows(HANDSHAKE)
    assert (flow.client, flow.server) == (Endpoint("10.0.0.1", 40000), Endpoint("10.0.0.2", 80))
    assert (flow.proto, flow.known_by, flow.packets) == ("tcp", "SYN", 5)
    assert (flow.client_packets, flow.server_packets) == (3, 2)
    assert (flow.client_bytes, flow.server_bytes, flow.bytes) == (3 * 54 + 9, 2 * 54, 279)
    assert flow.duration_s == 4e-6
    assert (flow.client_flags, flow.server_flags) == (
        Flags.SYN | Flags.ACK | Flags.PSH,
        Flags.SYN | Flags.ACK | Flags.FIN,
    )
    # A microsecond from packet to packet.
    assert (flow.handshake_rtt_ms, flow.server_rtt_ms, flow.client_rtt_ms) == (0.002, 0.001, 0.001)
    assert flow.numbers.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("frame", "client", "known_by"),
    [
        (ipv4(6, 1, 0, tcp(*BACK, SYN | ACK, 200, 101)), "10.0.0.1:40000", "SYN,ACK"),
        (ipv4(6, 1, 0, tcp(*BACK, ACK, 200, 101)), "10.0.0.1:40000", "port"),
        (ipv4(6, 1, 0, tcp(80, 443, ACK, 200, 101)), "10.0.0.2:80", "first packet"),
        (ipv4(17, 1, 0, udp(8080, 50000, 3)), "10.0.0.1:50000", "port"),
        (ipv4(17, 1, 0, udp(53, 5353, 3)), "10.0.0.1:5353", "port"),
        (ipv4(1, 1, 0, bytes(8)), "10.0.0.2:*", "first packet"),
    ],
)
def test_who_the_client_is(frame: bytes, client: str, known_by: str) -> None:
    (flow,) = flows([frame])
    assert (str(flow.client), flow.known_by) == (client, known_by)


def test_a_syn_sent_again_counts_from_the_last_one_and_the_flow_stays() -> None:
    (flow,) = flows([HANDSHAKE[0], *HANDSHAKE[:3]])
    assert (flow.packets, flow.server_rtt_ms, flow.handshake_rtt_ms) == (4, 0.001, 0.002)


def test_a_port_used_again_is_another_flow() -> None:
    again = ipv4(6, 0, 1, tcp(*WEB, SYN, 5000, 0))
    first, second = flows([*HANDSHAKE, again, ipv4(6, 1, 0, tcp(*BACK, RST | ACK, 0, 5001))])
    assert (first.numbers.tolist(), second.numbers.tolist()) == ([0, 1, 2, 3, 4], [5, 6])
    assert second.handshake_rtt_ms is None


def test_later_fragments_without_the_first_are_a_flow_without_ports() -> None:
    whole, rest = found = flows(
        [
            ipv4(17, 0, 1, udp(5000, 6000, 8), fragment=0x2000),
            ipv4(17, 0, 1, b"x" * 8, fragment=0x2002),
            ipv4(17, 0, 1, b"x" * 8, fragment=2, ident=8),
            ipv4(17, 0, 1, b"x" * 8, fragment=3),
        ]
    )
    assert (str(whole.client), whole.numbers.tolist()) == ("10.0.0.1:5000", [0, 1, 3])
    assert (rest.proto, str(rest.client), rest.flags, rest.packets) == (
        "udp",
        "10.0.0.1:*",
        None,
        1,
    )
    assert "* no port to see: later fragments without the first" in str(found)
    assert "no port" not in str(found[:1])


MIXED = [
    *HANDSHAKE,
    ipv6(17, 2, 1, udp(5000, 53, 30)),
    ipv4(17, 2, 1, udp(5001, 53, 500)),
    ipv4(1, 0, 2, bytes(8)),
]


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({"port": 53}, [1, 2]),
        ({"port": 40000}, [0]),
        ({"host": "10.9.0.1"}, [2, 3]),
        ({"host": "10.0.0.0/8"}, [0, 2, 3]),
        ({"host": "10.0.0.0/24", "proto": "icmp"}, [3]),
        ({"host": "::/0"}, [1]),
        ({"host": "::ffff:10.9.0.1"}, [1]),
        ({"proto": 17}, [1, 2]),
        ({"known_by": "SYN"}, [0]),
        ({"port": 9}, []),
        ({}, [0, 1, 2, 3]),
    ],
)
def test_where(wanted: dict[str, Any], numbers: list[int]) -> None:
    assert [flow.number for flow in flows(MIXED).where(**wanted)] == numbers


def test_orders() -> None:
    found = flows(MIXED)
    assert [flow.number for flow in found.top(2)] == [2, 0]
    assert [flow.number for flow in found.top(1, by="packets")] == [0]
    assert [flow.number for flow in found.sort("bytes")] == [3, 1, 0, 2]
    assert [flow.number for flow in found.sort(reverse=True)] == [3, 2, 1, 0]
    assert [flow.number for flow in found.where(proto="udp").top(1, by="rtt")] == [1]
    assert [flow.number for flow in found[1:3].top(1)] == [2]
    assert found.top(0).view()[0].rows == []  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda found: found.where(port=70000),
        lambda found: found.where(port="https"),
        lambda found: found.where(host="nowhere"),
        lambda found: found.where(proto="tpc"),
        lambda found: found.where(known_by="guess"),
        lambda found: found.top(-1),
        lambda found: found.top(3, by="size"),
        lambda found: found.sort("size"),
    ],
)
def test_what_cannot_be_meant(wrong: Any) -> None:
    with pytest.raises(BadArgument):
        wrong(flows(MIXED))


def test_a_long_table_makes_only_the_records_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    found = flows([ipv4(17, 0, 1, udp(1000 + i, 53, 1)) for i in range(3000)])
    made: list[Flow] = []
    before = Flow.__post_init__

    def counted(flow: Flow, *given: Any) -> None:
        made.append(flow)
        before(flow, *given)

    monkeypatch.setattr(Flow, "__post_init__", counted)
    text = str(found)
    assert len(made) == SHOWN and len(text.splitlines()) == SHOWN + 3
    assert "2,960 flows left out" in text


def test_as_data() -> None:
    found = flows(MIXED)
    records = json.loads(found.json())
    assert len(records) == 4 and records[0]["client"] == {"address": "10.0.0.1", "port": 40000}
    told = found[0]
    assert records[0] == json.loads(told.json())
    assert records[0]["ended"] == told.ended and records[0]["finding_count"] == told.finding_count
    assert records[0]["longest_wait_ms"] == told.longest_wait_ms and "rtt_ms" in records[0]
    assert records[0]["retransmitted_packets"] == told.retransmitted_packets
    assert not records[3]["ended"]
    assert "find" not in records[0] and records[3]["client_flags"] is None
    assert [flow.number for flow in found] == [0, 1, 2, 3]
    assert found[-1].proto == "icmp" and isinstance(found[1:3], Flows) and len(found[1:3]) == 2
    assert np.array_equal(found[2].numbers, [6])
    assert found[0] == flows(MIXED)[0]


@pytest.mark.parametrize("name", [None, [], "", "rtt_msec"])
def test_a_detail_there_is_not_is_refused(name: Any) -> None:
    with pytest.raises(BadArgument, match=r"^detail .*(one of 'ended', |did you mean )"):
        flows(HANDSHAKE)[0].detail(name)


def test_one_flow_by_itself() -> None:
    flow = flows(MIXED)[0]
    assert str(flow) == "tcp 10.0.0.1:40000 > 10.0.0.2:80, 5 packets, 279 bytes, 0.000 s"
    text = repr(flow)
    assert "10.0.0.1:40000 (sent the SYN)" in text and "2 µs" in text
    assert "2023-11-14 22:13:20.000000000 UTC" in text


def test_arrays_are_what_the_records_say() -> None:
    found = flows(MIXED)
    (data,) = found.data() or ()
    for row, flow in enumerate(found):
        for name, column in data.items():
            value = (
                None if column.missing is not None and column.missing[row] else column.values[row]
            )
            if value is not None and column.texts is not None:
                value = column.texts[value]
            outer, _, inner = name.rpartition("_")
            said: Any = getattr(flow, name, None)
            if inner in ("address", "port"):
                said = getattr(getattr(flow, outer), inner)
            if name == "start":
                said = flow.start_ns
            assert value == (str(said) if isinstance(said, Flags) else said), name


def test_as_a_table() -> None:
    polars = pytest.importorskip("polars")
    frame = flows(MIXED).top(2).to_polars()
    assert isinstance(frame, polars.DataFrame)
    assert frame["client_port"].to_list() == [5001, 40000]
    assert frame["completeness"].to_list() == [None, 31]


def test_as_a_table_of_categories() -> None:
    pytest.importorskip("pandas")
    frame = flows(MIXED).to_pandas()
    assert frame["ended"].tolist() == ["FIN by server, unacknowledged", "", "", ""]
    assert frame["client_unique_bytes"].tolist()[0] == 9


def test_no_flows() -> None:
    assert str(flows([])) == "no flows"


SYN_OF_SIX = ipv6(6, 1, 2, tcp(40526, 443, SYN, 1, 0))


@pytest.mark.parametrize("width", [80, 60, 140])
@pytest.mark.parametrize(
    ("ask", "column", "value"),
    [
        (lambda found: found.sort("duration"), "duration", "0.000 s"),
        (lambda found: found.top(3, by="sent"), "sent", "171"),
        (lambda found: found.sort("bytes").top(3, by="received"), "received", "108"),
        (lambda found: found.top(3, by="retransmitted"), "resent", ""),
        (lambda found: found.slowest(3, by="first byte"), "first byte", ""),
        (lambda found: found.top(1, by="payload"), "payload", "9"),
        (lambda found: found.top(1, by="throughput"), "throughput", "MB/s"),
        (lambda found: found.sort("last")[:2], "last", "2023-11-14 22:13:20.000 UTC"),
        (lambda found: found.where(known_by="SYN"), "client by", "SYN"),
        (lambda found: found.where(proto="tcp"), "proto", "tcp"),
        (lambda found: found.where(finding="retransmission"), "findings", ""),
        (lambda found: found.where(ended="FIN"), "ended", "unacknowledged"),
        (lambda found: found.where(ended="FIN").top(3, by="packets")[:1], "packets", "5"),
    ],
)
def test_what_was_asked_for_is_shown(ask: Any, column: str, value: str, width: int) -> None:
    shown = draw(ask(flows(HANDSHAKE)).view(), width)
    if not ask(flows(HANDSHAKE)):
        shown = draw(ask(flows(HANDSHAKE)).view())
        (table, *_) = ask(flows(HANDSHAKE)).table()
        assert next(each for each in table.columns if each.name == column).keep == 0
        return
    assert column in shown.splitlines()[0] and value in shown


def test_only_the_last_order_is_asked_for() -> None:
    (table, *_) = flows(HANDSHAKE).sort("throughput").top(1, by="payload").table()
    assert isinstance(table, Table)
    assert [column.name for column in table.columns if not column.keep][2:] == ["payload"]


@pytest.mark.parametrize("width", [60, 80, 140])
def test_ipv4_is_never_cut_and_ipv6_in_its_middle(width: int) -> None:
    found = flows([*HANDSHAKE, SYN_OF_SIX])
    table = draw(found[:1].view(), width)
    assert "10.0.0.1:40000" in table and "10.0.0.2:80" in table and "…" not in table
    shown = draw(found.view(), width)
    assert "bytes" in shown and "findings" in shown
    assert all(len(line) <= width for line in shown.splitlines())


def test_long_addresses_leave_room_for_numbers_at_80() -> None:
    long = bytearray(SYN_OF_SIX)
    long[22:54] = bytes.fromhex(
        "2a000d4000010003 7aacc0fffea70d4c 2a00145040060804 000000000000200e"
    )
    head, line, *_ = draw(flows([*HANDSHAKE, bytes(long)][-1:]).view(), 80).splitlines()
    assert "[2a00:d40…:d4c]:40526" in line and "[2a00:145…::200e]:443" in line
    head = head.split()
    assert {"bytes", "findings", "duration"} <= set(head) and "proto" not in head


def test_how_a_flow_ended_is_said_shorter_before_it_leaves() -> None:
    found = flows([ipv4(6, 0, 1, tcp(*WEB, SYN, 100, 0)), ipv4(6, 1, 0, tcp(*BACK, 20, 0, 101))])
    assert "RST by server: refused" in draw(found.view(), 140)
    narrow = draw(found.view(), 68)
    assert "refused" in narrow and "RST by" not in narrow


def test_endpoints_are_whole_where_less_important_columns_have_room() -> None:
    frames = [ipv4(6, 0, 1, tcp(*WEB, SYN, 100, 0))]
    for width in range(48, 140):
        assert "10.0.0.1:40000  10.0.0.2:80 " in draw(flows(frames).view(), width)

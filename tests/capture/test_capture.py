"""The object users hold: indexes, slices, filters, shows itself."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import time
from typing import Any

import numpy as np
import pytest
from frames import chunk_of, segment

from netshell.capture.capture import Capture
from netshell.capture.store import Part, Store
from netshell.errors import BadArgument
from netshell.packet.packet import Packet

FRAMES = [segment(flags=0x02, seq=1000, payload=b"", options=b"\x03\x03\x07\x00")] + [
    segment(seq=1001 + 3 * i, dport=80 + (i % 2) * 363, payload=b"%03d" % i) for i in range(99)
]


@pytest.fixture
def cap() -> Capture:
    store = Store()
    for at in range(0, 100, 30):
        store.add([chunk_of(FRAMES[at : at + 30])])
    store.end()
    return Capture(store, names=("eth7",), ifaces=("eth7",), filter_text="tcp")


def raws(cap: Capture) -> list[bytes]:
    return [packet.raw for packet in cap]


def test_index(cap: Capture) -> None:
    assert len(cap) == 100
    assert [cap[i].raw for i in range(100)] == FRAMES
    assert cap[-1].raw == FRAMES[99]
    assert (cap[31].index, cap[-100].index, cap[5].iface) == (31, 0, "eth7")
    for wrong in (100, -101):
        with pytest.raises(IndexError, match=f"packet {wrong} of 100"):
            cap[wrong]


@pytest.mark.parametrize(
    "which",
    [
        slice(None),
        slice(28, 33),
        slice(-5, None),
        slice(None, None, 7),
        slice(90, 10, -9),
        slice(None, None, -1),
        slice(50, 20),
        slice(95, 400),
    ],
)
def test_slices_are_captures(cap: Capture, which: slice) -> None:
    part = cap[which]
    assert isinstance(part, Capture)
    assert raws(part) == FRAMES[which]
    assert len(part.columns) == len(part) == len(FRAMES[which])
    assert [packet.index for packet in part] == list(range(len(part)))
    assert raws(part[1:][:3]) == FRAMES[which][1:4]


def test_relative_numbers_and_scale_survive_slicing(cap: Capture) -> None:
    whole = [(packet.relative_seq, packet.window_shift) for packet in cap]
    assert whole[1] == (1, None)
    assert [(p.relative_seq, p.window_shift) for p in cap[40:60]] == whole[40:60]
    assert [(p.relative_seq, p.window_shift) for p in cap[90:20:-7]] == whole[90:20:-7]
    assert cap[3].relative_seq == cap[2:][1].relative_seq == 7


def test_filters(cap: Capture) -> None:
    expected = [frame for frame in FRAMES if frame[36:38] == b"\x01\xbb"]
    assert len(expected) == 49
    assert raws(cap.filter("tcp dst port 443")) == expected
    assert raws(cap.filter(lambda packet: packet.dport == 443)) == expected
    assert raws(cap.filter(cap.columns.dport == 443)) == expected
    assert raws(cap.filter(np.array([True, False]))) == FRAMES[:1]
    assert len(cap.filter("udp")) == 0
    assert "0 of 100 packets" in str(cap.filter("udp"))
    with pytest.raises(BadArgument, match='syntax error at "prt"'):
        cap.filter("tcp prt 80")
    for wrong in (np.arange(100), np.ones(101, bool), 5):
        with pytest.raises(BadArgument, match="one bool a packet"):
            cap.filter(wrong)


def test_an_error_in_a_predicate_is_the_callers(cap: Capture) -> None:
    def broken(packet: Packet) -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cap.filter(broken)


def test_the_view_counts_and_says_what_it_leaves_out(cap: Capture) -> None:
    lines = str(cap).splitlines()
    assert lines[0] == "100 packets"
    assert lines[31] == "… 60 packets left out; .show(fold=False) has them all"
    assert len(lines) == 42
    assert lines[1:31] == [packet.line() for packet in cap[:30]]
    assert lines[32:] == [packet.line() for packet in cap[-10:]]
    assert str(cap[:40]).count("\n") == 40
    assert str(cap[:3]).startswith('3 of 100 packets on eth7, filter "tcp"\n')


def of_days(*days: int) -> Capture:
    """Packets of as many each: how many days after the first."""
    store = Store()
    for day in days:
        chunk = chunk_of(FRAMES[1:3])
        store.add([dataclasses.replace(chunk, time_ns=chunk.time_ns + day * 86_400 * 10**9)])
    store.end()
    return Capture(store)


def test_dates_are_told_where_the_day_changes() -> None:
    start = int(of_days(0)[0].time_ns) // 10**9
    dates = [
        time.strftime("%Y-%m-%d", time.localtime(start + day * 86_400)) for day in (0, 3, 4000)
    ]
    several = of_days(0, 0, 3, 4000)
    packets = [packet.line() for packet in several]
    lines = str(several).splitlines()[1:]
    assert lines == [
        dates[0], *packets[:4], dates[1], *packets[4:6], dates[2], *packets[6:]
    ]  # fmt: skip
    assert str(several.show("none", fold=False)).splitlines() == lines
    assert str(of_days(5, 5)).count("\n") == 4  # of one day: without
    assert str(of_days().show("none", fold=False)) == ""


def test_dates_are_told_beside_what_is_left_out() -> None:
    lines = str(of_days(*[0] * 20, *[1] * 20)).splitlines()
    assert len(lines) == 1 + 1 + 30 + 1 + 1 + 10
    assert "left out" in lines[32] and len(lines[33]) == len("2023-11-14")


def test_show(cap: Capture) -> None:
    text = str(cap[1:3].show(fold=False))
    assert text == "\n".join(packet.line("ascii") for packet in cap[1:3])
    assert "30 30 31" in str(cap[2:3].show("hex"))
    assert str(cap.show("none", fold=False)).count("\n") == 99
    with pytest.raises(BadArgument, match="use ascii, hex or none"):
        cap.show("octal")


def test_hostile_payload_stays_harmless() -> None:
    cap = Capture(Store())
    cap.add(chunk_of([segment(payload=b"\x1b[2J\x00\xff\xe2\x80\xae evil\x9b31m\r\n")]))
    for payload in ("ascii", "hex"):
        assert all(line.isprintable() for line in str(cap.show(payload)).splitlines())


def test_json(cap: Capture) -> None:
    import netshell.render  # noqa: F401

    (first, *rest) = json.loads(cap.json())
    assert (first["flags"], first["relative_seq"], len(rest)) == ("SYN", 0, 99)
    assert json.loads(cap.stats.json()) == {
        "received": 100,
        "dropped": 0,
        "dropped_by_interface": 0,
        "truncated": 0,
        "bytes": sum(map(len, FRAMES)),
        "let_go": 0,
        "written": 0,
        "unwritten": 0,
        "seconds": 0,
        "rate": 0,
        "cpu": 0,
    }


def test_as_scapy_sees_it(cap: Capture) -> None:
    packets = cap[:5].scapy
    assert [bytes(packet) for packet in packets] == FRAMES[:5]
    assert packets[2]["TCP"].dport == 443
    assert packets[0].time == cap[0].time_ns / 10**9
    assert int(packets[0].time * 10**9) == cap[0].time_ns
    assert cap[3].scapy.sniffed_on == "eth7"


def test_iterating_and_waiting_end_with_the_capture(cap: Capture) -> None:
    assert len(list(cap)) == 100
    assert cap.wait() is cap
    assert cap.wait(count=5, seconds=0) is cap
    assert cap.stop() is cap
    with cap as same:
        assert same is cap
    with pytest.raises(BadArgument):
        cap.wait(count=-1)


def test_an_empty_one() -> None:
    cap = Capture(Store.of([]))
    assert (len(cap), list(cap), cap.link, cap.links, len(cap.columns)) == (0, [], None, (), 0)
    assert str(cap) == "0 packets"
    assert len(cap[:]) == len(cap.filter("tcp")) == len(cap.filter(lambda packet: True)) == 0


def test_packets_are_equal_by_what_they_are(cap: Capture) -> None:
    assert cap[3] == cap[3]
    assert hash(cap[3]) == hash(cap[:][3])
    assert cap[3] != cap[4]
    assert cap[3] != "a packet"
    assert cap[5:][0] in cap
    assert cap[3] not in cap[5:]
    assert "a packet" not in cap


def test_pickled_it_is_the_packets_of_that_moment(cap: Capture) -> None:
    for copied in (pickle.loads(pickle.dumps(cap)), copy.deepcopy(cap)):
        assert list(copied) == list(cap)
        assert copied.names == cap.names
        assert not copied.running
    assert len(pickle.dumps(cap[:1])) < len(pickle.dumps(cap)) / 5
    assert pickle.loads(pickle.dumps(cap.stats)) == cap.stats


def test_a_frame_shorter_than_its_header_is_raw_for_scapy() -> None:
    from scapy.packet import Raw

    cap = Capture(Store.of([Part(chunk_of([FRAMES[0][:4]]), 0)]))
    assert bytes(cap[0].scapy) == cap[0].raw
    assert isinstance(cap[0].scapy, Raw)


def test_steps_and_numbers_beyond_any_array(cap: Capture) -> None:
    assert raws(cap[:: 10**30]) == FRAMES[:1]
    assert raws(cap[:: -(10**30)]) == FRAMES[-1:]
    assert raws(cap[10**30 :: 2]) == []
    for wrong in (10**5000, -(10**5000)):
        with pytest.raises(IndexError, match="a huge number of 100"):
            cap[wrong]


@pytest.mark.parametrize("count", [None, "5", 1.5, float("nan"), True, -1, [3]])
def test_counts_that_are_none(cap: Capture, count: Any) -> None:
    with pytest.raises(BadArgument, match=r"^bad count .*; use 0 or more$"):
        cap.top("src", count)


def test_by_what_nobody_can_count(cap: Capture) -> None:
    with pytest.raises(BadArgument, match="cannot count by a list; use one of src, "):
        cap.top(["src"])  # type: ignore[arg-type]


def test_interfaces_of_one_name_are_one() -> None:
    chunk = chunk_of(FRAMES[:6])
    chunk = dataclasses.replace(chunk, iface=np.array([0, 1, 2, 0, 1, 3], np.uint16))
    store = Store()
    store.add([chunk])
    store.end()
    rows = Capture(store, names=("eth0", "eth1", "eth0")).top("iface")
    assert {row.name: row.packets for row in rows} == {"eth0": 3, "eth1": 2, "interface 3": 1}


@pytest.mark.parametrize("piece", ["a", None, b"x", 5, []])
def test_what_is_no_packet_is_not_added(piece: Any) -> None:
    cap = Capture(Store())
    cap.add(chunk_of([segment()]))
    with pytest.raises(BadArgument, match="they are no raw packets"):
        cap.add(piece)
    assert len(cap) == 1 and len(cap.flows) == 1


def test_a_number_is_a_count_wherever_it_stands() -> None:
    cap = Capture(Store())
    cap.add(chunk_of([segment(), segment(dst="10.0.0.3")]))
    cap._store.end()
    told = cap.top("dst", 1)
    assert len(told) == 1
    for again in (cap.top(1, "dst"), cap.top(1, by="dst"), cap.top("dst", count=1)):
        assert again == told
    with pytest.raises(BadArgument, match="payload"):
        cap.show(np.arange(3))  # type: ignore[arg-type]
    with pytest.raises(BadArgument, match="payload"):
        cap[0].line(np.arange(3))  # type: ignore[arg-type]

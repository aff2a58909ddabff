"""Counting by address, port and the like: the sums of a plain loop, however often it merges."""

from __future__ import annotations

from collections import Counter

import pytest
from frames import chunk_of, segment

from netshell.flow import talkers
from netshell.flow.talkers import Tally
from netshell.packet.table import decode

HOSTS = [f"10.{i % 5}.0.{i % 7}" for i in range(200)]
V6 = (
    bytes.fromhex("02000000000202000000000186dd")
    + bytes.fromhex(
        "6000000000083a40" + "20010db8" + "00" * 11 + "01" + "20010db8" + "00" * 11 + "02"
    )
    + bytes(8)
)
ARP = bytes.fromhex("ffffffffffff0200000000010806") + bytes(28)


@pytest.mark.parametrize("waiting", [0, 10, 1 << 20])
def test_the_sums_are_a_loops(waiting: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talkers, "_WAITING", waiting)
    frames = [segment(src=host, payload=bytes(i)) for i, host in enumerate(HOSTS)]
    chunk = chunk_of([*frames, V6, ARP])
    tally = Tally("src")
    for at in range(0, len(chunk), 17):
        tally.extend(decode(chunk[at : at + 17]))
    packets, sizes = Counter(HOSTS), Counter()
    for host, frame in zip(HOSTS, frames, strict=True):
        sizes[host] += len(frame)
    packets["2001:db8::1"], sizes["2001:db8::1"] = 1, len(V6)
    rows = tally.top(1000)
    assert {row.name: row.packets for row in rows} == packets
    assert {row.name: row.bytes for row in rows} == sizes
    assert [row.bytes for row in rows] == sorted(sizes.values(), reverse=True)
    assert sum(row.share for row in rows) == pytest.approx(
        1 - len(ARP) / sum(map(len, [*frames, V6, ARP]))
    )


def test_either_end_counts() -> None:
    tally = Tally("host")
    tally.extend(decode(chunk_of([segment(), segment(src="10.0.0.2", dst="10.0.0.1")])))
    assert [(row.name, row.packets) for row in tally.top(5)] == [("10.0.0.1", 2), ("10.0.0.2", 2)]
    tally = Tally("port")
    tally.extend(decode(chunk_of([segment(sport=5, dport=6)])))
    assert [row.name for row in tally.top(5)] == ["5", "6"]


def test_names() -> None:
    for by, name in (("proto", "TCP"), ("iface", "eth0")):
        tally = Tally(by)
        tally.extend(decode(chunk_of([segment()])))
        assert tally.top(1, ["eth0"])[0].name == name
    assert str(tally.top(0)) == "no packets with such a field"
    assert Tally("vlan").top(3).records() == []

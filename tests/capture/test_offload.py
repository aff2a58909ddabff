"""Packets of a real connection before the network card: what netshell says, and what the kernel.

GSO packets of 65,226 bytes at an MTU of 1,500 are labelled as offloaded, and checksums that are not
filled in yet are never called incorrect.
"""

from __future__ import annotations

import bulk
import onhost
import pytest

from netshell.lab.wire import Host, Wire

SIZE = 2_000_000


@pytest.fixture
def client(wire: Wire) -> Host:
    wire.server.call(bulk.serve)
    return wire.client


@pytest.mark.parametrize("family", ["ipv4", "ipv6"])
def test_label_and_checksum_are_the_kernels_own_word(wire: Wire, client: Host, family: str) -> None:
    told = client.call(bulk.told, getattr(wire.server, family), SIZE, "eth0")
    assert {each.direction for each in told} == {"in", "out"}
    for each in told:
        assert (each.checksum == "not filled in") is each.not_ready, each
        assert bool(each.offload) is each.is_gso, each
        assert (" offloaded " in each.line) is each.is_gso, each
        assert ("not filled in: left to the network card" in each.explained) is each.not_ready
        assert ("no packet of the wire but several" in each.explained) is each.is_gso
        assert "incorrect" not in each.explained
    large = max(told, key=lambda each: each.wire_len)
    assert large.wire_len > 60_000, "this kernel segments before the capture"
    assert f"no link carries a frame of {large.wire_len:,} bytes" in large.offload
    assert "cut into frames by the network card (TSO, GSO): about 4" in large.offload
    assert sum(each.not_ready for each in told) > 10


def test_without_offload_there_is_neither(wire: Wire, client: Host) -> None:
    for host in (client, wire.server):
        host.call(bulk.no_offload, "eth0")
    told = client.call(bulk.told, wire.server.ipv4, 200_000, "eth0")
    assert {each.checksum for each in told} == {"correct"}
    assert {each.offload for each in told} == {""}
    assert max(each.wire_len for each in told) == 1514
    assert not any(each.not_ready or each.is_gso for each in told)
    assert not any("hecksum" in each.explained for each in told)


def test_on_loopback_no_packet_is_several(client: Host) -> None:
    client.call(bulk.serve)
    told = client.call(bulk.told, "127.0.0.1", SIZE, "lo")
    assert max(each.wire_len for each in told) > 60_000
    assert {each.offload for each in told} == {""}
    assert {each.checksum for each in told} == {"not filled in"}


def test_libpcaps_engine_and_a_saved_file_say_the_same(wire: Wire, client: Host) -> None:
    """Neither has the kernel's status, nor this libpcap the direction."""
    pytest.importorskip("cypcap")
    client.call(onhost.begin, "tcp port 5001", ("eth0",), "libpcap")
    client.call(bulk.send, wire.server.ipv4, SIZE)
    client.call(onhost.end)
    live = client.call(bulk.judged)
    assert {checksum for checksum, _ in live} == {"not filled in"}
    assert any("about 4" in offload for _, offload in live)
    assert client.call(bulk.judged_again) == live

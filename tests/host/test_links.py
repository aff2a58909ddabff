"""Interfaces and addresses: the same as ip(8) shows, and damaged answers end in one error."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netshell import host
from netshell.errors import NetshellError
from netshell.host import links, netlink
from netshell.lab.wire import Wire

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_NETLINK"), reason="netlink is Linux's")

Peer = Callable[[str], Path]


def test_equals_ip_address(wire: Wire, peer: Peer, tmp_path: Path) -> None:
    ip = peer("ip")
    batch = tmp_path / "batch"
    batch.write_text(
        "link add br0 type bridge\n"
        "link add b0 type veth peer name b1\n"
        "link set b0 master br0\n"
        "link set b0 mtu 1280 up\n"
        "address add 10.5.0.1/24 brd + dev b1\n"
        "address add 10.5.0.2/24 dev b1\n"
        "address add 10.6.0.1 peer 10.6.0.2/32 dev b1\n"
    )
    wire.client.run([ip, "-batch", batch], check=True)

    def ip_address() -> Any:
        return json.loads(wire.client.run([ip, "-j", "-d", "address"], check=True).stdout)

    for _ in range(50):  # until no link came up between, nor got its address
        shown = ip_address()
        found = {each.name: each for each in wire.client.call(host.list_interfaces)}
        if ip_address() == shown:
            break
    assert list(found) == [each["ifname"] for each in shown]
    for each in shown:
        ours = found[each["ifname"]]
        assert ours.index == each["ifindex"]
        assert ours.mtu == each["mtu"]
        assert ours.state == each["operstate"].lower()
        assert set(ours.flags) == set(each["flags"]) - {"NO-CARRIER", "M-DOWN"}
        assert ours.kind == each.get("linkinfo", {}).get("info_kind", "")
        assert ours.master == each.get("master", "")
        assert ours.mac == ("" if ours.loopback else each["address"])
        assert [(a.address, a.prefix, a.scope) for a in ours.addresses] == [
            (a["local"], a["prefixlen"], a["scope"]) for a in each["addr_info"]
        ]
        assert [a.broadcast for a in ours.addresses] == [
            a.get("broadcast", "") for a in each["addr_info"]
        ]
        assert [a.peer for a in ours.addresses] == [a.get("address", "") for a in each["addr_info"]]
    flags = {each.address: each.flags for each in found["b1"].addresses}
    assert "secondary" in flags["10.5.0.2"]
    assert "secondary" not in flags["10.5.0.1"]


def test_counters_equal_the_kernel_s(wire: Wire) -> None:
    wire.client.run(["ping", "-c", "1", "-W", "5", wire.server.ipv4])
    ours = next(
        each for each in wire.client.call(host.list_interfaces) if each.name == "eth0"
    ).counters
    assert ours.rx_packets > 0
    folder = "/sys/class/net/eth0/statistics/"
    # /sys shows the namespace it was mounted in: ask for the numbers by ip instead.
    shown = json.loads(wire.client.run(["ip", "-j", "-s", "link", "show", "eth0"]).stdout)[0]
    for way in ("rx", "tx"):
        theirs = shown["stats64"][way]
        for name in ("bytes", "packets", "errors", "dropped"):
            assert getattr(ours, f"{way}_{name}") <= theirs[name], folder


def test_names_are_text_even_if_they_are_hostile() -> None:
    body = struct.pack("=BxHIII", 0, 1, 5, 0x1, 0) + netlink.attribute(3, b"e\x1b[2J\xff\0")
    interface, master = links.read_link(body, 0, len(body))
    assert interface.name == "e\x1b[2J\\xff"  # cleaned where it is drawn
    assert (interface.index, interface.flags, master) == (5, ("UP",), 0)


@given(st.binary(max_size=160))
def test_noise_raises_nothing_but_our_error(noise: bytes) -> None:
    for read in (links.read_link, links.read_address):
        try:
            read(noise, 0, len(noise))
        except NetshellError as error:
            assert "kernel" in str(error)


@given(st.integers(0, 80))
def test_a_cut_address_raises_nothing_but_our_error(cut: int) -> None:
    body = struct.pack("=BBBBI", 10, 64, 0, 253, 2) + netlink.attribute(1, bytes(16))
    body += netlink.attribute(2, bytes(16)) + netlink.attribute(8, bytes(4))
    try:
        found = links.read_address(body[:cut], 0, min(cut, len(body)))
    except NetshellError:
        return
    assert found is not None
    assert found.address.scope == "link"

"""The kernel's routes: the same answers as `ip route get`, whatever rules and tables say."""

from __future__ import annotations

import re
import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patience import shortest

from netshell import host
from netshell.errors import BadArgument, NetshellError, NotFound
from netshell.host import fib, netlink
from netshell.host.routes import Hop, Route
from netshell.lab.wire import Host, Wire

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_NETLINK"), reason="netlink is Linux's")

Peer = Callable[[str], Path]

WORLD = """\
link add b0 type veth peer name b1
link set b0 up
link set b1 up
address add 10.2.0.1/24 dev b0
route add default via 10.77.0.2 mtu 1300
route add blackhole 10.99.0.0/16
route add unreachable 10.98.0.0/16
route add prohibit 10.97.0.0/16
route add throw 10.96.0.0/16
route add 10.50.0.0/16 nexthop via 10.77.0.5 weight 1 nexthop via 10.2.0.5 weight 3
route add 10.60.0.0/16 dev b0
route add 10.61.0.0/16 via inet6 fe80::1 dev b0
route add 10.62.0.0/16 via 10.2.0.9 metric 5 src 10.77.0.1
rule add to 10.70.0.0/16 table 100
route add default via 10.2.0.254 table 100
rule add fwmark 7 table 200
route add default via 10.2.0.77 table 200
rule add from 10.2.0.1 table 100
rule add to 10.71.0.0/16 unreachable
rule add to 10.72.0.0/16 blackhole
rule add to 10.73.0.0/16 prohibit
"""

WORLD6 = """\
address add fd02::1/64 dev b0 nodad
route add default via fd77::2
route add blackhole fd99::/64
route add unreachable fd98::/64
route add prohibit fd97::/64
route add fd50::/64 nexthop via fd77::5 nexthop via fd02::5
rule add to fd70::/64 table 100
route add default via fd02::fe table 100
"""

DESTINATIONS = """
8.8.8.8 10.77.0.1 10.77.0.9 127.0.0.1 127.0.0.5 10.77.0.255 255.255.255.255 224.0.0.1 0.0.0.0
240.0.0.1 169.254.3.4 10.99.1.1 10.98.1.1 10.97.1.1 10.96.1.1 10.50.0.1 10.50.0.2 10.50.0.3
10.60.1.1 10.61.1.1 10.62.1.1 10.70.1.1 10.71.1.1 10.72.1.1 10.73.1.1 10.2.0.1
2600::1 fd77::1 fd77::9 ::1 :: fd99::1 fd98::1 fd97::1 fd50::1 fd50::2 fd70::1 fd02::1 ff02::1
"""

# What ip(8) prints for the errno of a route that leads nowhere.
SAID = {
    "Invalid argument": "blackhole",
    "No route to host": "unreachable",
    "Permission denied": "prohibit",
    "Network is unreachable": "none",
}


@pytest.fixture
def routed(wire: Wire, peer: Peer, tmp_path: Path) -> Host:
    """The client, with policy rules, two tables more, and every kind of route."""
    for family, lines in (("-4", WORLD), ("-6", WORLD6)):
        batch = tmp_path / family
        batch.write_text(lines)
        wire.client.run([peer("ip"), family, "-batch", batch], check=True)
    return wire.client


def said_by_ip(on: Host, ip: Path, *arguments: str) -> dict[str, Any]:
    """`ip route get` as the fields of a route."""
    done = on.run([ip, "-d", "route", "get", *arguments])
    if done.returncode:
        reason = done.stderr.strip().rpartition("RTNETLINK answers: ")[2]
        return {"kind": SAID[reason], "iface": "", "gateway": "", "table": "", "source": ""}
    text = done.stdout

    def after(word: str) -> str:
        found = re.search(rf"\b{word} (?:inet6 )?(\S+)", text)
        return found[1] if found else ""

    return {
        "kind": text.split()[0],
        "iface": after("dev"),
        "gateway": after("via"),
        "table": after("table"),
        "source": after("src"),
        **({"mtu": int(after("mtu"))} if after("mtu") else {}),
    }


def test_equals_ip_route_get(routed: Host, peer: Peer) -> None:
    for address in DESTINATIONS.split():
        expected = said_by_ip(routed, peer("ip"), address)
        found = routed.call(host.find_route, address)
        if not expected["table"]:
            expected.pop("table")  # 0.0.0.0: no table was looked into
        assert {name: getattr(found, name) for name in expected} == expected, address
        assert found.usable is bool(expected["iface"])


def test_without_rules_of_ones_own_the_table_is_the_one_it_stands_in(
    wire: Wire, peer: Peer
) -> None:
    """The kernel keeps local and main in one then, and calls both main; `ip route get` as well."""
    ip, client = peer("ip"), wire.client
    client.run([ip, "route", "add", "local", "10.5.0.0/16", "dev", "lo"], check=True)
    client.run([ip, "route", "add", "local", "10.6.0.0/16", "dev", "lo", "table", "main"])
    client.run([ip, "route", "add", "default", "via", "10.77.0.2"], check=True)
    for address, kind, table in (
        ("127.0.0.1", "local", "local"),
        ("127.3.2.1", "local", "local"),
        ("10.77.0.1", "local", "local"),
        ("10.77.0.255", "broadcast", "local"),
        ("10.5.0.1", "local", "local"),
        ("10.6.0.1", "local", "main"),
        ("10.77.0.9", "unicast", "main"),
        ("8.8.8.8", "unicast", "main"),
        ("::1", "local", "local"),
        ("fd77::1", "local", "local"),
        ("fd77::9", "unicast", "main"),
    ):
        found = client.call(host.find_route, address)
        assert (found.kind, found.table) == (kind, table), address
        shown = client.run([ip, "route", "show", "table", table, "root", found.prefix])
        assert address.count(":") or found.prefix == "default" or shown.stdout, address


def test_what_policy_rules_look_at(routed: Host, peer: Peer) -> None:
    ip = peer("ip")
    cases: list[tuple[list[str], dict[str, Any]]] = [
        (["mark", "7"], {"mark": 7}),
        (["from", "10.2.0.1"], {"source": "10.2.0.1"}),
        (["from", "10.77.0.1"], {"source": "10.77.0.1"}),
    ]
    # A user namespace of an ordinary user's knows one user only: no rule for another there.
    rule = routed.run([ip, "rule", "add", "uidrange", "1234-1234", "table", "200"])
    if rule.returncode == 0:
        cases.append((["uid", "1234"], {"uid": 1234}))
    for extra, options in cases:
        expected = said_by_ip(routed, ip, "8.8.8.8", *extra)
        found = routed.call(host.find_route, "8.8.8.8", **options)
        assert found.iface == expected["iface"]
        assert found.gateway == expected["gateway"]
        assert found.table == expected["table"]
        assert found.source == (expected["source"] or options["source"])


def test_mtu_is_the_route_s_or_the_interface_s(routed: Host) -> None:
    assert routed.call(host.find_route, "8.8.8.8").mtu == 1300
    assert routed.call(host.find_route, "10.77.0.9").mtu == 1500
    assert routed.call(host.find_route, "127.0.0.1").mtu == 65536


def test_every_way_of_a_multipath_route(routed: Host) -> None:
    found = routed.call(host.find_route, "10.50.0.1")
    assert found.prefix == "10.50.0.0/16"
    assert found.hops == (Hop("eth0", "10.77.0.5", 1), Hop("b0", "10.2.0.5", 3))
    assert "One of 2 ways" in repr(found)
    six = routed.call(host.find_route, "fd50::1")
    assert {(hop.iface, hop.gateway) for hop in six.hops} == {
        ("eth0", "fd77::5"),
        ("b0", "fd02::5"),
    }
    assert routed.call(host.find_route, "8.8.8.8").hops == ()


def test_the_entry_that_matched(routed: Host) -> None:
    assert routed.call(host.find_route, "8.8.8.8").prefix == "default"
    found = routed.call(host.find_route, "10.62.1.1")
    assert (found.prefix, found.metric, found.on_link) == ("10.62.0.0/16", 5, False)
    assert routed.call(host.find_route, "10.77.0.9").on_link


def test_link_local_needs_its_interface_where_there_are_several(routed: Host) -> None:
    with pytest.raises(BadArgument, match=r"fe80::1 is an address on every link.*fe80::1%"):
        routed.call(host.find_route, "fe80::1")
    assert routed.call(host.find_route, "fe80::1%b0").iface == "b0"
    with pytest.raises(NotFound, match="no interface 'nope'"):
        routed.call(host.find_route, "fe80::1%nope")


def test_link_local_is_clear_where_there_is_one(wire: Wire) -> None:
    assert wire.client.call(host.find_route, "fe80::1").iface == "eth0"


def test_default_route(wire: Wire, peer: Peer) -> None:
    assert wire.client.call(host.default_route) is None
    wire.client.run([peer("ip"), "-6", "route", "add", "default", "via", "fd77::2"], check=True)
    found = wire.client.call(host.default_route)
    assert found is not None
    assert (str(found), found.source, found.gateway) == ("eth0", "fd77::1", "fd77::2")
    wire.client.run([peer("ip"), "route", "add", "default", "via", "10.77.0.2"], check=True)
    assert wire.client.call(host.default_route).gateway == "10.77.0.2"


def test_a_source_that_is_not_ours() -> None:
    with pytest.raises(BadArgument, match="no interface of this machine has that address"):
        fib.route("127.0.0.1", source="203.0.113.77")
    with pytest.raises(BadArgument, match="not of the same family"):
        fib.route("127.0.0.1", source="::1")


@pytest.mark.parametrize("bad", ["", "x", "1.2.3", "1.2.3.4.5", ":::", "1.2.3.4\0", "127.0.0.1/8"])
def test_not_an_address(bad: str) -> None:
    with pytest.raises(BadArgument, match="not an address"):
        fib.route(bad)


@pytest.mark.parametrize("options", [{"mark": -1}, {"uid": 2**32}, {"mark": "x"}])
def test_numbers_that_do_not_fit(options: dict[str, Any]) -> None:
    with pytest.raises(BadArgument, match="not a number from 0 to 4294967295"):
        fib.route("127.0.0.1", **options)


def test_ipv4_inside_ipv6_is_ipv4() -> None:
    assert fib.route("::ffff:127.0.0.1").destination == "127.0.0.1"


# --- damaged answers ------------------------------------------------------------------------


def _answer() -> bytes:
    hop = struct.pack("=HBBi", 16, 0, 0, 1) + netlink.attribute(5, bytes(4))
    return struct.pack("=BBBBBBBBI", 2, 32, 0, 0, 254, 3, 0, 1, 0) + b"".join(
        (
            netlink.attribute(1, bytes(4)),
            netlink.attribute(7, bytes(4)),
            netlink.attribute(8, netlink.attribute(2, bytes(4))),
            netlink.attribute(9, hop * 2),
            netlink.attribute(18, b"\2\0" + bytes(4)),
        )
    )


def _damaged() -> Iterator[bytes]:
    whole = _answer()
    for cut in range(len(whole)):
        yield whole[:cut]
    for at in range(len(whole)):
        for value in (0, 1, 3, 255):
            yield whole[:at] + bytes([value]) + whole[at + 1 :]


def test_damage_raises_nothing_but_our_error() -> None:
    raised = 0
    for buffer in _damaged():
        try:
            fib.read_route(buffer, 0, len(buffer))
        except NetshellError:
            raised += 1
    assert raised


@given(st.binary(max_size=120))
def test_noise_raises_nothing_but_our_error(noise: bytes) -> None:
    try:
        assert fib.read_route(noise, 0, len(noise)).kind
    except NetshellError:
        assert len(noise) >= 0


def test_an_answer_takes_well_under_its_bound() -> None:
    """The bound is in benchmarks/iface_for.py; this only catches a question gone wrong."""
    fib.route("127.0.0.1")

    def takes() -> float:
        started = time.perf_counter()
        found: Route = fib.route("127.0.0.1")
        assert str(found) == "lo"
        return time.perf_counter() - started

    assert shortest(takes, 0.5) <= 0.5

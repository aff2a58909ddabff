"""``ifaces``: one line an address, everything about a single one, and names that do not exist."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator

import pytest

import netshell.render  # noqa: F401 (offers json)
from netshell import host, ifaces
from netshell.commands.ifaces import Interfaces, size
from netshell.errors import BadArgument, NotFound
from netshell.host.fake import Fake
from netshell.host.interfaces import Address, Counters, Interface
from netshell.view import draw

WORLD = [
    Interface("lo", 1, ("LOOPBACK", "UP"), 65536, "", (Address("127.0.0.1", 8, "IPv4"),)),
    Interface(
        "eth0",
        2,
        ("UP", "BROADCAST"),
        1500,
        "02:00:00:00:00:01",
        (
            Address("192.0.2.5", 24, "IPv4"),
            Address("2001:db8:1111:2222:3333:4444:5555:6666", 64, "IPv6"),
        ),
        Counters(1_234_567, 1000, 1, 2, 999, 10, 0, 3),
        "up",
        "veth",
        "br0",
    ),
    Interface("wlan0", 3, ("BROADCAST",), 1500, "02:00:00:00:00:02", state="down"),
    Interface("eth1", 4, ("UP",), 1500, "02:00:00:00:00:03", state="down"),
]


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    with host.pretend(Fake(interfaces=WORLD)):
        yield


def test_a_line_an_address() -> None:
    lines = draw(ifaces().view(), 100).splitlines()
    assert lines[0].split()[:5] == ["interface", "state", "address", "mac", "mtu"]
    assert lines[1].split()[:4] == ["lo", "up", "127.0.0.1/8", "65536"]
    assert lines[2].split()[:4] == ["eth0", "up", "192.0.2.5/24", "02:00:00:00:00:01"]
    assert lines[3].split() == ["2001:db8:1111:2222:3333:4444:5555:6666/64"]
    assert lines[4].split()[:2] == ["wlan0", "down"]
    assert lines[5].split()[:2] == ["eth1", "down"]


def test_fits_into_80_columns() -> None:
    assert max(map(len, draw(ifaces().view(), 80).splitlines())) <= 80


def test_one_with_its_counters() -> None:
    found = ifaces("eth0")
    assert isinstance(found, Interfaces)
    text = draw(found.view(), 80)
    assert "UP, BROADCAST" in text
    assert "part of  br0" in text
    received, sent = text.splitlines()[-2:]
    assert received.split() == ["received", "1234567", "1000", "1", "2"]
    assert sent.split() == ["sent", "999", "10", "0", "3"]


def test_records() -> None:
    found = ifaces()
    assert [each.name for each in found] == ["lo", "eth0", "wlan0", "eth1"]
    assert [each.up for each in found] == [True, True, False, False]
    assert str(found[1]) == "eth0"
    assert json.loads(found.json())[1]["counters"]["rx_bytes"] == 1_234_567


def test_a_record_alone() -> None:
    eth0 = ifaces()[1]
    lines = repr(eth0).splitlines()
    assert lines[1].split() == ["name", "eth0"]
    assert "part of    br0" in lines
    assert "addresses  192.0.2.5/24" in lines
    assert lines[lines.index("addresses  192.0.2.5/24") + 1].split() == [str(eth0.addresses[1])]
    assert "received   1234567 bytes, 1000 packets, 1 errors, 2 dropped" in lines
    assert repr(eth0.addresses[:1]) == "(192.0.2.5/24,)"
    assert "prefix   24 bits" in draw(eth0.addresses[0].view())
    assert "received  1234567 bytes" in repr(eth0.counters)
    assert pickle.loads(pickle.dumps(eth0)) == eth0


def test_names_that_are_not_there() -> None:
    with pytest.raises(NotFound) as caught:
        ifaces("eth9")
    assert str(caught.value) == "no interface 'eth9'; there are lo, eth0, wlan0, eth1"
    with pytest.raises(BadArgument, match="not a name"):
        ifaces(5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (1_234_567, "1.23 MB"),
        (999_600, "1 MB"),
        (5 * 10**18, "5 EB"),
    ],
)
def test_sizes(count: int, text: str) -> None:
    assert size(count) == text

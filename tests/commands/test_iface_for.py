"""``iface_for``: the interface's name, the whole answer, and several answers for one name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

import netshell.render  # noqa: F401 (offers json)
from netshell import dig, host, iface_for, sniff_host
from netshell.errors import BadArgument, NotFound
from netshell.host.fake import Fake
from netshell.host.routes import Hop, Route
from netshell.lab.servers import start_dns
from netshell.lab.wire import Host, Wire
from netshell.lookup.system import addresses
from netshell.view import draw

ROUTES = {
    "0.0.0.0/0": Route("", "eth0", "10.0.0.5", "10.0.0.1", "main", 1500),
    "10.0.0.0/24": Route("", "eth0", "10.0.0.5", "", "main", 1500, on_link=True),
    "10.8.0.0/16": Route("", "wg0", "10.8.0.2", "", "100", 1420, on_link=True),
    "10.99.0.0/16": Route("", "", kind="blackhole"),
    "10.50.0.0/16": Route(
        "", "eth0", "10.0.0.5", "10.0.0.7", hops=(Hop("eth0", "10.0.0.7", 1), Hop("wg0", "", 3))
    ),
}
NAMES = {
    "one.test": ("192.0.2.1",),
    "same.test": ("192.0.2.1", "192.0.2.2"),
    "split.test": ("2001:db8::1", "192.0.2.1", "10.8.1.1"),
    "dark.test": ("10.99.0.1", "10.99.0.2"),
}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def addresses(name: str, family: int = 0) -> tuple[str, ...]:
        return tuple(each for each in NAMES[name] if not family or (":" in each) is (family == 6))

    monkeypatch.setattr("netshell.commands.iface_for.addresses", addresses)
    with host.pretend(Fake(routes=ROUTES)):
        yield


@pytest.mark.usefixtures("world")
class TestAnswers:
    def test_the_name_and_the_whole(self) -> None:
        found = iface_for("8.8.8.8")
        assert str(found) == "eth0"
        assert f"{found}" == "eth0"
        lines = draw(found.view(), 80).splitlines()
        assert lines[0].split() == ["destination", "interface", "source", "gateway", "table", "mtu"]
        assert lines[1].split() == ["8.8.8.8", "eth0", "10.0.0.5", "10.0.0.1", "main", "1500"]
        assert repr(found).splitlines()[1].split() == lines[1].split()
        assert json.loads(found.json())["gateway"] == "10.0.0.1"

    def test_on_the_link(self) -> None:
        assert "on link" in repr(iface_for("10.0.0.9"))

    def test_a_route_that_leads_nowhere_is_an_answer(self) -> None:
        found = iface_for("10.99.1.1")
        assert (found.usable, found.iface, str(found)) == (False, "", "blackhole")
        assert "10.99.1.1: a blackhole route: packets are dropped without a word." in repr(found)
        assert iface_for("2001:db8::1").kind == "none"
        assert "no route: the network is unreachable" in repr(iface_for("2001:db8::1"))

    def test_multipath_says_so(self) -> None:
        text = repr(iface_for("10.50.0.1"))
        assert "One of 2 ways" in text
        assert "via 10.0.0.7 dev eth0 weight 1; dev wg0 weight 3" in text

    def test_one_address_of_a_name(self) -> None:
        found = iface_for("one.test")
        assert (found.host, found.destination, len(found.candidates)) == (
            "one.test",
            "192.0.2.1",
            1,
        )
        assert "differ" not in repr(found)

    def test_addresses_that_agree(self) -> None:
        found = iface_for("same.test")
        assert [each.destination for each in found.candidates] == ["192.0.2.1", "192.0.2.2"]
        assert "differ" not in repr(found)

    def test_addresses_that_differ(self) -> None:
        found = iface_for("split.test")
        assert (str(found), found.destination) == ("eth0", "192.0.2.1")  # the first that works
        assert [str(each) for each in found.candidates] == ["none", "eth0", "wg0"]
        text = repr(found)
        assert (
            "The answers differ: none to 2001:db8::1; eth0 to 192.0.2.1; wg0 to 10.8.1.1." in text
        )
        assert "2001:db8::1: no route" in text

    def test_none_works(self) -> None:
        found = iface_for("dark.test")
        assert (str(found), found.usable, len(found.candidates)) == ("blackhole", False, 2)

    def test_a_source_chooses_the_family(self) -> None:
        found = iface_for("split.test", source="10.0.0.5")
        assert [each.destination for each in found.candidates] == ["192.0.2.1", "10.8.1.1"]

    def test_an_answer_can_be_asked_again(self) -> None:
        assert iface_for(iface_for("8.8.8.8")) == iface_for("8.8.8.8")

    def test_brackets_and_spaces(self) -> None:
        assert iface_for(" [2001:db8::1] ").destination == "2001:db8::1"


@pytest.mark.parametrize(
    "bad", ["", "  ", None, 5, b"1.2.3.4", ["8.8.8.8"], "a b", "x" * 300, "\x1b"]
)
def test_what_is_no_host(bad: Any) -> None:
    with pytest.raises(BadArgument) as caught:
        iface_for(bad)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("verb", [iface_for, dig, sniff_host, addresses])
def test_an_address_that_is_none_is_not_asked_of_any_name_server(verb: Any) -> None:
    with pytest.raises(BadArgument, match=r"not an IPv4 address '300\.1\.1\.1': 300 is over 255"):
        verb("300.1.1.1")
    with pytest.raises(BadArgument, match="not an IPv6 address 'fe80::1::2'"):
        verb("fe80::1::2")


def test_a_source_that_is_no_text() -> None:
    with pytest.raises(BadArgument, match="use an address"):
        iface_for("127.0.0.1", source=5)  # type: ignore[arg-type]


def by_name(name: str) -> Route:
    return iface_for(name)


def test_a_name_nobody_knows(wire: Wire) -> None:
    start_dns(wire.server)
    with pytest.raises(NotFound, match=r"nosuch\.lab"):
        wire.client.call(iface_for, "nosuch.lab")


def test_a_name_in_the_lab(wire: Wire) -> None:
    client: Host = wire.client
    start_dns(wire.server)
    found = client.call(by_name, "server.lab")
    assert str(found) == "eth0"
    assert {each.destination for each in found.candidates} == {wire.server.ipv4, wire.server.ipv6}
    assert str(client.call(by_name, wire.client.ipv4)) == "lo"
    with pytest.raises(NotFound):
        client.call(by_name, "nobody.lab")

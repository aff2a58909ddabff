"""Interfaces whose names are unusual: the kernel allows any bytes but white space, "/" and ":"."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from netshell import host
from netshell.commands.iface_for import iface_for
from netshell.errors import BadArgument, NotFound
from netshell.host import names
from netshell.lab.wire import Host, Wire
from netshell.view import draw

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_NETLINK"), reason="the lab is Linux's")

ODD = {
    "\udcff\udcfeb": "\\xff\\xfeb",  # no UTF-8
    "a,b": "a,b",
    "é[1]": "é[1]",
    "\x1b[2J": "\x1b[2J",
}
"""What Python calls each, and what it is here, before it is cleaned to be shown."""


@pytest.fixture
def odd(wire: Wire, peer: Callable[[str], Path]) -> Iterator[Host]:
    """The client with such interfaces, up, each with a link-local address."""
    for number, name in enumerate(ODD):
        for command in (
            ["link", "add", name, "type", "veth", "peer", "name", f"peer{number}"],
            ["link", "set", name, "up"],
            ["address", "add", f"fe80::{number + 1}/64", "dev", name, "nodad"],
        ):
            wire.client.run([peer("ip"), *command], check=True)
    yield wire.client


def test_one_name_everywhere(odd: Host) -> None:
    expected = {"lo", "eth0", *ODD.values(), *(f"peer{number}" for number in range(len(ODD)))}
    assert set(odd.call(host.interface_names)) == expected
    assert {each.name for each in odd.call(host.list_interfaces)} == expected
    indices = odd.call(names.by_index)
    for index, name in indices.items():
        assert odd.call(names.of, index) == name
        assert odd.call(names.index_of, name) == odd.call(names.index_of, str(index)) == index
    for raw, shown in ODD.items():
        assert indices[odd.call(names.index_of, raw)] == shown
    assert odd.call(names.index_of, "nope") == odd.call(names.index_of, "9999") == 0
    assert (names.of(0), names.of(2**31 - 1)) == ("", "2147483647")


def test_a_scope_may_name_each_of_them(odd: Host) -> None:
    for raw, shown in ODD.items():
        for scope in (raw, shown, str(odd.call(names.index_of, raw))):
            found = odd.call(iface_for, f"fe80::99%{scope}")
            assert (found.iface, found.usable) == (shown, True), scope
            assert "\x1b" not in draw(found.view())


def test_the_hint_names_one_that_can_be_typed(odd: Host, peer: Callable[[str], Path]) -> None:
    """A name may have a comma, which is also what stands between names."""
    with pytest.raises(BadArgument) as caught:
        odd.call(iface_for, "fe80::99")
    step = caught.value.next_step
    assert step.startswith("say which, as fe80::99%")
    assert odd.call(iface_for, step.removeprefix("say which, as ")).usable
    odd.run([peer("ip"), "link", "set", "eth0", "down"], check=True)
    odd.run([peer("ip"), "link", "set", "\udcff\udcfeb", "down"], check=True)
    with pytest.raises(BadArgument) as caught:
        odd.call(iface_for, "fe80::99")
    assert caught.value.next_step == "say which, as fe80::99%a,b"
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("scope", ["nope", "99", "é", "\udcff", "\x1b[31m", "a,c", "-x"])
def test_a_scope_that_is_no_interface_is_answered_with_those_there_are(scope: str) -> None:
    with pytest.raises(NotFound, match=r"^no interface .* for fe80::1%.*; one of .*lo") as caught:
        iface_for(f"fe80::1%{scope}")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("scope", "why"),
    [
        ("", "nothing stands behind the %"),
        ("a b", "the zone after % is no interface's name"),
        ("a/b", "the zone after % is no interface's name"),
        ("a%b", "the zone after % is no interface's name"),
    ],
)
def test_what_can_be_no_name_is_said_to_be_none(scope: str, why: str) -> None:
    with pytest.raises(BadArgument) as caught:
        iface_for(f"fe80::1%{scope}")
    assert caught.value.why == why

"""The system's resolver, asked for what every machine knows."""

from __future__ import annotations

import ipaddress
import socket

import pytest

from netshell.errors import BadArgument, LookupFailed, NetshellError, NotFound
from netshell.lab.servers import start_dns
from netshell.lab.wire import Wire
from netshell.lookup import system
from netshell.lookup.system import addresses


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1\n", "192.0.2.1"),
        ("2001:DB8::1", "2001:DB8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("fe80::1%eth7", "fe80::1%eth7"),
        ("[fe80::1%12]", "fe80::1%12"),
        (ipaddress.ip_address("192.0.2.1"), "192.0.2.1"),
        (ipaddress.ip_address("::1"), "::1"),
    ],
)
def test_literal_addresses_pass_through_without_a_lookup(
    host: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lookup(*_: object) -> None:
        raise AssertionError("a lookup was made")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    assert addresses(host) == (found,)


def test_localhost_is_what_getaddrinfo_says_in_its_order() -> None:
    told = [info[4][0] for info in socket.getaddrinfo("localhost", None)]
    assert addresses("localhost") == tuple(dict.fromkeys(told))
    assert "127.0.0.1" in addresses("localhost")
    assert addresses("localhost", 4) == addresses("localhost", socket.AF_INET) == ("127.0.0.1",)


def test_the_family_is_kept_to() -> None:
    assert addresses("::1", 6) == ("::1",)
    with pytest.raises(NotFound, match="no IPv6 address"):
        addresses("127.0.0.1", 6)
    with pytest.raises(BadArgument, match="use 0, 4 or 6"):
        addresses("localhost", 5)


def test_an_unknown_name_is_not_found(wire: Wire) -> None:
    start_dns(wire.server)
    with pytest.raises(NotFound, match=r"'nosuch\.name\.lab'") as caught:
        wire.client.call(addresses, "nosuch.name.lab")
    assert caught.value.next_step


def test_without_a_name_server_it_cannot_be_told(wire: Wire) -> None:
    with pytest.raises(LookupFailed, match=r"'server\.lab'") as caught:
        wire.client.call(addresses, "server.lab")
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("number", "kind", "step"),
    [
        (socket.EAI_NONAME, NotFound, "check the spelling"),
        (socket.EAI_AGAIN, LookupFailed, "try again"),
        (socket.EAI_FAIL, LookupFailed, "dig("),
    ],
)
def test_each_way_to_fail_has_its_own_next_step(
    number: int, kind: type[NetshellError], step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise socket.gaierror(number, "as the C library says")

    monkeypatch.setattr(system.socket, "getaddrinfo", refuse)
    with pytest.raises(kind, match=r"'a\.test'") as caught:
        addresses("a.test")
    assert step in caught.value.next_step


def test_link_local_answers_keep_their_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    loopback = socket.if_nametoindex(socket.if_indextoname(1))
    answer = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1", 0, 0, loopback))] * 2
    monkeypatch.setattr(system.socket, "getaddrinfo", lambda *_: answer)
    assert addresses("a.test") == (f"fe80::1%{socket.if_indextoname(1)}",)


@pytest.mark.parametrize(
    "host", ["", " ", "a b", "a\0b", "a\x1b[31m", "x" * 64, "a..b", "\ud800", "::1%", "%", "[", "]"]
)
def test_what_is_no_host_is_refused_in_one_line(host: str) -> None:
    with pytest.raises(BadArgument) as caught:
        addresses(host)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("host", [None, 5, b"localhost", ["localhost"]])
def test_what_is_no_text_is_refused(host: object) -> None:
    with pytest.raises(BadArgument):
        addresses(host)  # type: ignore[arg-type]

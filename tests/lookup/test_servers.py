"""The ways to write a name server."""

from __future__ import annotations

from pathlib import Path

import pytest

from netshell.errors import BadArgument, NotFound
from netshell.flow.key import Endpoint
from netshell.lookup import servers as module
from netshell.lookup.servers import Server, servers


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("192.0.2.1", "192.0.2.1", 53),
        ("@192.0.2.1", "192.0.2.1", 53),
        ("192.0.2.1#5353", "192.0.2.1", 5353),
        ("192.0.2.1:5353", "192.0.2.1", 5353),
        ("2001:db8::1", "2001:db8::1", 53),
        ("[2001:db8::1]", "2001:db8::1", 53),
        ("[2001:db8::1]:5353", "2001:db8::1", 5353),
        ("[2001:db8::1]#5353", "2001:db8::1", 5353),
        ("2001:db8::1#5353", "2001:db8::1", 5353),
        ("fe80::1%eth0#5353", "fe80::1%eth0", 5353),
    ],
)
def test_addresses_and_ports(text: str, address: str, port: int) -> None:
    assert servers(text) == (Server(Endpoint(address, port)),)
    assert servers([text, text]) == servers(text)


def test_a_name_keeps_its_name() -> None:
    found = servers("localhost#5353")
    assert Server(Endpoint("127.0.0.1", 5353), "localhost") in found
    assert "localhost (127.0.0.1:5353)" in map(str, found)


def test_by_default_those_of_resolv_conf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "resolvers", lambda: ("192.0.2.1", "192.0.2.2"))
    assert [str(server) for server in servers(None, 54)] == ["192.0.2.1:54", "192.0.2.2:54"]
    monkeypatch.setattr(module, "resolvers", tuple)
    assert servers(None) == (Server(Endpoint("127.0.0.1", 53)),)


@pytest.mark.parametrize(
    "text",
    [
        *("", "@", "#53", ":53", "192.0.2.1#", "192.0.2.1#x", "192.0.2.1#0", "a#65536", 5),
        *("https://a/", "[::1", "::1]:53", "[::1]:", "[a]:53", "a\0", "\ud800", "192.0.2.1#٥٣"),
    ],
)
def test_what_is_no_server_is_refused(text: str) -> None:
    with pytest.raises((BadArgument, NotFound)) as caught:
        servers(text)
    assert str(caught.value).isprintable()

"""Which interface carries a socket, by its addresses."""

from __future__ import annotations

import pytest

from netshell.host.carrier import Carriers

ADDRESSES = [
    ("127.0.0.1", "lo"),
    ("::1", "lo"),
    ("198.51.100.7", "lo"),
    ("10.0.0.5", "eth0"),
    ("10.8.0.2", "wg0"),
    ("fe80::1", "eth0"),
    ("fe80::1", "wg0"),
]


@pytest.fixture
def carriers() -> Carriers:
    def route(remote: str, local: str) -> str:
        return f"route to {remote} from {local}"

    return Carriers(ADDRESSES, {2: "eth0", 3: "wg0"}, "lo", route)


@pytest.mark.parametrize(
    ("local", "remote", "bound", "iface"),
    [
        ("10.0.0.5", "192.0.2.1", 0, "eth0"),
        ("10.8.0.2", "10.0.0.9", 0, "wg0"),
        ("10.0.0.5", "*", 0, "eth0"),
        ("*", "*", 0, "*"),
        ("0.0.0.0", "*", 0, "*"),
        ("::", "*", 0, "*"),
        ("0.0.0.0", "*", 2, "eth0"),
        ("fe80::1", "fe80::9", 3, "wg0"),
        ("10.0.0.5", "192.0.2.1", 99, "99"),
        ("127.0.0.1", "127.0.0.1", 0, "lo"),
        ("127.8.8.8", "*", 0, "lo"),
        ("127.8.8.8", "127.0.0.1", 0, "lo"),
        ("10.0.0.5", "10.0.0.5", 0, "lo"),
        ("10.0.0.5", "10.8.0.2", 0, "lo"),
        ("0.0.0.0", "10.8.0.2", 0, "lo"),
        ("198.51.100.7", "192.0.2.1", 0, "route to 192.0.2.1 from 198.51.100.7"),
        ("198.51.100.7", "*", 0, "lo"),
        ("fe80::1", "fe80::9", 0, "route to fe80::9 from fe80::1"),
        ("203.0.113.1", "192.0.2.1", 0, "route to 192.0.2.1 from 203.0.113.1"),
        ("0.0.0.0", "192.0.2.1", 0, "route to 192.0.2.1 from 0.0.0.0"),
        ("203.0.113.1", "*", 0, ""),
    ],
)
def test_the_interface(carriers: Carriers, local: str, remote: str, bound: int, iface: str) -> None:
    assert carriers(local, remote, bound) == iface
    assert carriers(local, remote, bound) == iface  # and from memory

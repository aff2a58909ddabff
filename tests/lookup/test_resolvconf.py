"""The configured name servers, from files as they are found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from netshell.lookup import resolvers
from netshell.lookup.resolvconf import search_list


def test_name_servers_in_order_and_no_more_than_three(tmp_path: Path) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text(
        "# a comment\nsearch example.test\nnameserver 192.0.2.1 # first\nnameserver\n"
        "  nameserver fe80::1%eth0\nNameserver 192.0.2.9\nnameserver 192.0.2.1\n"
        "nameserver 192.0.2.3\nnameserver 192.0.2.4\noptions ndots:2\n"
    )
    assert resolvers(file) == ("192.0.2.1", "fe80::1%eth0", "192.0.2.3")


def test_none_is_none(tmp_path: Path) -> None:
    assert resolvers(tmp_path / "missing") == ()
    assert resolvers(tmp_path) == ()
    file = tmp_path / "resolv.conf"
    file.write_bytes(b"\xff\xfe\0\n")
    assert resolvers(file) == ()


def test_asking_costs_neither_dnspython_nor_sockets() -> None:
    code = (
        "import sys, netshell.lookup; netshell.lookup.resolvers();"
        "print([m for m in ('dns', 'socket') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("nameserver 192.0.2.1\n", ((), 1)),
        ("search a.test b.test\n", (("a.test", "b.test"), 1)),
        ("search a.test\ndomain c.test\noptions ndots:3 rotate\n", (("c.test",), 3)),
        ("options ndots:x\noptions ndots:99\nsearch\n", ((), 15)),
    ],
)
def test_the_search_list(tmp_path: Path, text: str, found: tuple[tuple[str, ...], int]) -> None:
    (tmp_path / "resolv.conf").write_text(text)
    assert search_list(tmp_path / "resolv.conf") == found


def test_no_file_has_no_search_list(tmp_path: Path) -> None:
    assert search_list(tmp_path / "none") == ((), 1)

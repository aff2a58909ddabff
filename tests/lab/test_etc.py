"""The hosts' own /etc: whatever the machine's looks like, the lab's DNS server is asked."""

from __future__ import annotations

import socket
import tempfile
from pathlib import Path

import inside
import pytest

from netshell.lab.wire import Wire

READ = Path.read_text


def test_each_host_has_its_own(wire: Wire) -> None:
    for host in wire.hosts:
        assert host.call(READ, Path("/etc/resolv.conf")) == "nameserver 10.77.0.2\n"
        assert host.call(inside.addresses_of, "noticeboard") == {"10.77.0.2"}
        assert host.call(inside.addresses_of, "localhost") <= {"127.0.0.1", "::1"}


def test_the_machines_is_untouched_and_the_rest_still_there(wire: Wire) -> None:
    assert "noticeboard" not in Path("/etc/hosts").read_text()
    here = sorted(entry.name for entry in Path("/etc").iterdir())
    assert set(here) <= set(wire.client.run(["ls", "-A", "/etc"]).stdout.split("\n"))
    with tempfile.NamedTemporaryFile() as file:
        assert wire.client.call(Path(file.name).exists)


def test_sysfs_is_the_hosts_own(wire: Wire) -> None:
    """Unless the kernel refuses a new one, as it does where parts of /sys are masked."""
    names = {entry.name for entry in Path("/sys/class/net").iterdir()}
    assert set(wire.client.run(["ls", "/sys/class/net"]).stdout.split()) in (
        {name for _, name in wire.client.call(socket.if_nameindex)},
        names,
    )


@pytest.mark.parametrize("resolv_conf", ["file", "link", "dangling", "missing"])
def test_any_kind_of_resolv_conf_is_replaced(wire: Wire, resolv_conf: str) -> None:
    text, hosts, names = wire.client.call(inside.replace_etc, resolv_conf)
    assert text == "nameserver 10.77.0.2\n"
    assert "noticeboard" in hosts
    assert names == ["alias", "folder", "hosts", "resolv.conf"]

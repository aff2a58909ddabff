"""sniff_host: the filter and the interfaces follow from the host."""

from __future__ import annotations

import pytest
from inlab import python

from netshell.commands.sniff_host import Proto, filter_for, sniff_host
from netshell.errors import BadArgument, NotFound
from netshell.lab.wire import Wire

SHOW = "print(c.filter_text); print(c.ifaces); c.stop()"


def test_a_name_gives_every_address_and_the_routes_interface(wire: Wire) -> None:
    code = (
        "with open('/etc/hosts', 'a') as hosts:\n"
        f"    hosts.write('{wire.server.ipv4} web.test\\n{wire.server.ipv6} web.test\\n')\n"
        f"c = sniff_host('web.test', 80); {SHOW}\n"
    )
    text, ifaces = python(wire, code).splitlines()
    assert text.startswith("tcp port 80 and (host ")
    assert set(text[17:-1].split(" or ")) == {
        f"host {wire.server.ipv4}",
        f"host {wire.server.ipv6}",
    }
    assert ifaces == "('eth0',)"


def test_the_name_stands_over_the_address_in_a_ladder(wire: Wire) -> None:
    code = (
        "with open('/etc/hosts', 'a') as hosts:\n"
        f"    hosts.write('{wire.server.ipv4} web.test\\n')\n"
        "c = sniff_host('web.test', 9999, 'udp')\n"
        f"onhost.send_datagrams('{wire.server.ipv4}', [b'yes'])\n"
        "c.stop(); print(c.flows[0].ladder().text(80))\n"
    )
    assert "server web.test" in python(wire, code)


def test_addresses_behind_different_interfaces_take_both(wire: Wire) -> None:
    wire.client.run(["ip", "-6", "addr", "add", "fd77:1::5/128", "dev", "lo"], check=True)
    code = (
        "with open('/etc/hosts', 'a') as hosts:\n"
        f"    hosts.write('{wire.server.ipv4} twice.test\\nfd77:1::5 twice.test\\n')\n"
        "c = sniff_host('twice.test', proto='any'); print(sorted(c.ifaces)); c.stop()\n"
    )
    assert python(wire, code) == "['eth0', 'lo']\n"


def test_only_that_hosts_packets(wire: Wire) -> None:
    code = (
        f"c = sniff_host('{wire.server.ipv4}', 9999, 'udp')\n"
        f"onhost.send_datagrams('{wire.server.ipv4}', [b'yes'])\n"
        f"onhost.send_datagrams('{wire.server.ipv6}', [b'no'])\n"
        "c.stop(); print([(p.dst, p.dport, p.direction, p.payload) for p in c])\n"
    )
    assert python(wire, code) == f"[('{wire.server.ipv4}', 9999, 'out', b'yes')]\n"


def test_own_addresses_are_on_loopback(wire: Wire) -> None:
    assert python(wire, f"c = sniff_host('{wire.client.ipv4}', 'http'); {SHOW}") == (
        f"tcp port 80 and host {wire.client.ipv4}\n('lo',)\n"
    )


def test_no_route_leads_there(wire: Wire) -> None:
    code = "try: sniff_host('192.0.2.1')\nexcept NetshellError as error: print(error)"
    assert python(wire, code) == (
        "cannot capture packets of 192.0.2.1: no route leads there; see iface_for(host), or name "
        'the interface: sniff("host ...", iface="eth0")\n'
    )


def test_an_unknown_host(wire: Wire) -> None:
    code = "try: sniff_host('nosuch.invalid')\nexcept NetshellError as error: print(error)"
    assert "nosuch.invalid" in python(wire, code)


@pytest.mark.parametrize(
    ("port", "proto", "filter"),
    [
        (80, "tcp", "tcp port 80 and host 192.0.2.1"),
        ("https", "tcp", "tcp port 443 and host 192.0.2.1"),
        ("domain", "udp", "udp port 53 and host 192.0.2.1"),
        (None, "tcp", "tcp and host 192.0.2.1"),
        (None, "icmp", "(icmp or icmp6) and host 192.0.2.1"),
        (None, "any", "host 192.0.2.1"),
        ("53", "any", "port 53 and host 192.0.2.1"),
    ],
)
def test_filters(port: int | str | None, proto: Proto, filter: str) -> None:
    from netshell.capture import bpf

    assert filter_for(["192.0.2.1"], port, proto) == filter
    assert bpf.compile(filter, 1)
    both = filter_for(["192.0.2.1", "2001:db8::1"], port, proto)
    assert bpf.compile(both, 1)


@pytest.mark.parametrize("port", [0, -1, 65536, "99999", True])
def test_no_such_port(port: int | str) -> None:
    with pytest.raises((BadArgument, NotFound)) as caught:
        filter_for(["192.0.2.1"], port, "tcp")
    assert "port" in str(caught.value)


def test_wrong_words() -> None:
    with pytest.raises(NotFound, match="unknown service 'nosuch'"):
        filter_for(["192.0.2.1"], "nosuch", "tcp")
    with pytest.raises(BadArgument, match="a port makes no sense with icmp"):
        filter_for(["192.0.2.1"], 80, "icmp")
    with pytest.raises(BadArgument, match="use tcp, udp, icmp or any"):
        sniff_host("127.0.0.1", proto="sctp")  # type: ignore[arg-type]

"""What the index filters of pcap-filter(7) leave out is said."""

from __future__ import annotations

import pytest
from inlab import python

from netshell.capture import hints
from netshell.lab.wire import Wire


@pytest.mark.parametrize(
    ("filter", "proto"),
    [
        ("tcp[tcpflags] & tcp-syn != 0", "tcp"),
        ("port 5 and udp [4:2] = 3", "udp"),
        ("icmp[0] = 8", "icmp"),
        ("tcp port 80", ""),
        ("ip6 or tcp[13] = 2", ""),
        ("icmp6[0] = 1", ""),
        ("", ""),
    ],
)
def test_indexed(filter: str, proto: str) -> None:
    assert hints.indexed(filter) == proto


def test_packets_of_ipv6_that_an_index_filter_misses_are_noted(wire: Wire) -> None:
    code = (
        "cap = sniff('udp port 9999', iface='lo')\n"
        "onhost.receive_nothing('127.0.0.1'); onhost.receive_nothing('::1')\n"
        "onhost.send_datagrams('127.0.0.1', [b'x'] * 2)\n"
        "onhost.send_datagrams('::1', [b'x'] * 3)\n"
        "cap.wait(count=5).stop()\n"
        "for text in ('udp[8] = 0x78', 'udp'):\n"
        "    print(str(cap.filter(text)).splitlines()[0])\n"
        "    print(str(cap.filter(text)).splitlines()[-1].startswith('of IPv6, 3 not'))\n"
        "with sniff('udp[8] = 0x78', iface='lo') as live:\n"
        "    print('udp[...] matches IPv4 only' in str(live))\n"
        "for sink in onhost.sinks: sink.close()\n"
    )
    assert python(wire, code) == (
        '2 of 5 packets on lo, filter "udp[8] = 0x78", of filter "udp port 9999"\nTrue\n'
        '5 of 5 packets on lo, filter "udp", of filter "udp port 9999"\nFalse\nTrue\n'
    )

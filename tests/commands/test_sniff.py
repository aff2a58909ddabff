"""sniff: which interface it takes, whom it tells."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from inlab import python

from netshell.commands.sniff import sniff
from netshell.errors import BadArgument, NotFound
from netshell.lab.wire import Wire


def test_without_an_interface_the_default_routes(wire: Wire) -> None:
    assert python(wire, 'c = sniff("tcp"); print(c.ifaces, c.names); c.stop()') == (
        "('any',) ('lo', 'eth0')\n"
    )
    wire.client.run(["ip", "route", "add", "default", "via", wire.server.ipv4], check=True)
    assert python(wire, "c = sniff(); print(c.ifaces, c.filter_text == ''); c.stop()") == (
        "('eth0',) True\n"
    )


@pytest.mark.parametrize(
    ("iface", "expected"),
    [("'lo'", "('lo',)"), ("['lo', 'eth0']", "('lo', 'eth0')"), ("'any'", "('lo', 'eth0')")],
)
def test_interfaces_by_name(wire: Wire, iface: str, expected: str) -> None:
    assert python(wire, f"c = sniff('', {iface}); print(c.names); c.stop()") == f"{expected}\n"


def test_count_seconds_and_the_ones_who_are_told(wire: Wire) -> None:
    code = (
        "from netshell.commands.sniff import started\n"
        "told = []; started.append(told.append)\n"
        "with sniff('udp', 'lo', count=2) as cap:\n"
        "    onhost.receive_nothing('127.0.0.1')\n"
        "    onhost.send_datagrams('127.0.0.1', [b'x'] * 3)\n"
        "    cap.wait(seconds=60)\n"
        "print(len(cap), cap.running, told == [cap])\n"
        "print(len(sniff('udp', 'lo', seconds=0.05).wait(seconds=60)))\n"
        "sniff('udp', 'lo', seconds=0.05, quiet=True).wait(seconds=60)\n"
        "print(len(told)); onhost.sinks.pop().close()\n"
    )
    assert python(wire, code) == "2 False True\n0\n2\n"


def test_the_header_says_what_it_is_and_what_was_lost(wire: Wire) -> None:
    code = "c = sniff('tcp port 80', 'lo'); print(c); c.stop(); print(c)"
    assert python(wire, code).splitlines() == [
        '● capturing on lo, filter "tcp port 80": 0 received, 0 dropped',
        'captured on lo, filter "tcp port 80": 0 received, 0 dropped',
    ]


@pytest.mark.parametrize("iface", ["", [], ["lo", ""]])
def test_no_interface_is_refused(iface: str | Sequence[str]) -> None:
    with pytest.raises(BadArgument, match="no interface to capture on"):
        sniff(iface=iface)


def test_a_wrong_interface_names_those_there_are() -> None:
    with pytest.raises(NotFound, match=r"cannot capture on nosuch0: no such interface; use .*lo"):
        sniff(iface="nosuch0")

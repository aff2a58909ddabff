"""Where live capture with Scapy alone loses packets or gives wrong answers, on the real kernel.

What has a natural home is tested there (``test_engines``, ``test_ring``, ``test_live``,
``test_offload``, ``tests/host/test_fib``, ``tests/shell``); here is the rest.
"""

from __future__ import annotations

import onhost
import pytest
from inlab import python

from netshell.lab.wire import Wire


@pytest.fixture(params=["ring", "libpcap"])
def engine(request: pytest.FixtureRequest) -> str:
    if request.param == "libpcap":
        pytest.importorskip("cypcap")
    return str(request.param)


def test_a_burst_of_2000_datagrams_on_lo_is_whole_and_each_is_there_once(
    wire: Wire, engine: str
) -> None:
    """A buffer of 64 KiB kept some 110 of the 4,000 copies that lo shows."""
    wire.client.call(onhost.receive_nothing, "127.0.0.1")
    wire.client.call(onhost.begin, "udp port 9999", ("lo",), engine)
    sent = [b"%d" % number for number in range(2000)]
    wire.client.call(onhost.send_datagrams, "127.0.0.1", sent)
    assert wire.client.call(onhost.wait, 2000) == 2000
    frames = wire.client.call(onhost.finish)[0]
    assert [frame[42:] for frame in frames] == sent
    counted = wire.client.call(onhost.stats)
    assert (counted["received"], counted["dropped"]) == (2000, 0)


def test_what_libpcap_dropped_is_counted_and_shown(wire: Wire) -> None:
    """As the ring's losses are (test_ring): a small buffer that nobody drains."""
    pytest.importorskip("cypcap")
    code = (
        "frame = b'\\xff' * 6 + b'\\x02\\0\\0\\0\\0\\x99\\x88\\xb6' + b'\\0' * 100\n"
        "def slow(*args, **more):\n"
        "    more['ring_bytes'] = 1 << 20\n"
        "    source = onhost.opening.open_libpcap(*args, **more)\n"
        "    onhost.send_many('eth0', frame, 60_000)\n"
        "    return source\n"
        "cap = onhost.live.start('ether proto 0x88b6', ['eth0'], open_source=slow)\n"
        "cap.stop()\n"
        "counted = cap.stats\n"
        "print(0 < counted.received < 60_000, counted.received + counted.dropped)\n"
        "print(f'{counted.dropped:,} dropped' in str(cap))\n"
    )
    assert python(wire, code) == "True 60000\nTrue\n"


def test_stopping_right_after_the_start_leaves_no_thread(wire: Wire) -> None:
    code = (
        "import threading\n"
        "for _ in range(30):\n"
        "    cap = sniff('udp', iface='eth0').stop()\n"
        "    assert not cap.running and cap.problem is None\n"
        "onhost.eventually(lambda: threading.active_count() == 1)\n"
        "print(threading.active_count())\n"
    )
    assert python(wire, code) == "1\n"


def test_an_error_in_who_looks_does_not_end_the_capture(wire: Wire) -> None:
    """Scapy calls `prn` in the capture's thread: an exception there ends it, nearly silently."""
    code = (
        "onhost.receive_nothing('127.0.0.1')\n"
        "cap = sniff('udp port 9999', iface='lo')\n"
        "def send(): onhost.send_datagrams('127.0.0.1', [b'x'] * 3)\n"
        "send(); cap.wait(count=3)\n"
        "for look in (lambda: [1 / 0 for packet in cap], lambda: cap.filter(lambda p: 1 / 0)):\n"
        "    try:\n"
        "        look()\n"
        "    except ZeroDivisionError:\n"
        "        print(cap.running, cap.problem)\n"
        "send(); print(len(cap.wait(count=6, seconds=60)), cap.stop().problem)\n"
        "for sink in onhost.sinks: sink.close()\n"
    )
    assert python(wire, code) == "True None\nTrue None\n6 None\n"


def test_a_namespace_entered_after_the_import_is_the_one_that_counts(wire: Wire) -> None:
    """Scapy keeps the interfaces and routes of its import."""
    code = (
        "from netshell.errors import NotFound\n"
        "from netshell.lab import namespaces\n"
        f"there = {wire.server.ipv4!r}\n"
        "def names(): return [each.name for each in ifaces()]\n"
        "print(sniff(iface='eth0').stop().names, names(), iface_for(there))\n"
        "import scapy.all\n"
        "namespaces.unshare(0x40000000)  # CLONE_NEWNET\n"
        "onhost.ip('link', 'set', 'lo', 'up')\n"
        "print(names(), iface_for(there), sniff(iface='any').stop().names)\n"
        "try: sniff(iface='eth0')\n"
        "except NotFound as error: print(error)\n"
        "onhost.receive_nothing('127.0.0.1')\n"
        "cap = sniff('udp port 9999', iface='lo')\n"
        "onhost.send_datagrams('127.0.0.1', [b'here'])\n"
        "print(cap.wait(count=1, seconds=60).stop()[0].payload)\n"
        "for sink in onhost.sinks: sink.close()\n"
    )
    assert python(wire, code) == (
        "('eth0',) ['lo', 'eth0'] eth0\n"
        "['lo'] none ('lo',)\n"
        "cannot capture on eth0: no such interface; use lo, any\n"
        "b'here'\n"
    )


def test_scapys_packet_has_the_time_to_the_nanosecond(wire: Wire) -> None:
    """Scapy's own sockets hand it over as a float, in steps of 238 ns."""
    code = (
        "onhost.receive_nothing('127.0.0.1')\n"
        "cap = sniff('udp port 9999', iface='lo')\n"
        "onhost.send_datagrams('127.0.0.1', [b'x'] * 100)\n"
        "cap.wait(count=100).stop()\n"
        "print(len(cap), all(int(p.scapy.time * 10**9) == p.time_ns for p in cap))\n"
        "print(len({p.time_ns % 1000 for p in cap}) > 30)\n"
        "for sink in onhost.sinks: sink.close()\n"
    )
    assert python(wire, code) == "100 True\nTrue\n"

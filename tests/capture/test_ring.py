"""What only the ring has: direction, VLAN, cooked frames, its memory, many interfaces."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import onhost
import pytest
from patience import shortest

from netshell.errors import CaptureFailed
from netshell.lab.interpreter import module_environment
from netshell.lab.wire import Wire


def test_direction(wire: Wire) -> None:
    wire.client.call(onhost.begin, "udp port 9999", ("eth0",))
    wire.client.call(onhost.receive_nothing)
    wire.server.call(onhost.receive_nothing)
    wire.client.call(onhost.send_datagrams, wire.server.ipv4, [b"out"])
    wire.server.call(onhost.send_datagrams, wire.client.ipv4, [b"in"])
    wire.client.call(onhost.wait, 2)
    frames, _, _, directions = wire.client.call(onhost.finish)
    assert [frame[42:45].rstrip(b"\0") for frame in frames] == [b"out", b"in"]
    assert directions == ["out", "in"]


def test_times_are_whole_nanoseconds(wire: Wire) -> None:
    wire.client.call(onhost.begin, "udp", ("lo",))
    wire.client.call(onhost.receive_nothing)
    wire.client.call(onhost.send_datagrams, "127.0.0.1", [b"x"] * 200)
    times = wire.client.call(onhost.finish)[1]
    # A float's steps of 238 ns, or microseconds, would leave few remainders.
    assert len({time_ns % 1000 for time_ns in times}) > 50


def test_one_of_several_rings_waits_for_the_others(wire: Wire) -> None:
    """A packet that passes two interfaces is shown in the order it passed them."""
    wire.client.call(onhost.begin, "udp port 9999", ("any",))
    wire.client.call(onhost.receive_nothing)
    wire.server.call(onhost.receive_nothing)
    expected = []
    for turn in range(60):
        iface, address = ("lo", "127.0.0.1") if turn % 3 else ("eth0", wire.server.ipv4)
        expected.append(iface)
        wire.client.call(onhost.send_datagrams, address, [b"%d" % turn])
    _, times, ifaces, _ = wire.client.call(onhost.finish)
    assert ifaces == expected
    assert times == sorted(times)


def test_many_interfaces_stop_as_quickly(wire: Wire) -> None:
    for number in range(8):
        wire.client.call(onhost.ip, "link", "add", f"v{number}", "type", "veth")
    for name in wire.client.call(onhost.all_interfaces):
        wire.client.call(onhost.ip, "link", "set", name, "up")

    def stopped() -> float:
        assert len(wire.client.call(onhost.begin, "", ("any",))) == 18
        return float(wire.client.call(onhost.end))

    assert shortest(stopped, 0.15) <= 0.15


def test_an_interface_that_goes_down_ends_it_and_says_so(wire: Wire) -> None:
    wire.server.call(onhost.receive_nothing)
    wire.client.call(onhost.begin, "udp", ("eth0",))
    wire.client.call(onhost.send_datagrams, wire.server.ipv4, [b"before"] * 3)
    wire.client.call(onhost.link_down, "eth0")
    assert wire.client.call(onhost.wait_ended) == (
        False,
        "the capture ended on eth0: the interface went down; what was captured is kept",
        [],
    )
    assert len(wire.client.call(onhost.seen)[0]) == 3
    with pytest.raises(CaptureFailed, match="the interface is down; sudo ip link set eth0 up"):
        wire.client.call(onhost.begin, "udp", ("eth0",))


def test_an_interface_of_several_that_comes_and_goes(wire: Wire) -> None:
    frame = b"\xff" * 6 + b"\x02\0\0\0\0\x99\x88\xb6" + b"\0" * 50
    client = wire.client
    client.call(onhost.begin, "ether proto 0x88b6", ("eth0", "lo"))
    client.call(onhost.send_frames, "eth0", [frame] * 3)
    client.call(onhost.link_down, "eth0")
    assert client.call(onhost.wait, 3) == 3  # taken before, shown without another interface's help
    assert client.call(onhost.wait_noted) == "eth0 delivers no more: the interface went down"
    client.call(onhost.ip, "link", "set", "eth0", "up")
    client.call(onhost.send_frames_when_up, "eth0", [frame] * 4)
    assert client.call(onhost.wait, 7) == 7
    assert client.call(onhost.state) == (
        True,
        "",
        ["eth0 delivers again, but not all the time: the interface went down once"],
    )
    client.call(onhost.link_down, "eth0")
    client.call(onhost.link_down, "lo")
    running, problem, _ = client.call(onhost.wait_ended)
    assert (running, problem) == (
        False,
        "the capture ended on every interface: the interface went down; what was captured is kept",
    )


def test_an_interface_renamed_is_the_same_one(wire: Wire) -> None:
    frame = b"\xff" * 6 + b"\x02\0\0\0\0\x99\x88\xb6" + b"\0" * 50
    client = wire.client
    client.call(onhost.ip, "link", "add", "one0", "type", "veth", "peer", "name", "two0")
    for name in ("one0", "two0"):
        client.call(onhost.ip, "link", "set", name, "up")
    client.call(onhost.begin, "ether proto 0x88b6", ("any",))
    client.call(onhost.begin, "ether proto 0x88b6", ("one0",), "ring", "single")
    if not client.call(onhost.rename, "one0", "other0"):
        pytest.skip("this kernel renames no interface that is up")
    assert client.call(onhost.stats)["dropped"] == 0
    assert client.call(onhost.state) == (True, "", [])  # not a new one
    client.call(onhost.send_frames, "other0", [frame] * 3)
    assert client.call(onhost.wait, 3, "single") == 3
    client.call(onhost.link_down, "other0")
    assert client.call(onhost.wait_ended, "single") == (
        False,
        "the capture ended on one0: the interface went down; what was captured is kept",
        [],
    )
    assert onhost.eventually(
        lambda: "one0 delivers no more: the interface went down" in client.call(onhost.state)[2]
    )


def test_a_ring_the_process_has_no_room_for_is_made_smaller(wire: Wire) -> None:
    """The kernel had the memory, this process not the addresses: ulimit -v."""
    notes, many = wire.client.call(onhost.cramped)
    assert notes in (
        ["the kernel gave a ring of 32 MiB, not 64 MiB: bursts are lost sooner"],
        ["the kernel gave a ring of 16 MiB, not 64 MiB: bursts are lost sooner"],
    )
    assert many == 3


def test_any_notes_an_interface_that_comes_up_later(wire: Wire) -> None:
    for name, ifaces in (("cap", ("any",)), ("named", ("lo", "eth0"))):
        wire.client.call(onhost.begin, "udp", ifaces, "ring", name)
    wire.client.call(onhost.ip, "link", "add", "late0", "type", "veth")
    assert wire.client.call(onhost.stats)["dropped"] == 0
    assert wire.client.call(onhost.state)[2] == []  # it is not up yet
    wire.client.call(onhost.ip, "link", "set", "late0", "up")
    for _ in range(2):
        wire.client.call(onhost.stats)
    note = "late0 came up after the capture began: its packets are not captured"
    assert wire.client.call(onhost.state)[2] == [note]
    assert note in wire.client.call(onhost.text)
    for name in ("cap", "named"):
        wire.client.call(onhost.end, name)
    assert wire.client.call(onhost.state, "named")[2] == []


def test_what_was_dropped_is_counted(wire: Wire) -> None:
    """A ring of 2 MiB, and a thread that may not drain it: the rest is lost, but not silently."""
    many = 60_000
    frame = b"\xff" * 6 + b"\x02\0\0\0\0\x99\x88\xb6" + b"\0" * 100
    received, dropped, again = wire.client.call(onhost.overflow, frame, many)
    assert 0 < received < many
    assert received + dropped == many
    assert again == dropped  # reading the kernel's counter resets it; ours adds up


def test_less_memory_than_asked_for_is_noted(wire: Wire) -> None:
    assert wire.client.call(onhost.scarce) == [
        "the kernel gave a ring of 16 MiB, not 64 MiB: bursts are lost sooner"
    ]


def test_the_block_the_kernel_is_still_filling_is_taken_too(wire: Wire) -> None:
    assert wire.client.call(onhost.unfinished, 700) == 700
    assert wire.client.call(onhost.unfinished, 20_000) == 20_000
    assert wire.client.call(onhost.unfinished, 0) == 0


def test_frames_without_link_header_get_one(wire: Wire) -> None:
    """As of a PPP link: the kernel delivers from the network header on (SOCK_DGRAM)."""
    frames, links, filtered, problem = wire.client.call(onhost.cooked)
    assert links == {113}
    assert [frame[44:] for frame in frames] == [b"0", b"1", b"2"]
    # packet type, ARPHRD_LOOPBACK, address length and address, protocol
    assert {frame[:16] for frame in frames} == {
        struct.pack(">HHH8sH", 0, 772, 6, b"\0" * 8, 0x0800)
    }
    assert filtered == 3
    assert problem == (
        "cannot filter by the link header: this interface has none; "
        "filter by network addresses and ports"
    )


def test_descriptors_beyond_1023(wire: Wire) -> None:
    """select(2), which Scapy uses, refuses them."""
    assert wire.client.call(onhost.many_files) == (1, True)


def test_no_root_in_the_lab() -> None:
    """An ordinary user captures in a namespace of his own."""
    code = (
        "import sys; sys.path[:0] = %r\n"
        "import onhost\n"
        "from netshell.lab.wire import Wire\n"
        "from netshell.errors import Unavailable\n"
        "try:\n"
        "    wire = Wire.open()\n"
        "except Unavailable as error:\n"
        "    sys.exit(f'unavailable: {error}')\n"
        "with wire:\n"
        "    wire.client.call(onhost.begin, 'udp', ('lo',))\n"
        "    wire.client.call(onhost.receive_nothing)\n"
        "    wire.client.call(onhost.send_datagrams, '127.0.0.1', [b'x'] * 3)\n"
        "    print(len(wire.client.call(onhost.finish)[0]))\n"
    ) % [str(Path(__file__).parent), str(Path(__file__).parents[1])]
    done = run_as_ordinary(code)
    if "unavailable" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert (done.stdout, done.stderr) == ("3\n", "")


def run_as_ordinary(code: str) -> subprocess.CompletedProcess[str]:
    as_user = Path(__file__).parents[1] / "lab" / "as_user.py"
    return subprocess.run(
        [sys.executable, str(as_user), "user", code],
        capture_output=True,
        text=True,
        timeout=120,
        env=module_environment(),
    )

"""Both engines under one contract, on a real wire, with tcpdump as the witness."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onhost
import pytest
from frames import segment
from patience import shortest, until_it_holds

from netshell.lab.wire import Host, Wire
from netshell.packet import pcap

Find = Callable[[str], Path]
HEAD = b"\xff" * 6 + b"\x02\x00\x00\x00\x00\x99"
BROADCAST = HEAD + b"\x88\xb6"  # a local experiment's


def mark(payload: bytes) -> bytes:
    """A datagram of IPv6 that each of the filters here lets through, and nobody takes."""
    udp = struct.pack(">4H", 9999, 9999, 8 + len(payload), 0) + payload
    ends = bytes.fromhex("fd99") + bytes(13) + b"\1" + bytes.fromhex("fd99") + bytes(13) + b"\2"
    return HEAD + b"\x86\xdd" + struct.pack(">IHBB", 6 << 28, len(udp), 17, 64) + ends + udp


FIRST, LAST = mark(b"first"), mark(b"last")


@pytest.fixture(params=["ring", "libpcap"])
def engine(request: pytest.FixtureRequest) -> str:
    if request.param == "libpcap":
        pytest.importorskip("cypcap")
    return str(request.param)


CAPTURES = ("cap", "narrow", "other", "untagged")


class Tcpdump:
    """tcpdump writing to a file on a host, known to be listening."""

    def __init__(self, host: Host, program: Path, filter: str, iface: str, path: Path) -> None:
        self.path = path
        options = ["-i", iface, "-s", "262144", "-U", "--immediate-mode", "-B", "65536", "-n"]
        user = ["-Z", "root"] if os.geteuid() == 0 else []
        self.process = host.popen(
            [program, *options, *user, "--time-stamp-precision=nano", "-w", path, filter],
            stderr=subprocess.PIPE,
        )
        assert self.process.stderr is not None
        said = self.process.stderr.readline()
        while "listening on" not in said:
            assert said, "tcpdump ended"
            said = self.process.stderr.readline()

    def stop(self, last: bytes = b"") -> list[bytes]:
        """What it wrote; with ``last``, once that frame is among it."""
        assert onhost.eventually(lambda: last in self.path.read_bytes())
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=onhost.DEADLINE_S)
        chunk, damage = pcap.parse(self.path.read_bytes())
        assert damage is None
        return [chunk.frame(i) for i in range(len(chunk))]


@pytest.fixture
def tcpdump(peer: Find, tmp_path: Path) -> Callable[..., Tcpdump]:
    program = peer("tcpdump")

    def start(host: Host, filter: str = "", iface: str = "eth0") -> Tcpdump:
        return Tcpdump(host, program, filter, iface, tmp_path / "peer.pcap")

    return start


def exchange(wire: Wire) -> None:
    """TCP and UDP of both versions and sizes, in both directions."""
    for address in (wire.server.ipv4, wire.server.ipv6):
        wire.server.call(onhost.receive_nothing, address)
        sizes = [*range(20), 1000, 1400, 1472, 3000, 60_000]
        wire.client.call(onhost.send_datagrams, address, [b"x" * size for size in sizes])


class TestLikeTcpdump:
    @pytest.mark.parametrize("filter", ["", "udp port 9999", "ip6", "not ip"])
    def test_same_packets_same_bytes(
        self, wire: Wire, engine: str, filter: str, tcpdump: Callable[..., Tcpdump]
    ) -> None:
        witness = tcpdump(wire.server, filter)
        wire.server.call(onhost.begin, filter, ("eth0",), engine)
        # Neighbours are sought and found at any time: compared is what lies between two marks.
        wire.client.call(onhost.send_frames, "eth0", [FIRST])
        exchange(wire)
        wire.client.call(onhost.send_frames, "eth0", [BROADCAST + b"x", LAST])
        assert wire.server.call(onhost.wait_for, LAST)
        frames, times, ifaces, _ = wire.server.call(onhost.finish)
        witnessed = witness.stop(LAST)
        marked = frames.index(FIRST), frames.index(LAST)
        assert frames[slice(*marked)] == witnessed[witnessed.index(FIRST) : witnessed.index(LAST)]
        assert len(frames) > (40 if filter in ("", "udp port 9999") else 5)
        assert times == sorted(times)
        assert set(ifaces) == {"eth0"}

    def test_loopback_shows_each_packet_once(
        self, wire: Wire, engine: str, tcpdump: Callable[..., Tcpdump]
    ) -> None:
        witness = tcpdump(wire.client, "udp", "lo")
        wire.client.call(onhost.begin, "udp", ("lo",), engine)
        wire.client.call(onhost.receive_nothing, "127.0.0.1")
        wire.client.call(onhost.send_datagrams, "127.0.0.1", [b"%d" % i for i in range(20)])
        wire.client.call(onhost.send_datagrams, "127.0.0.1", [b"z" * 65_507])
        frames = wire.client.call(onhost.finish)[0]
        assert [frame[42:] for frame in frames[:20]] == [b"%d" % i for i in range(20)]
        assert len(frames[20]) == 65_507 + 42  # longer than Scapy's 65,535 bytes
        assert frames == witness.stop()

    def test_a_vlan_tag_is_restored(self, wire: Wire, tcpdump: Callable[..., Tcpdump]) -> None:
        # Of the ring only: the libpcap in cypcap's wheel misses tags in its first block on Linux.
        engine = "ring"
        witness = tcpdump(wire.server, "vlan")
        for name, filter in (
            ("cap", "vlan 7"),
            ("narrow", "vlan 7 and tcp port 9999"),
            ("other", "vlan 8"),
            ("untagged", "tcp port 9999"),
        ):
            wire.server.call(onhost.begin, filter, ("eth0",), engine, name)
        plain = segment(payload=b"tagged", dport=9999)
        tagged = plain[:12] + b"\x81\x00\x60\x07" + plain[12:]
        wire.client.call(onhost.send_frames, "eth0", [tagged, plain, tagged])
        assert wire.server.call(onhost.wait, 2) == 2
        got = {name: wire.server.call(onhost.finish, name)[0] for name in CAPTURES}
        assert got["cap"] == got["narrow"] == witness.stop() == [tagged, tagged]
        # As in tcpdump: the kernel's filter sees a frame without its tag.
        assert got["untagged"] == [tagged, plain, tagged]
        assert got["other"] == []
        assert wire.server.call(onhost.filter_stored, "vlan 7 and tcp") == 2
        assert wire.server.call(onhost.filter_stored, "vlan 8") == 0

    def test_snaplen_cuts_and_says_so(self, wire: Wire, engine: str) -> None:
        wire.server.call(onhost.begin, "udp", ("eth0",), engine, snaplen=60)
        wire.server.call(onhost.receive_nothing, wire.server.ipv4)
        wire.client.call(onhost.send_datagrams, wire.server.ipv4, [b"x" * 1000, b"y"])
        frames = wire.server.call(onhost.finish)[0]
        assert [len(frame) for frame in frames] == [60, 43]
        counted = wire.server.call(onhost.stats)
        assert counted["truncated"] == 1
        assert counted["bytes"] == 1042 + 43


class TestLife:
    def test_a_packet_on_a_quiet_wire_is_seen_soon(self, wire: Wire, engine: str) -> None:
        wire.client.call(onhost.begin, "udp", ("eth0",), engine)
        assert shortest(lambda: wire.client.call(onhost.delay, wire.server.ipv4), 0.1) <= 0.1
        wire.client.call(onhost.end)

    def test_nothing_in_the_kernel_is_lost_at_the_stop(self, wire: Wire, engine: str) -> None:
        for _ in range(5):
            wire.client.call(onhost.begin, "udp", ("lo",), engine)
            assert wire.client.call(onhost.send_and_end, 700) == 700

    def test_stop_is_quick_and_may_be_repeated(self, wire: Wire, engine: str) -> None:
        def stopped() -> float:
            wire.client.call(onhost.begin, "", ("eth0",), engine)
            took_s = wire.client.call(onhost.end)
            assert wire.client.call(onhost.state) == (False, "", [])
            return float(took_s)

        assert shortest(stopped, 0.1) <= 0.1
        assert shortest(lambda: wire.client.call(onhost.end), 0.05) <= 0.05
        assert wire.client.call(onhost.state) == (False, "", [])

    def test_stop_right_after_start(self, wire: Wire, engine: str) -> None:
        before, after = wire.client.call(onhost.cycles, 20, engine, ("eth0",))
        assert after == before

    def test_count_is_exact(self, wire: Wire, engine: str) -> None:
        wire.client.call(onhost.begin, "udp", ("lo",), engine, count=5)
        wire.client.call(onhost.receive_nothing, "127.0.0.1")
        wire.client.call(onhost.send_datagrams, "127.0.0.1", [b"%d" % i for i in range(50)])
        assert wire.client.call(onhost.wait_ended) == (False, "", [])
        assert [frame[42:] for frame in wire.client.call(onhost.seen)[0]] == [
            b"%d" % i for i in range(5)
        ]

    def test_seconds_end_it(self, wire: Wire, engine: str) -> None:
        wire.client.call(onhost.receive_nothing, "127.0.0.1")

        def captured(seconds: float) -> None:
            wire.client.call(onhost.begin, "udp", ("lo",), engine, seconds=seconds)
            wire.client.call(onhost.send_datagrams, "127.0.0.1", [b"in time"])
            assert wire.client.call(onhost.wait_ended) == (False, "", [])
            assert len(wire.client.call(onhost.seen)[0]) == 1

        until_it_holds(captured, (0.3, 2, 10))

    def test_the_interface_going_away_keeps_what_was_captured(
        self, wire: Wire, engine: str
    ) -> None:
        wire.server.call(onhost.receive_nothing, wire.server.ipv4)
        wire.client.call(onhost.begin, "udp", ("eth0",), engine)
        wire.client.call(onhost.send_datagrams, wire.server.ipv4, [b"before"] * 3)
        wire.client.call(onhost.ip, "link", "delete", "eth0")
        running, problem, _ = wire.client.call(onhost.wait_ended)
        assert not running
        assert problem.startswith("the capture ended on eth0: ")
        assert "gone" in problem or "disappeared" in problem
        assert len(wire.client.call(onhost.seen)[0]) == 3
        assert problem in wire.client.call(onhost.text)

    def test_a_burst_is_whole(self, wire: Wire, engine: str) -> None:
        many = 100_000
        wire.server.call(onhost.begin, "ether proto 0x88b6", ("eth0",), engine)
        frame = BROADCAST + b"\0" * 50
        assert wire.client.call(onhost.send_many, "eth0", frame, many) == many
        assert wire.server.call(onhost.wait, many) == many
        wire.server.call(onhost.end)
        numbers, counted = wire.server.call(onhost.numbers), wire.server.call(onhost.stats)
        assert (numbers == np.arange(many)).all()
        assert (counted["received"], counted["dropped"]) == (many, 0)
        assert counted["bytes"] == many * len(frame)


class TestSeveralInterfaces:
    def test_any_names_the_interface(self, wire: Wire, engine: str) -> None:
        names = wire.client.call(onhost.begin, "udp port 9999", ("any",), engine)
        assert set(names) == {"lo", "eth0"}
        wire.server.call(onhost.receive_nothing, wire.server.ipv4)
        wire.client.call(onhost.receive_nothing, "127.0.0.1")
        for turn in range(10):
            where = "127.0.0.1" if turn % 2 else wire.server.ipv4
            wire.client.call(onhost.send_datagrams, where, [b"%d" % turn])
        frames, times, ifaces, _ = wire.client.call(onhost.finish)
        assert ifaces == ["eth0", "lo"] * 5
        assert [frame[42:43] for frame in frames] == [b"%d" % turn for turn in range(10)]
        assert times == sorted(times)

    def test_one_going_away_is_noted(self, wire: Wire, engine: str) -> None:
        wire.client.call(onhost.receive_nothing, "127.0.0.1")
        wire.client.call(onhost.begin, "udp", ("lo", "eth0"), engine)
        wire.client.call(onhost.ip, "link", "delete", "eth0")
        assert wire.client.call(onhost.wait_noted).startswith("eth0 delivers no more: ")
        wire.client.call(onhost.send_datagrams, "127.0.0.1", [b"still here"])
        assert wire.client.call(onhost.wait, 1) == 1
        assert wire.client.call(onhost.state)[:2] == (True, "")
        assert "eth0 delivers no more" in wire.client.call(onhost.text)
        wire.client.call(onhost.end)

    def test_starting_and_stopping_leaves_no_files_open(self, wire: Wire, engine: str) -> None:
        before, after = wire.client.call(onhost.cycles, 10, engine, ("any",))
        assert after == before


def test_the_filter_is_in_place_before_the_first_packet(wire: Wire, engine: str) -> None:
    """Packets of another kind flow all the time; none may slip in while the capture starts."""
    wire.client.call(onhost.receive_nothing, "127.0.0.1")
    wire.client.call(onhost.flood_begin, "127.0.0.1")
    try:
        for turn in range(5):
            wire.client.call(onhost.begin, "tcp port 1", ("lo",), engine)
            assert wire.client.call(onhost.finish)[0] == [], turn
    finally:
        assert wire.client.call(onhost.flood_end) > 100

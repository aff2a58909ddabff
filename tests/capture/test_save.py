"""Saving: the file is whole or was never touched, and holds what its format can."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from frames import chunk_of, segment
from patience import shortest

from netshell.capture import file
from netshell.capture.capture import Capture
from netshell.capture.save import save
from netshell.capture.store import Store
from netshell.errors import BadArgument, NetshellError, NotFound
from netshell.packet import pcap
from netshell.packet.chunk import ETHERNET, INCOMING, OUTGOING, RAW, Chunk
from netshell.packet.packing import Statistics
from netshell.packet.remarks import About, Remarks

FRAMES = [segment(dport=80 + i % 2, payload=b"%d" % i) for i in range(50)]


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return save([chunk_of(FRAMES[:20]), chunk_of(FRAMES[20:])], tmp_path / "good.pcap")


def test_pcapng_keeps_interfaces_directions_and_link_types(tmp_path: Path) -> None:
    plain = chunk_of(FRAMES[:4], [ETHERNET, ETHERNET, RAW, ETHERNET])
    chunk = Chunk(
        plain.data,
        plain.offset,
        plain.captured_len,
        plain.wire_len,
        plain.time_ns,
        np.array([0, 1, 1, 0], np.uint16),
        np.array([INCOMING, OUTGOING, INCOMING, OUTGOING], np.uint8),
        plain.link,
    )
    store = Store()
    store.add([chunk])
    store.end()
    path = Capture(store, names=("eth0", "tun0")).save(tmp_path / "x.pcapng")
    again = file.read(path)
    assert [packet.iface for packet in again] == ["eth0", "tun0", "tun0", "eth0"]
    assert [packet.direction for packet in again] == ["in", "out", "in", "out"]
    assert [packet.link for packet in again] == [ETHERNET, ETHERNET, RAW, ETHERNET]
    assert [packet.time_ns for packet in again] == plain.time_ns.tolist()
    assert [packet.raw for packet in again] == FRAMES[:4]


def test_an_unknown_suffix_names_one_that_is_known(tmp_path: Path) -> None:
    for name, better in (("x", "x.pcapng"), ("x.tar.gz", "x.tar.pcapng")):
        with pytest.raises(BadArgument) as caught:
            save([chunk_of(FRAMES)], tmp_path / name)
        assert str(caught.value).endswith(f"use {tmp_path / better}")
    assert not list(tmp_path.iterdir())


def test_several_link_types_do_not_fit_into_one(tmp_path: Path) -> None:
    with pytest.raises(BadArgument, match="these packets have several"):
        save([chunk_of(FRAMES[:2], [ETHERNET, RAW])], tmp_path / "x.pcap")


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no such directory"):
        save([chunk_of(FRAMES)], tmp_path / "no" / "x.pcap")


def test_nothing_at_all(tmp_path: Path) -> None:
    assert len(file.read(save([], tmp_path / "x.pcap"))) == 0


def test_over_the_file_it_was_read_from(good: Path) -> None:
    good.chmod(0o640)
    found = file.read(good)
    found[10:].save(good)
    assert [packet.raw for packet in found] == FRAMES
    assert [packet.raw for packet in file.read(good)] == FRAMES[10:]
    assert good.stat().st_mode & 0o777 == 0o640


def test_a_full_disk_leaves_the_old_file(good: Path) -> None:
    code = (
        "import resource, signal, sys\n"
        "from netshell.capture import file\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "found = file.read(sys.argv[1])\n"
        "found.save(sys.argv[1])\n"
    )
    before = good.read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", code, good], capture_output=True, text=True, check=False
    )
    assert "NetshellError" in done.stderr or "BadFile" in done.stderr
    assert good.read_bytes() == before
    assert list(good.parent.iterdir()) == [good]


def test_into_a_device() -> None:
    with pytest.raises(BadArgument):
        save([chunk_of(FRAMES)], "/dev/null")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_the_disk_is_full(tmp_path: Path) -> None:
    full = tmp_path / "full.pcap"
    full.symlink_to("/dev/full")
    with pytest.raises(NetshellError, match="the disk is full; the capture is kept"):
        save([chunk_of(FRAMES)], full)


def test_header_is_the_formats(good: Path) -> None:
    assert good.read_bytes()[:24] == pcap.header(ETHERNET, pcap.MAX_FRAME)


EDGES = [-(2**63) + 1, -(2**62) - 1, -1, -1000 * 10**9, 0, 1, (10**9 << 32) - 1, 2**63 - 1]


def _at(times: list[int]) -> Chunk:
    plain = chunk_of(FRAMES[: len(times)])
    return replace(plain, time_ns=np.array(times, np.int64))


@pytest.mark.parametrize("times", [EDGES, EDGES[2:4], [*[10**18] * 8, -5]])
def test_pcapng_holds_every_time(tmp_path: Path, times: list[int]) -> None:
    again = file.read(save([_at(times)], tmp_path / "x.pcapng", ["eth0"]))
    assert [packet.time_ns for packet in again] == times
    assert {packet.iface for packet in again} == {"eth0"}
    assert not again.notes


def test_times_before_1970_are_for_tshark_too(tmp_path: Path, peer: Callable[[str], str]) -> None:
    path = save([_at([-2_000_000_000, 10**18])], tmp_path / "x.pcapng")
    command = [peer("tshark"), "-r", str(path), "-T", "fields", "-e", "frame.time_epoch"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert [float(line) for line in done.stdout.split()] == [
        -2,
        1e9,
    ]  # whole seconds: it adds fractions of these with the wrong sign


def test_what_interfaces_counted_before_1970(tmp_path: Path) -> None:
    counted = Remarks(interfaces={0: About(statistics=Statistics(3, 1, -(10**9), -1))})
    again = file.read(save([_at([-(10**9), -1])], tmp_path / "x.pcapng", ["eth0"], counted))
    assert [about.statistics for about in again.remarks.interfaces.values()] == [
        Statistics(3, 1, -(10**9), -1)
    ]
    both = file.read(save([_at([-(10**9), 1])], tmp_path / "y.pcapng", ["eth0"], counted))
    assert both.dropped == 1  # and not twice


@pytest.mark.parametrize(
    ("ns", "said"), [(-1000 * 10**9, "1969-12-31T23:43:20"), (10**9 << 32, "2106-02-07T06:28:16")]
)
def test_pcap_refuses_times_that_it_does_not_hold(tmp_path: Path, ns: int, said: str) -> None:
    with pytest.raises(BadArgument, match=f"packet 21 is of {said}.*use .*x.pcapng"):
        save([chunk_of(FRAMES[:20]), _at([0, ns])], tmp_path / "x.pcap")
    assert not list(tmp_path.iterdir())
    last = (10**9 << 32) - 1
    (packet,) = file.read(save([_at([last])], tmp_path / "x.pcap"))
    assert packet.time_ns == last


def test_times_that_are_not_held_are_told(tmp_path: Path) -> None:
    path = save([_at([10**18] * 3)], tmp_path / "x.pcapng")
    octets = bytearray(path.read_bytes())
    at = octets.index((10**18 >> 32).to_bytes(4, "little"))
    octets[at : at + 4] = b"\xff" * 4  # in the year 2554
    path.write_bytes(octets)
    found = file.read(path)
    assert found[0].time_ns == 2**63 - 1
    note = "1 packet has a time outside 1677 to 2262; it is the nearest of these here"
    assert list(found.notes) == [note]


def test_comments_of_many_packets_are_written_at_once(tmp_path: Path) -> None:
    """A call for each packet would take a fifth of a millisecond."""
    chunk = chunk_of([segment(payload=bytes(i % 5)) for i in range(20_000)])
    said = Remarks(of_packets={i: (f"no {i}", "again") for i in range(0, 20_000, 2)})
    path = tmp_path / "x.pcapng"

    def takes() -> float:
        begun = time.process_time()
        save([chunk[:7000], chunk[7000:]], path, ["eth0"], said)
        return time.process_time() - begun

    assert shortest(takes, 1, 5) <= 1
    again = file.read(path)
    assert again.remarks.of_packets == said.of_packets and len(again) == 20_000
    assert all(again[i].payload == bytes(i % 5) for i in (0, 1, 6999, 7000, 19_999))

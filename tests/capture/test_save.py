"""Saving: the file is whole or was never touched, and holds what its format can."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from frames import chunk_of, segment

from netshell.capture import file
from netshell.capture.capture import Capture
from netshell.capture.save import save
from netshell.capture.store import Store
from netshell.errors import BadArgument, NetshellError, NotFound
from netshell.packet import pcap
from netshell.packet.chunk import ETHERNET, INCOMING, OUTGOING, RAW, Chunk

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

"""Capture files: every way a path can disappoint is one line; what can be read is read."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from frames import chunk_of, segment

from netshell.capture import file, windows
from netshell.capture.save import save
from netshell.capture.walk import FileWalk
from netshell.errors import BadArgument, BadFile, NotFound
from netshell.lab.wire import Wire
from netshell.packet import pcap
from netshell.packet.chunk import ETHERNET
from netshell.view import clean

AS_USER = Path(__file__).parent.parent / "lab" / "as_user.py"
FRAMES = [segment(dport=80 + i % 2, payload=b"%d" % i) for i in range(50)]


@pytest.fixture(params=["pcap", "pcapng"])
def good(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    path = tmp_path / f"good.{request.param}"
    save([chunk_of(FRAMES[:20]), chunk_of(FRAMES[20:])], path)
    return path


def test_saved_and_read_again(good: Path) -> None:
    found = file.read(good)
    assert [packet.raw for packet in found] == FRAMES
    assert [packet.time_ns for packet in found[:20]] == chunk_of(FRAMES[:20]).time_ns.tolist()
    assert (found.running, found.problem, found.link) == (False, None, ETHERNET)
    assert str(found).startswith(f"{good}: 50 packets\n")


def test_the_file_is_one_for_tcpdump(good: Path, peer: object) -> None:
    program = peer("tcpdump")  # type: ignore[operator]
    done = subprocess.run([program, "-nn", "-r", good], capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == 50


def test_a_filter(good: Path) -> None:
    found = file.read(good, "tcp dst port 81")
    assert [packet.raw for packet in found] == FRAMES[1::2]
    assert str(found).startswith(f'{good}, filter "tcp dst port 81": 25 of 50 packets\n')
    with pytest.raises(BadArgument, match='syntax error at "prt"'):
        file.read(good, "tcp prt 81")


def test_relative_numbers_survive_a_filter(tmp_path: Path) -> None:
    path = tmp_path / "handshake.pcap"
    frames = [segment(flags=0x02, seq=1000), segment(flags=0x10, seq=1001, dport=80)]
    save([chunk_of(frames)], path)
    (packet,) = file.read(path, "tcp[13] = 16")
    assert (packet.index, packet.relative_seq) == (0, 1)


@pytest.mark.parametrize("cut", [1, 10, 17, 40])
def test_a_damaged_tail_costs_only_the_tail(good: Path, cut: int) -> None:
    good.write_bytes(good.read_bytes()[:-cut])
    found = file.read(good)
    assert [packet.raw for packet in found] == FRAMES[:-1]
    assert isinstance(found.problem, BadFile)
    line = str(found.problem)
    assert line.startswith(f"cannot read on in {good}: damaged at byte ")
    assert line.endswith("the 49 packets before it are here")
    assert line in str(found)
    assert file.read(good, "tcp").problem is not None


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "the file is empty"),
        (b"GIF89a" + bytes(100), "not a pcap file (it begins with 47 49 46 38)"),
        (b"\xd4\xc3\xb2\xa1\x02", "cannot read on"),
    ],
)
def test_what_is_no_capture(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    if why == "cannot read on":
        assert why in str(file.read(path).problem)
    else:
        with pytest.raises(BadFile) as caught:
            file.read(path)
        assert str(caught.value) == f"cannot read {path}: {why}"


def test_paths_that_lead_nowhere(tmp_path: Path) -> None:
    for path, kind, why in (
        (tmp_path / "missing", NotFound, "no such file"),
        (tmp_path, BadFile, "it is a directory"),
        (tmp_path / "\0", BadFile, "embedded null byte"),
    ):
        with pytest.raises(kind) as caught:
            file.read(path)
        assert str(caught.value) == f"cannot read {clean(str(path))}: {why}"


def test_a_file_that_may_not_be_read(good: Path, wire: Wire) -> None:
    good.chmod(0)
    # As an ordinary user, whoever runs the tests: root may read everything.
    code = f"from netshell.capture import file; file.read({str(good)!r})"
    done = subprocess.run(
        [sys.executable, AS_USER, "user", code], capture_output=True, text=True, timeout=60
    )
    assert done.stderr.splitlines()[-1].endswith(f"cannot read {good}: permission denied")


def large(path: Path, many: int = 500) -> Path:
    """A file of 125 MiB that takes little of the disk: frames that are zeros, up to their ends."""
    size = 1 << 18
    with path.open("wb") as out:
        out.write(pcap.header(1))
        for i in range(many):
            out.write(struct.pack("<IIII", i, 0, size, size))
            out.seek(size - 4, os.SEEK_CUR)
            out.write(struct.pack("<I", i))
    return path


CUT = {
    "read": "found = file.read(path)\nos.truncate(path, 100)\nends = [p.raw[-4:] for p in found]\n",
    "scan": (
        "ends = []\n"
        "for packet in scan.Scan([path]):\n"
        "    ends.append(packet.raw[-4:])\n"
        "    os.truncate(path, 100)\n"
    ),
}


@pytest.mark.parametrize("how", CUT)
def test_a_file_that_is_cut_short_while_in_use(tmp_path: Path, how: str) -> None:
    """As by who rotates captures: nothing is lost of what was read, least of all the process."""
    path = large(tmp_path / "large.pcap")
    code = (
        "import os, sys\n"
        "from netshell.capture import file, scan\n"
        "path = sys.argv[1]\n"
        f"{CUT[how]}"
        "assert ends == [i.to_bytes(4, 'little') for i in range(len(ends))]\n"
        "print(len(ends))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    # A scan has the first window then, and as much of the next as was read already.
    assert {"read": 500, "scan": 63}[how] <= int(done.stdout) <= 500


@pytest.mark.parametrize("kept", [False, True])
def test_cut_short_between_two_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: bool
) -> None:
    monkeypatch.setattr(windows, "SHARE", 1 << 60)  # no memory to spare: what is kept is mapped
    path = large(tmp_path / "large.pcap")
    walk = FileWalk(str(path), 64 << 20, kept=kept)
    found = 0
    for chunk in walk:
        found += len(chunk)
        os.truncate(path, 65 << 20)  # of which the first window was the first 64
    assert found == (255 if kept else 259)
    assert "the file was cut short while it was read" in str(walk.problem)


def test_a_pipe(good: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(good.read_bytes()))
    writer.start()
    assert len(file.read(pipe)) == 50
    writer.join()

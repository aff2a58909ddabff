"""Which files are meant by what somebody gives."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from frames import chunk_of, segment

from netshell import read, scan
from netshell.capture.places import places
from netshell.capture.save import save
from netshell.capture.scan import Scan
from netshell.errors import BadArgument, BadFile


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_named_like_standard_input(here: Path) -> None:
    save([chunk_of([segment()])], here / "x.pcap").rename(here / "-")
    save([chunk_of([segment()] * 2)], here / "y.pcap")
    assert places("./-") == ["./-"]
    assert places("*") == ["./-", "y.pcap"]
    assert places("-") == ["-"]
    assert (len(read("./-")), len(read("*")), len(scan(["./-"]))) == (1, 3, 1)


def test_a_generator_is_gone_through_once(here: Path) -> None:
    save([chunk_of([segment()])], here / "x.pcap")
    found = scan(name for name in ["x.pcap", "x.pcap"])
    assert (len(found), len(list(found))) == (2, 2)


@pytest.mark.parametrize("given", [io.BytesIO(b"abc"), io.StringIO("abc"), b"x", [b"x"], 5, [None]])
@pytest.mark.parametrize("verb", [read, scan])
def test_what_is_no_path(verb: Any, given: Any) -> None:
    with pytest.raises(BadArgument, match=r"^cannot read a .*; give a path, or several: text$"):
        verb(given)


@pytest.mark.parametrize("given", [None, 5, b"tcp"])
@pytest.mark.parametrize("verb", [read, scan])
def test_what_is_no_filter(here: Path, verb: Any, given: Any) -> None:
    save([chunk_of([segment()])], here / "x.pcap")
    with pytest.raises(BadArgument, match=r"^bad filter "):
        verb("x.pcap", given)


def test_an_empty_one_among_several_is_said(here: Path) -> None:
    save([chunk_of([segment()])], here / "a.pcap")
    (here / "b.pcap").write_bytes(b"")
    cut = save([chunk_of([segment()] * 2)], here / "c.pcap")
    cut.write_bytes(cut.read_bytes()[:-1])
    found = read("*.pcap")
    assert len(found) == 2
    line = str(found.problem)
    assert "cannot read on in c.pcap: " in line and "the packet before it is here; " in line
    assert line.endswith("cannot read b.pcap: the file is empty")
    again = scan("*.pcap")
    assert len(again) == 2 and str(again.problem) == line
    with pytest.raises(BadFile, match=r"cannot read b.pcap: "):
        read(["b.pcap", "b.pcap"])


@pytest.mark.parametrize("count", [None, "5", 1.5, True, -1])
def test_counts_of_a_scan(here: Path, count: Any) -> None:
    save([chunk_of([segment()])], here / "x.pcap")
    found = scan("x.pcap")
    for asked in (found.head, lambda count: found.top("src", count)):
        with pytest.raises(BadArgument, match=r"^bad count "):
            asked(count)


@pytest.mark.parametrize(
    ("packed", "line"),
    [
        (lzma.compress, "it was packed with xz; unpack it first: xz -dk 'a b'"),
        (bz2.compress, "it was packed with bzip2; unpack it first: bunzip2 -k 'a b'"),
        (
            lambda data: gzip.compress(gzip.compress(data)),
            "it was packed with gzip twice; unpack it first: gunzip -k 'a b'",
        ),
        (lambda data: b"PK\x03\x04" + data, "it was packed with zip; unpack it first: unzip 'a b'"),
    ],
)
def test_what_unpacks_it_is_said(here: Path, packed: Any, line: str) -> None:
    made = save([chunk_of([segment()])], here / "x.pcap")
    (here / "a b").write_bytes(packed(made.read_bytes()))
    with pytest.raises(BadFile) as caught:
        read("a b")
    assert str(caught.value) == f"cannot read a b: {line}"


def test_a_zstd_window_beyond_the_limit(here: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    made = save([chunk_of([segment()])], here / "x.pcap").read_bytes()
    wide = zstandard.ZstdCompressionParameters.from_level(1, window_log=31)
    stream = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    (here / "x.zst").write_bytes(stream.compress(made) + stream.flush())
    with pytest.raises(BadFile, match=r"unpack it first: zstd -dk --long=31 x\.zst$"):
        read("x.zst")


def test_more_interfaces_than_there_are_numbers(here: Path) -> None:
    made = save([chunk_of([segment()])], here / "x.pcapng").read_bytes()
    described = struct.pack("<IIHHII", 1, 20, 1, 0, 0, 20)
    (here / "x.pcapng").write_bytes(made + described * 65_536)
    found = read("x.pcapng")
    assert len(found) == 1
    assert "; all packets, without interfaces: editcap -F pcap x.pcapng" in str(found.problem)


def test_a_directory_that_may_not_be_listed_is_told(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "x.pcap").write_bytes(b"")
    code = (
        "import os, sys; sys.path[:0] = []; from netshell.capture.places import places\n"
        "os.setgroups([]) if os.getuid() == 0 else None\n"
        "os.setuid(65534) if os.getuid() == 0 else None\n"
        f"try: print(places({str(closed / '*.pcap')!r}))\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    closed.chmod(0)
    for parent in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        parent.chmod(0o755)
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
    finally:
        closed.chmod(0o755)
    assert done.stdout.startswith("NotPermitted cannot read"), done.stderr
    assert f"this user may not list {closed}" in done.stdout


def test_a_pipe_is_scanned_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(b""))
    writer.start()
    asked = Scan([str(pipe)])
    with pytest.raises(BadFile, match="empty"):
        asked.count()
    writer.join()
    for again in (asked, asked.filter("tcp")):
        with pytest.raises(BadArgument, match="only once"):
            again.count()


def test_more_files_than_a_process_may_open_at_first(tmp_path: Path) -> None:
    path = save([chunk_of([segment()])], tmp_path / "000.pcap")
    for i in range(1, 80):
        (tmp_path / f"{i:03}.pcap").write_bytes(path.read_bytes())
    code = (
        "import resource, sys\n"
        "from netshell import read\n"
        "_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard if sys.argv[2] == 'soft' else 64))\n"
        "try: print(len(read(sys.argv[1])))\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "*.pcap"), kind],
            capture_output=True, text=True, check=False,
        ).stdout
        for kind in ("soft", "hard")
    ]  # fmt: skip
    assert said[0] == "80\n"
    assert said[1].startswith("BadFile cannot read") and "ulimit -n" in said[1]

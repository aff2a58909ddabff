"""Files walked: compressed, piped, several at once; damaged ones up to the damage."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from frames import chunk_of, segment

from netshell.capture import file
from netshell.capture.save import save
from netshell.errors import BadArgument, BadFile, NotFound, Unavailable
from netshell.extras import install
from netshell.packet.chunk import Chunk

FRAMES = [segment(sport=1000 + i, payload=b"%d" % i * 20) for i in range(40)]


def later(chunk: Chunk, ns: int) -> Chunk:
    return replace(chunk, time_ns=chunk.time_ns + ns)


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    return save([chunk_of(FRAMES)], tmp_path / "plain.pcap")


def compressed(name: str, data: bytes) -> bytes:
    if name == "gzip":
        return gzip.compress(data[:500]) + gzip.compress(data[500:])
    library: Any = pytest.importorskip({"zstd": "zstandard", "lz4": "lz4.frame"}[name])
    both = [library.compress(data[:500]), library.compress(data[500:])]
    return b"".join(both)


@pytest.mark.parametrize("name", ["gzip", "zstd", "lz4"])
class TestCompressed:
    def test_known_by_its_content(self, plain: Path, tmp_path: Path, name: str) -> None:
        path = tmp_path / "without-a-suffix"
        path.write_bytes(compressed(name, plain.read_bytes()))
        found = file.read(path)
        assert [packet.raw for packet in found] == FRAMES
        assert found.problem is None

    def test_cut(self, plain: Path, tmp_path: Path, name: str) -> None:
        noise = np.random.default_rng(1).integers(0, 256, 300_000, np.uint8).tobytes()
        frames = [segment(payload=noise[i * 1000 : i * 1000 + 1000]) for i in range(300)]
        whole = save([chunk_of(frames)], tmp_path / "noise.pcap").read_bytes()
        path = tmp_path / "cut"
        path.write_bytes(compressed(name, whole)[:-50_000])
        found = file.read(path)
        assert 0 < len(found) < 300
        assert [packet.raw for packet in found] == frames[: len(found)]
        assert str(found.problem).startswith(f"cannot read on in {path}: ")
        assert str(found.problem).endswith(f"the {len(found):,} packets before it are here")

    def test_nonsense_inside(self, tmp_path: Path, name: str) -> None:
        path = tmp_path / "odd"
        path.write_bytes(compressed(name, b"GIF89a" * 200))
        with pytest.raises(BadFile, match="not a pcap file"):
            file.read(path)

    def test_damage_at_the_start(self, plain: Path, tmp_path: Path, name: str) -> None:
        path = tmp_path / "odd"
        path.write_bytes(compressed(name, plain.read_bytes())[:4] + b"\xff" * 100)
        with pytest.raises(BadFile, match=f"cannot read {path}: .*{name} data is damaged"):
            file.read(path)


@pytest.mark.parametrize(("name", "module"), [("zstd", "zstandard"), ("lz4", "lz4.frame")])
def test_a_missing_library_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, module: str
) -> None:
    def refuse(wanted: str) -> Any:
        raise ImportError(wanted)

    magic = {"zstd": b"\x28\xb5\x2f\xfd", "lz4": b"\x04\x22\x4d\x18"}[name]
    path = tmp_path / "x"
    path.write_bytes(magic + bytes(100))
    monkeypatch.setattr("netshell.capture.inflate.import_module", refuse)
    with pytest.raises(Unavailable) as caught:
        file.read(path)
    library = module.partition(".")[0]
    assert str(caught.value) == (
        f"cannot read {name}: the library for it ({library}) is not installed; "
        f"{install('netshell[compress]')}"
    )


class TestSeveral:
    def test_merged_by_time(self, tmp_path: Path) -> None:
        chunk = chunk_of(FRAMES)
        save([chunk[::2]], tmp_path / "b.pcap")
        save([chunk[1::2]], tmp_path / "a.pcap")
        found = file.read(tmp_path / "*.pcap")
        assert [packet.raw for packet in found] == FRAMES
        assert str(found).startswith(f"2 files, {tmp_path}/a.pcap to {tmp_path}/b.pcap: 40 packets")
        assert [p.raw for p in file.read([tmp_path / "a.pcap", str(tmp_path / "b.pcap")])] == FRAMES

    def test_files_that_follow_one_another(self, tmp_path: Path) -> None:
        chunk = chunk_of(FRAMES)
        for i in range(4):
            save([chunk[30 - 10 * i : 40 - 10 * i]], tmp_path / f"{i}.pcap")
        assert [packet.raw for packet in file.read(tmp_path / "?.pcap")] == FRAMES

    def test_equal_times_stay_in_the_order_of_the_files(self, tmp_path: Path) -> None:
        chunk = replace(chunk_of(FRAMES), time_ns=np.full(40, 7, np.int64))
        one = save([chunk[:20]], tmp_path / "one.pcap")
        two = save([chunk[20:]], tmp_path / "two.pcap")
        assert [packet.raw for packet in file.read([one, two])] == FRAMES
        assert [packet.raw for packet in file.read([two, one])] == FRAMES[20:] + FRAMES[:20]

    def test_a_file_out_of_order_keeps_its_order(self, tmp_path: Path) -> None:
        chunk = chunk_of(FRAMES)
        mixed = chunk[np.array([0, 5, 3, 9])]
        one = save([mixed], tmp_path / "one.pcap")
        two = save([chunk[[4, 8]]], tmp_path / "two.pcap")
        found = [packet.raw for packet in file.read([one, two])]
        assert found == [FRAMES[i] for i in (0, 4, 5, 3, 8, 9)]

    def test_interfaces_of_one_name_are_one(self, tmp_path: Path) -> None:
        chunk = chunk_of(FRAMES[:4])
        numbers = np.array([0, 1, 0, 1], np.uint16)
        save([replace(chunk, iface=numbers)], tmp_path / "a.pcapng", ["eth0", "eth1"])
        save([later(replace(chunk, iface=numbers), 1)], tmp_path / "b.pcapng", ["eth1", "eth2"])
        found = file.read([tmp_path / "a.pcapng", tmp_path / "b.pcapng"])
        assert set(found.names) == {"eth0", "eth1", "eth2"}
        assert [p.iface for p in found][:4] == ["eth0", "eth1", "eth1", "eth2"]

    def test_one_is_damaged(self, tmp_path: Path) -> None:
        chunk = chunk_of(FRAMES)
        one = save([chunk[::2]], tmp_path / "one.pcap")
        two = save([chunk[1::2]], tmp_path / "two.pcap")
        one.write_bytes(one.read_bytes()[:-1])
        found = file.read([one, two])
        assert len(found) == 39
        assert str(found.problem).startswith(f"cannot read on in {one}: damaged at byte ")

    def test_refusals(self, tmp_path: Path, plain: Path) -> None:
        with pytest.raises(NotFound, match="no file has such a name"):
            file.read(tmp_path / "*.nothing")
        with pytest.raises(BadArgument, match="no path was given"):
            file.read([])
        with pytest.raises(BadArgument, match="cannot read a int"):
            file.read(5)  # type: ignore[arg-type]
        with pytest.raises(BadArgument, match="named twice"):
            file.read(["-", "-"])

    def test_a_name_that_looks_like_a_pattern(self, plain: Path, tmp_path: Path) -> None:
        odd = plain.rename(tmp_path / "a[1].pcap")
        assert len(file.read(odd)) == 40


# --- what has no size -------------------------------------------------------------------------


def run(code: str, **options: Any) -> subprocess.Popen[str]:
    code = f"from netshell.capture import file\n{code}"
    return subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
    )


def test_standard_input(plain: Path) -> None:
    with plain.open("rb") as source:
        done = run("print(len(file.read('-')), file.read.__name__)", stdin=source)
        out, _ = done.communicate(timeout=60)
    assert out.split() == [b"40", b"read"]


def test_a_compressed_pipe(plain: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    data = gzip.compress(plain.read_bytes())
    writer = threading.Thread(target=lambda: pipe.write_bytes(data))
    writer.start()
    assert len(file.read(pipe)) == 40
    writer.join()


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no /dev/zero")
def test_devices_without_end() -> None:
    with pytest.raises(BadFile, match="cannot read /dev/zero: not a pcap file"):
        file.read("/dev/zero")
    with pytest.raises(BadFile, match="cannot read /dev/null: the file is empty"):
        file.read("/dev/null")


def test_ctrl_c_ends_a_pipe_without_end(plain: Path) -> None:
    code = (
        "import os, signal, threading\n"
        "from netshell.capture import windows\n"
        "seen = windows.Streamed._read\n"
        "def read(self, size):\n"
        "    print('reading', flush=True)\n"
        "    return seen(self, size)\n"
        "windows.Streamed._read = read\n"
        "found = file.read('-')\n"
        "print(len(found), found.problem)\n"
    )
    process = run(code, stdin=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(plain.read_bytes())  # type: ignore[arg-type]
    process.stdin.flush()
    for _ in range(3):  # the head, the data, and then it waits
        process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    line = out.splitlines()[-1].decode()  # type: ignore[attr-defined]
    assert line == (
        "40 cannot read on in standard input: stopped with Ctrl-C; "
        "the 40 packets before it are here"
    )


def test_memory_ends_what_has_no_end(
    plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(plain.read_bytes()[:24] + bytes(100 << 20)))
    assert path.stat().st_size < 200_000
    monkeypatch.setattr(file, "available", lambda: 20 << 20)
    found = file.read(path)
    assert str(found.problem) == (
        f"cannot read on in {path}: half of the free memory is taken; scan() needs no memory"
    )


def test_home(plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert len(file.read("~/plain.pcap")) == 40
    assert len(file.read("~/*.pcap")) == 40


def test_the_ends_of_a_large_file_are_shown_without_the_middle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from netshell.capture import baselines, store

    monkeypatch.setattr(store, "PART_PACKETS", 50)
    monkeypatch.setattr(baselines, "FAR", 100)
    monkeypatch.setattr(file, "FIRST", 40)
    frames = [segment(seq=5000 + i) for i in range(500)]
    found = file.read(save([chunk_of(frames)], tmp_path / "x.pcap"))
    lines = str(found).splitlines()
    assert " seq 1 " in lines[1]
    assert " seq 30 " in lines[30]
    assert lines[31] == (
        "… 460 packets left out; .show(fold=False) has them all; from here on, numbers are absolute"
    )
    assert " seq 5499 " in lines[-1]
    decoded = [bool(set(part.columns.held) - {"frame"}) for part in found._store.parts()]
    assert (decoded[0], any(decoded[1:-1]), decoded[-1]) == (True, False, True)
    assert found[499].relative_seq == 500  # now that somebody asked
    lines = str(found).splitlines()
    assert lines[31] == "… 460 packets left out; .show(fold=False) has them all"
    assert " seq 500 " in lines[-1]


class TestEager:
    """A pipe whose packets are yielded as they come: tcpdump -w - | netshell tcpdump -r -."""

    @pytest.mark.parametrize("kind", ["pcap", "pcapng"])
    def test_each_piece_of_a_pipe_gives_its_packets(
        self, kind: str, plain: Path, tmp_path: Path
    ) -> None:
        from netshell.capture.walk import BEGIN, FileWalk

        octets = save([chunk_of(FRAMES)], tmp_path / f"x.{kind}").read_bytes()
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        goes_on, found = threading.Semaphore(1), []

        def write() -> None:
            with pipe.open("wb", 0) as written:
                for at in range(0, len(octets), 200):
                    assert goes_on.acquire(timeout=60)
                    written.write(octets[at : at + 200])

        thread = threading.Thread(target=write)
        thread.start()
        walk = FileWalk(str(pipe), eager=True)
        chunks = iter(walk)
        # the next piece is written only once the one before was walked
        take = walk._windows.take

        def taken(used: int) -> Any:
            window = take(used)
            goes_on.release()
            return window

        walk._windows.take = taken  # type: ignore[method-assign]
        sizes = []
        for chunk in chunks:
            sizes.append(len(chunk))
            found += [chunk.frame(row) for row in range(len(chunk))]
        thread.join(60)
        assert found == FRAMES
        assert max(sizes) < len(FRAMES) / 4
        assert walk.problem is None
        assert walk.begin == octets[:BEGIN]

    def test_what_a_file_begins_with(self, plain: Path) -> None:
        from netshell.capture.walk import BEGIN, FileWalk

        walk = FileWalk(str(plain))
        assert walk.begin == b""
        next(iter(walk))
        assert walk.begin == plain.read_bytes()[:BEGIN]

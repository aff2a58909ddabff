"""scan: questions to files that are never in memory as a whole."""

from __future__ import annotations

import gzip
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from frames import chunk_of, segment

from netshell import read, scan
from netshell.capture import scan as scanning
from netshell.capture.save import save
from netshell.errors import BadArgument, BadFile, NotFound

FRAMES = [
    segment(src=f"10.0.0.{1 + i % 3}", sport=1000 + i, dport=80 + i % 2, seq=100 + i, flags=0x10)
    for i in range(90)
]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(scanning, "STRETCH", 7)
    return save([chunk_of(FRAMES)], tmp_path / "x.pcap")


def test_counting(path: Path) -> None:
    found = scan(path)
    assert (found.count(), len(found), bool(found)) == (90, 90, True)
    assert scan(path, "port 81").count() == 45
    assert (
        scan(path).filter("port 81").filter(lambda packet: packet.src == "10.0.0.1").count() == 15
    )
    assert not scan(path, "udp")


def test_packets_are_those_of_read(path: Path) -> None:
    whole = read(path)
    assert [str(packet) for packet in scan(path)] == [str(packet) for packet in whole]
    chosen = scan(path, "port 80").filter(lambda packet: packet.index % 2 == 0)
    assert [p.raw for p in chosen] == FRAMES[::4]
    assert [p.index for p in chosen] == list(range(23))
    assert [p.relative_seq for p in chosen] == [p.relative_seq for p in whole[::4]]


def test_columns(path: Path) -> None:
    assert [int(port) for part in scan(path).columns() for port in part.sport] == [
        1000 + i for i in range(90)
    ]


def test_talkers(path: Path) -> None:
    rows = scan(path).top(by="src", count=2)
    assert [(row.name, row.packets, row.bytes) for row in rows] == [
        ("10.0.0.1", 30, 30 * 54),
        ("10.0.0.2", 30, 30 * 54),
    ]
    assert rows[0].share == pytest.approx(1 / 3)
    assert scan(path).top(by="dst")[0].name == "10.0.0.2"
    assert [row.name for row in scan(path, "port 80").top(by="dport")] == ["80"]
    with pytest.raises(BadArgument, match="cannot count by 'colour'; use one of src, dst"):
        scan(path).top(by="colour")


@pytest.mark.parametrize("suffix", ["pcap", "pcapng"])
def test_saving(path: Path, tmp_path: Path, suffix: str) -> None:
    made = scan(path, "port 81").save(tmp_path / f"y.{suffix}")
    assert [packet.raw for packet in read(made)] == FRAMES[1::2]


def test_flows_are_those_of_read(path: Path) -> None:
    whole, found = read(path).flows, scan(path).flows
    assert list(found) == list(whole)
    assert found[3].numbers.tolist() == whole[3].numbers.tolist()
    assert len(scan(path, "port 81").flows) == 45


def test_head_reads_only_what_it_needs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_bytes(path.read_bytes()[:-1])
    found = scan(path)
    head = found.head(5)
    assert [packet.raw for packet in head] == FRAMES[:5]
    assert found.problem is None  # not met yet
    assert found.count() == 89
    assert isinstance(found.problem, BadFile)
    assert str(found.problem) in str(found)


def test_shown(path: Path) -> None:
    text = str(scan(path, "port 80"))
    lines = text.splitlines()
    assert lines[0] == f'{path}: 0.0 MB, read when asked, filter "port 80"'
    assert len(lines) == 32
    assert lines[-1].startswith("… and so on")


def test_several_compressed_files(path: Path, tmp_path: Path) -> None:
    chunk = chunk_of(FRAMES)
    for i in range(3):
        plain = save([chunk[i::3]], tmp_path / "part.pcap")
        (tmp_path / f"{i}.gz").write_bytes(gzip.compress(plain.read_bytes()))
    assert [packet.raw for packet in scan(tmp_path / "*.gz")] == FRAMES


def test_refusals(path: Path, tmp_path: Path) -> None:
    with pytest.raises(BadArgument, match="it can be gone through only once"):
        scan("-")
    with pytest.raises(NotFound, match="no such file"):
        scan(tmp_path / "missing").count()
    with pytest.raises(BadArgument, match='syntax error at "prt"'):
        scan(path, "tcp prt 1").count()
    with pytest.raises(BadArgument, match="cannot filter by int"):
        scan(path).filter(5)  # type: ignore[arg-type]
    with pytest.raises(BadArgument, match="bad count -1"):
        scan(path).head(-1)


def test_ctrl_c_is_one_line(path: Path) -> None:
    code = (
        "def slow(packet):\n"
        "    print('at', packet.index, flush=True)\n"
        "    input()\n"
        "scan(PATH).filter(slow).count()\n"
    ).replace("PATH", repr(str(path)))
    process = subprocess.Popen(
        [sys.executable, "-m", "netshell", "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "at 0\n"
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert error == f"netshell: stopped counting {path} at 0 %: Ctrl-C; 0 packets were seen\n"
    assert process.returncode == 130

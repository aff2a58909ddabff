"""What a capture writes while it runs: whole files whatever happens, to the disk or the process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import onhost
import pytest
from frames import chunk_of
from recordings import FRAMES, a_second_apart, fill, give, recorded, told

from netshell.capture import recording as module
from netshell.capture.amount import Rotate
from netshell.capture.file import read
from netshell.capture.recording import Recording
from netshell.errors import BadArgument, BadFile, NotFound
from netshell.lab.interpreter import module_environment
from netshell.lab.wire import Wire

Find = Callable[[str], Path]
HERE = [str(Path(__file__).parent), str(Path(__file__).parents[1])]


@pytest.mark.parametrize("suffix", [".pcap", ".pcapng", ".cap"])
def test_all_that_was_added_is_in_the_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_bytes(b"what was there before" * 1000)  # is replaced, as tcpdump does
    one = Recording(path, ["eth0"], [1])
    fill(one, FRAMES)
    one.close()
    assert recorded(path) == FRAMES
    assert (one.written, one.unwritten, one.notes, one.paths) == (500, 0, [], (path,))
    assert path.stat().st_mode & 0o777 == 0o666 & ~module_umask()


def module_umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


@pytest.mark.parametrize("suffix", [".pcap", ".pcapng"])
def test_by_size_no_file_is_larger_and_none_is_lost(tmp_path: Path, suffix: str) -> None:
    one = Recording(tmp_path / f"x{suffix}", ["eth0"], [1], Rotate(bytes=5000), clock=lambda: 0)
    fill(one, FRAMES)
    one.close()
    stamp = time.strftime("%Y%m%d%H%M%S", time.localtime(0))
    assert [path.name for path in one.paths[:2]] == [
        f"x_00001_{stamp}{suffix}",
        f"x_00002_{stamp}{suffix}",
    ]
    assert sorted(tmp_path.iterdir()) == list(one.paths)
    sizes = [path.stat().st_size for path in one.paths]
    assert max(sizes) <= 5000
    assert min(sizes[:-1]) > 4500
    assert [frame for path in one.paths for frame in recorded(path)] == FRAMES


def test_a_packet_larger_than_a_file_has_one_of_its_own(tmp_path: Path) -> None:
    frames = [FRAMES[0], b"\0" * 9000, FRAMES[1]]
    one = Recording(tmp_path / "x.pcap", ["eth0"], [1], Rotate(bytes=2000))
    give(one, chunk_of(frames))
    one.close()
    assert [recorded(path) for path in one.paths] == [[frame] for frame in frames]


def test_by_time_counted_from_each_files_first_packet(tmp_path: Path) -> None:
    one = Recording(tmp_path / "x.pcapng", ["eth0"], [1], Rotate(seconds=60))
    give(one, a_second_apart(FRAMES[:200], 1000))
    give(one, a_second_apart(FRAMES[200:203], 9000))
    one.close()
    assert [len(recorded(path)) for path in one.paths] == [60, 60, 60, 20, 3]


def test_the_oldest_files_go(tmp_path: Path) -> None:
    (tmp_path / "x_00000_20200101000000.pcap").write_bytes(b"of an earlier capture")
    one = Recording(tmp_path / "x.pcap", ["eth0"], [1], Rotate(seconds=10), files=3)
    fill(one, FRAMES)
    one.close()
    assert len(one.paths) == 3
    assert sorted(tmp_path.iterdir())[1:] == list(one.paths)
    assert [frame for path in one.paths for frame in recorded(path)] == FRAMES[470:]
    assert one.written == 500


def test_a_disk_too_slow_leaves_packets_out_and_counts_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BEHIND_BYTES", 100_000)
    pipe = tmp_path / "x.pcap"
    os.mkfifo(pipe)
    reader = subprocess.Popen([sys.executable, "-c", READER, str(pipe)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)  # fmt: skip
    one = Recording(pipe, ["eth0"], [1])  # opened once somebody reads
    for _ in range(40):
        fill(one, FRAMES, each=100)  # which never waits: nobody reads yet
    left_out = one.unwritten
    assert 10_000 < left_out < 20_000
    assert one.notes == [f"the disk is too slow for {pipe}: {left_out:,} packets were not written"]
    assert reader.stdin is not None
    reader.stdin.close()
    one.close()
    assert one.written == 20_000 - left_out
    assert reader.stdout is not None
    assert int(reader.stdout.read()) == one.bytes + 24
    reader.stdout.close()
    reader.wait()


READER = "import sys; f = open(sys.argv[1], 'rb'); sys.stdin.read(); print(len(f.read()))"


@pytest.mark.parametrize(
    ("name", "kind", "line"),
    [
        ("nosuch/x.pcap", NotFound, "no such directory"),
        ("folder.pcap", BadFile, "it is a directory"),
    ],
)
def test_what_cannot_be_written_to(tmp_path: Path, name: str, kind: type, line: str) -> None:
    (tmp_path / "folder.pcap").mkdir()
    with pytest.raises(kind) as caught:
        Recording(tmp_path / name, ["eth0"], [1])
    assert str(caught.value) == f"cannot write to {tmp_path / name}: {line}"


def test_nothing_is_left_open_where_the_file_cannot_be_written(wire: Wire) -> None:
    wire.client.call(onhost.begin)
    wire.client.call(onhost.end)
    before = wire.client.call(onhost.open_files)
    with pytest.raises(NotFound, match=r"cannot write to /nosuch/x\.pcap: no such directory"):
        wire.client.call(onhost.begin, write="/nosuch/x.pcap")
    assert wire.client.call(onhost.open_files) == before


def test_without_permission(tmp_path: Path) -> None:
    line = str(module.explained(tmp_path, PermissionError(13, "Permission denied")))
    assert line == f"cannot write to {tmp_path}: permission denied"


def test_several_link_types_need_pcapng(tmp_path: Path) -> None:
    with pytest.raises(BadArgument, match=r"use .*x.pcapng, which holds several"):
        Recording(tmp_path / "x.pcap", ["eth0", "tun0"], [1, 101])


def test_each_pcapng_ends_with_what_was_lost_until_then(tmp_path: Path, peer: Find) -> None:
    one = Recording(
        tmp_path / "x.pcapng", ["eth0"], [1], Rotate(bytes=9000), remarks=told(0), clock=lambda: 0
    )
    lost = iter(range(7, 1000))
    one.told = lambda: told(next(lost))
    fill(one, FRAMES)
    one.close()
    for number, path in enumerate(one.paths):
        assert path.stat().st_size <= 9000
        about = read(path).remarks.interfaces[0]
        assert about.statistics is not None
        assert (about.statistics.received, about.statistics.dropped) == (500, 7 + number)
        assert (about.statistics.began_ns, about.statistics.ended_ns) == (
            10**18,
            10**18 + 2 * 10**9,
        )
    assert [frame for path in one.paths for frame in recorded(path)] == FRAMES
    done = subprocess.run(
        [peer("capinfos"), "-M", one.paths[0]], capture_output=True, text=True, check=True
    )
    assert "Number of stat entries = 1" in done.stdout
    assert "Filter string = tcp" in done.stdout


# --- for real -------------------------------------------------------------------------------


@pytest.fixture(params=["ring", "libpcap"])
def engine(request: pytest.FixtureRequest) -> str:
    if request.param == "libpcap":
        pytest.importorskip("cypcap")
    return str(request.param)


@pytest.mark.parametrize("suffix", [".pcap", ".pcapng"])
def test_a_capture_is_written_as_it_runs(
    wire: Wire, tmp_path: Path, engine: str, suffix: str
) -> None:
    path = tmp_path / f"x{suffix}"
    wire.client.call(onhost.receive_nothing, "127.0.0.1")
    wire.client.call(
        onhost.begin, "udp", ("lo",), engine, write=str(path), keep=5 if suffix == ".pcap" else 0
    )
    wire.client.call(onhost.send_datagrams, "127.0.0.1", [b"%d" % i for i in range(2000)])
    assert wire.client.call(onhost.wait, 2000) == 2000
    wire.client.call(onhost.end)
    assert [frame[42:] for frame in recorded(path)] == [b"%d" % i for i in range(2000)]
    counted = wire.client.call(onhost.stats)
    assert (counted["received"], counted["written"], counted["unwritten"]) == (2000, 2000, 0)
    assert counted["bytes"] == sum(map(len, recorded(path)))
    if suffix == ".pcapng":
        assert counted["let_go"] == 2000
        about = read(path).remarks.interfaces[0]
        assert about.statistics is not None
        assert about.statistics.dropped == 0
        assert (about.statistics.received or 0) >= 2000
    assert counted["rate"] > 0
    assert 0 < counted["cpu"] < 2


def test_count_is_exact_in_the_file_too(wire: Wire, tmp_path: Path, engine: str) -> None:
    path = tmp_path / "x.pcapng"
    wire.client.call(onhost.receive_nothing, "127.0.0.1")
    wire.client.call(onhost.begin, "udp", ("lo",), engine, write=str(path), count=7)
    wire.client.call(onhost.send_datagrams, "127.0.0.1", [b"x"] * 50)
    wire.client.call(onhost.wait_ended)
    assert len(recorded(path)) == 7


@pytest.fixture(params=[".pcap", ".pcapng"])
def killed(wire: Wire, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A file whose writer was killed in the middle of a flood."""
    path = tmp_path / f"x{request.param}"
    code = (
        f"import sys; sys.path[:0] = {HERE!r}\n"
        "from netshell.capture import live\n"
        f"cap = live.start('ether proto 0x88b6', ['eth0'], write={str(path)!r}, keep=0)\n"
        "print('ready', flush=True)\n"
        "cap.wait(count=20_000); print('going', flush=True); cap.wait()\n"
    )
    process = wire.server.popen(
        [sys.executable, "-c", code], env=module_environment(), stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    frame = b"\xff" * 6 + b"\x02\0\0\0\0\x99\x88\xb6" + b"\0" * 100
    for _ in range(3):
        wire.client.call(onhost.send_many, "eth0", frame, 20_000)
    assert process.stdout.readline() == "going\n"
    assert onhost.eventually(lambda: path.stat().st_size > 500_000)
    process.send_signal(signal.SIGKILL)
    process.wait()
    yield path


@pytest.mark.parametrize(
    ("program", "arguments"), [("tcpdump", ["-nn", "-r"]), ("tshark", ["-n", "-r"])]
)
def test_killed_it_leaves_a_file_that_opens(
    killed: Path, peer: Find, program: str, arguments: list[str]
) -> None:
    done = subprocess.run(
        [peer(program), *arguments, killed], capture_output=True, text=True, check=False
    )
    cap = read(killed)  # every whole packet is there, in order; at most the last one is cut
    numbers = [int.from_bytes(packet.raw[-4:]) for packet in cap]
    assert numbers == [i % 20_000 for i in range(len(numbers))]
    lost = killed.stat().st_size - len(cap) * (114 + 16 if killed.suffix == ".pcap" else 160) - 24
    assert cap.problem is None or lost < 300
    lines = [line for line in done.stdout.splitlines() if not line.startswith("\t")]
    assert len(lines) == len(cap)
    complaint = done.stderr.replace("reading from file", "").lower()
    assert cap.problem is not None or "truncated" not in complaint


FULL = """
import sys; sys.path[:0] = %r
import ctypes, os, subprocess
import onhost
from pathlib import Path
folder = sys.argv[1]
libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(b"none", folder.encode(), b"tmpfs", 0, b"size=64k"):
    sys.exit("no tmpfs: " + os.strerror(ctypes.get_errno()))
path = Path(folder) / ("x" + sys.argv[2])
onhost.receive_nothing("127.0.0.1")
onhost.begin("udp", ("lo",), sys.argv[3], write=str(path))
onhost.send_datagrams("127.0.0.1", [b"%%05d" %% i * int(sys.argv[4]) for i in range(1000)])
onhost.wait(1000)
onhost.wait_noted()
running = onhost.state()[0]
onhost.send_datagrams("127.0.0.1", [b"later"] * 5)
onhost.wait(1005)
onhost.end()
print(running, len(onhost.seen()[0]), onhost.state()[1:])
print(onhost.text().splitlines()[0])
counted = onhost.stats()
print(counted["written"], counted["written"] + counted["unwritten"])
from netshell.capture.file import read
again = read(path)
print(len(again), again.problem, [p.raw for p in again] == onhost.seen()[0][:len(again)])
for sink in onhost.sinks: sink.close()
"""


@pytest.mark.parametrize("times", [20, 1200])  # large ones leave room for what a file ends with
@pytest.mark.parametrize("suffix", [".pcap", ".pcapng"])
def test_a_full_disk_stops_the_writing_not_the_capture(
    wire: Wire, tmp_path: Path, engine: str, suffix: str, times: int
) -> None:
    program, size = FULL % HERE, str(times)
    done = wire.client.run(
        [sys.executable, "-W", "error", "-c", program, str(tmp_path), suffix, engine, size],
        env=module_environment(),
        timeout_s=120,
    )
    if "no tmpfs" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.stderr == ""
    first, head, counts, again = done.stdout.splitlines()
    written, both = map(int, counts.split())
    assert (100 if times == 20 else 3) < written < 1000
    assert both == 1005
    assert first == (
        f"True 1005 ('', ['writing {tmp_path}/x{suffix} stopped: the disk is full; "
        f"{written} packets are written, the capture goes on'])"
    )
    assert f"{written} written, {1005 - written} not written" in head
    assert again == f"{written} None True"  # whole records only

"""Files that others touch, too: removed, written twice, pipes whose reader is stuck or missing."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import onhost
import pytest
from frames import chunk_of
from recordings import FRAMES, a_second_apart, fill, give, recorded, told

from netshell.capture import outfile
from netshell.capture.amount import Rotate
from netshell.capture.file import read
from netshell.capture.recording import Recording
from netshell.errors import BadArgument, BadFile, NotFound
from netshell.packet.packing import fresh


@pytest.mark.parametrize("files", [None, 1])
def test_where_no_next_file_can_be_begun_nothing_else_is_touched(
    tmp_path: Path, files: int | None
) -> None:
    """The number of the file it closed is somebody else's by then."""
    folder = tmp_path / "gone"
    folder.mkdir()
    one = Recording(folder / "x.pcapng", ["eth0"], [1], Rotate(seconds=10), files, told(0))
    shutil.rmtree(folder)
    give(one, a_second_apart(FRAMES[:20]))
    assert onhost.eventually(lambda: any("stopped" in note for note in one.notes))
    assert "gone/x_00002_" in one.notes[0]
    assert "stopped: No such file or directory; 10 packets are written" in one.notes[0]
    others = [(tmp_path / f"other{number}").open("w+b") for number in range(5)]
    one.close()
    for other in others:
        assert other.read() == b""
        other.close()  # and nobody did before
    assert (one.written, one.unwritten) == (10, 10)


def test_a_file_removed_while_it_is_written_is_told_and_not_listed(tmp_path: Path) -> None:
    one = Recording(tmp_path / "x.pcap", ["eth0"], [1], Rotate(seconds=10))
    gone = one.paths[0]
    gone.unlink()
    give(one, a_second_apart(FRAMES[:15]))
    one.close()
    assert one.notes == [f"{gone}: removed while it was written, those packets are in no file"]
    assert [path.name[:7] for path in one.paths] == ["x_00002"]
    assert recorded(one.paths[0]) == FRAMES[10:15]


@pytest.mark.parametrize("rotate", [None, Rotate(seconds=10)])
def test_a_second_capture_into_the_same_file_is_refused(
    tmp_path: Path, rotate: Rotate | None
) -> None:
    path = tmp_path / "x.pcap"
    one = Recording(path, ["eth0"], [1], rotate)
    give(one, a_second_apart(FRAMES[:5]))
    (tmp_path / "soft.pcap").symlink_to(one.paths[0] if rotate is None else path)
    os.link(one.paths[0], tmp_path / "hard.pcap")
    (tmp_path / "folder").symlink_to(tmp_path)
    for name in ("x.pcap", "folder/x.pcap", "soft.pcap", "hard.pcap"):
        with pytest.raises(BadArgument) as caught:
            Recording(tmp_path / name, ["lo"], [1])
        assert str(caught.value) == (
            f"cannot write to {tmp_path / name}: the capture on eth0 that runs writes there; "
            "stop it first, or write to another file"
        )
    one.close()
    assert recorded(one.paths[0]) == FRAMES[:5]
    again = Recording(path, ["lo"], [1], rotate)  # none runs
    again.close()


def test_a_place_that_could_not_be_opened_is_free_again(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Recording(tmp_path / "later" / "x.pcap", ["eth0"], [1])
    (tmp_path / "later").mkdir()
    Recording(tmp_path / "later" / "x.pcap", ["eth0"], [1]).close()


@pytest.mark.parametrize("suffix", [".pcap", ".pcapng"])
def test_a_pipe_whose_reader_is_stuck_does_not_hold_up_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr(outfile, "PATIENCE_S", 0.2)
    pipe = tmp_path / f"x{suffix}"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)  # which takes nothing
    try:
        one = Recording(pipe, ["eth0"], [1], remarks=told(0))
        for _ in range(5):
            fill(one, FRAMES, each=100)
        closing = threading.Thread(target=one.close, daemon=True)
        closing.start()
        closing.join(60)  # without an end to its patience, it would wait for ever
        assert not closing.is_alive()
        assert one.written + one.unwritten == 2500
        assert one.unwritten > 1000
        assert one.notes == [
            f"writing {pipe} stopped: its reader takes no more; {one.written:,} packets are "
            "written, the capture goes on"
        ]
        taken = bytearray()
        while part := os.read(reader, 1 << 20):
            taken += part
    finally:
        os.close(reader)
    (tmp_path / f"taken{suffix}").write_bytes(taken)
    cap = read(tmp_path / f"taken{suffix}")  # it ends with a part of a record, and is told to
    assert [packet.raw for packet in cap] == (FRAMES * 5)[: one.written]
    assert cap.problem is not None


def test_nothing_is_written_behind_a_part_of_a_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader of a pipe comes back just when the file is closed."""
    monkeypatch.setattr(outfile, "PATIENCE_S", 0.1)
    pipe = tmp_path / "x.pcapng"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    form = outfile.Pcapng(["eth0"], [1], told(0))
    one = outfile.OutFile(pipe, form)
    one.ending = True
    with pytest.raises(outfile.Unwritten):
        one.write(form.laid_out(chunk_of([b"\0" * 100_000]), fresh))
    while True:
        try:
            os.read(reader, 1 << 20)
        except BlockingIOError:  # that was all
            break
    one.close(told(0))
    assert os.read(reader, 1000) == b""
    os.close(reader)


def test_a_slow_reader_gets_all_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outfile, "PATIENCE_S", 60)
    pipe = tmp_path / "x.pcap"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    one = Recording(pipe, ["eth0"], [1])
    for _ in range(5):
        fill(one, FRAMES, each=100)
    closing = threading.Thread(target=one.close, daemon=True)
    closing.start()
    os.set_blocking(reader, True)
    taken = 0
    while part := os.read(reader, 5000):
        taken += len(part)
    os.close(reader)
    closing.join(60)
    assert not closing.is_alive()
    assert (one.written, one.unwritten, one.notes) == (2500, 0, [])
    assert taken == one.bytes + 24


def test_a_pipe_that_nobody_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outfile, "READER_S", 0.2)
    pipe = tmp_path / "x.pcap"
    os.mkfifo(pipe)
    with pytest.raises(BadFile) as caught:
        Recording(pipe, ["eth0"], [1])
    assert str(caught.value) == (
        f"cannot write to {pipe}: nobody reads this pipe; "
        f"start its reader first: wireshark -k -i {pipe}"
    )

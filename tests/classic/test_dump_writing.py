"""Files of -w: names, numbers, and which packet goes where."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from mixed_traffic import mixed, write

from netshell.classic.capturing.orders import Rotation
from netshell.classic.capturing.writing import Writer
from netshell.errors import BadArgument, NetshellError
from netshell.packet import pcap
from netshell.packet.chunk import Chunk


@pytest.fixture
def chunk(tmp_path: Path) -> Chunk:
    place = write(tmp_path / "from.pcap", [one for one in mixed(1, 60) if one.captured > 20])
    return pcap.parse(place.read_bytes())[0]


def writer(name: Path, rotation: Rotation, clock: list[float]) -> Writer:
    return Writer(str(name), rotation, 1, 262_144, True, io.StringIO(), lambda: clock[0])


def frames(folder: Path, pattern: str) -> dict[str, int]:
    return {
        place.name: len(pcap.parse(place.read_bytes())[0]) for place in sorted(folder.glob(pattern))
    }


@pytest.mark.parametrize(
    ("files", "names"),
    [(0, ["x", "x1", "x2", "x3"]), (10, ["x0", "x1", "x2", "x3"]), (11, ["x00", "x01"]),
     (3, ["x0", "x1", "x2"]), (1, ["x"])],
)  # fmt: skip
def test_sizes_number_the_files(files: int, names: list[str], chunk: Chunk, tmp_path: Path) -> None:
    made = writer(tmp_path / "x", Rotation(bytes=900, files=files), [0.0])
    for at in range(0, len(chunk), 7):
        assert made.write(chunk[at : at + 7]) == len(chunk[at : at + 7])
    made.close()
    found = frames(tmp_path, "x*")
    assert list(found)[: len(names)] == names
    if not files:
        assert sum(found.values()) == len(chunk)
        sizes = [place.stat().st_size for place in sorted(tmp_path.glob("x*"))]
        # each is left by the packet that finds it over its size
        assert all(size > 900 for size in sizes[:1])
    else:
        assert len(found) == min(files, len(found))


def test_times_are_in_the_names(chunk: Chunk, tmp_path: Path) -> None:
    clock = [1_700_000_000.0]
    made = writer(tmp_path / "x-%s", Rotation(seconds=10), clock)
    for step in (0, 9, 1, 25):
        clock[0] += step
        made.write(chunk[:3])
    made.close()
    assert frames(tmp_path, "x*") == {"x-1700000000": 6, "x-1700000010": 3, "x-1700000035": 3}


def test_so_many_times_and_no_more(chunk: Chunk, tmp_path: Path) -> None:
    clock = [1_700_000_000.0]
    made = writer(tmp_path / "x%s", Rotation(seconds=10, files=2), clock)
    written = []
    for _ in range(3):
        written.append(made.write(chunk[:3]))
        clock[0] += 10
    made.close()
    assert written == [3, 3, 0]
    assert made.is_over
    assert len(frames(tmp_path, "x*")) == 2


def test_a_size_within_a_time(chunk: Chunk, tmp_path: Path) -> None:
    clock = [1_700_000_000.0]
    made = writer(tmp_path / "%H", Rotation(bytes=900, seconds=3600), clock)
    made.write(chunk[:20])
    clock[0] += 3600
    made.write(chunk[:20])
    made.close()
    hours = [time.strftime("%H", time.localtime(1_700_000_000 + 3600 * n)) for n in range(2)]
    found = frames(tmp_path, "[0-9]*")
    assert set(hours) <= set(found)
    assert f"{hours[0]}1" in found
    assert sum(found.values()) == 40


def test_names_are_left_alone_without_times(chunk: Chunk, tmp_path: Path) -> None:
    made = writer(tmp_path / "x-%H", Rotation(), [0.0])
    made.write(chunk)
    made.close()
    assert frames(tmp_path, "x*") == {"x-%H": len(chunk)}


def test_what_cannot_be_written(tmp_path: Path) -> None:
    for name in (tmp_path, tmp_path / "no" / "x"):
        with pytest.raises(NetshellError, match="cannot write"):
            writer(name, Rotation(), [0.0])
    with pytest.raises(BadArgument):
        writer(Path("a\0b"), Rotation(), [0.0])

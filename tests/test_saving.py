"""Saving: files are whole or untouched; devices, pipes and links stay what they are."""

from __future__ import annotations

import io
import os
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flow_frames import ACK, SYN, ipv4, tcp
from frames import chunk_of

import netshell.render  # noqa: F401  (offers the renderers)
from netshell.capture import file
from netshell.capture.save import save
from netshell.capture.scan import Scan
from netshell.errors import BadArgument, BadFile, NetshellError, NotFound

Saver = Callable[[Any], Any]
FRAMES = [
    ipv4(6, 0, 1, tcp(40000, 80, SYN, 100, 0)),
    ipv4(6, 1, 0, tcp(80, 40000, SYN | ACK, 200, 101)),
    ipv4(6, 0, 1, tcp(40000, 80, ACK, 101, 201)),
]
KINDS = {"capture": ".pcapng", "scan": ".pcap", "parquet": ".parquet", "svg": ".svg"}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    if request.param == "parquet":
        pytest.importorskip("pyarrow")
    return str(request.param)


@pytest.fixture
def saver(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Saver:
    path = save([chunk_of(FRAMES)], tmp_path_factory.mktemp("given") / "x.pcap")
    capture = file.read(path)
    savers: dict[str, Saver] = {
        "capture": capture.save,
        "scan": Scan([str(path)]).save,
        "parquet": capture.to_parquet,
        "svg": capture.flows[0].ladder().save,
    }
    return savers[kind]


def test_a_symbolic_link_stays_one(saver: Saver, kind: str, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target = tmp_path / "there" / f"real{KINDS[kind]}"
    target.write_bytes(b"old")
    link = tmp_path / f"x{KINDS[kind]}"
    link.symlink_to(target)
    assert saver(link) == link
    assert link.is_symlink() and len(target.read_bytes()) > 3
    assert list((tmp_path / "there").iterdir()) == [target]


def test_permissions_stay(saver: Saver, kind: str, tmp_path: Path) -> None:
    place = tmp_path / f"x{KINDS[kind]}"
    place.write_bytes(b"old")
    place.chmod(0o600)
    saver(place)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_what_lies_beside_it_is_not_touched(saver: Saver, kind: str, tmp_path: Path) -> None:
    other = tmp_path / f".x{KINDS[kind]}.part"
    other.write_bytes(b"somebody's")
    saver(tmp_path / f"x{KINDS[kind]}")
    assert other.read_bytes() == b"somebody's"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_pipe_is_written_to(saver: Saver, kind: str, tmp_path: Path) -> None:
    pipe = tmp_path / f"x{KINDS[kind]}"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()), daemon=True)
    reader.start()
    saver(pipe)
    reader.join(60)
    assert pipe.is_fifo()
    beside = tmp_path / f"y{KINDS[kind]}"
    saver(beside)
    assert got == [beside.read_bytes()]


def test_a_device_stays_one(saver: Saver, kind: str, tmp_path: Path) -> None:
    device = tmp_path / f"x{KINDS[kind]}"
    try:
        os.mknod(device, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
        device.write_bytes(b"x")
    except OSError:
        pytest.skip("this user may not make devices, or not use them here")
    saver(device)
    assert device.is_char_device()
    assert list(tmp_path.iterdir()) == [device]


@pytest.mark.parametrize(
    ("given", "kind_of_error", "why"),
    [
        ("", BadArgument, "the path is empty"),
        ("/", BadFile, "it is a directory"),
        (".", BadFile, "it is a directory"),
        ("a/..", BadFile, "it is a directory"),
        ("a\0.pcap", BadArgument, "no file can have such a name"),
        ("a\ud800.pcap", BadArgument, "no file can have such a name"),
        (b"x.pcap", BadArgument, "to a bytes: it is no path; use a path, "),
        (["x.pcap"], BadArgument, "to a list: it is no path"),
        (io.BytesIO(), BadArgument, "to a BytesIO: it is no path"),
        (True, BadArgument, "to a bool: it is no path"),
        (None, BadArgument, "to a NoneType: it is no path"),
        ("~nosuchuser/x.pcap", NotFound, "there is no user nosuchuser; "),
    ],
)
def test_paths_that_are_none(
    saver: Saver, kind: str, given: Any, kind_of_error: type[NetshellError], why: str
) -> None:
    if kind == "svg" and given is None:
        pytest.skip("None is not given on to a file there")
    with pytest.raises(kind_of_error, match=r"^cannot save") as caught:
        saver(given)
    assert why in str(caught.value)


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="pathlib resolves circles there")
def test_links_in_a_circle(saver: Saver, kind: str, tmp_path: Path) -> None:
    loop = tmp_path / f"x{KINDS[kind]}"
    loop.symlink_to(loop)
    with pytest.raises(BadFile, match="symbolic links"):
        saver(loop)


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    def full() -> Any:
        yield chunk_of(FRAMES)
        raise OSError(28, "No space left on device")

    with pytest.raises(NetshellError, match="the disk is full; the capture is kept"):
        save(full(), tmp_path / "x.pcap")
    assert not list(tmp_path.iterdir())

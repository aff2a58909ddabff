"""read: the verb over capture/file.py (whose tests have the ways a file can disappoint)."""

from __future__ import annotations

from pathlib import Path

import pytest
from frames import chunk_of, segment

from netshell import read
from netshell.capture.save import save
from netshell.errors import NotFound


def test_reading(tmp_path: Path) -> None:
    path = save([chunk_of([segment(dport=80), segment(dport=443)])], tmp_path / "x.pcap")
    assert [packet.dport for packet in read(path)] == [80, 443]
    assert [packet.dport for packet in read(str(path), "port 443")] == [443]
    with pytest.raises(NotFound, match="no such file"):
        read(tmp_path / "missing.pcap")


def test_home_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    save([chunk_of([segment()])], "~/x.pcap")
    assert len(read("~/x.pcap")) == 1

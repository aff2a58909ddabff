"""What a capture lost, in its file: as capinfos and tshark read it, and as it is read again."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import onhost

from netshell import read
from netshell.capture.capture import Capture
from netshell.capture.source import Costs, Counted, Counters
from netshell.capture.stats import remarks_of
from netshell.capture.store import Store
from netshell.lab.wire import Wire
from netshell.packet.packing import Statistics

FRAME = bytes.fromhex("ffffffffffff020000000001 88b5") + bytes(1400)


def test_losses_are_saved(wire: Wire, tmp_path: Path, peer: Callable[[str], str]) -> None:
    path = tmp_path / "x.pcapng"
    tmp_path.chmod(0o777)
    before = time.time_ns()
    received, dropped = wire.client.call(onhost.save_after_losses, FRAME, 20_000, str(path))
    after = time.time_ns()
    assert dropped > 0
    assert received + dropped == 20_000
    again = read(path)
    assert (again.stats.received, again.stats.dropped) == (received, dropped)
    (about,) = again.remarks.interfaces.values()
    assert about.filter == "ether proto 0x88b5"
    counted = about.statistics
    assert counted is not None
    assert (counted.received, counted.dropped) == (20_000, dropped)
    assert before <= (counted.began_ns or 0) < (counted.ended_ns or 0) <= after
    assert f"{dropped:,} dropped" in str(again).splitlines()[0]
    said = subprocess.run([peer("capinfos"), path], capture_output=True, text=True, check=True)
    facts = [line.strip() for line in said.stdout.splitlines()]
    assert "Name = lo" in facts
    assert "Number of stat entries = 1" in facts
    assert "Filter string = ether proto 0x88b5" in facts
    argv = [peer("tshark"), "-r", path, "-X", "read_format:MIME Files Format", "-V"]
    blocks = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert f"Number of Dropped Packets: {dropped}\n" in blocks
    assert "Number of Received Packets: 20000\n" in blocks


def test_each_interface_has_its_own() -> None:
    counters = Counters.of([Counted(10, 2, 1), Counted(7, 0, 0)])
    assert counters[:2] == (2, 1)
    said = remarks_of("", counters, Costs(1.5, 0, 0, 0, 10**18))
    assert [about.statistics for about in said.interfaces.values()] == [
        Statistics(11, 3, 10**18, 10**18 + 1_500_000_000),
        Statistics(7, 0, 10**18, 10**18 + 1_500_000_000),
    ]
    assert said.dropped == 3


def test_a_filter_longer_than_an_option(tmp_path: Path) -> None:
    said = remarks_of("x" * 70_000, Counters.of([Counted(0, 0, 0)]), Costs(0, 0, 0, 0))
    assert said.interfaces[0].filter == "x" * 65_534
    store = Store()
    store.end()
    assert not read(Capture(store, remarks=said).save(tmp_path / "x.pcapng")).problem

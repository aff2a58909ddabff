"""Streams as tshark's follow,tcp,raw has them: of the kernel's TCP over a wire that loses packets,
and of the same capture with packets missing, repeated, reordered and cut."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from stream_lab import captured, letters
from tshark_follow import followed

from netshell import read
from netshell.lab.wire import Wire

SIZE = 150_000


def agrees(cap: Any, file: Path, tshark: Path) -> str:
    """Where tshark gives other bytes; it keeps back what stands behind a gap nobody acknowledged,
    so its stream may end at one of ours."""
    flow = cap.flows[0]
    told = followed(tshark, file, 1)[0]
    for side, end in (("client", flow.client), ("server", flow.server)):
        theirs, ours = told[str(end)], flow.stream(side)
        if theirs == ours.data:
            continue
        if ours.data.startswith(theirs) and len(theirs) in {gap.offset for gap in ours.gaps}:
            continue
        same = next(
            (at for at, (a, b) in enumerate(zip(theirs, ours.data, strict=False)) if a != b),
            min(len(theirs), len(ours)),
        )
        return f"{side}: {len(theirs)} bytes, ours {len(ours)}, alike up to {same}; {ours.gaps}"
    return ""


def test_follows_as_tshark_does(wire: Wire, peer: Callable[[str], Path], tmp_path: Path) -> None:
    tshark, path = peer("tshark"), tmp_path / "talk.pcap"
    cap = captured(wire, peer("nft"), path, SIZE, 12)
    for side, seed in (("client", 1), ("server", 2)):
        stream = cap.flows[0].stream(side)
        assert stream.data == letters(SIZE, seed) and stream.is_whole and not stream.conflicts
    assert agrees(cap, path, tshark) == ""
    said = [b"".join(t.data for t in cap.flows[0].follow(side)) for side in ("client", "server")]
    assert said == [letters(SIZE, 1), letters(SIZE, 2)]

    chance = random.Random(5)
    count, ports = len(cap), cap.columns.sport.tolist()
    changed = tmp_path / "changed.pcap"
    for number in range(12):
        order = list(range(3, count))
        if number % 3 == 0:  # the capture missed some
            order = [each for each in order if chance.random() > 0.03 * (1 + number % 4)]
        if number % 3 == 1:  # some came twice
            order = sorted(order + [each for each in order if chance.random() < 0.1])
        if number % 3 != 0:  # some came late, though before the other side's next packet:
            # tshark gives up bytes that it saw acknowledged
            runs = [list(run) for _, run in groupby(order, key=lambda each: ports[each])]
            order = [each for run in runs for each in chance.sample(run, len(run))]
        rewritten(path, [0, 1, 2, *order], changed)
        again = read(changed)
        assert agrees(again, changed, tshark) == "", f"variant {number}"
        if number % 3:
            streams = [again.flows[0].stream(side).data for side in ("client", "server")]
            assert streams == [letters(SIZE, 1), letters(SIZE, 2)]


def rewritten(path: Path, order: list[int], out: Path) -> None:
    """A pcap file with its records in this order; the times stay where they were."""
    octets = path.read_bytes()
    cap = read(path)
    at, records = 24, []
    for size in np.asarray(cap.columns.captured_len).tolist():
        records.append(octets[at : at + 16 + size])
        at += 16 + size
    out.write_bytes(octets[:24] + b"".join(records[number] for number in order))

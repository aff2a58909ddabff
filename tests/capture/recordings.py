"""Recordings to fill, and what is in their files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from frames import chunk_of, segment

from netshell.capture.file import read
from netshell.capture.recording import Recording
from netshell.capture.source import Costs, Counted, Counters
from netshell.capture.stats import remarks_of
from netshell.packet.chunk import Chunk
from netshell.packet.remarks import Remarks

FRAMES = [segment(seq=i, payload=b"%05d" % i * (1 + i % 7)) for i in range(500)]


def recorded(path: Path) -> list[bytes]:
    cap = read(path)
    assert cap.problem is None
    return [packet.raw for packet in cap]


def a_second_apart(frames: list[bytes], start: int = 0) -> Chunk:
    chunk = chunk_of(frames)
    chunk.time_ns[:] = (start + np.arange(len(frames))) * 1_000_000_000
    return chunk


def fill(to: Recording, frames: list[bytes], each: int = 37) -> None:
    for at in range(0, len(frames), each):
        give(to, a_second_apart(frames[at : at + each], at))


def give(to: Recording, chunk: Chunk) -> None:
    to.add([to.laid_out(chunk)])


def told(dropped: int) -> Remarks:
    return remarks_of("tcp", Counters.of([Counted(500, dropped, 0)]), Costs(2.0, 0.1, 0, 0, 10**18))

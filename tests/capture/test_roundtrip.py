"""Read, saved, and read by tshark: packets, lengths and times are those of the first file."""

from __future__ import annotations

import gzip
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
from frames import segment

from netshell import read, scan


def original(path: Path, order: str, magic: int, unit: int) -> Path:
    """A file that netshell did not write: cut frames, odd times, any bytes."""
    noise = np.random.default_rng(5)
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, 1)]
    for i in range(200):
        frame = segment(sport=i, payload=noise.bytes(i * 5))
        if i % 7 == 0:
            frame = noise.bytes(60 + i)
        kept = frame[:64] if i % 5 == 0 else frame
        seconds, part = 1_700_000_000 + i // 3, (i * 7919 * 1000) % 10**9 // unit
        out.append(struct.pack(order + "IIII", seconds, part, len(kept), len(frame)) + kept)
    path.write_bytes(b"".join(out))
    return path


def seen(program: str, path: Path) -> str:
    """What tshark says of every packet: time, lengths and bytes."""
    fields = ("frame.number", "frame.time_epoch", "frame.len", "frame.cap_len")
    wanted = [word for field in fields for word in ("-e", field)]
    head = [program, "-n", "-r", str(path)]
    said = subprocess.run([*head, "-T", "fields", *wanted], capture_output=True, check=True)
    octets = subprocess.run([*head, "-x"], capture_output=True, check=True)
    return said.stdout.decode() + octets.stdout.decode()


@pytest.mark.parametrize(
    ("order", "magic", "unit"),
    [("<", 0xA1B2C3D4, 1000), (">", 0xA1B23C4D, 1)],
)
def test_tshark_sees_the_same_packets(
    tmp_path: Path, peer: object, order: str, magic: int, unit: int
) -> None:
    program = peer("tshark")  # type: ignore[operator]
    path = original(tmp_path / "first.pcap", order, magic, unit)
    first = seen(program, path)
    assert len(first.splitlines()) > 400
    assert seen(program, read(path).save(tmp_path / "a.pcap")) == first
    assert seen(program, read(path).save(tmp_path / "a.pcapng")) == first
    assert seen(program, read(tmp_path / "a.pcapng").save(tmp_path / "b.pcap")) == first
    packed = tmp_path / "first.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert seen(program, scan(packed).save(tmp_path / "c.pcapng")) == first

"""What a pcapng file says beside its packets: read in either byte order, and written again."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import pytest
from frames import segment

from netshell import read, scan
from netshell.packet.remarks import Remarks, commented

FRAMES = [segment(sport=1000 + i) for i in range(5)]


def option(order: str, code: int, value: bytes) -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def block(order: str, kind: int, body: bytes) -> bytes:
    length = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + length + body + length


def annotated(order: str) -> bytes:
    """A file with every remark there is."""
    end = bytes(4)
    head = struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)
    out = block(order, 0x0A0D0D0A, head + option(order, 1, b"made for a test") + end)
    interface = struct.pack(order + "HHI", 1, 0, 0)
    out += block(
        order, 1, interface + option(order, 2, b"eth0") + option(order, 1, b"mirror") + end
    )
    four = option(order, 1, bytes([10, 0, 0, 1]) + b"one.lab\0uno.lab\0")
    six = option(order, 2, bytes.fromhex("20010db8" + "00" * 11 + "01") + b"six.lab\0")
    out += block(order, 4, four + six + end)
    for i, frame in enumerate(FRAMES):
        body = struct.pack(order + "IIIII", 0, 0, i, len(frame), len(frame))
        body += frame + bytes(-len(frame) % 4)
        if i == 2:
            body += option(order, 2, struct.pack(order + "I", 1)) + option(order, 1, b"look here")
            body += end
        out += block(order, 6, body)
    counts = option(order, 4, struct.pack(order + "Q", 9)) + option(
        order, 5, struct.pack(order + "Q", 4)
    )
    return out + block(order, 5, struct.pack(order + "III", 0, 0, 0) + counts + end)


@pytest.mark.parametrize("order", ["<", ">"])
def test_reading(tmp_path: Path, order: str) -> None:
    path = tmp_path / "x.pcapng"
    path.write_bytes(annotated(order))
    found = read(path)
    assert [packet.raw for packet in found] == FRAMES
    assert found.remarks == Remarks(
        ["made for a test", "mirror"],
        {2: "look here"},
        {"10.0.0.1": ["one.lab", "uno.lab"], "2001:db8::1": ["six.lab"]},
        4,
    )
    assert found[2].direction == "in"
    scanned = scan(path)
    assert (scanned.count(), scanned.remarks) == (5, found.remarks)
    chosen = read(path, "port 1002 or port 1003")
    assert chosen.remarks.of_packets == {0: "look here"}
    assert found[3:].remarks.of_packets == {}


def test_written_again(tmp_path: Path, peer: object) -> None:
    path = tmp_path / "x.pcapng"
    path.write_bytes(annotated("<"))
    found = read(path)
    again = read(found.save(tmp_path / "y.pcapng"))
    assert [packet.raw for packet in again] == FRAMES
    assert again.remarks.comments == found.remarks.comments
    assert again.remarks.of_packets == found.remarks.of_packets
    assert again.remarks.hosts == found.remarks.hosts
    assert [packet.direction for packet in again] == [packet.direction for packet in found]
    program = peer("tshark")  # type: ignore[operator]
    argv = [program, "-n", "-r", tmp_path / "y.pcapng", "-T", "fields", "-e", "frame.comment"]
    said = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == ["", "", "look here", "", ""]


def test_damaged_remarks_end_nothing() -> None:
    remarks = Remarks()
    remarks.take(0x0A0D0D0A, bytes(16) + b"\1\0\xff\xffabc", "<")
    remarks.take(4, b"\1\0\2\0ab\0\0", "<")
    remarks.take(5, b"short", "<")
    remarks.packet(0, b"\1\0", "<")
    assert not remarks


def test_a_comment_without_other_options() -> None:
    made = commented(block("<", 6, bytes(20)), 28, ["hi"])
    assert made[4:8] == made[-4:] == struct.pack("<I", len(made))

"""A live packet's lines: folded to the width, explained for a class."""

from __future__ import annotations

import pytest
from frames import chunk_of, segment

from netshell.capture.capture import Capture
from netshell.capture.store import Store
from netshell.packet.packet import Packet
from netshell.shell.packets import blocks, meaning
from netshell.shell.profile import Profile
from netshell.view import draw


def packet(**fields: object) -> Packet:
    capture = Capture(Store(), names=["eth0"])
    capture.add(chunk_of([segment(**fields)]))  # type: ignore[arg-type]
    return capture[0]


def test_a_packet_fits_the_width() -> None:
    one = packet(flags=0x02, options=b"\x02\x04\x05\xb4\x04\x02\x08\x0a" + b"\1" * 8)
    drawn = blocks(one, Profile())
    assert "\n" not in draw(drawn) and "mss 1460" in draw(drawn)
    narrow = draw(drawn, 60).splitlines()
    assert len(narrow) > 1 and max(map(len, narrow)) <= 60
    assert " ".join(line.strip() for line in narrow) == draw(drawn)


def test_payload_and_explanation_of_the_teach_profile() -> None:
    one = packet(flags=0x18, payload=b"GET / HTTP/1.1\r\n")
    text = draw(blocks(one, Profile(payload="ascii", explain=True))).splitlines()
    assert "PSH,ACK" in text[0]
    assert text[1] == "    # PSH: hand it on now; 16 bytes of data, from position seq on"
    assert text[2] == "    GET / HTTP/1.1"


@pytest.mark.parametrize(
    ("flags", "payload", "said"),
    [
        (0x02, b"", "SYN: asks to open"),
        (0x12, b"", "SYN,ACK: accepts"),
        (0x10, b"", "ACK: everything before"),
        (0x10, b"abc", "3 bytes of data"),
        (0x11, b"", "FIN: this side has no more to send;"),
        (0x19, b"abc", "FIN: this side has no more to send after these last 3 bytes"),
        (0x04, b"", "RST: breaks"),
        (0x14, b"", "RST: breaks"),
        (0x00, b"", "no flag"),
    ],
)
def test_what_flags_mean(flags: int, payload: bytes, said: str) -> None:
    assert meaning(packet(flags=flags, payload=payload)).startswith(said)

"""What a packet's line tells of its payload, and what its views hide."""

from __future__ import annotations

import pytest
from frames import chunk_of, segment

import netshell.protocols  # noqa: F401 - says what payloads say
from netshell.packet import peeking
from netshell.packet.packet import Packet
from netshell.packet.payload import hide
from netshell.packet.table import decode
from netshell.view import draw


def packet(payload: bytes, sport: int = 40000, dport: int = 80, kept: int | None = None) -> Packet:
    frame = segment(payload=payload, sport=sport, dport=dport)
    chunk = chunk_of([frame[:kept]], wire_lens=[len(frame)])
    return Packet(0, decode(chunk), 0, frame[:kept])


def datagram(payload: bytes, offset: int = 0) -> Packet:
    """A datagram to port 53, or from a place on of one."""
    ip = bytes.fromhex("4500") + (28 + len(payload)).to_bytes(2) + b"\0\7"
    ip += (offset // 8).to_bytes(2) + b"\x40\x11\0\0\x0a\0\0\1\x0a\0\0\2"
    udp = b"\x9c\x40\0\x35" + (8 + len(payload)).to_bytes(2) + b"\0\0"
    frame = bytes(12) + b"\x08\0" + ip + udp + payload
    return Packet(0, decode(chunk_of([frame])), 0, frame)


QUERY = bytes.fromhex("1234010000010000000000000377777707") + b"example\3org\0\0\1\0\1"


def test_what_a_payload_says_stands_between_numbers_and_details() -> None:
    line = packet(b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n").line()
    assert " len 28 HTTP GET /a ttl 64 (0 hops)" in line
    assert " HTTP 404 Not Found ttl" in packet(b"HTTP/1.1 404 Not Found\r\n\r\n", 80, 4000).line()
    styles: list[tuple[str, str]] = []
    draw([packet(b"GET /a HTTP/1.1\r\n\r\n").lines()], 0, lambda *piece: styles.append(piece) or "")
    assert (" HTTP GET /a", "key") in styles


def test_datagrams_say_it_too_and_their_further_fragments_do_not() -> None:
    assert " DNS A www.example.org" in datagram(QUERY).line()
    assert "DNS" not in datagram(QUERY, offset=8).line()


def test_nothing_is_said_of_what_is_not_known() -> None:
    for data in (b"", b"\0", b"hello", bytes(100)):
        assert " win 1000 raw len " in packet(data).line()
        assert packet(data).line().endswith(f" len {len(data)} ttl 64 (0 hops)")
    assert (
        packet(b"GET / HTTP/1.1\r\n\r\n", kept=54)
        .line()
        .endswith(" len 18 ttl 64 (0 hops) [54 of 72 bytes captured]")
    )


def test_it_is_short_and_moves_no_cursor() -> None:
    line = packet(b"GET /" + b"a" * 500 + b" HTTP/1.1\r\n\r\n").line()
    said = line.partition(" len 518 ")[2].partition(" ttl ")[0]
    assert len(said) == peeking.LONGEST and said.endswith("a…")
    hostile = packet(b"GET /\x1b[2J HTTP/1.1\r\n\r\n").line()
    assert hostile.isprintable()


def test_secrets_are_hidden_in_every_view_of_the_payload() -> None:
    one = packet(b"GET /?token=abc HTTP/1.1\r\nAuthorization: Basic Ym9i\r\n\r\n")
    assert " HTTP GET /?token=*** ttl" in one.line()
    assert one.line("ascii").splitlines()[1:3] == [
        "    GET /?token=*** HTTP/1.1", "    Authorization: Basic ****",
    ]  # fmt: skip
    for text in (one.line("hex"), draw([one.lines("ascii")]), draw(one.view()), str(one)):
        assert "abc" not in text and "61 62 63" not in text and "Ym9i" not in text
    assert "token=abc" in one.line("ascii", reveal=True) and "m9i" in one.line("hex", reveal=True)
    assert "abc" in draw([one.lines("ascii", reveal=True)])
    assert b"token=abc" in one.payload and b"Ym9i" in one.raw


def test_text_that_no_decoder_reads_is_looked_through_too() -> None:
    one = packet(b"AUTH\r\npassword=hunter2\r\n", dport=7777)
    assert "password=*******" in one.line("ascii") and "hunter2" in one.line("ascii", reveal=True)


def test_without_decoders_payloads_are_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peeking, "TOLD", {})
    one = packet(b"GET /?token=abc HTTP/1.1\r\n\r\n")
    assert "HTTP" not in one.line() and "token=abc" in one.line("ascii")


def test_bytes_that_are_hidden_keep_their_length() -> None:
    data = b"0123456789"
    assert hide(data, [(2, 4), (8, 12)]) == b"01**4567**"
    assert hide(data, [(102, 104)], at=100) == b"01**456789"
    assert hide(data, [(90, 101), (109, 200)], at=100) == b"*12345678*"
    assert hide(data, [(20, 30)]) is data

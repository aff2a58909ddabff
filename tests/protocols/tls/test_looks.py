"""What looks like TLS, and what does not."""

from __future__ import annotations

import random

import pytest
from tls_server import RECORDED

from netshell import read
from netshell.protocols.api import Likeness
from netshell.protocols.tls.decoder import Tls
from netshell.protocols.tls.records import Search

CLIENT = b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + bytes(100)
SERVER = b"\x16\x03\x03\0\x7a\x02\0\0\x76\x03\x03" + bytes(30)
DATA = b"\x17\x03\x03\0\x20" + b"\xaa" * 32


@pytest.mark.parametrize(
    ("client", "server", "likeness"),
    [
        (CLIENT, b"", Likeness.SURE),
        (CLIENT, SERVER, Likeness.SURE),
        (b"", SERVER, Likeness.SURE),
        (b"", b"", Likeness.MORE),
        (b"", b"\x15\x03\x03\0\x02\x02\x28", Likeness.LIKELY),
        (SERVER, b"", Likeness.NO),
        (b"", CLIENT, Likeness.NO),
        (b"GET / HTTP/1.1\r\n", b"", Likeness.NO),
        (b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x04\x03" + bytes(9), b"", Likeness.NO),
        (b"\x16\x03\x01\0\x04\x01\0\0\x30" + b"\x16\x03\x01\0\x2c\x03\x03", b"", Likeness.SURE),
        (b"\x16\x03\x01\0\x04\x01\0\0\x30" + b"GET / HTTP/1.1", b"", Likeness.NO),
        (b"\x80\x1f\x01\x03\x01\0\x06\0\0\0\x10" + bytes(22), b"", Likeness.SURE),
        (b"\x80\x1f\x01\x03\x01\0\x06\0\0\0\x11" + bytes(22), b"", Likeness.NO),
    ],
)
def test_beginnings(client: bytes, server: bytes, likeness: Likeness) -> None:
    """By the structure of the first message of either side."""
    assert Tls.looks_like(client, server) == likeness


def test_a_beginning_that_is_cut_is_not_told_yet() -> None:
    """From its first byte to the last one that is needed; no other one ever is MORE then."""
    for size in range(11):
        assert Tls.looks_like(CLIENT[:size], b"") == Likeness.MORE
    assert Tls.looks_like(CLIENT[:11], b"") == Likeness.SURE
    for size in range(1, 11):
        assert Tls.looks_like(b"", SERVER[:size]) == Likeness.MORE
        assert Tls.looks_like(b"SSH-2.0-x"[:size], b"") == Likeness.NO


@pytest.mark.parametrize(
    ("client", "server", "likeness"),
    [
        (DATA, b"", Likeness.LIKELY),
        (DATA * 2, b"", Likeness.SURE),
        (b"", b"\xaa" * 90 + DATA * 2, Likeness.SURE),
        (CLIENT, b"", Likeness.SURE),
        (b"xx" + CLIENT, b"", Likeness.LIKELY),
        (b"GET / HTTP/1.1\r\n", b"", Likeness.MORE),
    ],
)
def test_from_the_midst(client: bytes, server: bytes, likeness: Likeness) -> None:
    """Records that follow each other."""
    assert Tls.looks_like(client, server, False) == likeness


def test_random_bytes_and_text_are_never_sure() -> None:
    """Neither from the beginning nor from the midst."""
    chance = random.Random(11)
    for _ in range(2000):
        noise = chance.randbytes(chance.randrange(1, 4096))
        assert Tls.looks_like(noise, noise, True) != Likeness.SURE
        assert Tls.looks_like(noise, noise, False) != Likeness.SURE


def test_where_records_begin_is_found_in_any_pieces() -> None:
    """The same place, whatever comes at once."""
    chance = random.Random(3)
    for _ in range(50):
        noise = chance.randbytes(chance.randrange(200))
        data = noise + DATA + b"\x17\x03\x03\x01\0" + bytes(256) + DATA
        whole = Search().find(bytearray(data))
        search, given, found = Search(), bytearray(), None
        for octet in data:
            given.append(octet)
            found = search.find(given)
            if found is not None:
                break
        assert found == whole == len(noise)


@pytest.mark.parametrize("name", ["tls12", "tls13", "curl-1.2", "retry"])
def test_each_packet_says_what_it_is(name: str) -> None:
    """By itself, without its port; what is amid a record says nothing."""
    capture = read(RECORDED / f"{name}.pcap")
    said = []
    for packet in capture:
        if packet.payload:
            told = Tls.peek(bytes(packet.payload), False)
            said.append("" if told is None else told.text)
            assert told is None or told.secrets == ()
    if name == "tls12":
        assert said == [
            "ClientHello localhost h2,http/1.1 TLS 1.3",
            "ServerHello TLS 1.2 ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 h2, Certificate,"
            " ServerKeyExchange, ServerHelloDone",
            "ClientKeyExchange, ChangeCipherSpec, Encrypted Handshake",
            "NewSessionTicket, ChangeCipherSpec, Encrypted Handshake",
            "Application Data 28 bytes",
            "Application Data 28 bytes",
            "Encrypted Alert",
            "Encrypted Alert",
        ]
    if name == "retry":
        assert said[1] == "HelloRetryRequest TLS 1.3 AES_256_GCM_SHA384, ChangeCipherSpec"


@pytest.mark.parametrize(
    ("data", "on_port", "text"),
    [
        (b"\x15\x03\x03\0\x02\x02\x28", False, "Alert: handshake_failure"),
        (b"\x15\x03\x03\0\x02\x02\xee", False, "Alert: alert 238"),
        (DATA, False, "Application Data 32 bytes"),
        (DATA * 3, False, "Application Data 96 bytes"),
        (DATA[:20], True, "Application Data 32 bytes"),
        (DATA[:20], False, None),
        (b"\x17\x03\x03\x04\xd2" + bytes(1234), True, "Application Data 1,234 bytes"),
        (b"\x16\x03\x01", True, None),
        (b"", True, None),
        (b"GET / HTTP/1.1", True, None),
        (b"\x18\x03\x02\0\x03\x01\x40\0", True, "Heartbeat"),
    ],
)
def test_peeks(data: bytes, on_port: bool, text: str | None) -> None:
    """Sure by itself where records end with it."""
    told = Tls.peek(data, on_port)
    assert (None if told is None else told.text) == text

"""Checksums: right, left to the card, or nothing to be judged; Scapy computes what is right."""

from __future__ import annotations

from typing import Any

import pytest
from frames import chunk_of
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6ExtHdrDestOpt, IPv6ExtHdrFragment
from scapy.layers.l2 import Ether
from scapy.packet import Packet as Layers
from scapy.packet import Raw
from unfilled import FOUR, MACS, SIX, unfilled

from netshell.packet.chunk import INCOMING, OUTGOING, UNKNOWN
from netshell.packet.packet import Packet
from netshell.packet.table import decode


def packet(frame: bytes, direction: int = UNKNOWN, wire_len: int = 0) -> Packet:
    chunk = chunk_of([frame], wire_lens=[wire_len or len(frame)])
    chunk.direction[:] = direction
    return Packet(0, decode(chunk), 0, frame)


def state(layers: Layers, direction: int = UNKNOWN, **more: Any) -> str:
    found = packet(bytes(Ether(**MACS) / layers), direction, **more).checksum
    assert found is not None
    return found.state


TRANSPORTS = st.sampled_from([TCP(sport=1, dport=80, flags="PA"), UDP(sport=1, dport=53)])


@given(st.sampled_from([FOUR, SIX]), TRANSPORTS, st.binary(max_size=80), st.integers(0, 2))
def test_what_scapy_computes_is_correct_and_a_flipped_bit_is_not(
    network: Layers, transport: Layers, payload: bytes, direction: int
) -> None:
    layers = network / transport / Raw(payload)
    assert state(layers, direction) == "correct"
    whole = bytes(Ether(**MACS) / layers)
    found = packet(whole[:-1] + bytes([whole[-1] ^ 1]), direction).checksum
    assert found is not None and found.state != "correct"


@given(st.sampled_from([FOUR, SIX]), TRANSPORTS, st.binary(min_size=1, max_size=80))
def test_the_pseudo_headers_sum_is_one_that_is_not_filled_in(
    network: Layers, transport: Layers, payload: bytes
) -> None:
    frame = unfilled(network / transport / Raw(payload))
    for direction in (UNKNOWN, INCOMING, OUTGOING):
        found = packet(frame, direction).checksum
        # One payload in 65,535 adds up to nothing, and then both are the same number.
        assert found is not None and found.state in ("not filled in", "correct")


def test_its_text_says_why() -> None:
    found = packet(unfilled(FOUR / TCP() / Raw(b"hello"))).checksum
    assert str(found) == "0x1422, not filled in: left to the network card (offload)"
    rows = str(packet(unfilled(FOUR / TCP() / Raw(b"hello"))))
    assert "checksum" in rows and "not filled in: left to the network card" in rows


def test_what_was_sent_from_here_is_never_incorrect() -> None:
    """macOS and Windows leave 0 or anything in it, before the card."""
    for value in (0, 1, 0xDEAD, 0xFFFF):
        layers = FOUR / TCP(chksum=value) / Raw(b"hello")
        assert state(layers, OUTGOING) == "not filled in"
        assert state(layers, UNKNOWN) == "not judged"  # a file that does not say who sent it
        assert state(layers, INCOMING) == "incorrect"


def test_a_packet_that_was_put_together_or_cut_is_not_judged() -> None:
    large = FOUR / TCP(chksum=1) / Raw(b"x" * 20_000)
    assert state(large, INCOMING) == "not judged"
    frame = bytes(Ether(**MACS) / FOUR / TCP(chksum=1) / Raw(b"x" * 200))
    cut = packet(frame[:100], INCOMING, wire_len=len(frame)).checksum
    assert cut is not None and cut.state == "not judged"
    whole = unfilled(FOUR / TCP() / Raw(b"x" * 200))
    seen = packet(whole[:100], INCOMING, wire_len=len(whole)).checksum
    assert seen is not None and seen.state == "not filled in"


def test_behind_extension_headers_only_what_is_sure_is_said() -> None:
    """A routing header has the address that belongs into the sum."""
    extended = SIX / IPv6ExtHdrDestOpt() / UDP()
    assert state(extended / Raw(b"x"), INCOMING) == "correct"
    extended = SIX / IPv6ExtHdrDestOpt() / UDP(chksum=1)
    assert state(extended / Raw(b"x"), INCOMING) == "not judged"


def test_udp_may_have_none_over_ipv4_only() -> None:
    assert state(FOUR / UDP(chksum=0) / Raw(b"x"), INCOMING) == "absent"
    assert state(SIX / UDP(chksum=0) / Raw(b"x"), INCOMING) == "incorrect"


@pytest.mark.parametrize(
    "layers",
    [
        FOUR / Raw(b"x"),
        IP(src="10.0.0.1", dst="10.0.0.2", flags="MF") / UDP() / Raw(b"x" * 16),
        IP(src="10.0.0.1", dst="10.0.0.2", frag=2, proto=17) / Raw(b"x" * 16),
        SIX / IPv6ExtHdrFragment(m=1, nh=17) / UDP() / Raw(b"x" * 16),
        Raw(b"x" * 40),
    ],
)
def test_packets_without_one(layers: Layers) -> None:
    assert packet(bytes(Ether(**MACS) / layers)).checksum is None


@given(st.binary(max_size=120), st.integers(0, 60), st.integers(0, 2))
def test_any_bytes_and_any_cut_are_judged_or_not(noise: bytes, cut: int, direction: int) -> None:
    for frame in (
        bytes(Ether(**MACS) / FOUR)[:34] + noise,
        bytes(Ether(**MACS) / FOUR / TCP(options=[("MSS", 1460)]) / Raw(noise))[:cut],
    ):
        found = packet(frame, direction, wire_len=max(len(frame), 60))
        assert found.checksum is None or str(found.checksum)
        assert found.offload is None

"""Packets that are several: what tells it, how it is shown, and what is not taken for one."""

from __future__ import annotations

import pytest
from frames import chunk_of, segment
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import CookedLinux, CookedLinuxV2, Ether
from scapy.packet import Packet as Layers
from scapy.packet import Raw
from unfilled import FOUR, MACS, unfilled

from netshell.packet.chunk import ETHERNET, INCOMING, NULL, OUTGOING, RAW, SLL, SLL2, UNKNOWN
from netshell.packet.packet import Packet
from netshell.packet.table import decode

TS = b"\1\1\x08\x0a" + b"\1" * 8


def packet(frame: bytes, direction: int = UNKNOWN, link: int = ETHERNET) -> Packet:
    chunk = chunk_of([frame], link)
    chunk.direction[:] = direction
    return Packet(0, decode(chunk), 0, frame)


def test_65226_bytes_at_an_mtu_of_1500_are_45_segments() -> None:
    """No Ethernet frame is so long; 45 of 1,448 bytes each were on the wire."""
    one = packet(segment(options=TS, payload=b"x" * 65_160), OUTGOING)
    assert one.wire_len == 65_226
    assert one.offload is not None
    assert one.offload[:3] == (True, "no link carries a frame of 65,226 bytes", 45)
    assert " len 65160 offloaded ttl 64 " in one.line()
    assert (
        "offloaded, cut into frames by the network card (TSO, GSO): about 45 segments at an MTU "
        "of 1,500; no link carries a frame of 65,226 bytes"
    ) in " ".join(str(one).split())


def test_what_was_done_with_it_follows_the_direction() -> None:
    frame = segment(payload=b"x" * 20_000)
    acts = [str(packet(frame, direction).offload) for direction in (OUTGOING, INCOMING, UNKNOWN)]
    assert "offloaded, cut into frames" in acts[0]
    assert "offloaded, put together from frames on arrival (GRO, LRO), or never cut" in acts[1]
    assert "offloaded, before the card cut it, or put together (GRO)" in acts[2]


def test_between_the_usual_and_the_largest_frame_the_checksum_tells() -> None:
    layers = FOUR / TCP(flags="A") / Raw(b"x" * 4344)
    likely = packet(unfilled(layers))
    assert likely.offload is not None and not likely.offload.certain
    assert "likely offloaded" in str(likely.offload)
    assert "over 1,500 bytes, and its checksum is not filled in" in str(likely.offload)
    assert " offloaded" in likely.line()
    # A jumbo frame that came over a wire has its checksum.
    assert packet(bytes(Ether(**MACS) / layers)).offload is None


def test_a_length_that_the_kernel_has_not_written_yet() -> None:
    """TSO on other systems, and BIG TCP: the IP header says 0."""
    frame = bytearray(segment(payload=b"x" * 3000))
    frame[16:18] = b"\0\0"
    found = packet(bytes(frame)).offload
    assert found is not None and found.certain
    assert found.why == "its IP header has no length yet"


def test_frames_of_the_usual_size_are_what_they_are() -> None:
    full = unfilled(FOUR / TCP(flags="A") / Raw(b"x" * 1460))
    assert packet(full).offload is None and "offloaded" not in packet(full).line()
    tagged = full[:12] + b"\x81\x00\x00\x07\x81\x00\x00\x08" + full[12:]
    assert packet(tagged).offload is None
    two = unfilled(FOUR / TCP(flags="A") / Raw(b"x" * 1480))
    assert packet(two).offload is not None


def test_udp_has_no_count_of_segments() -> None:
    found = packet(unfilled(FOUR / UDP() / Raw(b"x" * 12_000))).offload
    assert found is not None and found.segments == 0
    assert "segments" not in str(found)


@pytest.mark.parametrize("network", [FOUR, IPv6(src="fd00::1", dst="fd00::2")])
def test_what_never_touches_a_wire_is_as_large_as_it_is(network: Layers) -> None:
    """The MTU of lo is 65,536: a packet of this size is one packet there."""
    size = 60_000
    local = Ether(src="00:00:00:00:00:00", dst="00:00:00:00:00:00")
    inside = network / TCP(flags="A", chksum=1) / Raw(b"x" * size)
    assert packet(bytes(local / inside), OUTGOING).offload is None
    family = b"\2\0\0\0" if IP in inside else b"\x1e\0\0\0"
    assert packet(family + bytes(inside), link=NULL).offload is None
    proto = 0x0800 if IP in inside else 0x86DD
    for arphrd, is_offloaded in ((772, False), (1, True)):
        cooked = bytes(CookedLinux(lladdrtype=arphrd, proto=proto) / inside)
        assert (packet(cooked, link=SLL).offload is not None) is is_offloaded
        cooked = bytes(CookedLinuxV2(lladdrtype=arphrd, proto=proto) / inside)
        assert (packet(cooked, link=SLL2).offload is not None) is is_offloaded
    # A tunnel's own interface may have any MTU, and says nothing.
    assert packet(bytes(inside), link=RAW).offload is None

"""Columns against Scapy's reading of the same bytes, whole and cut anywhere, and hostile input."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import encapsulations as within
import numpy as np
import pytest
from encapsulations import ENCAPSULATIONS, FOUR, MACS, SIX, ether
from frames import chunk_of, segment
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.contrib.mpls import MPLS
from scapy.layers.dot11 import Dot11
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_NOP, IPOption_Router_Alert
from scapy.layers.inet6 import (
    ICMPv6EchoRequest,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
)
from scapy.layers.ipsec import AH
from scapy.layers.l2 import (
    ARP,
    GRE,
    LLC,
    SNAP,
    CookedLinux,
    CookedLinuxV2,
    Dot1AD,
    Dot1Q,
    Dot3,
    Ether,
    Loopback,
)
from scapy.layers.ppp import PPP, PPPoE
from scapy.layers.sctp import SCTP
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet, Raw

from netshell.flow.baseline import Baselines
from netshell.packet import chunk as link
from netshell.packet.chunk import Chunk
from netshell.packet.schema import COLUMNS
from netshell.packet.table import Columns, decode

MISSING: dict[str, Any] = {
    field.name: bytes(16) if field.width == 16 else field.missing
    for field in COLUMNS
    if field.missing is not None
}
EXTENSIONS = {0: 8, 43: 8, 44: 8, 51: 8, 60: 8}


class Reading:
    """What the columns of one frame should be, by Scapy's fields and where they stand."""

    def __init__(self, packet: Packet | None, cut: int, wire_len: int, **start: int) -> None:
        self.values = dict(MISSING)
        self.values["ethertype"] = start.get("ethertype", 0)
        self.at = start.get("at", 0)
        self.pending: tuple[int, int, dict[str, Any], int, int] | None = None
        self.cut = cut
        self.end = wire_len
        self.lost = False
        layer: Packet | None = packet
        if isinstance(layer, IP | IPv6) and not start:  # raw IP: the type is the version nibble
            self.put("ethertype", 0, 1, 0x0800 if isinstance(layer, IP) else 0x86DD)
            layer = layer if cut else None
        while layer is not None and not self.lost:
            step = STEPS.get(type(layer))
            if step is None or not step(self, layer):
                break
            if step in (label, loopback) and not self.values["ethertype"]:
                break  # what follows is known by its first byte, which was cut off
            if isinstance(layer, AH):  # Scapy leaves what follows undissected
                layer = {6: TCP, 17: UDP}[layer.nh](bytes(layer.payload))
            else:
                layer = layer.payload or None
        if self.pending is not None:  # nothing was seen of what the tunnel carries
            self.values, self.at, self.end = self.pending[2:]
            self.lost = False
        known = not self.lost
        self.values["payload_offset"] = self.at if known else -1
        self.values["payload_len"] = max(self.end - self.at, 0) if known else -1

    def tunnel(self, kind: int, number: int = -1) -> None:
        """A tunnel starts here, unless this is the inside of one."""
        if self.pending is None and not self.values["tunnel"]:
            self.pending = (kind, number, dict(self.values), self.at, self.end)

    def enter(self) -> None:
        """An IP header starts here: if in a tunnel, forget the outer packet's fields."""
        if self.pending is None or self.at >= self.cut:
            return
        kind, number, outer = self.pending[:3]
        self.pending = None
        for name in MISSING:
            if name not in ("direction", "vlan", "inner_vlan", "ethertype"):
                self.values[name] = MISSING[name]
        self.values |= {"tunnel": kind, "tunnel_id": number}
        self.values |= {"outer_src": outer["src"], "outer_dst": outer["dst"]}

    def put(self, name: str, start: int, size: int, value: Any) -> None:
        """A field at bytes start..start+size of the current header, if they were captured."""
        if self.at + start + size <= self.cut:
            self.values[name] = value

    def skip(self, size: int, need: int | None = None) -> bool:
        """Past a header of `size` bytes if its first `need` were captured."""
        self.lost = self.at + (size if need is None else need) > self.cut
        self.at += size
        return not self.lost


def ethernet(reading: Reading, layer: Packet) -> bool:
    reading.put("ethertype", 12, 2, layer.type)
    return reading.skip(14)


def snap(reading: Reading, layer: Packet) -> bool:
    if reading.at + 22 > reading.cut:  # not recognised as SNAP: LLC is the payload
        reading.skip(14)
        return False
    reading.values["ethertype"] = layer[SNAP].code
    return reading.skip(22)


def skipped(reading: Reading, layer: Packet) -> bool:
    return True


def tag(reading: Reading, layer: Packet) -> bool:
    reading.put("vlan" if reading.values["vlan"] < 0 else "inner_vlan", 0, 2, layer.vlan)
    reading.values["ethertype"] = 0
    reading.put("ethertype", 2, 2, layer.type)
    return reading.skip(4)


def label(reading: Reading, layer: Packet) -> bool:
    reading.values["ethertype"] = 0x8847
    if reading.skip(4) and layer.s:
        reading.values["ethertype"] = 0
        version = {IP: 0x0800, IPv6: 0x86DD}[type(layer.payload)]
        reading.put("ethertype", 0, 1, version)
    elif reading.lost:
        reading.values["ethertype"] = 0
    return not reading.lost


def session(reading: Reading, layer: Packet) -> bool:
    reading.values["ethertype"] = 0x8864
    if reading.at + 8 > reading.cut:
        return False
    reading.end = min(reading.end, reading.at + 6 + layer.len)
    reading.values["ethertype"] = {0x21: 0x0800, 0x57: 0x86DD}[layer[PPP].proto]
    return reading.skip(8)


def cooked(reading: Reading, layer: Packet) -> bool:
    reading.put("direction", 0, 2, 2 if layer.pkttype == 4 else 1)
    reading.put("ethertype", 14, 2, layer.proto)
    return reading.skip(16)


def cooked_2(reading: Reading, layer: Packet) -> bool:
    reading.put("ethertype", 0, 2, layer.proto)
    reading.put("direction", 10, 1, 2 if layer.pkttype == 4 else 1)
    return reading.skip(20)


def loopback(reading: Reading, layer: Packet) -> bool:
    reading.put("ethertype", 0, 4, {IP: 0x0800, IPv6: 0x86DD}[type(layer.payload)])
    return reading.skip(4)


def mapped(address: str) -> bytes:
    return bytes(10) + b"\xff\xff" + bytes(map(int, address.split(".")))


def ipv4(reading: Reading, layer: Packet) -> bool:
    reading.enter()
    reading.put("ip_version", 0, 1, 4)
    reading.put("ip_len", 2, 2, layer.len)
    reading.put("ip_id", 4, 2, layer.id)
    reading.put("fragment_offset", 6, 2, layer.frag * 8)
    reading.put("more_fragments", 6, 2, bool(layer.flags.MF))
    reading.put("ttl", 8, 1, layer.ttl)
    reading.put("proto", 9, 1, layer.proto)
    reading.put("src", 12, 4, mapped(layer.src))
    reading.put("dst", 16, 4, mapped(layer.dst))
    if layer.len:
        reading.end = min(reading.end, reading.at + layer.len)
    reading.skip(layer.ihl * 4, need=20)
    if layer.proto in (4, 41) and not layer.frag and not reading.lost:
        return in_ip(reading, layer.proto)
    return not layer.frag


def in_ip(reading: Reading, proto: int) -> bool:
    if reading.values["tunnel"]:
        return False
    reading.tunnel(2)
    reading.values["ethertype"] = {4: 0x0800, 41: 0x86DD}[proto]
    return True


def gre(reading: Reading, layer: Packet) -> bool:
    reading.tunnel(1, layer.key if layer.key_present else -1)
    size = 4 + 4 * (layer.chksum_present + layer.key_present + layer.seqnum_present)
    reading.values["ethertype"] = layer.proto
    return reading.skip(size)


def vxlan(reading: Reading, layer: Packet) -> bool:
    reading.tunnel(3, layer.vni)
    return reading.skip(8)


def ipv6(reading: Reading, layer: Packet) -> bool:
    reading.enter()
    reading.put("ip_version", 0, 1, 6)
    reading.put("ip_len", 4, 2, layer.plen)
    reading.put("proto", 6, 1, layer.nh)
    reading.put("ttl", 7, 1, layer.hlim)
    fields = bytes(layer)[8:40]
    reading.put("src", 8, 16, fields[:16])
    reading.put("dst", 24, 16, fields[16:])
    if layer.plen:
        reading.end = min(reading.end, reading.at + 40 + layer.plen)
    whole = reading.skip(40)
    return in_ip(reading, layer.nh) if layer.nh in (4, 41) and whole else whole


def extension(reading: Reading, layer: Packet) -> bool:
    size = 8
    if isinstance(layer, AH):
        size = (layer.payloadlen + 2) * 4
    elif not isinstance(layer, IPv6ExtHdrFragment):
        size = (layer.len + 1) * 8
    if reading.at + size > reading.cut:
        return False
    reading.values["proto"] = layer.nh
    if isinstance(layer, IPv6ExtHdrFragment):
        reading.values["fragment_offset"] = layer.offset * 8
        reading.values["more_fragments"] = bool(layer.m)
        reading.values["ip_id"] = layer.id
    reading.skip(size)
    return not (isinstance(layer, IPv6ExtHdrFragment) and layer.offset)


def tcp(reading: Reading, layer: Packet) -> bool:
    reading.put("sport", 0, 2, layer.sport)
    reading.put("dport", 2, 2, layer.dport)
    reading.put("seq", 4, 4, layer.seq)
    reading.put("ack", 8, 4, layer.ack)
    reading.put("data_offset", 12, 1, layer.dataofs * 4)
    reading.put("tcp_flags", 12, 2, int(layer.flags))
    reading.put("window", 14, 2, layer.window)
    size = layer.dataofs * 4
    if layer.flags.S and reading.at + size <= reading.cut:
        offered = [value for name, value in layer.options if name == "WScale"]
        reading.values["window_scale"] = min(offered[0], 127) if offered else -2
    elif layer.flags.S:  # cut options still tell if the option comes before the cut
        reading.values["window_scale"] = None
    reading.skip(size, need=13)
    return False


def udp(reading: Reading, layer: Packet) -> bool:
    reading.put("sport", 0, 2, layer.sport)
    reading.put("dport", 2, 2, layer.dport)
    if layer.len:
        reading.end = min(reading.end, reading.at + layer.len)
    return reading.skip(8) and layer.dport == 4789


def sctp(reading: Reading, layer: Packet) -> bool:
    reading.put("sport", 0, 2, layer.sport)
    reading.put("dport", 2, 2, layer.dport)
    return False


STEPS: dict[type[Packet], Callable[[Reading, Packet], bool]] = {
    Ether: ethernet,
    Dot3: snap,
    LLC: skipped,
    SNAP: skipped,
    PPP: skipped,
    Dot1Q: tag,
    Dot1AD: tag,
    MPLS: label,
    PPPoE: session,
    CookedLinux: cooked,
    CookedLinuxV2: cooked_2,
    Loopback: loopback,
    IP: ipv4,
    IPv6: ipv6,
    IPv6ExtHdrHopByHop: extension,
    IPv6ExtHdrDestOpt: extension,
    IPv6ExtHdrRouting: extension,
    IPv6ExtHdrFragment: extension,
    AH: extension,
    TCP: tcp,
    UDP: udp,
    SCTP: sctp,
    GRE: gre,
    VXLAN: vxlan,
}

# --- generated packets ----------------------------------------------------------------------

u8, u16, u32 = st.integers(0, 255), st.integers(0, 65535), st.integers(0, 2**32 - 1)
payloads = st.binary(max_size=40).map(Raw)
tcp_options = st.lists(
    st.sampled_from(
        [
            ("NOP", None),
            ("MSS", 1460),
            ("WScale", 7),
            ("WScale", 0),
            ("SAckOK", b""),
            ("Timestamp", (1, 2)),
        ]
    ),
    max_size=5,
)
tcps = st.builds(
    lambda options, payload, **fields: TCP(options=options, **fields) / payload,
    tcp_options,
    payloads,
    sport=u16,
    dport=u16,
    seq=u32,
    ack=u32,
    window=u16,
    flags=st.integers(0, 0x1FF),
)
udps = st.builds(lambda s, d, p: UDP(sport=s, dport=d) / p, u16, u16, payloads)
sctps = st.builds(lambda s, d: SCTP(sport=s, dport=d) / Raw(b"\0" * 12), u16, u16)
transports = st.one_of(tcps, tcps, udps, sctps, payloads.map(lambda p: ICMP() / p))
transports_6 = st.one_of(tcps, udps, payloads.map(lambda p: ICMPv6EchoRequest(data=bytes(p))))
ipv4s = st.builds(
    lambda upper, options, more, **fields: (
        IP(options=options, flags="MF" if more else "DF", **fields) / upper
    ),
    transports,
    st.lists(st.sampled_from([IPOption_NOP(), IPOption_Router_Alert()]), max_size=3),
    st.booleans(),
    id=u16,
    ttl=u8,
    frag=st.sampled_from([0, 0, 0, 1, 8191]),
    src=st.integers(0, 2**32 - 1).map(lambda n: ".".join(map(str, struct.pack(">I", n)))),
    dst=st.just("10.1.2.3"),
)
headers = st.lists(
    st.sampled_from(
        [
            IPv6ExtHdrHopByHop,
            IPv6ExtHdrDestOpt,
            lambda: IPv6ExtHdrRouting(addresses=["2001:db8::9"], segleft=0),
            lambda: IPv6ExtHdrFragment(offset=0, m=1, id=7),
            lambda: IPv6ExtHdrFragment(offset=185, m=0, id=2**32 - 1),
        ]
    ),
    max_size=4,
)


def _ipv6(extensions: list[Callable[[], Packet]], upper: Packet, hlim: int, signed: bool) -> Packet:
    packet = IPv6(src="2001:db8::1", dst="fe80::2:3", hlim=hlim)
    for make in extensions:
        packet = packet / make()
    if signed and isinstance(upper, TCP | UDP):
        number = 6 if isinstance(upper, TCP) else 17
        packet = packet / AH(icv=b"\0" * 12, payloadlen=4, nh=number)
    return packet / upper


networks = st.one_of(ipv4s, ipv4s, st.builds(_ipv6, headers, transports_6, u8, st.booleans()))


BASES: dict[int, type[Packet]] = {
    link.SLL: CookedLinux,
    link.SLL2: CookedLinuxV2,
    link.NULL: Loopback,
    link.LOOP: Loopback,
    51: PPPoE,
}


def behind(frame: bytes, kind: int, cut: int) -> tuple[int, int]:
    """Where the network packet of a link type that Scapy knows in part stands; its ethertype.

    Cut before it is known what follows: 0, and where the payload is then.
    """
    if kind in (9, 50, 104):
        at = 2 * (frame[0] == 0xFF) + (2 if frame[0] in (0, 0xFF) else 1)
        at = 4 if frame[0] in (0x0F, 0x8F) else at
        if at > cut and frame[0] in (0x0F, 0x8F):
            return (-1 if kind == 104 or cut >= 2 else 0), 0
        return (at, {4: 0x0800, 6: 0x86DD}[frame[at] >> 4]) if at <= cut else (0, 0)
    if kind == 239:
        at = 4 + 8 + 8 + 4
        if cut < at:
            return 0, 0
        return at, {4: 0x0800, 6: 0x86DD}[frame[at] >> 4] if cut > at else 0
    start = frame[2] if kind == 127 else 0
    if kind == 127 and cut < 8:
        return 0, 0
    layer = Dot11(frame[start:])
    at = len(frame) - len(bytes(layer[LLC]))
    if cut < at:
        return start, 0
    return at + 8 if cut >= at + 8 else at, layer[SNAP].code if cut >= at + 8 else 0


def scapy_reading(frame: bytes, kind: int, cut: int, wire_len: int) -> dict[str, Any]:
    if kind in (9, 50, 104, 105, 127, 239):
        at, ethertype = behind(frame, kind, cut)
        inside = {0x0800: IP, 0x86DD: IPv6}[ethertype](frame[at:]) if ethertype else None
        if kind == 127 and cut >= 25 and frame[2] == 25:
            wire_len -= 4  # the frame check sequence
        reading = Reading(inside, cut, wire_len, at=at, ethertype=ethertype)
        if at < 0:
            reading.values |= {"payload_offset": -1, "payload_len": -1}
        return reading.values
    if kind in (link.RAW, 12):
        packet = (IP if frame[0] >> 4 == 4 else IPv6)(frame)
    elif kind in BASES:
        body = frame[4:]
        packet = BASES[kind](frame)
        if kind in (link.NULL, link.LOOP):  # Scapy reads the family in this machine's order only
            packet = Loopback() / (IP if body[0] >> 4 == 4 else IPv6)(body)
    elif frame[12:14] < b"\x06\x00":
        packet = Dot3(frame)
    else:
        packet = Ether(frame)
    return Reading(packet, cut, wire_len).values


@st.composite
def captured(draw: st.DrawFn) -> tuple[int, bytes, int]:
    """A link type, a whole frame (with Ethernet padding now and then) and where it was cut."""
    kind, encapsulate = draw(st.sampled_from(ENCAPSULATIONS))
    frame = encapsulate(draw(networks)) + draw(st.sampled_from([b"", b"", b"\xee" * 7]))
    cut = draw(st.one_of(st.just(len(frame)), st.integers(0, len(frame))))
    return kind, frame, cut


@settings(max_examples=300, deadline=None)
@given(st.lists(captured(), min_size=1, max_size=6))
def test_columns_equal_scapys_fields_wherever_the_frames_are_cut(
    cases: list[tuple[int, bytes, int]],
) -> None:
    chunk = chunk_of(
        [frame[:cut] for _, frame, cut in cases],
        [kind for kind, _, _ in cases],
        [len(frame) for _, frame, _ in cases],
    )
    columns = decode(chunk)
    for i, (kind, frame, cut) in enumerate(cases):
        expected = scapy_reading(frame, kind, cut, len(frame))
        row = columns.row(i)
        if expected["window_scale"] is None:
            assert row["window_scale"] in (-1, 0, 7)
            expected["window_scale"] = row["window_scale"]
        assert {name: row[name] for name in expected} == expected, (kind, cut, frame.hex())


@pytest.mark.parametrize(("kind", "encapsulate"), ENCAPSULATIONS)
def test_every_encapsulation_cut_at_every_byte(
    kind: int, encapsulate: Callable[[Packet], bytes]
) -> None:
    for network in (
        IP(src="1.2.3.4", dst="5.6.7.8", options=[IPOption_NOP()])
        / TCP(sport=1, dport=2, flags="SE", options=[("MSS", 1460), ("WScale", 7)])
        / Raw(b"payload"),
        IPv6(**SIX)
        / IPv6ExtHdrHopByHop()
        / IPv6ExtHdrDestOpt()
        / UDP(sport=3, dport=4)
        / Raw(b"abc"),
    ):
        frame = encapsulate(network)
        cuts = range(len(frame) + 1)
        columns = decode(chunk_of([frame[:cut] for cut in cuts], kind, [len(frame)] * len(cuts)))
        for cut in cuts:
            expected = scapy_reading(frame, kind, cut, len(frame))
            row = columns.row(cut)
            if expected["window_scale"] is None:
                assert row["window_scale"] in (-1, 7)
                del expected["window_scale"]
            assert {name: row[name] for name in expected} == expected, cut


# --- single cases ---------------------------------------------------------------------------


def one(frame: bytes, kind: int = link.ETHERNET, wire_len: int | None = None) -> dict[str, Any]:
    return decode(chunk_of([frame], kind, None if wire_len is None else [wire_len])).row(0)


def test_padding_is_never_payload_and_never_a_header() -> None:
    short = bytes(ether() / IP(**FOUR, len=24, proto=6) / Raw(b"\0\x50\0\x51" + b"\xff" * 26))
    row = one(short)
    assert (row["sport"], row["dport"], row["seq"], row["payload_len"]) == (80, 81, -1, -1)
    row = one(bytes(ether() / IP(**FOUR) / TCP()) + bytes(6))
    assert row["payload_len"] == 0


def test_a_total_length_of_zero_means_the_rest_of_the_frame() -> None:
    frame = bytearray(segment(payload=b"x" * 3000))
    frame[16:18] = b"\0\0"
    row = one(bytes(frame))
    assert (row["ip_len"], row["payload_len"], row["sport"]) == (0, 3000, 40000)
    giant = bytes(ether() / IPv6(**SIX, plen=0) / TCP() / Raw(b"y" * 500))
    assert one(giant)["payload_len"] == 500


def test_a_header_that_claims_more_than_the_frame_is_not_believed() -> None:
    assert (
        one(bytes(ether() / IP(**FOUR, len=9000) / UDP(len=8000) / Raw(b"abc")))["payload_len"] == 3
    )


@pytest.mark.parametrize("offset", [0, 4, 15])
def test_a_tcp_header_of_impossible_length_has_no_payload(offset: int) -> None:
    row = one(bytes(ether() / IP(**FOUR) / TCP(dataofs=offset, sport=7)))
    assert (row["sport"], row["payload_len"], row["payload_offset"]) == (7, -1, -1)


def test_a_wrong_ip_version_or_header_length_stops_decoding() -> None:
    frame = bytearray(segment())
    for first in (0x44, 0x65, 0x05, 0xF5):
        frame[14] = first
        row = one(bytes(frame))
        assert (row["ip_version"], row["proto"], row["sport"]) == (0, -1, -1)
        assert row["payload_offset"] == 14


def test_later_fragments_have_no_ports_and_the_first_has() -> None:
    first = one(
        bytes(ether() / IP(**FOUR, flags="MF") / UDP(sport=1, dport=2, len=3000) / Raw(b"x" * 100))
    )
    later = one(bytes(ether() / IP(**FOUR, frag=14, proto=17) / Raw(b"x" * 100)))
    assert (first["sport"], first["more_fragments"], first["payload_len"]) == (1, True, 100)
    assert (later["sport"], later["fragment_offset"], later["payload_len"]) == (-1, 112, 100)


def test_an_endless_chain_of_extension_headers_ends() -> None:
    frame = (
        bytes(ether() / IPv6(**SIX, nh=60) / Raw(b"\x3c\0" + bytes(6)))
        + b"\x3c\0\0\0\0\0\0\0" * 500
    )
    row = one(frame)
    assert row["proto"] == 60 and row["sport"] == -1


def test_unknown_links_and_ethertypes_are_kept() -> None:
    assert one(b"\1\2\3\4", kind=147)["payload_len"] == 4
    row = one(b"\0" * 12 + b"\x88\xcc" + b"lldp")
    assert (row["ethertype"], row["payload_offset"], row["payload_len"]) == (0x88CC, 14, 4)
    assert one(bytes(ether() / ARP(hwsrc=MACS["src"], psrc="10.0.0.1")))["ethertype"] == 0x0806


def test_the_window_scale_option_is_found_behind_anything_well_formed() -> None:
    def offered(options: bytes, flags: int = 2) -> int:
        return int(one(segment(flags=flags, options=options))["window_scale"])

    assert offered(b"\1\1\1\3\3\x09") == 9
    assert offered(b"\2\4\5\xb4\4\2\x08\x0a" + bytes(8) + b"\1\3\3\x07") == 7
    assert offered(b"") == -2
    assert offered(b"\0\3\3\x07") == -2  # behind the end of the list
    assert offered(b"\x1e\0\3\3") == -1  # a length that cannot be
    assert offered(b"\1\1\3\xff") == -1
    assert offered(b"\1\3\3\xc8") == 127
    assert offered(b"\3\3\7", flags=0x10) == -1


def test_no_frames_at_all() -> None:
    columns = decode(chunk_of([]))
    assert len(columns) == 0 and columns.src.shape == (0, 16)
    assert len(Columns.concat([])) == 0


def test_the_schema_is_what_decode_returns() -> None:
    columns = decode(chunk_of([segment()]))
    for field in COLUMNS:
        array = getattr(columns, field.name)
        assert array.dtype == field.dtype, field.name
        assert array.shape == ((1, 16) if field.width == 16 else (1,)), field.name
        assert field.meaning
    assert list(Columns.__annotations__) == [field.name for field in COLUMNS]
    assert set(Columns.__annotations__) <= set(dir(columns))
    with pytest.raises(AttributeError, match="no column 'sprot'"):
        _ = columns.sprot


def equal(a: Columns, b: Columns, besides: Sequence[str] = ()) -> bool:
    names = [field.name for field in COLUMNS if field.name not in besides]
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in names)


def test_slices_masks_and_concat() -> None:
    columns = decode(chunk_of([segment(ttl=ttl) for ttl in range(10)]))
    assert columns[3:5].ttl.tolist() == [3, 4]
    assert columns[columns.ttl > 7].ttl.tolist() == [8, 9]
    assert equal(Columns.concat([columns[:4], columns[4:4], columns[4:]]), columns)


@pytest.fixture(scope="module")
def mixed() -> Chunk:
    """Some frames of every encapsulation, the same ones each time."""
    rng = random.Random(1)
    frames, kinds = [], []
    networks: Sequence[Packet] = (
        IP(**FOUR) / TCP(flags="S", options=[("WScale", 3), ("MSS", 9)]) / Raw(b"x" * 9),
        IP(**FOUR, options=[IPOption_Router_Alert()]) / UDP() / Raw(b"y"),
        IPv6(**SIX) / IPv6ExtHdrFragment(m=1) / IPv6ExtHdrDestOpt() / TCP() / Raw(b"z"),
        IPv6(**SIX) / AH(icv=b"\0" * 12, payloadlen=4) / UDP(),
    )
    for _ in range(40):
        kind, encapsulate = rng.choice(ENCAPSULATIONS)
        frames.append(encapsulate(rng.choice(networks)))
        kinds.append(kind)
    return chunk_of(frames, kinds)


def test_the_result_does_not_depend_on_how_the_capture_is_cut_into_chunks(mixed: Chunk) -> None:
    whole = decode(mixed)
    rng = random.Random(2)
    for _ in range(20):
        edges = sorted({0, len(mixed), *(rng.randrange(len(mixed)) for _ in range(4))})
        parts = [decode(mixed[a:b]) for a, b in pairwise(edges)]
        assert equal(Columns.concat(parts), whole)
    assert equal(Columns.concat([decode(mixed[i : i + 1]) for i in range(len(mixed))]), whole)


def test_decoding_does_not_change_the_chunk(mixed: Chunk) -> None:
    before = [np.copy(getattr(mixed, name)) for name in ("offset", "direction", "data")]
    decode(mixed)
    after = [getattr(mixed, name) for name in ("offset", "direction", "data")]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_mutated_bytes_never_raise_and_never_reach_beyond_a_frame(mixed: Chunk) -> None:
    rng = np.random.default_rng(3)
    for _ in range(100):
        data = mixed.data.copy()
        places = rng.integers(0, len(data), 200)
        data[places] = rng.integers(0, 256, 200)
        chunk = Chunk(
            data,
            mixed.offset,
            np.minimum(mixed.captured_len, rng.integers(0, 120, len(mixed))).astype(np.uint32),
            mixed.wire_len,
            mixed.time_ns,
            mixed.iface,
            mixed.direction,
            mixed.link,
        )
        columns = decode(chunk)
        # The same frames with other neighbours must read the same.
        alone = decode(
            chunk_of(
                [chunk.frame(i) for i in range(len(chunk))],
                chunk.link.tolist(),
                chunk.wire_len.tolist(),
            )
        )
        assert equal(columns, alone, besides=("time_ns",))


def test_the_ends_of_a_tunnel_are_kept_and_named() -> None:
    inner = IP(src="192.168.1.1", dst="192.168.1.2") / TCP(sport=1, dport=80, flags="S")
    row = one(within.vxlan(inner, IPv6(**SIX)))
    assert (row["tunnel"], row["tunnel_id"], row["dport"]) == (3, 42, 80)
    assert row["outer_src"] == bytes.fromhex("fd00" + "00" * 13 + "01")
    assert row["src"] == mapped("192.168.1.1") and row["ip_version"] == 4


def test_what_a_tunnel_carries_besides_ip_leaves_the_outer_packet() -> None:
    arp = Ether(**MACS) / ARP(hwsrc=MACS["src"], psrc="10.0.0.1", pdst="10.0.0.9")
    frame = bytes(ether() / IP(**FOUR) / UDP(dport=4789) / VXLAN(vni=9, flags=8) / arp)
    row = one(frame)
    assert (row["tunnel"], row["dport"], row["src"]) == (0, 4789, mapped("10.0.0.1"))
    assert (row["payload_offset"], row["outer_src"], row["tunnel_id"]) == (42, bytes(16), -1)
    pptp = bytes(ether() / IP(**FOUR, proto=47) / Raw(b"\x30\x01\x88\x0b" + b"E" * 30))
    assert (one(pptp)["tunnel"], one(pptp)["payload_len"]) == (0, 34)


def test_a_tunnel_in_a_tunnel_is_not_entered() -> None:
    inner = IP(src="1.1.1.1", dst="1.1.1.2", proto=4) / IP(src="2.2.2.1", dst="2.2.2.2")
    row = one(within.gre(inner))
    assert (row["tunnel"], row["src"], row["proto"]) == (1, mapped("1.1.1.1"), 4)


def test_wifi_frames_that_cannot_be_looked_into_keep_their_bytes() -> None:
    plain = bytearray(within.wifi(IP(**FOUR) / UDP(), 1, True))
    assert one(bytes(plain), 105)["ip_version"] == 4
    for place, value in ((1, 0x41), (24, 0x83), (22, 0x01), (0, 0xC8), (0, 0x80), (0, 0xB4)):
        frame = plain.copy()
        frame[place] = value  # encrypted, A-MSDU, a later fragment, no data, a beacon, an RTS
        row = one(bytes(frame), 105)
        assert (row["ethertype"], row["ip_version"], row["payload_offset"]) == (0, 0, 0), place


def test_radiotap_says_whether_the_header_is_padded() -> None:
    frame = within.wifi(IP(**FOUR) / UDP(sport=5), 1, True)
    padded = struct.pack("<BBHIB", 0, 0, 9, 2, 0x20) + frame[:26] + b"\0\0" + frame[26:]
    assert one(padded, 127)["sport"] == 5
    assert one(struct.pack("<BBHIB", 0, 0, 9, 2, 0) + frame, 127)["sport"] == 5


def test_ppp_with_a_direction() -> None:
    sent = one(b"\x01" + within.point_to_point(IP(**FOUR) / UDP(dport=6)), 204)
    assert (sent["direction"], sent["dport"]) == (2, 6)
    lcp = one(b"\xff\x03\xc0\x21\x01\x01", 9)
    assert (lcp["ethertype"], lcp["payload_offset"], lcp["payload_len"]) == (0, 0, 6)


def test_groups_are_decoded_when_asked_for(mixed: Chunk) -> None:
    columns = decode(mixed)
    assert set(columns.held) == {"frame"}
    _ = columns.sport
    assert set(columns.held) == {"frame", "flow"}
    late = columns[::3]
    _ = columns.ttl
    assert equal(late, decode(mixed[::3]))
    whole = decode(mixed).load()
    pieces = [whole[:7], whole[7:7], whole[7:30], decode(mixed[30:])]
    assert equal(decode(mixed, pieces), whole)
    assert set(decode(mixed, [whole[:5], whole[5:]]).held) == {"frame", "flow", "detail"}


@pytest.mark.parametrize("six", [0, 5])
def test_memory_of_a_packet_beyond_its_bytes(six: int) -> None:
    rng = random.Random(5)
    hosts = [bytes(ether() / IPv6(**SIX) / TCP(sport=n, dport=443, seq=n << 20)) for n in range(9)]
    tagged = segment()[:12] + b"\x81\x00\x00\x07" + segment()[12:]
    frames = [
        rng.choice(hosts)
        if rng.randrange(10) < six
        else segment(f"10.0.{rng.randrange(256)}.1", rng.randrange(65536), seq=rng.randrange(2**32))
        for _ in range(2000)
    ]
    chunk = chunk_of([*frames, tagged, within.vxlan(IP(**FOUR) / UDP(), IP(**FOUR))])
    columns = decode(chunk).load()
    names = [name for name in Chunk.__slots__ if name != "data"]
    own = sum(getattr(chunk, name).nbytes for name in names)
    assert all(columns.held["frame"][n] is getattr(chunk, n) for n in columns.held["frame"])
    baseline = Baselines().extend(columns)
    numbers = sum(getattr(baseline, name).nbytes for name in type(baseline).__slots__)
    assert columns.nbytes + own + numbers <= 128 * len(chunk)

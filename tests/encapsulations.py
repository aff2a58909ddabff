"""Every link type and encapsulation that is decoded: from a network packet to a frame."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from scapy.contrib.mpls import MPLS
from scapy.layers.dot11 import Dot11, Dot11QoS, RadioTap
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import GRE, LLC, SNAP, CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Dot3, Ether
from scapy.layers.ppp import PPP, PPPoE
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet

from netshell.packet import chunk as link

# Every address is given: Scapy would ask the network for those left out.
MACS = {"src": "02:00:00:00:00:01", "dst": "02:00:00:00:00:02"}
FOUR = {"src": "10.0.0.1", "dst": "10.0.0.2"}
SIX = {"src": "fd00::1", "dst": "fd00::2"}


def ether(**fields: Any) -> Packet:
    return Ether(**MACS, **fields)


def loop(packet: Packet, order: str) -> bytes:
    family = 2 if isinstance(packet, IP) else 30
    return struct.pack(order + "I", family) + bytes(packet)


def pppoe(packet: Packet) -> bytes:
    proto = 0x21 if isinstance(packet, IP) else 0x57
    return bytes(ether() / PPPoE(sessionid=3) / PPP(proto=proto) / packet)


def mpls(packet: Packet) -> bytes:
    return bytes(ether(type=0x8847) / MPLS(label=5, s=0) / MPLS(label=6, s=1) / packet)


def snap(packet: Packet) -> bytes:
    code = 0x0800 if isinstance(packet, IP) else 0x86DD
    return bytes(Dot3(**MACS) / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(code=code) / packet)


def sll(packet: Packet) -> bytes:
    return bytes(
        CookedLinux(pkttype=4, proto=0x0800 if isinstance(packet, IP) else 0x86DD) / packet
    )


def sll2(packet: Packet) -> bytes:
    proto = 0x0800 if isinstance(packet, IP) else 0x86DD
    return bytes(CookedLinuxV2(pkttype=0, proto=proto) / packet)


def ethertype_of(packet: Packet) -> int:
    return 0x0800 if isinstance(packet, IP) else 0x86DD


def point_to_point(packet: Packet, before: bytes = b"") -> bytes:
    return before + (b"\0\x21" if isinstance(packet, IP) else b"\0\x57") + bytes(packet)


def pppoe_session(packet: Packet) -> bytes:
    proto = 0x21 if isinstance(packet, IP) else 0x57
    return bytes(PPPoE(sessionid=3) / PPP(proto=proto) / packet)


def wifi(packet: Packet, fcfield: int = 1, qos: bool = False) -> bytes:
    addresses = {f"addr{i}": f"02:00:00:00:00:0{i}" for i in range(1, 5)}
    head = Dot11(type=2, subtype=8 if qos else 0, FCfield=fcfield, **addresses)
    if qos:
        head = head / Dot11QoS(TID=3)
    return bytes(
        head / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(code=ethertype_of(packet)) / packet
    )


def radiotap(packet: Packet, qos: bool) -> bytes:
    if qos:  # two words of "present", a time, and flags that say there is a checksum
        flags = struct.pack("<BBHII4xQB", 0, 0, 25, 0x80000003, 0, 77, 0x10)
        return flags + wifi(packet, 3, True) + b"\xfc\xfc\xfc\xfc"
    return bytes(RadioTap()) + wifi(packet, 2)


def nflog(packet: Packet, order: str) -> bytes:
    data = bytes(packet)
    head = bytes([2 if isinstance(packet, IP) else 10, 0, 0, 5])
    first = struct.pack(order + "HH", 8, 1) + b"\x08\0\3\0"
    prefix = struct.pack(order + "HH", 6, 10) + b"x\0" + b"\0\0"
    return head + first + prefix + struct.pack(order + "HH", 4 + len(data), 9) + data


def gre(packet: Packet, **fields: Any) -> bytes:
    return bytes(
        ether() / IP(**FOUR, proto=47) / GRE(proto=ethertype_of(packet), **fields) / packet
    )


def nvgre(packet: Packet) -> bytes:
    inner = Ether(**MACS, type=0x8100) / Dot1Q(vlan=8, type=ethertype_of(packet)) / packet
    key = GRE(proto=0x6558, key_present=1, key=0x123456FF)
    return bytes(ether() / Dot1Q(vlan=7) / IP(**FOUR, proto=47) / key / inner)


def in_ip(packet: Packet, outer: Packet) -> bytes:
    number = 4 if isinstance(packet, IP) else 41
    if isinstance(outer, IP):
        outer.proto = number
    else:
        outer.nh = number
    return bytes(ether() / outer / packet)


def vxlan(packet: Packet, outer: Packet) -> bytes:
    udp = UDP(sport=50000, dport=4789) / VXLAN(vni=42, flags=8)
    return bytes(ether() / outer / udp / Ether(**MACS, type=ethertype_of(packet)) / packet)


ENCAPSULATIONS: tuple[tuple[int, Callable[[Packet], bytes]], ...] = (
    (link.ETHERNET, lambda p: bytes(ether() / p)),
    (link.ETHERNET, lambda p: bytes(ether() / Dot1Q(vlan=5, prio=3) / p)),
    (link.ETHERNET, lambda p: bytes(ether() / Dot1AD(vlan=4095) / Dot1Q(vlan=9) / p)),
    (link.ETHERNET, mpls),
    (link.ETHERNET, pppoe),
    (link.ETHERNET, snap),
    (link.SLL, sll),
    (link.SLL2, sll2),
    (link.NULL, lambda p: loop(p, "<")),
    (link.NULL, lambda p: loop(p, ">")),
    (link.LOOP, lambda p: loop(p, ">")),
    (link.RAW, bytes),
    (12, bytes),
    (9, point_to_point),
    (9, lambda p: point_to_point(p)[1:]),  # the protocol's first byte left out
    (9, lambda p: point_to_point(p, b"\xff\x03")),
    (50, lambda p: point_to_point(p, b"\xff\x03")),
    (50, lambda p: b"\x0f\0" + struct.pack(">H", ethertype_of(p)) + bytes(p)),
    (51, pppoe_session),
    (104, lambda p: b"\x8f\0" + struct.pack(">H", ethertype_of(p)) + bytes(p)),
    (105, wifi),
    (105, lambda p: wifi(p, 3)),
    (105, lambda p: wifi(p, 2, True)),
    (127, lambda p: radiotap(p, False)),
    (127, lambda p: radiotap(p, True)),
    (239, lambda p: nflog(p, "<")),
    (239, lambda p: nflog(p, ">")),
    (link.ETHERNET, gre),
    (link.ETHERNET, lambda p: gre(p, key_present=1, key=2**32 - 1)),
    (link.ETHERNET, lambda p: gre(p, key_present=1, key=7, seqnum_present=1, chksum_present=1)),
    (link.ETHERNET, nvgre),
    (link.ETHERNET, lambda p: in_ip(p, IP(**FOUR))),
    (link.ETHERNET, lambda p: in_ip(p, IPv6(**SIX))),
    (link.ETHERNET, lambda p: vxlan(p, IP(**FOUR))),
    (link.ETHERNET, lambda p: vxlan(p, IPv6(**SIX))),
)

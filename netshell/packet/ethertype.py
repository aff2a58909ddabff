"""Ethertypes (IEEE's registry): what link layers say they carry."""

from __future__ import annotations

import numpy as np

from netshell.packet.cursor import Array, Cursor, Rows

IPV4, ARP, IPV6, MPLS, PPPOE = 0x0800, 0x0806, 0x86DD, 0x8847, 0x8864

LLC = 1
"""No ethertype but the least length that an IEEE 802.3 frame may state there: LLC follows."""

ETHERTYPES: dict[int, str] = {
    0x0800: "IPv4",
    0x0806: "ARP",
    0x0842: "Wake-on-LAN",
    0x22F3: "TRILL",
    0x8035: "RARP",
    0x8100: "802.1Q",
    0x86DD: "IPv6",
    0x8808: "flow control",
    0x8809: "LACP",
    0x8847: "MPLS",
    0x8848: "MPLS multicast",
    0x8863: "PPPoE discovery",
    0x8864: "PPPoE session",
    0x888E: "802.1X",
    0x88A8: "802.1ad",
    0x88CC: "LLDP",
    0x88E5: "MACsec",
    0x88F7: "PTP",
    0x8902: "CFM",
    0x9000: "loopback test",
}

_NIBBLE = np.dtype([("version", "u1")])


def by_version(cursor: Cursor, rows: Rows) -> Array:
    """The ethertype that an IP header's version nibble stands for; 0 for none."""
    version = cursor.read(rows, _NIBBLE)["version"] >> 4
    ethertype = np.zeros(len(version), np.uint16)
    ethertype[version == 4] = IPV4
    ethertype[version == 6] = IPV6
    return ethertype
